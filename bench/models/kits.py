"""What is measured: models with random weights in folders, and a catalogue that names them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

import yaml

from bench.figures import Effort
from bench.models.away import ONE_THREAD, away, quiet
from bench.site import Daemon
from stockgen.data import Shelf

PROMPT = "a quiet lake at dawn"
Kind = Literal["sdxl", "flux", "refiner", "flux2_klein", "z_image"]
LIKE: Mapping[Kind, str] = {  # kind → shipped entry
    "sdxl": "sdxl-base", "flux": "flux-schnell", "refiner": "sdxl-refiner", "flux2_klein": "flux2-klein-4b",
    "z_image": "z-image-turbo",
}  # fmt: skip
FILES: Mapping[Kind, str] = {  # kind → file of the catalogue, and provider
    "sdxl": "sdxl", "flux": "flux", "refiner": "sdxl", "flux2_klein": "flux2_klein", "z_image": "z_image",
}  # fmt: skip
Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Kit:
    """One model. `side` pixels, `steps` and `batch` as it draws by default; `memory`: bytes, as in the catalogue."""

    kind: Kind
    folder: Path
    side: int
    steps: int
    batch: int
    dtype: str
    memory: Mapping[str, int]

    @property
    def name(self) -> str:
        """Of its entry in the catalogue."""
        return f"bench-{self.kind}"

    @property
    def provider(self) -> str:
        """The plugin that draws with it."""
        return FILES[self.kind]

    @property
    def most(self) -> int:
        """Bytes of all its parts with a batch at work."""
        return sum(self.memory.values()) + self.memory["each"] * (self.batch - 1)

    def entry(self) -> dict[str, Any]:
        """As in the shipped catalogue, with its own folder and figures."""
        plain = Shelf().load("catalog", FILES[self.kind])[LIKE[self.kind]]
        kept = {key: plain[key] for key in ("title", "provider", "licence", "sellable", "look")}
        own = {"source": "made by a measure", "weights": {"source": str(self.folder)}, "memory": dict(self.memory)}
        if self.kind == "refiner":
            return {**kept, **own, "role": "refiner"}
        small = {"pixels": self.side**2, "multiple": 16, "least": 32, "steps": self.steps, "most_steps": 150}
        drawing = {**plain["drawing"], **small, "batch": self.batch, "dtype": self.dtype}
        return {**kept, **own, "drawing": drawing}


@dataclass(frozen=True, slots=True)
class Ground:
    """Where and with what is measured. `device`: `cpu` or `cuda:0`; `my`: a folder with the catalogue; `aims`: whether
    those for real weights on a card hold; `bytes`: of the card's memory; `apart`: torch works in other processes, but
    in tests, which need not wait for its import.
    """

    device: str
    my: Path
    kits: Sequence[Kit]
    aims: bool = False
    bytes: int | None = None
    apart: bool = True

    @property
    def models(self) -> Sequence[Kit]:
        """Those that can be named in a job."""
        return [kit for kit in self.kits if kit.kind != "refiner"]

    def away(self, work: Callable[Given, Result], *args: Given.args, **more: Given.kwargs) -> Result:
        """What `work` returns, in a process of its own."""
        if self.apart:
            return away(self.device, work, *args, **more)
        quiet()
        return work(*args, **more)

    def refiners(self, kit: Kit) -> Sequence[str]:
        """Names of those that a model is measured with; "" = without."""
        return ["", *(one.name for one in self.kits if one.kind == "refiner" and kit.kind == "sdxl")]

    def holds(self, kit: Kit) -> bool:
        """Whether a whole model fits on the device, with a batch at work; the CPU is asked nothing."""
        return self.bytes is None or kit.most <= self.bytes

    def daemon(self, root: Path, lookahead: int = 32) -> Daemon:
        """A daemon, not started yet, that draws with these models only."""
        shutil.copytree(self.my, root / "my")
        providers = {kit.provider: {"model": kit.name} for kit in self.models}
        card = "cpu" if self.device == "cpu" else int(self.device.partition(":")[2])
        over = {
            "gpu": {"devices": [card], "yield_to_others": False}, "providers": providers,
            "chains": {"auto": list(providers)}, "limits": {"lookahead": lookahead},
            "defaults": {"markets": []}, "checks": {"flat": {"spread": 0}},
        }  # fmt: skip
        return Daemon(root, over, ONE_THREAD if self.device == "cpu" else None)


def catalogued(kits: Sequence[Kit], folder: Path) -> Path:
    """Write a catalogue with them into `folder`; return what takes the place of a user's `my`."""
    catalog = folder / "my" / "catalog"
    catalog.mkdir(parents=True)
    tree = {kit.name: kit.entry() for kit in kits}
    (catalog / "bench.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return folder / "my"


def tiny(folder: Path, effort: Effort, side: int, steps: int, batch: int = 4) -> Ground:
    """Tiny models of both kinds, a megabyte each, on the CPU."""
    quiet()
    from tests.gpu.entries import BYTES
    from tests.gpu.tiny import build

    kinds: Sequence[Kind] = ("sdxl", "flux")
    kits = [Kit(kind, build(kind, folder / kind), side, steps, batch, "float16", BYTES) for kind in kinds]
    return Ground("cpu", catalogued(kits, folder), kits, apart=effort != "tiny")
