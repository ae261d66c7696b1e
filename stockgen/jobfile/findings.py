"""What is found wrong in a file, and what is worth telling its author."""

from __future__ import annotations

import unicodedata
from typing import Any, NoReturn

from stockgen.domain.errors import JobFileError
from stockgen.domain.words import Remark

MOST = 100  # more faults help nobody, and looking for near names must end on a hostile file
_SHOWN = 60  # characters of the file that a fault quotes


class Findings:
    """Gathers the faults and remarks of one file, so that its author hears of all of them at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[Remark] = []
        self.remarks: list[Remark] = []

    def fault(self, code: str, line: int | None = None, **facts: Any) -> None:
        """Note one fault; `code` without its `job_file.`. Raises JobFileError once there are too many."""
        self.add(fault(code, line, **facts))

    def add(self, error: JobFileError) -> None:
        """Note the faults of `error`. Raises JobFileError once there are too many."""
        self.faults.extend(error.remarks)
        if len(self.faults) >= MOST:
            self.faults[MOST:] = [Remark("job_file.more", facts={"count": MOST})]
            self.stop()

    def tell(self, code: str, line: int | None = None, **facts: Any) -> None:
        """Note what was changed, dropped or guessed; the first hundred of it."""
        if len(self.remarks) < MOST:
            self.remarks.append(Remark(f"job_file.told.{code}", line, facts))
        elif len(self.remarks) == MOST:
            self.remarks.append(Remark("job_file.told.more", facts={"count": MOST}))

    def stop(self, cause: Exception | None = None) -> NoReturn:
        """Raise JobFileError with what was found so far, by line; `cause`: the foreign error behind it."""
        ordered = sorted(self.faults, key=lambda one: one.line or 1 << 30)
        raise JobFileError("job_file", ordered, name=self.name) from cause

    def settle(self) -> None:
        """Raise JobFileError where there is any fault."""
        if self.faults:
            self.stop()


def fault(code: str, line: int | None = None, **facts: Any) -> JobFileError:
    """One fault as an error: what a converter raises."""
    return JobFileError("job_file", [Remark(f"job_file.{code}", line, facts)])


def shown(text: str) -> str:
    """A piece of the file fit to be quoted: one line, short, without signs that steer a terminal or a log."""
    kept = " ".join(legible(text[: _SHOWN * 4]).split())
    return kept if len(kept) <= _SHOWN and len(text) <= _SHOWN * 4 else kept[:_SHOWN] + "…"


def legible(text: str) -> str:
    """`text` on one line without control characters, bidirectional marks and halves of surrogates."""
    if text.isprintable():  # none of what is left out below is
        return text
    return "".join(_legible(sign) for sign in text)


def _legible(sign: str) -> str:
    if sign.isspace():
        return " "
    joiner = sign in "\u200c\u200d"  # they hold emoji and some scripts together and steer nothing
    return "" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Cn") and not joiner else sign
