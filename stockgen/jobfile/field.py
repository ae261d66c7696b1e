"""What every converter is given, and how it says that a value can't be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import Remark
from stockgen.jobfile.findings import MOST, fault, shown
from stockgen.jobfile.nodes import Fields, Node, Text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Field:
    """One `key: value`: the canonical key, its name as it was written, its line, and the value's node."""

    key: str
    name: str
    line: int
    node: Node


def text_of(field: Field) -> Text:
    """The value where it must be text. Raises JobFileError for a list or a mapping."""
    return as_text(field, field.node)


def as_text(field: Field, node: Node) -> Text:
    """`node` where it must be text. Raises JobFileError for a list, a mapping or nothing."""
    if not isinstance(node, Text):
        raise fault("not_text" if isinstance(node, Fields) else "not_list", node.line, key=field.name)
    if node.empty:
        raise fault("no_value", node.line, key=field.name)
    return node


def allowed(what: str, **facts: Any) -> Remark:
    """What may stand there, as a remark inside a remark: it is put into words with the fault."""
    return Remark(f"job_file.allowed.{what}", facts=facts)


def wrong(field: Field, text: Text, may_be: Remark, nearest: str = "") -> JobFileError:
    """The fault of a value that is not allowed, with what is, and the nearest that is."""
    code = "value_near" if nearest else "value"
    facts = {"key": field.name, "found": shown(text.value), "allowed": may_be, "nearest": nearest}
    return fault(code, text.line, **facts)


def each(texts: Iterable[T], convert: Callable[[T], Any]) -> tuple[Any, ...]:
    """Convert all. Raises one JobFileError with the faults of every one that can't be."""
    converted: list[Any] = []
    faults: list[Remark] = []
    for one in texts:
        try:
            converted.append(convert(one))
        except JobFileError as error:
            faults.extend(error.remarks)
            if len(faults) >= MOST:
                break
    if faults:
        raise JobFileError("job_file", faults)
    return tuple(converted)
