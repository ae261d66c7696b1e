"""CSV and TSV → nodes: what Excel, Numbers and Google Sheets write, in any locale."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from stockgen.jobfile import tables
from stockgen.jobfile.entries import Entries
from stockgen.jobfile.findings import Findings
from stockgen.jobfile.names import known_key
from stockgen.jobfile.nodes import Sheet
from stockgen.jobfile.tables import Row
from stockgen.jobfile.typography import plain

MOST_LINES = 10_000
_SEPARATORS = ",;\t|"
_SEP = re.compile(r"\"?sep=(.)\"?\s*")


def sheet(text: str, findings: Findings) -> Sheet:
    """The orders of a table, one for each row. Raises JobFileError."""
    entries = Entries(findings)
    text = plain(text)
    if text.count("\n") > MOST_LINES:
        entries.too_many(MOST_LINES)
    told = _SEP.match(text)
    separator = told[1] if told else _separator(text)
    tables.read(_rows(text, separator, bool(told), findings), entries, findings)
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
    """The sign that makes most column names of the first row, else most cells; a comma where none does.

    A list of tags has commas too: where TAB or `;` part the row, they do.
    """
    first = next((line for line in text.split("\n") if line.strip(" \t,;|")), "")
    known = {sign: sum(bool(known_key(cell.strip(' "'))) for cell in first.split(sign)) for sign in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda sign: known[sign])
    if known[best]:
        return best
    return next((sign for sign in "\t;|" if sign in first), ",")
