"""A job whose last pictures wait for too long closes with what it has, and a new job carries the rest: so that nobody's
finished pictures lie in an open folder, which no basket takes from, for as long as a month's money is spent. Of a
picture of which some tries have rendered the others are not made then: the best of those that there are is kept.

What counts as waiting is what its owner would call so. While somebody pauses nothing waits. A job that could be begun
and only has not had its turn waits while we run, not while the computer is off; one that something forbids to go on
waits by the clock on the wall.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from stockgen.domain.times import wall
from stockgen.domain.words import Remark
from stockgen.ledger import Row
from stockgen.pipeline.eta import about
from stockgen.pipeline.places import job_folder
from stockgen.pipeline.workshop import Workshop

LOOK = 60.0  # seconds between two looks at most
FRESH = 5.0  # seconds after a start, or a pause, in which it looks at every turn


class Rests:
    """Turned by the engine. `after`: seconds that a job may wait; a reload replaces it."""

    def __init__(self, work: Workshop, after: float, rng: Random, timezone: str) -> None:
        self._ledger, self._clock, self._log = work.ledger, work.clock, work.log
        self.after = after
        self._rng = rng
        self._timezone = timezone
        self._awake = math.inf  # since when we run and nobody pauses, monotonic seconds
        self._due = -math.inf

    def step(self, now: float, paused: bool, may_begin: Callable[[str], bool]) -> None:
        """Split what has waited for too long; it is ready to close then. `now` monotonic seconds; `may_begin`: whether
        nothing forbids to begin a picture of a job soon. Raises StorageFull, StorageLost: then nothing has changed.
        """
        if paused:
            self._awake = math.inf
            return
        self._awake = min(self._awake, now)
        if now < self._due:
            return
        # Just after a start some holds are not known yet: whoever lets it run now and then would never see a split.
        self._due = now + (min(LOOK, self.after) if now - self._awake > FRESH else 0.0)
        for row in self._ledger.retries.waiting():
            if self._waited(row, now, may_begin) >= self.after:
                self._split(row)

    def _waited(self, row: Row, now: float, may_begin: Callable[[str], bool]) -> float:
        """Seconds since the last picture of a job came, or its last wish, as far as they count as waiting."""
        waited = self._clock.wall() - wall(row["since"])
        if waited < self.after or not may_begin(row["id"]):
            return waited
        return min(waited, now - self._awake)

    def _split(self, row: Row) -> None:
        number, clock = self._ledger.jobs.new_id(self._rng), self._clock.wall()
        folder = job_folder(row["source_name"], number, clock, self._timezone)
        why, job = Remark("close.rest", facts={"time": about(self.after)}), row["id"]
        with self._ledger.atomic():
            decided = self._ledger.tries.give_up(job, clock)
            if decided:
                told = Remark("close.fewer_tries", facts={"time": about(self.after), "pictures": decided})
                self._ledger.jobs.tell(job, told)
            pictures = self._ledger.retries.split(job, number, folder, why, clock)
        if decided:
            self._log.info("job.decided", job=job, pictures=decided)
        if pictures:
            self._log.info("job.split", job=job, rest=number, pictures=pictures)
