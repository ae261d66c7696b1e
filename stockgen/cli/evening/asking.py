"""Questions on a terminal: Enter takes what stands in brackets. Answers that don't fit are asked again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from getpass import getpass
from pathlib import Path
from typing import TextIO, TypeVar

from stockgen.cli.called import within
from stockgen.cli.desk import YES, Session
from stockgen.domain.errors import UsageError
from stockgen.domain.words import Remark

T = TypeVar("T")
NO = frozenset({"n", "no", "아니요", "아니오", "ㅜ"})  # the last is the n key on a Korean keyboard


class Asker:
    """`quiet`: nobody is asked, every default is taken. `session` may be replaced, when its language changes; `home` is
    the folder that is set up; `typed`: what is answered, None = by the terminal.
    """

    def __init__(self, session: Session, quiet: bool, home: Path = Path(), typed: TextIO | None = None) -> None:
        self.session = session
        self.quiet = quiet
        self.home = home
        self._typed = typed or sys.stdin

    def command(self, words: str) -> str:
        """A command of ours for this folder, to copy."""
        return f"{within(self.home)} {words}"

    def tell(self, code: str, **facts: object) -> None:
        """A sentence, one line."""
        self.session.tell(Remark(code, facts=facts))

    def words(self, code: str, default: str, **facts: object) -> str:
        """What is typed; the default for nothing."""
        shown = {"y": "Y/n", "n": "y/N", "": "-"}.get(default, default)
        self.session.write(f"{self.session.say.tell(Remark(code, facts=facts))} [{shown}] ")
        if self.quiet:
            self.session.write("\n")
            return default
        sys.stdout.flush()
        line = self._typed.readline()
        if not line.endswith("\n"):  # Ctrl-D: whoever is not there any more wants nothing written
            raise KeyboardInterrupt
        return line.strip() or default

    def hidden(self, code: str, **facts: object) -> str:
        """What is typed without being shown; "" for nothing."""
        if self.quiet:
            return ""
        sys.stdout.flush()
        try:
            return getpass(f"{self.session.say.tell(Remark(code, facts=facts))} [-] ").strip()
        except EOFError:  # Ctrl-D
            raise KeyboardInterrupt from None

    def until(self, code: str, default: str, understood: Callable[[str], T], **facts: object) -> T:
        """As `words`; `understood` makes a value of it or raises UsageError, which is told before asking again."""
        while True:
            try:
                return understood(self.words(code, default, **facts))
            except UsageError as error:
                if self.quiet:
                    raise
                self.session.tell(error.remark)

    def number(self, code: str, default: float, most: float, **facts: object) -> float:
        """From 0 to `most`."""

        def understood(word: str) -> float:
            try:
                found = float(word.lstrip("$").replace(",", ""))
            except ValueError:
                found = -1
            if not 0 <= found <= most:
                raise UsageError("setup_number", found=word, most=f"{most:g}")
            return found

        return self.until(code, f"{default:g}", understood, **facts)

    def one_of(self, code: str, default: str, options: Sequence[str], **facts: object) -> str:
        """One of some words, also by its place in the list that was shown."""

        def understood(word: str) -> str:
            if word.isdecimal() and 1 <= int(word) <= len(options):
                return options[int(word) - 1]
            if word.casefold() not in options:
                raise UsageError("setup_choice", found=word, known=", ".join(options))
            return word.casefold()

        return self.until(code, default, understood, **facts)

    def yes(self, code: str, default: bool, **facts: object) -> bool:
        """A plain yes or no."""

        def understood(word: str) -> bool:
            if word.casefold() not in YES | NO:
                raise UsageError("setup_yes", found=word)
            return word.casefold() in YES

        return self.until(code, "y" if default else "n", understood, **facts)
