"""`inbox/results/` (결과): what a market says, dropped as a file.

Which market, and what it says, stand in the file's name or its first line: `미리캔버스 거절.csv`. What was read moves
to `done/`, what can't be understood to `unclear/`, with a note.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from daemon.ignored import is_conflict, is_ignored
from daemon.names import NOTE, free_name, legible, short
from daemon.settle import NotAFile, Settling, StillWritten, facts_of, read_whole
from stockgen.app.build import App
from stockgen.domain.errors import JobFileError, StorageFull, StorageLost
from stockgen.domain.words import Remark
from stockgen.files import translated, write_whole
from stockgen.jobfile.findings import Findings
from stockgen.jobfile.text import MOST_BYTES, decode
from stockgen.pipeline.marks.marking import Saying, mark
from stockgen.pipeline.marks.reading import state_of

FOLDERS = ("results", "결과")
DONE, UNCLEAR = "done", "unclear"
RETRY = 30.0  # seconds until a file that could not be taken or moved is tried again
EXAMPLE = "adobe_stock rejected.csv"


class Results:
    """Looks into the folders every `every` seconds; a file is read when it has been quiet for `quiet` seconds."""

    def __init__(self, app: App, inbox: Path, quiet: float, every: float) -> None:
        self._app = app
        self._folders = [inbox / name for name in FOLDERS]
        self._every = every
        self._next = 0.0
        self._settling = Settling(quiet)
        self._told: set[str] = set()  # files that could not be moved: they were dealt with

    def step(self, now: float) -> None:
        """Read what has settled. `now` monotonic seconds."""
        if now >= self._next:
            self._next = now + self._every
            self._look(now)
        for path in self._settling.settled(now):
            self._take(Path(path), now)

    def next_at(self) -> float:
        """When to step again: monotonic seconds."""
        due = self._settling.next_at()
        return self._next if due is None else min(self._next, due)

    @property
    def unsettled(self) -> int:
        """How many files have been seen and will be read."""
        return self._settling.unsettled

    def _look(self, now: float) -> None:
        there = list(self._listed())
        for path in there:
            with suppress(OSError, NotAFile):
                self._settling.look(path, facts_of(Path(path)), now)
        self._settling.keep_only(there)
        self._told &= {*there}

    def _listed(self) -> Iterator[str]:
        for folder in self._folders:
            with suppress(OSError), os.scandir(folder) as entries:
                yield from [
                    one.path
                    for one in entries
                    if one.is_file(follow_symlinks=False) and not is_ignored(one.name) and not is_conflict(one.name)
                ]

    def _take(self, path: Path, now: float) -> None:
        """Whatever happens to one file, the others are read; nothing is marked twice, because marks are facts."""
        try:
            data = read_whole(path, self._settling.facts(str(path)), MOST_BYTES)
        except (OSError, NotAFile, StillWritten):
            self._settling.postpone(str(path), now + RETRY)
            return
        try:
            understood, told = self._read(path, data)
        except (StorageFull, StorageLost):  # of the ledger; its own hold is told
            self._settling.postpone(str(path), now + RETRY)
            return
        self._put_away(path, DONE if understood else UNCLEAR, told, now)

    def _read(self, path: Path, data: bytes) -> tuple[bool, list[Remark]]:
        name = legible(path.name)
        try:
            text = decode(data, Findings(name))
        except JobFileError as error:
            return False, list(error.remarks)
        saying = self._saying(name, text)
        if saying is None:
            return False, [Remark("mark.asked", facts={"example": EXAMPLE})]
        rate = self._app.catalogue.config.money.krw_per_usd
        understood, told = mark(self._app.ledger, saying, self._app.clock.wall(), rate)
        self._app.log.info("file.accepted", file=name, market=saying.market.name, reason=saying.state)
        return understood, list(told)

    def _saying(self, name: str, text: str) -> Saying | None:
        """What the file's name says, else its first line, which then belongs to us and not to the table."""
        first, _, rest = text.lstrip().partition("\n")
        for heading, body in ((name.rpartition(".")[0] or name, text), (first, rest)):
            market, state = self._named(heading)
            if market and state:
                return Saying(market=self._app.catalogue.markets[market], state=state, text=body)
        return None

    def _named(self, heading: str) -> tuple[str, str]:
        """The market and the decision among the words of a heading; "" for none, or for two different ones."""
        words = re.split(r"[\s,()\[\].:]+|(?<=\w)-(?=\w)", heading.strip("# "))
        spans = [" ".join(words[at : at + length]) for length in (3, 2, 1) for at in range(len(words))]
        known = self._app.catalogue.known.markets
        markets = {known[key] for span in spans if (key := span.lower().replace(" ", "_")) in known}
        markets |= {known[span.lower()] for span in spans if span.lower() in known}
        states = {state for span in spans if (state := state_of(span))}
        return (min(markets) if len(markets) == 1 else "", min(states) if len(states) == 1 else "")

    def _put_away(self, path: Path, folder: str, told: list[Remark], now: float) -> None:
        say = self._app.catalogue.say
        note = "\r\n".join([*map(say.tell, told), ""]).encode("utf-8-sig")
        target = free_name(path.parent / folder, short(path.name))
        try:
            with translated(path):
                target.parent.mkdir(exist_ok=True)
                path.rename(target)
            self._settling.forget(str(path))
            write_whole(target.with_name(f"{target.name}{NOTE}"), note)
        except (OSError, StorageFull, StorageLost) as error:
            if str(path) not in self._told:
                self._app.log.warning("file.ignored", file=legible(path.name), reason=str(error))
            self._told.add(str(path))
            self._settling.postpone(str(path), now + RETRY)
