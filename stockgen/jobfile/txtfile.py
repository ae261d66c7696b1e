"""TXT → nodes: a file for people, one subject per line. What is unsure is asked about, never guessed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from stockgen.jobfile import counting, foreign, tables
from stockgen.jobfile.entries import Entries
from stockgen.jobfile.findings import Findings, shown
from stockgen.jobfile.keys import unknown_key
from stockgen.jobfile.names import known_key, lookup, names
from stockgen.jobfile.nodes import Fields, Sheet, Text
from stockgen.jobfile.tables import COLUMNS, Row
from stockgen.jobfile.txtlines import Setting as Written
from stockgen.jobfile.txtlines import cells, has_bullet, is_comment, is_heading, is_mood, setting, tidy
from stockgen.jobfile.typography import plain
from stockgen.jobfile.words import MOST_CHARACTERS

MOST_LINES = 10_000


def sheet(text: str, findings: Findings) -> Sheet:
    """The orders of a TXT file; leading `key: value` lines hold for all. Raises JobFileError."""
    reader = _Reader(findings)
    lines = plain(text).split("\n")
    if len(lines) > MOST_LINES:
        reader.entries.too_many(MOST_LINES)
    lines = _spoken(lines, findings)
    title = _title(lines)
    numbered = enumerate(lines, 1)
    for number, line in numbered:
        if len(line) > MOST_CHARACTERS:
            findings.fault("too_long", number, key=shown(line[:20]), limit=MOST_CHARACTERS)
            continue
        bare = "" if is_comment(line) else tidy(line, exact=reader.entries.exact)
        if bare and not reader.begun and (separator := _header(bare)):
            rows = [Row(number, _split(line, separator))]
            rows += [Row(at, _split(each, separator)) for at, each in numbered if not is_comment(each)]
            tables.read(rows, reader.entries, findings)
        elif bare and number == title:
            findings.tell("heading", number, found=shown(bare))
        elif bare:
            reader.read(bare, number)
        elif is_mood(line):
            findings.tell("mood", number, found=shown(line))
        elif line.strip() and not is_comment(line):
            findings.fault("no_words", number, found=shown(line))
    return reader.sheet()


def _spoken(lines: list[str], findings: Findings) -> list[str]:
    """The lines without names and times of a chat program."""
    if not foreign.is_chat(lines):
        return lines
    said = [foreign.said(line) for line in lines]
    findings.tell("chat", lines=sum(old != new for old, new in zip(lines, said, strict=True)))
    return said


def _title(lines: list[str]) -> int:
    """The number of the first line, settings aside, where it stands above nothing but bullets, two at least: a memo's
    title; else 0.
    """
    there = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not is_comment(line)]
    while there and (written := setting(tidy(there[0][1]))) and written.sure:
        there.pop(0)  # mended copies move them above the title
    if len(there) < 3 or has_bullet(there[0][1]) or not all(has_bullet(line) for _, line in there[1:]):
        return 0
    number, first = there[0]
    return 0 if setting(tidy(first)) or counting.split(tidy(first))[1] else number


def _header(line: str) -> str:
    """The sign that parts the column names which this line consists of, or ""."""
    if tables.is_header([line]):
        return "\t"
    for separator in ("\t", "|", ",", ";"):
        parted = [cell for cell in line.split(separator) if cell.strip()]
        sure = separator in "\t|" or all(map(tables.is_column, parted))  # subjects have commas too
        if len(parted) > 1 and sure and tables.is_header(parted):
            return separator
    return ""


def _split(line: str, separator: str) -> Sequence[str]:
    if separator in ",;":
        return next(csv.reader([line], delimiter=separator), [])
    if separator == "|":
        return cells(line.strip().removeprefix("|").removesuffix("|"))
    return line.split(separator)


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._shared: list[tuple[Text, Text]] = []
        self.entries = Entries(findings)
        self.begun = False  # a line that is no setting has been met

    def read(self, line: str, number: int) -> None:
        written = setting(line)
        if written and written.sure:
            self._setting(written, number)
        elif is_heading(line):
            self._findings.tell("heading", number, found=shown(line))
        elif counting.for_each(line):
            self._for_each(line, number)
        elif not self.entries.asked(line, number):
            if written:
                self._findings.add(unknown_key(written.key, shown(written.key), number))
            else:
                self._subject(line, number)
        self.begun = self.begun or not (written or is_heading(line))

    def sheet(self) -> Sheet:
        shared = Fields(tuple(self._shared), 1)
        what = next((key for key, _ in self._shared if lookup(names().keys, key.value) in ("keywords", "prompt")), None)
        if self.entries.drafts and what:
            self._findings.fault("txt_both", what.line, key=shown(what.value))
        only = (Fields((), self._shared[0][0].line),) if self._shared else ()
        return Sheet(tuple(self.entries.drafts) or only, shared)

    def _for_each(self, line: str, number: int) -> None:
        """`각 3장`: the count of every line that has none, wherever it stands."""
        count = counting.for_each(line)
        self._shared.append((Text("count", number), Text(count, number, plain=True)))
        self._findings.tell("each_count", number, found=shown(line), count=count)

    def _setting(self, written: Written, number: int) -> None:
        name = shown(written.key)
        key = known_key(written.key)
        if not key:
            self._findings.add(unknown_key(written.key, name, number))
        elif written.sign != ":":
            self._findings.fault("txt_equals", number, key=name, found=shown(written.value))
        elif self.begun:
            self._findings.fault("txt_late", number, key=name)
        elif not written.value:
            self._findings.fault("txt_yaml", number, key=name)
        else:
            self._keep(key, written, number)

    def _keep(self, key: str, written: Written, number: int) -> None:
        if key == "mode" and lookup(names().values["mode"], written.value) == "exact":
            self.entries.exact = True
        if key == "tags":
            self.entries.tags = written.value
        self._shared.append((Text(written.key, number), Text(written.value, number, plain=True)))

    def _subject(self, line: str, number: int) -> None:
        parted = list(_columns(line))
        if len(parted) > len(COLUMNS):
            self._findings.fault("txt_columns", number, found=shown(line))
        else:
            what = "prompt" if self.entries.exact else COLUMNS[0]
            self.entries.add(dict(zip((what, *COLUMNS[1:]), parted, strict=False)), number)


def _columns(line: str) -> Iterator[str]:
    """The cells of a line; bars around a whole row of a table are no cells."""
    found = cells(line)
    framed = len(found) > 2 and not found[0] and not found[-1]
    yield from found[1:-1] if framed else found
