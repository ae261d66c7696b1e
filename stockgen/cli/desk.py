"""What commands share: the config, the language, printing, and the way to whoever holds the lock."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockgen.domain.errors import LedgerRefused, StateHeld, StockgenError, UsageError
from stockgen.domain.words import Language, Remark
from stockgen.lock import holder
from stockgen.messages import Messages, harmless

if TYPE_CHECKING:
    from stockgen.app.build import App
    from stockgen.app.catalogue import Catalogue
    from stockgen.ledger import Ledger
    from stockgen.pipeline.commands import Answer, Command

PATIENCE = 15.0  # seconds that a daemon gets to answer
LOOK = 0.05  # seconds between looks for the answer
YES = frozenset({"y", "yes", "예", "네", "ㅛ"})  # the last is the y key on a Korean keyboard


@dataclass(frozen=True)
class Session:
    """One run of the CLI. `language` is spoken where the config can't be read."""

    given: Path | None
    language: Language = "en"
    more_plugins: Sequence[str] = ()

    @cached_property
    def path(self) -> Path:
        """The config file. Raises ConfigError."""
        from stockgen.config import find

        return find(self.given)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Config and shipped data. Raises ConfigError."""
        from stockgen.app.catalogue import PLUGINS, Catalogue
        from stockgen.config import load

        return Catalogue(load(self.path), self.path.parent / "my", (*PLUGINS, *self.more_plugins))

    @cached_property
    def say(self) -> Messages:
        """Sentences; in the config's language where there is a readable config."""
        try:
            return self.catalogue.say
        except StockgenError:
            return Messages(self.language)

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.catalogue.config.state

    def reading(self) -> Ledger:
        """The ledger, read-only. Raises UsageError where nothing was ever made here, LedgerRefused."""
        from stockgen.ledger import FILE_NAME, Ledger
        from stockgen.pipeline.advice import refuse_to_forget

        refuse_to_forget(self.state, self.catalogue.config.outbox.path)
        if not (self.state / FILE_NAME).exists():
            raise UsageError("no_ledger", state=str(self.state))
        ledger = Ledger.reading(self.state)
        ledger.spend.caps, ledger.spend.timezone = self.catalogue.caps, self.catalogue.config.timezone
        return ledger

    def advised(self, error: LedgerRefused) -> LedgerRefused:
        """The same refusal with what helps here."""
        from stockgen.pipeline.advice import advised

        config = self.catalogue.config
        return error if error.remarks else advised(error, config.state, config.outbox.path, config.timezone)

    def open(self) -> App:
        """Take the lock. Raises StateHeld where a daemon runs."""
        from random import SystemRandom

        from stockgen.app.build import open_app
        from stockgen.domain.times import SystemClock
        from stockgen.logs import configure
        from stockgen.threads import one_thread

        one_thread(os.environ)
        log = configure("error", "human", sys.stderr, self.catalogue.keyring.hide)
        return open_app(self.catalogue, SystemClock(), SystemRandom(), lambda: None, log)

    def act(self, name: str, **arguments: Any) -> Answer:
        """Have a command applied: by the daemon that runs, or here where none does."""
        from stockgen.pipeline.commands import Command

        command = Command(id=f"{time.time_ns():x}", name=name, arguments=arguments)
        if holder(self.state) is None:
            try:
                app = self.open()
            except StateHeld:  # a daemon started this very moment
                return self._ask(command)
            try:
                return app.desk.apply(command)
            finally:
                app.close(app.clock.monotonic())
        return self._ask(command)

    def _ask(self, command: Command) -> Answer:
        from stockgen.pipeline.commands import Answer, write_command

        path = write_command(self.state / "control", command)
        ledger, until = self.reading(), time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer = ledger.answer(command.id)
            if answer is not None:
                return Answer(answer[0], tuple(answer[1]))
            time.sleep(LOOK)
        stored = "command.stored" if path.exists() else "command.taken"
        return Answer("stored", (Remark(stored),))

    # -- printing ----------------------------------------------------------------------------------------------

    def tell(self, *remarks: Remark) -> None:
        """Sentences on standard output, one a line."""
        for remark in remarks:
            self.write(self.say.tell(remark) + "\n")

    def write(self, text: str) -> None:
        """Text as it is."""
        sys.stdout.write(text)

    def ask(self, question: Remark) -> bool:
        """Only a plain yes is one; where nobody is there to answer, it is a no."""
        return self.typed(question).casefold() in YES

    def typed(self, question: Remark) -> str:
        """What is answered to a question; "" where nobody is there to answer."""
        self.write(self.say.tell(question) + " ")
        sys.stdout.flush()
        answer = sys.stdin.readline()
        if not answer.endswith("\n"):
            self.write("\n")
        return answer.strip()

    def json(self, facts: Any) -> None:
        """Facts for scripts."""
        sys.stdout.write(json.dumps(facts, ensure_ascii=False, indent=1, default=str) + "\n")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table for people; as wide as it needs to be where nobody reads it on a terminal."""
        from io import StringIO

        from rich.box import SIMPLE
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(*(self.say(f"head.{head}") for head in heads), box=SIMPLE)
        for row in rows:
            table.add_row(*(Text(harmless(str(cell))) for cell in row))
        if sys.stdout.isatty():
            Console().print(table)
            return
        out = StringIO()
        Console(file=out, width=200).print(table)
        sys.stdout.write("\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n")
