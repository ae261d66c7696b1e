"""A LoRA that was found: in a file, or in a repository of the hub."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stockgen.domain.errors import NotPulled
from stockgen.gpu.headers import Header
from stockgen.gpu.loras import LYCORIS, Recognised, Said, recognised, said

# FLUX.1 [dev]'s licence forbids commercial use of what is made from it, and LoRAs are; its name as trainers write it.
OF_DEV = re.compile(r"flux[-_.]?1?[-_. ]?dev", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LoraFinding:
    """`known`: what its header tells; `said`: what its maker wrote down. The rest as in `Finding`."""

    source: str
    bytes: int
    known: Recognised
    said: Said
    files: tuple[str, ...] = ()
    licence: str = ""
    licence_url: str = ""
    revision: str = ""
    gated: bool = False

    @property
    def of_dev(self) -> bool:
        """Whether it says that it was trained on FLUX.1 [dev]."""
        return OF_DEV.search(self.said.base) is not None


def lora(source: str, header: Header, size: int) -> LoraFinding:
    """What a file holds. Raises NotPulled where no model here could wear it."""
    known, told = recognised(header), said(header)
    if not known.usable:
        raise NotPulled("add_lora_kind" if known.made_for == LYCORIS else "add_lora", source=source,
                        made_for=known.made_for)  # fmt: skip
    return LoraFinding(source, size, known, told, licence=told.licence)
