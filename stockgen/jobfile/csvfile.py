"""CSV and TSV → nodes: what Excel, Numbers and Google Sheets write, in any locale."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from stockgen.jobfile import tables
from stockgen.jobfile.entries import Entries
from stockgen.jobfile.findings import Findings, shown
from stockgen.jobfile.nodes import Sheet
from stockgen.jobfile.tables import Row, is_column, is_header
from stockgen.jobfile.txtlines import is_comment
from stockgen.jobfile.typography import plain

MOST_LINES = 10_000
_SEPARATORS = ",;\t|"
_SEP = re.compile(r"\"?sep=(.)\"?\s*")
_QUOTED = re.compile(r'"[^"\n]*"')  # what stands in quotes parts no cells
FIRST_ROWS = 10  # that tell how a table is made


def sheet(text: str, findings: Findings) -> Sheet:
    """The orders of a table, one for each row. Raises JobFileError."""
    entries = Entries(findings)
    text = plain(text)
    if text.count("\n") > MOST_LINES:
        entries.too_many(MOST_LINES)
    told = _SEP.match(text)
    separator = told[1] if told else _separator(text)
    rows = _rows(text, separator, bool(told), findings)
    tables.read(_below_title(rows, findings), entries, findings)
    return Sheet(tuple(entries.drafts))


def _rows(text: str, separator: str, told: bool, findings: Findings) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in lines:
            if not (told and before == 0):
                yield Row(before + 1, cells)
            before = lines.line_num
    except csv.Error as error:
        findings.fault("csv_quotes", before + 1)
        findings.stop(error)


def _separator(text: str) -> str:
    """The sign that makes most column names of the first row that has one; else the one that parts most of the first
    rows, but a comma only where no other does: a list of tags has commas too.

    A title, or the name of an only column, is parted by nothing and decides nothing.
    """
    rows = list(islice((line for line in text.split("\n") if line.strip(" \t,;|")), FIRST_ROWS))
    for number, row in enumerate(rows):
        named = {sign: sum(is_column(cell.strip(' "')) for cell in row.split(sign)) for sign in _SEPARATORS
                 if sign in row}  # fmt: skip
        best = max(named, key=lambda sign: named[sign], default="")
        if best and named[best] > bool(number):  # further down, one such word may stand among others
            return best
    unquoted = [_QUOTED.sub("", row) for row in rows]
    parted = [row for row in unquoted if any(sign in row for sign in _SEPARATORS)]
    return next((sign for sign in "\t;|" if 2 * sum(sign in row for row in parted) > len(parted)), ",")


def _below_title(rows: Iterator[Row], findings: Findings) -> Iterator[Row]:
    """The rows without what stands in one cell above the names of several columns: it is the table's title."""
    title: list[Row] = []
    for row in islice(rows, FIRST_ROWS):
        given = [cell for cell in row.cells if cell.strip()]
        if len(given) > 1:
            if is_header(row.cells):
                for above in title:
                    findings.tell("title", above.number, found=shown("".join(above.cells).strip()))
                title = []
            yield from (*title, row)
            title = []
            break
        title += [row] if given and not is_comment(row.cells[0]) else []
    yield from (*title, *rows)
