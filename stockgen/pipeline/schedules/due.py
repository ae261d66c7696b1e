"""When a schedule is due, on a wall clock that jumps twice a year; the only file that knows APScheduler's triggers.

APScheduler counts in plain local time, without a zone; the moments are made here. So each local time comes once: one
that a clock set forward leaves out comes when that clock goes on (02:30 → 03:00), of an hour that comes twice the first
one counts. With a zone, its CronTrigger (3.11.3, measured) comes twice at 02:30 in the night that has that hour twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from stockgen.domain.cron import WEEKDAYS, Cron
from stockgen.domain.times import iso

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]

_MINUTE = timedelta(minutes=1)


class DueTimes:
    """Due times of one schedule. `timezone`: an IANA name or `local`; `jitter`: seconds by which each comes later at
    most. Times in and out are wall seconds.
    """

    def __init__(self, name: str, cron: Cron, timezone: str, jitter: float = 0.0) -> None:
        self._name, self._jitter = name, jitter
        self._zone: tzinfo | None = None if timezone == "local" else ZoneInfo(timezone)
        self._triggers = _triggers(cron)

    def after(self, moment: float) -> Iterator[float]:
        """Due times later than `moment`, rising, for ever."""
        last, local = moment, self._local(moment)
        while True:
            local = min(_next(trigger, local) for trigger in self._triggers)
            due = self._moment(local)
            if due > last:
                last = due
                yield due

    def comes(self, due: float) -> float:
        """When the due time really comes: a little later, and always by the same, so that no restart rolls anew."""
        return due + Random(f"{self._name} {iso(due)}").uniform(0.0, self._jitter) if self._jitter else due

    def next(self, moment: float) -> float:
        """When it comes next after `moment`, jitter included."""
        coming = (self.comes(due) for due in self.after(moment - self._jitter))
        return next(one for one in coming if one > moment)

    def _local(self, moment: float) -> datetime:
        """What the clock on the wall shows, as if its zone were UTC."""
        return datetime.fromtimestamp(moment, UTC).astimezone(self._zone).replace(tzinfo=UTC)

    def _moment(self, local: datetime) -> float:
        """The first moment at which the clock on the wall shows `local`, or what comes next where it never does."""
        while True:
            moment = local.replace(tzinfo=self._zone, fold=0).timestamp()
            if self._local(moment) == local:
                return moment
            local += _MINUTE


def _next(trigger: CronTrigger, local: datetime) -> datetime:
    found: datetime | None = trigger.get_next_fire_time(local, local)
    if found is None:  # cron.py lets no text through that never comes
        raise AssertionError(f"{trigger} never comes after {local}")
    return found


def _triggers(cron: Cron) -> list[CronTrigger]:
    """One, or two where a day fits by its number or by its name: APScheduler would want both."""
    from apscheduler.triggers.cron import CronTrigger

    days = {"day": _listed(cron.days, 31)}
    names = [WEEKDAYS[day] for day in cron.weekdays]  # by name: its 0 is Monday
    weekdays = {"day_of_week": _listed(names, len(WEEKDAYS))}
    time = {"minute": _listed(cron.minutes, 60), "hour": _listed(cron.hours, 24), "month": _listed(cron.months, 12)}
    which = (days, weekdays) if cron.either else (days | weekdays,)
    return [CronTrigger(timezone=UTC, second=0, **time, **one) for one in which]


def _listed(fit: Sequence[object], many: int) -> str:
    """What fits of `many`, as APScheduler writes it; it takes its time over lists."""
    return "*" if len(fit) == many else ",".join(map(str, fit))
