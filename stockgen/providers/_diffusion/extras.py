"""What a shot takes besides its words: parts loaded with its model, LoRAs laid over it, pictures to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stockgen.data.catalog import Drawing
from stockgen.domain.errors import NotConfigured, Unfit
from stockgen.domain.protocols import Shot
from stockgen.gpu.lora_files import Found
from stockgen.providers._diffusion import loras
from stockgen.providers._diffusion.loras import Chosen

OWN = "own"  # `Choice.likeness` of a family whose pipeline looks at pictures itself

Lacks = Callable[[str], NotConfigured | None]  # what must be added before a model of that name can be loaded
Find = Callable[[str], Found]  # a LoRA by its name; raises NotConfigured


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


def extras(shot: Shot, choice: Choice, drawing: Drawing, find: Find, lacks: Lacks) -> Extras:
    """What a shot takes of a provider. Raises Unfit where it needs what the provider has not, or can't be laid over its
    model; NotConfigured where only the weights for it are not here.
    """
    if lacking := shot.needs - {"control", "lora"}:
        raise Unfit("unfit", provider=choice.provider, needs=sorted(lacking))
    worn = loras.chosen(shot, choice.provider, drawing, find)
    refiner = {"refiner": choice.refiner} if choice.refiner and drawing.guided else {}
    taken = [Extras(refiner, loras.laid(worn), loras.request(worn), loras=worn), _control(shot, choice, lacks),
             _like(shot, choice, lacks)]  # fmt: skip
    return Extras(
        {role: name for one in taken for role, name in one.parts.items()},
        "".join(one.laid for one in taken),
        {key: value for one in taken for key, value in one.request.items()},
        {key: why for one in taken for key, why in one.dropped.items()},
        tuple(worn),
    )


def _control(shot: Shot, choice: Choice, lacks: Lacks) -> Extras:
    """Without its control picture a picture would be wrong, not just different."""
    wanted = shot.wish.get("control")
    if not wanted and "control" not in shot.needs:
        return Extras()
    if not wanted or not choice.control:
        raise Unfit("unfit_control", provider=choice.provider)
    missing = lacks(choice.control)
    if missing is not None:
        raise missing
    return Extras({"control": choice.control}, request={"control": dict(wanted)})


def _like(shot: Shot, choice: Choice, lacks: Lacks) -> Extras:
    """A picture that is to be seen; where it can't be, the words and colours that came with it must do."""
    if "like" not in shot.wish:
        return Extras()
    image = shot.wish["like"].get("image", "")
    if not image or not choice.likeness:
        return Extras(dropped={"like": "dropped.like"})
    if choice.likeness == OWN:
        return Extras(request={"like": {"image": image}})
    if lacks(choice.likeness) is not None:
        return Extras(dropped={"like": "dropped.likeness"})
    return Extras({"likeness": choice.likeness}, request={"like": {"image": image}})
