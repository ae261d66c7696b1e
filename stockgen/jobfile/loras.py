"""`lora`: names of what is laid over a model, each with its weight or without."""

from __future__ import annotations

import re
from dataclasses import replace

from stockgen.domain.words import Lora
from stockgen.jobfile.choices import one_of
from stockgen.jobfile.field import Field, as_text, each
from stockgen.jobfile.findings import fault, shown
from stockgen.jobfile.inside import inner, parts
from stockgen.jobfile.known import Known
from stockgen.jobfile.names import fold, names
from stockgen.jobfile.nodes import Fields, Items, Node, Text
from stockgen.jobfile.numbers import share

MOST_WEIGHT = 2
_WEIGHED = re.compile(r"(.*?)\s*:\s*(-?[0-9][0-9.]*)")


def loras(field: Field, known: Known) -> tuple[Lora, ...]:
    """`name`, `name:0.8`, several with commas between; `{name, weight}`, `{NAME: 0.8}`, or a list of them.

    Raises JobFileError, also for one that is named twice.
    """
    nodes = field.node.items if isinstance(field.node, Items) else (field.node,)
    found = [one for some in each(nodes, lambda node: _some(field, node, known)) for one in some]
    if not found:
        raise fault("no_value", field.line, key=field.name)
    named = [one.name for one in found]
    if twice := next((name for name in named if named.count(name) > 1), ""):
        raise fault("lora_twice", field.line, key=field.name, found=twice)
    return tuple(found)


def _some(field: Field, node: Node, known: Known) -> tuple[Lora, ...]:
    if not isinstance(node, Fields):
        return _written(field, as_text(field, node), known)
    if any(fold(key.value) in names().inside["lora"] for key, _ in node.pairs):
        given = parts(field, node)
        if "name" not in given:
            raise fault("no_value", node.line, key=inner(field, "name").name)
        return (_one(field, given["name"], given.get("weight"), known),)
    return each(node.pairs, lambda pair: _one(field, pair[0], as_text(inner(field, "weight"), pair[1]), known))


def _written(field: Field, text: Text, known: Known) -> tuple[Lora, ...]:
    """Text with commas: `paper:0.8, ink`."""
    pieces = [replace(text, value=piece.strip()) for piece in text.value.split(",") if piece.strip()]
    return each(pieces, lambda piece: _piece(field, piece, known))


def _piece(field: Field, piece: Text, known: Known) -> Lora:
    weighed = _WEIGHED.fullmatch(piece.value)
    if not weighed:
        return _one(field, piece, None, known)
    return _one(field, replace(piece, value=weighed[1]), replace(piece, value=weighed[2]), known)


def _one(field: Field, name: Text, weight: Text | None, known: Known) -> Lora:
    if not known.loras:
        raise fault("lora_none", name.line, key=field.name, found=shown(name.value))
    found = one_of(field, name, known.loras)
    return Lora(found, None if weight is None else share(inner(field, "weight"), weight, MOST_WEIGHT))
