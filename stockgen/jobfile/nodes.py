"""A job file as a tree of text that knows its lines; both formats and presets are read into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A value as it was written. `plain`: without quotes, so that nothing, `~` and `null` mean "no value"."""

    value: str
    line: int
    plain: bool = False

    @property
    def empty(self) -> bool:
        """Whether no value was given."""
        return self.plain and self.value in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping. A key stands in it once: the readers refuse a second one."""

    pairs: tuple[tuple[Text, Node], ...]
    line: int


Node = Text | Items | Fields


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole file: `shared` holds for every order, each of `drafts` is one order."""

    drafts: tuple[Fields, ...]
    shared: Fields = Fields((), 1)


def bare(subject: Text) -> Fields:
    """An order that is nothing but its subject."""
    return Fields(((Text("keywords", subject.line), subject),), subject.line)


def node_of(value: object, line: int) -> Node:
    """Plain data of the config (a preset's value) as a node; `line`: where the file names the preset."""
    if isinstance(value, Mapping):
        pairs = tuple((Text(str(key), line), node_of(each, line)) for key, each in value.items())
        return Fields(pairs, line)
    if isinstance(value, list | tuple):
        return Items(tuple(node_of(each, line) for each in value), line)
    return Text("" if value is None else str(value), line, plain=value is None)
