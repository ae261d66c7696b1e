"""Keys inside the value of a key: `control: {image: …, type: …}`."""

from __future__ import annotations

from collections.abc import Mapping

from stockgen.jobfile.field import Field, as_text, each
from stockgen.jobfile.findings import fault, shown
from stockgen.jobfile.names import fold, names
from stockgen.jobfile.nearest import nearest
from stockgen.jobfile.nodes import Fields, Node, Text


def parts(field: Field, fields: Fields) -> Mapping[str, Text]:
    """Canonical inner key → its text. Raises JobFileError for keys that the value has not, and for one given twice."""
    found: dict[str, Text] = {}
    for name, text in each(fields.pairs, lambda pair: _part(field, *pair)):
        if name in found:
            raise fault("twice", text.line, key=f"{field.name} → {name}", first=found[name].line)
        found[name] = text
    return found


def inner(field: Field, name: str) -> Field:
    """The field of an inner key, as faults name it."""
    return Field(field.key, f"{field.name} → {name}", field.line, field.node)


def _part(field: Field, key: Text, node: Node) -> tuple[str, Text]:
    known = names().inside[field.key]
    name = known.get(fold(key.value), "")
    if not name:
        near = nearest(fold(key.value), known)
        told = ", ".join(dict.fromkeys(known.values()))
        code = "unknown_part_near" if near else "unknown_part"
        raise fault(code, key.line, key=field.name, found=shown(key.value), nearest=near, known=told)
    return name, as_text(inner(field, name), node)
