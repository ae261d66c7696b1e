"""What an order needs beside words (a LoRA, a picture, no background), and who can give it: told at the door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stockgen.domain.errors import JobFileError, RenderError, Unfit
from stockgen.domain.words import Order, Remark
from stockgen.pipeline.plan import pictured, wanted
from stockgen.pipeline.sizing import final_size

if TYPE_CHECKING:
    from stockgen.app.catalogue import Catalogue
    from stockgen.domain.protocols import Shot
    from stockgen.messages import Messages

ANYTHING = "a picture"  # in place of words that are still to come: whoever reads none of them is not meant here


def needed(catalogue: Catalogue, orders: Sequence[Order]) -> list[Remark]:
    """Who is passed over, because it can't give what an order needs. Raises JobFileError where nobody can.

    Orders that are alike in all but their words are asked about once; those that need nothing, not at all. What keeps
    a picture from being made for other reasons (its shape, its kind) is left to planning.
    """
    told: list[Remark] = []
    nobody: list[Remark] = []
    seen: set[Order] = set()
    for order in orders:
        about = replace(order, subject="", prompt=ANYTHING, title="", tags=(), count=1, line=None, theme="", avoid=())
        if not pictured(order) or about in seen:
            continue
        seen.add(about)
        refusals = _refusals(catalogue, about)
        remarks = nobody if refusals and all(refusals.values()) else told
        if remarks is nobody:
            nobody += _not_set_up(catalogue, about)
        for why, names in _reasons(refusals, catalogue.say):
            refused = "door.lacking" if why.code.startswith("error.") else "door.nobody"
            code = refused if remarks is nobody else "plan.passed_over"
            remarks.append(Remark(code, order.line, {"provider": names, "why": why}))
    if nobody:
        raise JobFileError("job_file", nobody)
    return told


def _not_set_up(catalogue: Catalogue, order: Order) -> list[Remark]:
    """Why those are not asked whom an order names and who are not ready: with them it might be made."""
    left = catalogue.chains.resolve(order.model).reasons()
    return [Remark("door.lacking", order.line, {"provider": names, "why": why}) for why, names in left]


def _refusals(catalogue: Catalogue, order: Order) -> Mapping[str, RenderError | None]:
    """Provider → why it can't make what the order needs, None = it can. Empty where nobody could make it without that
    either; where somebody can make it as it is, those that couldn't anyway are not in it.
    """
    chains = catalogue.chains
    shot = wanted(order, chains.resolve(order.model), final_size(order, catalogue.markets))
    asked = chains.asked(replace(shot, prompt=ANYTHING))
    bare = chains.asked(replace(_bare(shot), prompt=ANYTHING))
    if all(bare.values()):
        return {}
    if all(asked.values()):
        return asked
    return {name: why for name, why in asked.items() if bare[name] is None}


def _bare(shot: Shot) -> Shot:
    """The same picture, wanting nothing beside its words."""
    wish = {key: value for key, value in shot.wish.items() if key not in ("lora", "control", "like", "transparent")}
    return replace(shot, wish=wish, needs=frozenset())


def _alike(remark: Remark) -> str:
    """Equal for the same reason of different providers."""
    return str(replace(remark, facts={key: value for key, value in remark.facts.items() if key != "provider"}))


def _reasons(refusals: Mapping[str, RenderError | None], say: Messages) -> Iterator[tuple[Remark, list[str]]]:
    """Each reason once, with all who have it."""
    told: dict[str, tuple[Remark, list[str]]] = {}
    for name, why in refusals.items():
        if why is not None:
            remark = _reason(why, say)
            told.setdefault(_alike(remark), (remark, []))[1].append(name)
    yield from told.values()


def _reason(why: RenderError, say: Messages) -> Remark:
    """In a few words what it can't do; what is missing, with the command that adds it."""
    if why.code == "unfit":
        return Remark("door.words_alone")
    short = Remark(f"reason.{why.code}", facts=why.facts)
    return short if isinstance(why, Unfit) and say.has(short.code) else why.remark
