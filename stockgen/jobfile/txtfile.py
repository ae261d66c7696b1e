"""TXT → nodes: a file for people, one subject per line. What is unsure is asked about, never guessed."""

from __future__ import annotations

from collections.abc import Iterator

from stockgen.jobfile.findings import Findings, shown
from stockgen.jobfile.keys import unknown_key
from stockgen.jobfile.names import lookup, names
from stockgen.jobfile.nodes import Fields, Sheet, Text
from stockgen.jobfile.txtlines import Setting as Written
from stockgen.jobfile.txtlines import count_at_end, is_comment, is_header, question, setting, tidy
from stockgen.jobfile.typography import plain

MOST_LINES = 10_000
MOST_SUBJECTS = 1_000  # the config lets a job ask for 999 pictures at most
_COLUMNS = ("keywords", "count", "model")


def sheet(text: str, findings: Findings) -> Sheet:
    """The orders of a TXT file; leading `key: value` lines hold for all. Raises JobFileError."""
    reader = _Reader(findings)
    for number, line in enumerate(_lines(text, findings), 1):
        bare = "" if is_comment(line) else tidy(line)
        if bare:
            reader.read(bare, number)
            if reader.subjects > MOST_SUBJECTS:
                findings.fault("too_many", limit=MOST_SUBJECTS)
                findings.stop()
        elif line.strip() and not is_comment(line):
            findings.fault("no_words", number, found=shown(line))
    return reader.sheet()


def _lines(text: str, findings: Findings) -> list[str]:
    lines = plain(text).split("\n")
    if len(lines) > MOST_LINES:
        findings.fault("too_many", limit=MOST_LINES)
        findings.stop()
    return lines


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._shared: list[tuple[Text, Text]] = []
        self._drafts: list[Fields] = []
        self._seen: dict[tuple[str, ...], int] = {}
        self._begun = False  # a line that is no setting has been met
        self._exact = False

    @property
    def subjects(self) -> int:
        return len(self._drafts)

    def read(self, line: str, number: int) -> None:
        asked = question(line, self._exact)
        written = setting(line)
        if asked:
            self._findings.fault(asked, number, found=shown(line))
        elif written:
            self._setting(written, number)
        else:
            self._subject(line, number)
        self._begun = self._begun or not written

    def sheet(self) -> Sheet:
        shared = Fields(tuple(self._shared), 1)
        what = next(
            (key for key, _ in self._shared if lookup(names().keys, key.value) in ("keywords", "prompt")),
            None,
        )
        if self._drafts and what:
            self._findings.fault("txt_both", what.line, key=shown(what.value))
        only = (Fields((), self._shared[0][0].line),) if self._shared else ()
        return Sheet(tuple(self._drafts) or only, shared)

    def _setting(self, written: Written, number: int) -> None:
        name = shown(written.key)
        key = lookup(names().keys, written.key) or lookup(names().later, written.key)
        if not key:
            self._findings.add(unknown_key(written.key, name, number))
        elif written.sign == "=":
            self._findings.fault("txt_equals", number, key=name, found=shown(written.value))
        elif self._begun:
            self._findings.fault("txt_late", number, key=name)
        elif not written.value:
            self._findings.fault("txt_yaml", number, key=name)
        else:
            self._exact = self._exact or (key == "mode" and lookup(names().values["mode"], written.value) == "exact")
            self._shared.append((Text(written.key, number), Text(written.value, number, plain=True)))

    def _subject(self, line: str, number: int) -> None:
        cells = [cell.strip() for cell in _cells(line)]
        if not self._begun and is_header(cells):
            self._findings.fault("ask_table", number, found=shown(line))
        elif len(cells) > len(_COLUMNS):
            self._findings.fault("txt_columns", number, found=shown(line))
        else:
            self._order(cells + [""] * (len(_COLUMNS) - len(cells)), number)

    def _order(self, cells: list[str], number: int) -> None:
        subject, count, model = cells
        if not self._exact and (ending := count_at_end().search(subject)):
            if count:
                self._findings.fault("count_twice", number)
            subject, count = subject[: ending.start()].strip(" ,:-"), ending[1] or ending[2]
        subject, count = _unquoted(subject), _number(count)
        first = self._seen.setdefault((subject.casefold(), count, model.casefold()), number)
        if first != number:
            self._findings.tell("twice", number, found=shown(subject), first=first)
            return
        if not self._exact and not count and subject.rpartition(" ")[2].isdecimal() and " " in subject:
            self._findings.tell("bare_number", number, found=shown(subject))
        what = "prompt" if self._exact else "keywords"
        given = zip((what, "count", "model"), (subject, count, model), strict=True)
        pairs = tuple((Text(key, number), Text(value, number)) for key, value in given if value or key == what)
        self._drafts.append(Fields(pairs, number))


def _number(count: str) -> str:
    found = count_at_end().fullmatch(f" {count}") or count_at_end().fullmatch(count)
    return found[1] or found[2] if found else count


def _unquoted(subject: str) -> str:
    inner = subject[1:-1]
    return inner if len(subject) > 2 and subject[0] == subject[-1] == '"' and '"' not in inner else subject


def _cells(line: str) -> Iterator[str]:
    """Split at `|` and TAB, but not inside braces: `{a|b}` is one subject (and refused as such)."""
    start = depth = 0
    for at, sign in enumerate(line):
        depth = max(0, depth + (sign == "{") - (sign == "}"))
        if sign == "\t" or (sign == "|" and not depth):
            yield line[start:at]
            start = at + 1
    yield line[start:]
