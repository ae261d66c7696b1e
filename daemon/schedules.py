"""Every due time of every schedule is accounted for once: by a job, or by why there is none.

What is due is computed from the wall clock at each turn, never taken from a timer: whatever restarts, suspends and set
clocks do, the ledger knows up to which moment each schedule was accounted for, and a due time stands in it once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from daemon.schedule_clock import ScheduleClock
from stockgen.app.build import App
from stockgen.config.model import Schedule
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.times import iso, wall
from stockgen.domain.words import Remark
from stockgen.ledger.schedules import Run
from stockgen.pipeline.disk import Trouble
from stockgen.pipeline.schedules.due import DueTimes
from stockgen.pipeline.schedules.facts import due_times

GRACE = 900.0  # seconds by which a due time may be late without having been missed: a restart, an upgrade
KEEP: Mapping[str, int] = MappingProxyType({"none": 1, "last": 1, "all": 10})  # due times that may be made up for
LOOK_BACK = 100 * 86400.0  # seconds; what was due before that is not written down one by one
SLICE = 200  # due times in one turn of the loop
FLOOR = wall("2026-01-01T00:00:00.000Z")  # a clock that shows less was never set: a computer without a battery
AGAIN = 30.0  # seconds until a ledger that could not be written is tried again
SET = 1.0  # seconds by which the wall clock and the monotonic one drift apart where one was set


@dataclass
class _Followed:
    """A schedule that is on. `since`: all that was due up to then is accounted for; `rings`: when the next one comes
    (wall seconds).
    """

    name: str
    schedule: Schedule
    rule: str
    dues: DueTimes
    since: float
    rings: float = field(init=False)

    def __post_init__(self) -> None:
        self.go_on(self.since)

    def go_on(self, since: float) -> None:
        """All up to `since` is accounted for."""
        self.since = since
        self.rings = self.dues.comes(next(self.dues.after(since)))


class Schedules:
    """Asked at every turn; the config may have been reloaded between two of them."""

    def __init__(self, app: App, clock: ScheduleClock) -> None:
        self._app = app
        self._clock = clock
        self._seen: Mapping[str, Schedule] | None = None
        self._followed: list[_Followed] = []
        self._storage = Trouble(app.clock, app.log, AGAIN)
        self._apart = self._drift()

    def step(self) -> bool:
        """Account for what is due; True = there is more to do at once."""
        moment = self._app.clock.wall()
        if moment < FLOOR or not self._storage.due:
            return False
        try:
            more = self._turn(moment)
        except (StorageFull, StorageLost) as error:
            self._storage.failed(error)
            return False
        self._storage.fine()
        apart, self._apart = self._apart, self._drift()
        self._clock.ring_at({one.name: one.rings for one in self._followed}, anew=abs(apart - self._apart) > SET)
        return more

    def coming(self) -> dict[str, str]:
        """When each schedule that is on comes next."""
        return {one.name: iso(one.rings) for one in self._followed}

    def close(self) -> None:
        """The program ends."""
        self._clock.close()

    def _turn(self, moment: float) -> bool:
        schedules = self._app.catalogue.config.schedules
        if schedules is not self._seen:
            self._followed = self._follow(schedules, moment)
            self._seen = schedules
        return any(self._account(one, moment) for one in self._followed)

    def _follow(self, schedules: Mapping[str, Schedule], moment: float) -> list[_Followed]:
        """Go on with each schedule where it had got to; one that is new, or due by another rule, begins now."""
        on = {name: one for name, one in schedules.items() if one.enabled}
        ledger, timezone = self._app.ledger.schedules, self._app.catalogue.config.timezone
        followed = []
        with self._app.ledger.atomic():
            ledger.forget_others(on)
            for name, one in on.items():
                rule, heard = f"{one.cron} {timezone}", ledger.heard(name)
                since = moment if heard is None or heard[0] != rule else heard[1]
                ledger.hear(name, rule, since)
                followed.append(_Followed(name, one, rule, due_times(name, one, timezone), since))
        return followed

    def _account(self, one: _Followed, moment: float) -> bool:
        """Account for what one schedule is due by `moment`; True = that was too much for one turn."""
        if one.since > moment:
            self._take_back(one, moment)
        if moment < one.rings:
            return False
        begin = self._begin(one, moment)
        missed, recent = _due(one, begin, moment)
        more = len(missed) >= SLICE
        settled = [] if more else recent
        ledger = self._app.ledger
        with ledger.atomic():
            runs = [_missed(one, due) for due in missed]
            ledger.schedules.record(runs, moment)
            runs += [run for due in settled for run in self._settled(one, due, moment)]
            since = [begin, *missed, *settled][-1]
            ledger.schedules.hear(one.name, one.rule, since)
        one.go_on(since)
        self._tell(runs)
        return more

    def _begin(self, one: _Followed, moment: float) -> float:
        """After when due times are looked at."""
        oldest = moment - LOOK_BACK
        if one.since >= oldest:
            return one.since
        self._app.log.warning("schedule.missed", schedule=one.name, since=iso(one.since), until=iso(oldest))
        return oldest

    def _settled(self, one: _Followed, due: float, moment: float) -> list[Run]:
        """What becomes of a due time that is not too old; [] = it became so before the clock was set back. Inside
        `atomic`.
        """
        if self._app.ledger.schedules.known(one.name, due):
            return []
        if one.schedule.catch_up == "none" and moment - one.dues.comes(due) > GRACE:
            run = _missed(one, due)
            self._app.ledger.schedules.record([run], moment)
            return [run]
        return [self._app.firing.at(one.name, due)]

    def _take_back(self, one: _Followed, moment: float) -> None:
        """The wall clock was set back: what was noted of times that have not come yet is noted when they come, except
        where a job was made: that is once and for all.
        """
        with self._app.ledger.atomic():
            self._app.ledger.schedules.unsay(one.name, moment)
            self._app.ledger.schedules.hear(one.name, one.rule, moment)
        one.go_on(moment)

    def _tell(self, runs: Sequence[Run]) -> None:
        log = self._app.log
        missed = [run for run in runs if run.result == "missed"]
        if missed:
            first, last = iso(missed[0].due), iso(missed[-1].due)
            log.info("schedule.missed", schedule=missed[0].schedule, times=len(missed), since=first, until=last)
        for run in (run for run in runs if run.result != "missed"):
            if run.job:
                log.info("schedule.fired", schedule=run.schedule, due=iso(run.due), job=run.job)
            else:
                log.info("schedule.skipped", schedule=run.schedule, due=iso(run.due), reason=str(run.reason))

    def _drift(self) -> float:
        return self._app.clock.wall() - self._app.clock.monotonic()


def _due(one: _Followed, begin: float, moment: float) -> tuple[list[float], list[float]]:
    """What is due after `begin` and has come by `moment`: what is too old to be made up for, at most a slice; and the
    rest.
    """
    missed: list[float] = []
    recent = deque[float]()
    for due in one.dues.after(begin):
        if one.dues.comes(due) > moment or len(missed) >= SLICE:
            break
        recent.append(due)
        if len(recent) > KEEP[one.schedule.catch_up]:
            missed.append(recent.popleft())
    return missed, list(recent)


def _missed(one: _Followed, due: float) -> Run:
    return Run(schedule=one.name, due=due, result="missed", reason=Remark("schedule.missed"))
