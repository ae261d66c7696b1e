"""Lines of TXT files and rows of tables → orders: the count and hashtags of a subject, and the same line only once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from stockgen.jobfile import counting, foreign
from stockgen.jobfile.findings import Findings, shown
from stockgen.jobfile.nodes import Fields, Text
from stockgen.jobfile.questions import question
from stockgen.jobfile.txtlines import hashtags

MOST_SUBJECTS = 1_000  # the config lets a job ask for 999 pictures at most
Cells = Mapping[str, str]  # the name of a key -> what was written for it


class Entries:
    """Gathers the orders of one file. `exact`: its subjects are prompts; `tags`: those that hold for all of it."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._seen: dict[tuple[tuple[str, str], ...], int] = {}
        self.drafts: list[Fields] = []
        self.exact = False
        self.tags = ""

    def asked(self, line: str, number: int, *, exact: bool = False) -> bool:
        """Whether the line must be asked about; then the question is a fault of the file. `exact`: it is a prompt."""
        code = question(line, self.exact or exact)
        if code in ("ask_count", "ask_comma_count"):
            code = question(_bare(line), self.exact or exact)
        if code:
            self._findings.fault(code, number, found=shown(line))
        return bool(code)

    def add(self, given: Cells, number: int) -> None:
        """One order: what was written for some keys, as it was written. Raises JobFileError above 1,000."""
        what = next((key for key in ("keywords", "prompt") if given.get(key)), "prompt" if self.exact else "keywords")
        cells = {key: value for key, value in given.items() if value}
        if what in cells:
            cells = self._taken_apart(cells, what, number)
        key = tuple(sorted((name, value.casefold()) for name, value in cells.items()))
        first = self._seen.setdefault(key, number)
        if first != number:
            self._findings.tell("twice", number, found=shown(cells.get(what, "")), first=first)
            return
        self.drafts.append(
            Fields(tuple((Text(name, number), Text(value, number)) for name, value in cells.items()), number)
        )
        if len(self.drafts) > MOST_SUBJECTS:
            self.too_many(MOST_SUBJECTS)

    def too_many(self, limit: int) -> NoReturn:
        """Raise JobFileError: nobody means that many."""
        self._findings.fault("too_many", limit=limit)
        self._findings.stop()

    def _taken_apart(self, cells: dict[str, str], what: str, number: int) -> dict[str, str]:
        """The cells with the subject's options, hashtags and count in cells of their own."""
        options = foreign.without_options(cells[what])
        subject, count = options.text, cells.get("count", "")
        if options.given or options.dropped:
            told = [f"{key}: {value}" for key, value in options.given.items()]
            self._findings.tell("options", number, found=told or "–", dropped=list(options.dropped) or "–")
        if what == "keywords":
            subject, tags = self._hashtags(subject, number)
            cells |= {"tags": ", ".join(filter(None, (cells.get("tags") or self.tags, tags)))} if tags else {}
            subject, count = self._count(subject, count, number)
        elif hashtags(subject) is None or hashtags(subject) != (subject, ()):
            self._findings.fault("ask_hash", number, found=shown(subject))
        cells |= {key: value for key, value in options.given.items() if key not in cells}
        rest = {name: value for name, value in cells.items() if name not in (what, "count")}
        return {what: _unquoted(subject)} | ({"count": counting.number(count)} if count else {}) | rest

    def _hashtags(self, subject: str, number: int) -> tuple[str, str]:
        found = hashtags(subject)
        if found is None:
            self._findings.fault("ask_hash", number, found=shown(subject))
            return subject, ""
        subject, tags = found
        if tags:
            self._findings.tell("hashtags", number, found=shown(subject), tags=list(tags))
        return subject, ", ".join(tags)

    def _count(self, subject: str, count: str, number: int) -> tuple[str, str]:
        bare, own = counting.split(subject)
        if own and count:
            self._findings.fault("count_twice", number)
        first, last = bare.partition(" ")[0], bare.rpartition(" ")[2]
        if not (own or count) and " " in bare and (first.isdecimal() or last.isdecimal()):
            self._findings.tell("bare_number" if last.isdecimal() else "first_number", number, found=shown(bare))
        return bare, own or count


def _bare(line: str) -> str:
    """A line without options and hashtags, which may stand behind its count."""
    text = foreign.without_options(line).text or line
    found = hashtags(text)
    return found[0] if found else text


def _unquoted(subject: str) -> str:
    inner = subject[1:-1]
    return inner if len(subject) > 2 and subject[0] == subject[-1] == '"' and '"' not in inner else subject
