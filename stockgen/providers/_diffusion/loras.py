"""The LoRAs of a shot: which of them a model can wear, what it is told for them, and how its stack is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockgen.data.catalog import Drawing
from stockgen.domain.errors import Unfit
from stockgen.domain.protocols import Shot
from stockgen.gpu.lora_files import Found
from stockgen.gpu.loras import MADE_FOR

MOST = 2.0  # of a weight; beyond, pictures fall apart


@dataclass(frozen=True, slots=True)
class Worn:
    """One LoRA as it is laid over a model. `stamp` changes with the file."""

    name: str
    weight: float
    file: Path
    stamp: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A LoRA that a shot wants, and its weight."""

    found: Found
    weight: float

    @property
    def worn(self) -> Worn:
        """What its lane needs of it."""
        return Worn(self.found.model.name, self.weight, self.found.file, self.found.stamp)


def chosen(shot: Shot, provider: str, drawing: Drawing, find: Callable[[str], Found]) -> Sequence[Chosen]:
    """The LoRAs of a shot, each once; `find` as `LoraFiles.find`. Raises NotConfigured where one is not here, Unfit
    where one is made for another architecture, or the model was made small while it was loaded: how that goes with
    LoRAs nobody has tried.
    """
    asked = {str(name): weight for name, weight in shot.wish.get("lora", ())}
    taken = []
    for name, weight in asked.items():
        found = find(name)
        facts = {"provider": provider, "lora": name}
        if found.model.provider != MADE_FOR.get(drawing.pipeline):
            raise Unfit("unfit_lora", made_for=found.model.provider, **facts)
        if drawing.quantize:
            raise Unfit("unfit_lora_small", how=drawing.quantize, **facts)
        own = found.model.lora.weight if found.model.lora else 1.0
        taken.append(Chosen(found, min(MOST, own if weight is None else float(weight))))
    return taken


def request(loras: Sequence[Chosen]) -> dict[str, Any]:
    """What `render` needs of them."""
    return {"loras": [[one.found.model.name, one.weight] for one in loras]} if loras else {}


def laid(loras: Sequence[Chosen]) -> str:
    """The end of a stack's name: `|watercolor@0.8`."""
    return "".join(f"|{one.found.model.name}@{one.weight:g}" for one in loras)


def untold(prompt: str, loras: Sequence[Chosen]) -> list[str]:
    """The words that LoRAs were trained on and a prompt does not have; they stand in front of it."""
    written = [one.found.model.lora.trigger for one in loras if one.found.model.lora]
    words = [word.strip() for trigger in written for word in trigger.split(",") if word.strip()]
    return [*dict.fromkeys(word for word in words if not _has(prompt, word))]


def _has(prompt: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", prompt, re.IGNORECASE) is not None
