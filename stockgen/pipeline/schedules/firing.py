"""A due time becomes a job, or the reason why not: both stand in the ledger at once, or neither."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from stockgen.config.model import Schedule
from stockgen.domain.errors import JobFileError, UsageError
from stockgen.domain.protocols import Clock
from stockgen.domain.words import JobRequest, Remark
from stockgen.ledger import Ledger
from stockgen.ledger.jobs import Source
from stockgen.ledger.schedules import Run
from stockgen.pipeline.places import job_folder
from stockgen.pipeline.schedules.rules import Rules
from stockgen.pipeline.schedules.source import file_name, source_of

Read = Callable[[bytes, str], JobRequest]  # a job file's bytes and name; raises JobFileError
TICK = 0.001  # seconds; the ledger's times have no finer ones


@dataclass(frozen=True, slots=True)
class Firing:
    """Makes the jobs of schedules."""

    ledger: Ledger
    schedules: Mapping[str, Schedule]
    rules: Rules
    read: Read
    clock: Clock
    rng: Random
    timezone: str

    def at(self, name: str, due: float) -> Run:
        """Account for a due time (wall seconds): a job, or why there is none."""
        return self._fire(name, due, "schedule")

    def now(self, name: str) -> Run:
        """As somebody asks for it now: enough may be waiting, and `gpu.hours` does not hold it. Raises UsageError."""
        if name not in self.schedules:
            known = ", ".join(sorted(self.schedules)) or "–"
            raise UsageError("no_schedule", found=name, known=known)
        due = self.clock.wall()
        while self.ledger.schedules.known(name, due):
            due += TICK
        return self._fire(name, due, "command")

    def _fire(self, name: str, due: float, kind: str) -> Run:
        with self.ledger.atomic():
            run = self._made(name, due, kind)
            self.ledger.schedules.record([run], self.clock.wall())
        return run

    def _made(self, name: str, due: float, kind: str) -> Run:
        ledger, now, schedule = self.ledger, self.clock.wall(), self.schedules[name]
        data = source_of(schedule, ledger.schedules.made(name))
        try:
            request = self.read(data, file_name(name))
        except JobFileError as error:
            refused = Remark("schedule.refused", facts={"why": replace(error.remarks[0], line=None)})
            return Run(schedule=name, due=due, result="failed", reason=refused)
        why = self.rules.against(request, schedule.max_waiting, now) if kind == "schedule" else None
        if why is not None:
            return Run(schedule=name, due=due, result="skipped", reason=why)
        job = ledger.jobs.new_id(self.rng)
        source = Source(kind=kind, name=name, sha256=hashlib.sha256(data).hexdigest(), data=data)
        ledger.jobs.add(job, request, source, job_folder(name, job, now, self.timezone), now)
        return Run(schedule=name, due=due, result="fired", job=job)
