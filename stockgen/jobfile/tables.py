"""Rows of cells → orders. A first row of known column names says what stands where; else subject, count, model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stockgen.jobfile.entries import Entries
from stockgen.jobfile.findings import Findings, shown
from stockgen.jobfile.keys import unknown_key
from stockgen.jobfile.names import fold, known_key, lookup, names
from stockgen.jobfile.nearest import nearest
from stockgen.jobfile.txtlines import is_comment, tidy
from stockgen.jobfile.words import MOST_CHARACTERS

MOST_CELLS = 1_000  # in a row; a spreadsheet that was saved with all of its empty columns has less than that
MOST_COLUMNS = 40  # no table of wishes has more
COLUMNS = ("keywords", "count", "model")
_ASIDE = re.compile(r"\s*\([^()]{0,20}\)$|\*+$")
_RULE = re.compile(r":?-{2,}:?")  # below the head of a table in Markdown
_NOTHING = frozenset(("-", "–", "—"))


@dataclass(frozen=True, slots=True)
class Row:
    """Cells with the line on which they begin."""

    number: int
    cells: Sequence[str]


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row names columns: one at least, and half of its cells do or nearly do."""
    given = [_name(cell) for cell in cells if cell.strip()]
    if len(given) == 1:
        return lookup(names().keys, given[0]) in ("keywords", "prompt")
    known = sum(bool(known_key(cell)) for cell in given)
    if not known or len(given) > MOST_COLUMNS or any(cell.isdecimal() for cell in given):
        return False
    return 2 * sum(is_column(cell) or bool(nearest(fold(cell), names().keys)) for cell in given) >= len(given)


def is_column(cell: str) -> bool:
    """Whether a cell names a column: a key, or one of the author's own that are passed over."""
    name = _name(cell)
    return bool(known_key(name)) or fold(name) in names().ignored_columns


def read(rows: Iterable[Row], entries: Entries, findings: Findings) -> None:
    """Put every row into `entries`; what can't be used goes into `findings`."""
    columns: Sequence[str] | None = None
    for row in rows:
        if len(row.cells) > MOST_CELLS:
            findings.fault("too_many", row.number, limit=MOST_CELLS)
            continue
        if long := next((cell for cell in row.cells if len(cell) > MOST_CHARACTERS), ""):
            findings.fault("too_long", row.number, key=shown(long[:20]), limit=MOST_CHARACTERS)
            continue
        cells = [" ".join(cell.split()) for cell in row.cells]
        rule = all(_RULE.fullmatch(cell) for cell in cells if cell)
        if rule or (len(cells) == 1 and is_comment(cells[0])):
            continue
        if columns is None and is_header(cells):
            columns = _columns(cells, row.number, findings)
            continue
        columns = columns or COLUMNS
        _row(columns, cells, row.number, entries, findings)


def _columns(cells: Sequence[str], number: int, findings: Findings) -> list[str]:
    """The key of each column, "" for one that is passed over."""
    columns: list[str] = []
    ignored: list[str] = []
    for cell in cells:
        name = _name(cell)
        key = known_key(name)
        if key and key in columns:
            findings.fault("twice", number, key=shown(cell), first=number)
        elif fold(name) in names().ignored_columns:
            ignored.append(cell)
        elif name and not key:
            findings.add(unknown_key(name, shown(cell), number))
        columns.append(name if key else "")
    if ignored:
        findings.tell("columns", number, found=[shown(cell) for cell in ignored])
    return columns


def _row(columns: Sequence[str], cells: list[str], number: int, entries: Entries, findings: Findings) -> None:
    extra = [cell for cell in cells[len(columns) :] if cell]
    if extra:
        findings.fault("table_cells", number, found=shown(" | ".join(extra)), columns=len(columns))
        return
    given = {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell not in _NOTHING and cell}
    keys = {lookup(names().keys, name): name for name in given}
    what = keys.get("keywords") or keys.get("prompt") or ""
    exact = "prompt" in keys
    subject = tidy(given[what], exact=exact) if what else ""
    if fold(subject) in names().totals:
        findings.tell("total", number, found=shown(subject))
    elif what and not subject:
        findings.fault("no_words", number, found=shown(given[what]))
    elif given and not what and {lookup(names().keys, name) for name in columns} & {"keywords", "prompt"}:
        findings.fault("table_subject", number, found=shown(" | ".join(given.values())))
    elif not subject or not entries.asked(subject, number, exact=exact):
        named = {_canonical(name): cell for name, cell in given.items()}
        entries.add(named | ({_canonical(what): subject} if what else {}), number)


def _canonical(name: str) -> str:
    return lookup(names().keys, name) or name


def _name(cell: str) -> str:
    return _ASIDE.sub("", tidy(cell)).strip() or cell.strip()
