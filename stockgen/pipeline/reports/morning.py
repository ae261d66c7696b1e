"""Writes the report into the outbox once a day, at the time that the config says."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import time
from functools import partial
from pathlib import Path

from stockgen.domain.times import iso, local, wall
from stockgen.files import discard, fsync_dir, link_new, make_folders, write_new
from stockgen.messages import Messages
from stockgen.pipeline.disk import Trouble
from stockgen.pipeline.finish import PixelPool
from stockgen.pipeline.places import Places
from stockgen.pipeline.reports.facts import DAY, Report, Shelf, gathered
from stockgen.pipeline.reports.page import page
from stockgen.pipeline.reports.text import text
from stockgen.pipeline.status import held_at
from stockgen.pipeline.workshop import Workshop

WRITTEN = "report"  # a fact that survives a restart: when the last one was written
LONGEST = 7 * DAY  # seconds that one report looks back at most: after a holiday the last week is enough
BOM = "\ufeff"  # for editors on Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a report is written with. `folder`: its top-level folder in the outbox; `rejected`: the inbox's."""

    say: Messages
    folder: str
    rejected: Path
    timezone: str


class Morning:
    """One report a day, `at` a local time, None = never. A reload replaces `shelf`."""

    def __init__(self, work: Workshop, pool: PixelPool, setup: Setup, shelf: Shelf, at: time | None) -> None:
        self.at, self.shelf = at, shelf
        self._ledger, self._places, self._clock, self._log = work.ledger, work.places, work.clock, work.log
        self._pool, self._setup = pool, setup
        self._storage = Trouble(work.clock, work.log, work.wait)
        self._writing = False
        noted = work.ledger.noted(WRITTEN)
        self._last = wall(noted) if noted else None

    def step(self) -> None:
        """Write where today's is due. The first day of an installation has none: nothing lies behind it."""
        if self.at is None or self._writing or not self._storage.due:
            return
        now = self._clock.wall()
        if self._last is None or self._last > now + DAY:  # the clock was wrong when it was written
            self._note(now)
        elif self._due(self._last, now):
            self._begin(max(self._last, now - LONGEST), now)

    def _due(self, last: float, now: float) -> bool:
        """Whether the day's time has come since the last one; a clock that was set back makes none twice."""
        here = local(now, self._setup.timezone)
        due = here.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0) if self.at else here
        return last < due.timestamp() <= now

    def _begin(self, since: float, now: float) -> None:
        setup = self._setup
        report = gathered(
            self._ledger, self._places, self.shelf, setup.rejected, (since, now), setup.timezone,
            held_at(self._places.state),
        )  # fmt: skip
        self._writing = True
        self._pool.run(partial(written, report, setup, self._places), partial(self._end, now))

    def _end(self, now: float, result: str | Exception) -> None:
        self._writing = False
        if self._storage.over(result):
            self._note(now)

    def _note(self, now: float) -> None:
        self._ledger.note(WRITTEN, iso(now))
        self._last = now


def written(report: Report, setup: Setup, places: Places) -> str:
    """Write the day's two files, the page last, and return its path in the outbox. Raises StorageFull, StorageLost.

    What lies there under their names already stays: a report is never written anew.
    """
    folder = places.outbox / setup.folder
    make_folders(folder)
    files = {
        f"{report.day}.txt": (BOM + text(report, setup.say, setup.timezone)).replace("\n", "\r\n").encode(),
        f"{report.day}.html": page(report, setup.say, places.outbox, setup.timezone),
    }
    for name, data in files.items():
        staged = places.staging / f"report-{name}"
        write_new(staged, data)
        fsync_dir(places.staging)
        with suppress(FileExistsError):  # a crash came between this link and the note of it
            link_new(staged, folder / name)
        discard(staged)
    fsync_dir(folder)
    return f"{setup.folder}/{report.day}.html"
