"""Whether the torch that is installed suits a card and its driver, without importing it: that takes seconds, and fails
where the answer matters most.

Which driver a CUDA needs: NVIDIA, "CUDA Compatibility", minor version compatibility (Linux). For which cards wheels are
built: the CUDA support matrix in PyTorch's RELEASE.md (2.9 to 2.14) and the arch lists of 2.7's wheels; 12.8 lost Volta
between 2.9 and 2.11, so 7.0 is not called wrong there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from stockgen.domain.words import Remark
from stockgen.gpu.cards import Card

DRIVERS: Mapping[int, tuple[int, ...]] = {11: (450, 80, 2), 12: (525, 60, 13), 13: (580,)}
# From this CUDA on: the oldest card that wheels are built for, and the generation from which they have nothing.
BUILT: Mapping[tuple[int, int], tuple[tuple[int, int], int]] = {
    (11, 0): ((3, 7), 10), (12, 0): ((5, 0), 10), (12, 8): ((7, 0), 13), (13, 0): ((7, 5), 13),
}  # fmt: skip
_SAID = re.compile(r"^(__version__|cuda|hip)\b[^=\n]*=\s*['\"]([^'\"]+)['\"]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Torch:
    """`version` as it calls itself; `cuda`: what it was built with, None = for the processor or for AMD; `hip`: AMD."""

    version: str
    cuda: tuple[int, int] | None
    hip: bool = False


def torch_here() -> Torch | None:
    """What is installed; None = nothing, or nothing that says what it is."""
    spec = find_spec("torch")
    return torch_in(Path(spec.origin).parent) if spec is not None and spec.origin else None


def torch_in(folder: Path) -> Torch | None:
    """What the `version.py` of a torch says; None = nothing."""
    try:
        said = dict(_SAID.findall((folder / "version.py").read_text("utf-8")))
    except OSError:
        return None
    if "__version__" not in said:
        return None
    cuda = _numbers(said.get("cuda", ""))
    return Torch(said["__version__"], (cuda[0], cuda[1] if len(cuda) > 1 else 0) if cuda else None, "hip" in said)


def unsuited(torch: Torch, card: Card) -> Remark | None:
    """Why a card can't be used with this torch, and the command that helps; None = nothing speaks against it."""
    facts = {"torch": torch.version, "name": card.name, "driver": card.driver, "wheel": wheel(card)}
    if torch.cuda is None:
        return Remark("doctor.torch_cpu", facts=facts)
    facts["cuda"] = ".".join(map(str, torch.cuda))
    if card.capability is not None:
        oldest, beyond = _built(torch.cuda)
        facts["generation"] = ".".join(map(str, card.capability))
        if card.capability[0] >= beyond:
            return Remark("doctor.torch_old", facts=facts)
        if card.capability < oldest:
            return Remark("doctor.torch_dropped", facts=facts)
    needed = DRIVERS.get(torch.cuda[0], ())
    if _too_old(card, torch.cuda[0], needed):
        facts["needed"] = ".".join(map(str, needed)) or "?"
        return Remark("doctor.driver_old", facts=facts)
    return None


def wheel(card: Card) -> str:
    """The wheels that suit a card: the newest CUDA that it and its driver can do."""
    old = card.capability is not None and card.capability < BUILT[13, 0][0]
    new = card.capability is not None and card.capability[0] >= BUILT[12, 0][1]
    behind = _too_old(card, 13, DRIVERS[13])
    return "cu126" if old or (behind and not new) else "cu128" if behind else "cu130"


def _too_old(card: Card, cuda: int, needed: tuple[int, ...]) -> bool:
    """By what the driver says of its CUDA, else by its number."""
    return card.cuda // 1000 < cuda if card.cuda else bool(_numbers(card.driver)) and _numbers(card.driver) < needed


def _built(cuda: tuple[int, int]) -> tuple[tuple[int, int], int]:
    return BUILT[max(known for known in BUILT if known <= max(cuda, min(BUILT)))]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))
