"""Keys inside the value of a key: `control: {image: …, type: …}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stockgen.jobfile.field import Field, as_text, each
from stockgen.jobfile.findings import fault, shown
from stockgen.jobfile.names import fold, names
from stockgen.jobfile.nearest import nearest
from stockgen.jobfile.nodes import Fields, Node, Text

Convert = Callable[[Field, Text], Any]


def parts(field: Field, fields: Fields, convert: Convert = lambda _field, text: text, needs: Sequence[str] = ()
          ) -> Mapping[str, Any]:  # fmt: skip
    """Canonical inner key → its text, as `convert` reads it. Raises JobFileError with all that is wrong: keys that the
    value has not, values that can't be used, what `needs` names and is absent; else for one given twice.
    """
    known = names().inside[field.key]
    given = {known.get(fold(key.value)) for key, _ in fields.pairs}
    absent = [(Text(name, fields.line), None) for name in needs if name not in given]
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for name, line, value in each((*fields.pairs, *absent), lambda pair: _part(field, *pair, convert)):
        if name in found:
            raise fault("twice", line, key=f"{field.name} → {name}", first=lines[name])
        found[name], lines[name] = value, line
    return found


def inner(field: Field, name: str) -> Field:
    """The field of an inner key; faults name it with the key that it stands in."""
    return Field(name, f"{field.name} → {name}", field.line, field.node)


def _part(field: Field, key: Text, node: Node | None, convert: Convert) -> tuple[str, int, Any]:
    known = names().inside[field.key]
    name = known.get(fold(key.value), "")
    if not name:
        near = nearest(fold(key.value), known)
        told = ", ".join(dict.fromkeys(known.values()))
        code = "unknown_part_near" if near else "unknown_part"
        raise fault(code, key.line, key=field.name, found=shown(key.value), nearest=near, known=told)
    own = inner(field, name)
    if node is None:
        raise fault("no_value", key.line, key=own.name)
    text = as_text(own, node)
    return name, text.line, convert(own, text)
