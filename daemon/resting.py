"""Who takes a job's file out of `accepted/` doesn't want it any more: what has not been begun is not made, neither by
it nor by the job that carries its rest.

Nothing is concluded while the folder is not surely the one into which the file was moved: not from a folder that is
gone, not from one that was made anew, not from the empty place where something was mounted.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from daemon.ground import ground_of
from daemon.names import NOTE, accepted_name
from stockgen.app.build import App
from stockgen.domain.words import Remark
from stockgen.pipeline.references import is_picture


class Resting:
    """The files in `accepted/` of jobs that have not ended. A finished job's file may be tidied away."""

    def __init__(self, app: App, folder: Path, quiet: float, every: float) -> None:
        self._app = app
        self._folder = folder
        self._quiet, self._every = quiet, every
        self._missing: dict[str, float] = {}  # job → since when, monotonic seconds
        self._next = 0.0
        self.withdrawn: list[str] = []  # jobs, for whoever renews notes; they empty it

    def mark(self) -> str | None:
        """What tells this folder from any other, None = it is not there."""
        with suppress(OSError):
            return str(ground_of(self._folder))
        return None

    def soon(self) -> None:
        """Something was deleted there: look at the next step."""
        self._next = 0.0

    def next_at(self) -> float:
        """When to look again, monotonic seconds."""
        return self._next

    def step(self, now: float) -> None:
        """Look, and cancel the jobs whose files have been missing for `quiet` seconds: editors and sync programs
        replace a file by taking it away for a moment. `now` monotonic seconds.
        """
        if now < self._next:
            return
        self._next = now + self._every
        mark = self.mark()
        gone = self._gone(mark) if mark else []
        self._missing = {job: self._missing.get(job, now) for job in gone}
        if mark != self.mark():  # it went away while we looked
            self._missing.clear()
        self._withdraw([job for job, since in self._missing.items() if now - since >= self._quiet])
        if self._missing:
            self._next = min(self._next, min(self._missing.values()) + self._quiet)

    def _gone(self, mark: str) -> list[str]:
        """Jobs whose files lie there neither under their name nor, renamed or copied, under another one."""
        there = self._app.ledger.jobs.resting(mark)
        asked = {job: self._app.ledger.retries.asked(job) if kind == "rest" else job for job, kind, _ in there}
        gone = [job for job, _, name in there if not os.path.lexists(self._folder / accepted_name(asked[job], name))]
        if not gone:
            return []
        with os.scandir(self._folder) as entries:
            lying = {one.name.partition("_")[0] for one in entries
                     if not one.name.endswith(NOTE) and not is_picture(one.name)}  # fmt: skip
        return [job for job in gone if lying.isdisjoint((job, asked[job]))]

    def _withdraw(self, jobs: Sequence[str]) -> None:
        if not jobs:
            return
        with self._app.ledger.atomic():
            for job in jobs:
                self._app.engine.cancel(job)
            asked = [self._app.ledger.retries.asked(job) for job in jobs]
            for job in dict.fromkeys([*jobs, *asked]):
                self._app.ledger.jobs.tell(job, Remark("door.deleted"))
        for job in jobs:
            del self._missing[job]
            self._app.log.info("file.deleted", job=job, file=self._app.ledger.jobs.get(job)["source_name"])
        self.withdrawn += jobs
