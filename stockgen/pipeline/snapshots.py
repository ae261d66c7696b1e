"""The ledger's copy in the outbox, written at a quiet moment."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from stockgen.domain.times import iso, wall
from stockgen.files import fsync_dir, translated
from stockgen.ledger import FILE_NAME
from stockgen.ledger.care import copied
from stockgen.pipeline.disk import Trouble
from stockgen.pipeline.finish import PixelPool
from stockgen.pipeline.places import Places
from stockgen.pipeline.workshop import Workshop

WRITTEN = "snapshot"  # a fact that survives a restart: when the last one was written
OVERDUE = 2  # times the interval, after which it is no longer waited for a quiet moment


class Snapshots:
    """Writes the copy at most every `every` seconds, where the ledger has changed since. A reload replaces `every`."""

    def __init__(self, work: Workshop, pool: PixelPool, every: float) -> None:
        self.every = every
        self._ledger, self._places, self._clock, self._log = work.ledger, work.places, work.clock, work.log
        self._pool = pool
        self._storage = Trouble(work.clock, work.log, work.wait)
        self._at = self._noted()
        self._changes = -1  # the ledger's count when the last copy was begun
        self.writing = False

    def step(self, quiet: Callable[[], bool]) -> None:
        """Write if it is time. `quiet`: nothing is left to do; copying a large ledger takes a second of the disk."""
        if self.writing or not self._storage.due or not self._due(quiet) or not self._worthwhile():
            return
        self.writing = True
        self._pool.run(partial(snapshot, self._places), partial(self._end, self._ledger.changes))

    def _due(self, quiet: Callable[[], bool]) -> bool:
        """A clock that was set back makes it due: nobody knows how long ago the last one was."""
        age = self._clock.wall() - self._at
        if 0 <= age < self.every:
            return False
        return age >= self.every * OVERDUE or quiet()

    def _worthwhile(self) -> bool:
        """An empty ledger must not take the place of anything, and one that has not changed need not."""
        return self._ledger.changes != self._changes and bool(self._ledger.query("SELECT 1 FROM jobs LIMIT 1"))

    def _end(self, begun: int, result: Path | Exception) -> None:
        self.writing = False
        if not self._storage.over(result):
            return
        self._at, before = self._clock.wall(), self._ledger.changes
        self._ledger.note(WRITTEN, iso(self._at))
        self._changes = begun + self._ledger.changes - before  # to note it is no news
        self._log.info("ledger.snapshot", path=str(result))

    def _noted(self) -> float:
        """Before the first one it is time at once, yet not overdue."""
        noted = self._ledger.noted(WRITTEN)
        return wall(noted) if noted else self._clock.wall() - self.every


def snapshot(places: Places) -> Path:
    """Write `ledger.db` in the outbox anew, by rename; a daemon and a command may do it at once. Raises LedgerRefused,
    StorageFull, StorageLost.
    """
    target, half = places.outbox / FILE_NAME, places.staging / f".{FILE_NAME}-{os.getpid()}"
    copied(places.state / FILE_NAME, half)
    with translated(target):
        half.replace(target)
    fsync_dir(places.outbox)
    return target
