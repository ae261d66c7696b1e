"""An order that looks like a picture that is there, and says everything of that look itself: it is made the same after
a restart, and whatever the config says by then.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stockgen.domain.words import Like, Order, Size
from stockgen.modes.looks import looks_of
from stockgen.modes.material import Material
from stockgen.pipeline.likes.original import Original

OWN = "own"  # what a drawing calls a palette of colours that its words gave as #rrggbb


@dataclass(frozen=True, slots=True)
class Here:
    """What is here now. `model`: the name by which the one that made the picture can be asked for, "" = it is not set
    up; `loras`: names of those that are; `markets`: those that take pictures; `colours`: names of the picture's.
    """

    model: str
    loras: Collection[str]
    markets: Collection[str]
    colours: Sequence[str]
    material: Material


def alike(order: Order, of: Original, here: Here) -> Order:
    """The order with everything of the picture's look that its author did not write himself (`Like.said`)."""
    like = order.like or Like(of.name)
    taken = {key: value for key, value in _taken(order, of, here).items() if key not in like.said}
    named = bool(order.subject or order.prompt or order.theme or order.season or "mode" in like.said)
    mode = order.mode if named else "dynamic"
    look = _drawn(of, here) if of.picture["look"] == "drawn" else _painted(of, here)
    if "style" not in like.said:
        taken["style"] = look.style
    kept = replace(like, name=of.name, shot=of.shot["id"], about=look.about, sort=look.sort, air=look.air, said=())
    return replace(order, mode=mode, like=kept, palette=look.palette, **taken)


def _taken(order: Order, of: Original, here: Here) -> dict[str, Any]:
    """Keys of the picture's own order. What only its model understands stays with that model."""
    was = of.order
    taken: dict[str, Any] = {
        "kind": was.kind,
        "size": was.size if was.size != Size() else Size(ratio=of.shot["width"] / of.shot["height"]),
        "markets": tuple(name for name in was.markets if name in here.markets),
        "tier": was.tier,
        "language": was.language,
        "negative_prompt": was.negative_prompt,
    }
    if not (order.like and "kind" in order.like.said):
        taken["transparent"] = was.transparent
    if here.model and not (order.like and "model" in order.like.said):
        taken |= {
            "model": (here.model,),
            "lora": tuple(one for one in was.lora if one.name in here.loras),
            "steps": was.steps,
            "guidance": was.guidance,
        }
    return taken


@dataclass(frozen=True, slots=True)
class _Look:
    """As `Like` and `Order` have them."""

    style: str
    palette: str
    about: str
    sort: str
    air: str


def _painted(of: Original, here: Here) -> _Look:
    looks = looks_of(of.idea.prompt, of.order, of.idea.category, here.material)
    return _Look(looks.style, _listed(here.colours), looks.about, looks.sort, looks.air)


def _drawn(of: Original, here: Here) -> _Look:
    """What a program drew is known by the names of its palette and of its way to draw; those of a picture that was
    adopted stand in its prompt.
    """
    read = here.material.reader.read(of.idea.prompt)
    palette = of.request.get("palette", "") or next(iter(read.palettes), "")
    family = of.request.get("family", "") or next(iter(read.families), "")
    known, ways = here.material.palettes.get(palette), here.material.families.get(family)
    own = " ".join(of.request.get("colours", ())) if palette == OWN else ""
    colours = own or (known.en if known else _listed(here.colours))
    about = ways.en if ways else of.idea.prompt
    return _Look("", colours, about, family if ways else "", "")


def _listed(colours: Sequence[str]) -> str:
    """`navy, turquoise and beige`."""
    return " and ".join(filter(None, (", ".join(colours[:-1]), *colours[-1:])))
