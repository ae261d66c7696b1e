"""What a shot takes besides its words: parts loaded with its model, LoRAs laid over it, pictures to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stockgen.data.catalog import Drawing, Model
from stockgen.domain.errors import Unfit
from stockgen.domain.protocols import Shot
from stockgen.gpu.lora_files import LoraFiles
from stockgen.providers._diffusion import loras
from stockgen.providers._diffusion.loras import Chosen

OWN = "own"  # `Choice.likeness` of a family whose pipeline looks at pictures itself


@dataclass(frozen=True, slots=True)
class Choice:
    """The models that a provider uses, by their names in the catalogue: its own, and those that may be loaded with it.

    `refiner`: for models that are guided; `control`: reads control pictures; `likeness`: reads pictures whose look is
    wanted, OWN = the model does so itself. "" = it has none.
    """

    provider: str
    model: str
    refiner: str = ""
    control: str = ""
    likeness: str = ""


@dataclass(frozen=True, slots=True)
class Extras:
    """`parts`: role → name in the catalogue of what is loaded with the model. `laid`: what is laid over it, as the end
    of a stack's name. `request`: what `render` needs of it; `dropped` as in `Fit`. `loras`: those that are laid.
    """

    parts: Mapping[str, str] = field(default_factory=dict)
    laid: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)
    loras: Sequence[Chosen] = ()


def extras(shot: Shot, choice: Choice, drawing: Drawing, models: Mapping[str, Model], files: LoraFiles) -> Extras:
    """What a shot takes of a provider. Raises Unfit where it needs what the provider has not, or can't be laid over its
    model; NotConfigured for a LoRA that is not here.
    """
    del models
    if lacking := shot.needs - {"lora"}:
        raise Unfit("unfit", provider=choice.provider, needs=sorted(lacking))
    worn = loras.chosen(shot, choice.provider, drawing, files)
    parts = {"refiner": choice.refiner} if choice.refiner and drawing.guided else {}
    dropped = {"like": "dropped.like"} if "like" in shot.wish else {}
    return Extras(parts, loras.laid(worn), loras.request(worn), dropped, worn)
