"""Finds our pictures in whatever text somebody pastes: by their names anywhere, else by titles that only one has."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from stockgen.domain.names import CROCKFORD

MOST_CELLS = 60  # columns; a longer row is no table
SHORTEST_TITLE = 6  # letters; a shorter line of plain text may be anything
# `<slug>-<job id>-<number>`: sites lower, raise and replace signs, but they leave these two (names.py).
_NAME = re.compile(rf"(?<=[-_ ])([{CROCKFORD}]{{5}})[-_ ]([0-9]{{3}})(?![0-9])", re.IGNORECASE)
_WHOLE = re.compile(rf"[a-z0-9-]{{1,15}}-[{CROCKFORD}]{{5}}-[0-9]{{3}}(?![0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """A picture that a market may speak of: its id, job and number, and the titles by which it is known there."""

    asset: int
    job: str
    number: int
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A picture that a text names. `cells`: what else its row of a table says, by the column's meaning."""

    asset: int
    line: str
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """`unknown`: names like ours that are none of ours. `ambiguous`: titles that several pictures have."""

    mentions: tuple[Mention, ...]
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]


def found(text: str, given: Iterable[Given]) -> Found:
    """Every picture of `given` that `text` (a table, a list, a copied web page) names, in its order."""
    search = _Search(given)
    for line, cells in _rows(text):
        search.look(line, cells)
    return search.found()


class _Search:
    def __init__(self, given: Iterable[Given]) -> None:
        self._names: dict[tuple[str, int], int] = {}
        self._titles: dict[str, set[int]] = {}
        for one in given:
            self._names[one.job, one.number] = one.asset
            for title in one.titles:
                self._titles.setdefault(folded(title), set()).add(one.asset)
        self._mentions: list[Mention] = []
        self._unknown: dict[str, None] = {}
        self._ambiguous: dict[str, None] = {}

    def look(self, line: str, cells: Mapping[str, str]) -> None:
        """One row, or one line of plain text (then without cells)."""
        named = [(hit[1].lower(), int(hit[2])) for hit in _NAME.finditer(line)]
        known = dict.fromkeys(self._names[key] for key in named if key in self._names)
        if known:
            self._mentions += [Mention(asset, line, cells) for asset in known]
        elif whole := _WHOLE.findall(line):
            self._unknown |= dict.fromkeys(whole)
        else:
            self._by_title(line, cells)

    def _by_title(self, line: str, cells: Mapping[str, str]) -> None:
        wanted = [cells["title"]] if cells.get("title") else [line, *re.split(r"[\t|]", line)]
        for text in wanted:
            owners = self._titles.get(folded(text), set()) if len(text) >= SHORTEST_TITLE or cells else set()
            if len(owners) == 1:
                self._mentions.append(Mention(next(iter(owners)), line, cells))
                return
            if owners:
                self._ambiguous[text.strip()] = None

    def found(self) -> Found:
        return Found(tuple(self._mentions), tuple(self._unknown), tuple(self._ambiguous))


def folded(title: str) -> str:
    """A title as it is compared: signs, case and spaces make no difference."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", title).casefold()))


# -- tables ----------------------------------------------------------------------------------------------------


def table(text: str) -> tuple[Sequence[str], list[dict[str, str]]]:
    """The columns by their meaning ("" = none of ours) and the rows of a table with a header; ((), []) for no table."""
    for sign in (",", "\t", ";", "|"):
        rows = list(csv.reader(io.StringIO(text), delimiter=sign))
        for at, row in enumerate(rows[:20]):
            heads = [columns().get(_plain(cell), "") for cell in row[:MOST_CELLS]]
            if {"file", "title"} & set(heads) and len(row) > 1:
                return heads, [_row(heads, cells) for cells in rows[at + 1 :]]
    return (), []


def _row(heads: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    named = zip(heads, cells, strict=False)
    row: dict[str, str] = {}
    for head, cell in named:
        if head:
            row.setdefault(head, cell.strip())
    return row | {"": "\x1f".join(cells)}


def _rows(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    heads, rows = table(text) if "\n" in text else ((), [])
    if heads:
        for row in rows:
            yield row[""], {key: cell for key, cell in row.items() if key}
        return
    for line in text.splitlines():
        if line.strip():
            yield line, {}


# -- words -----------------------------------------------------------------------------------------------------


@cache
def _words() -> Mapping[str, Any]:
    data: dict[str, Any] = yaml.load((files(__package__) / "words.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    return data


@cache
def columns() -> Mapping[str, str]:
    """What a column is called → what it means."""
    return _aliases("columns")


@cache
def states() -> Mapping[str, str]:
    """What people call a decision → the ledger's word for it, or `sold`."""
    return _aliases("states")


def state_of(word: str) -> str:
    """The ledger's word for a decision, "" for none."""
    return states().get(_plain(word), "")


def _aliases(part: str) -> dict[str, str]:
    return {_plain(word): name for name, words in _words()[part].items() for word in (name, *words)}


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().replace("_", "").strip("\"' \ufeff").split())
