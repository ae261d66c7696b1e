"""Ten thousand days of restarts, suspends, nights off and clocks that are set: every due time is accounted for once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from daemon.schedule_clock import ScheduleClock
from daemon.schedules import FLOOR, Schedules
from stockgen.app.build import App
from stockgen.domain.times import wall
from stockgen.domain.words import JobRequest, Order
from stockgen.pipeline.schedules.firing import Firing
from tests.daemon.door import HandClock
from tests.house import House

DAYS = 2500  # in each of four zones
HOUR, DAY = 3600.0, 86400.0
TOGETHER = 200  # turns in one transaction: only the test is in a hurry


class Quick(App):
    """Reads no job file: that is not what is asked here."""

    @property
    def firing(self) -> Firing:
        order = Order(mode="exact", count=1, prompt="a calm sea")
        return replace(super().firing, read=lambda data, name: JobRequest(orders=(order,)))


class Deaf(ScheduleClock):
    """Never wakes anybody: turns come when they come."""

    def ring_at(self, moments: object, anew: bool = False) -> None:
        """Nothing."""


def due(zone: ZoneInfo, at: time, begin: float, end: float) -> Iterator[float]:
    """The moment of each local day at which its clock first shows `at`, or something later where it leaves that out."""
    day = datetime.fromtimestamp(begin, UTC).date() - timedelta(days=2)
    while True:
        moment = datetime.combine(day, at, zone).timestamp()
        while shown(moment - 60, zone) > (day, at):
            moment -= 60
        if moment > end:
            return
        if moment > begin:
            yield moment
        day += timedelta(days=1)


def shown(moment: float, zone: ZoneInfo) -> tuple[date, time]:
    local = datetime.fromtimestamp(moment, UTC).astimezone(zone)
    return local.date(), local.time()


class Life:
    """What happens to a computer: each turn moves its clocks and asks the daemon."""

    def __init__(self, app: App, clock: HandClock, rng: Random) -> None:
        self.app, self.clock, self.rng = app, clock, rng
        self.start()

    def start(self) -> None:
        self.schedules = Schedules(self.app, Deaf(lambda: None))

    def turn(self) -> None:
        while self.schedules.step():
            pass

    def one(self) -> None:
        """Some hours pass, or a night; now and then more than that happens."""
        rng, clock = self.rng, self.clock
        clock.now += rng.choice((HOUR, 20 * HOUR, 36 * HOUR)) * rng.random()
        chance = rng.random()
        if chance < 0.15:
            self.start()  # a restart
        elif chance < 0.20:
            clock.jump += 8 * HOUR  # asleep
        elif chance < 0.22:
            clock.now += rng.randrange(30) * DAY  # off
            self.start()
        elif chance < 0.30:
            self.wrong(rng.choice((-HOUR, HOUR, 9 * HOUR, -3 * DAY, 2 * DAY, 40 * DAY)))
        elif chance < 0.32:
            self.wrong(-clock.wall())  # 1970
        self.turn()

    def wrong(self, seconds: float) -> None:
        """The clock is wrong for some turns, perhaps across a restart."""
        self.clock.jump += seconds
        for _ in range(self.rng.randrange(1, 4)):
            self.turn()
            if self.rng.random() < 0.3:
                self.start()
        self.clock.jump -= seconds


@pytest.mark.parametrize(("zone", "at", "catch_up", "jitter"), [
    ("Europe/Berlin", "02:30", "last", "0s"),
    ("Australia/Lord_Howe", "02:00", "all", "5m"),  # half an hour of daylight saving
    ("Asia/Seoul", "23:30", "none", "2h"),
    ("America/Santiago", "00:00", "last", "5m"),  # midnight is left out
])  # fmt: skip
def test_every_due_time_of_many_years_is_accounted_for_once(
    house: Callable[..., House], tmp_path: Path, zone: str, at: str, catch_up: str, jitter: str
) -> None:
    hour, _, minute = at.partition(":")
    schedule = {"cron": f"{int(minute)} {int(hour)} * * *", "jitter": jitter, "catch_up": catch_up,
                "job": {"prompt": "a calm sea", "size": "64x64"}}  # fmt: skip
    clock = HandClock()
    clock.jump += wall("2026-02-01T00:00:00.000Z") - clock.wall()
    one = house({"timezone": zone, "schedules": {"nightly": schedule}}, thread=True, clock=clock)
    app = Quick(**{field.name: getattr(one.app, field.name) for field in fields(one.app)})
    life, begin = Life(app, clock, Random(f"{zone} 1")), clock.wall()
    assert begin > FLOOR
    life.turn()
    while clock.wall() < begin + DAYS * DAY:
        with one.app.ledger.atomic():
            for _ in range(TOGETHER):
                life.one()
    clock.now += HOUR * 3  # the jitter of the last one
    life.turn()
    end = clock.wall() - 3 * HOUR
    rows = one.app.ledger.query("SELECT due_at, job_id, result FROM schedule_runs ORDER BY due_at")
    # A clock that is wrong may account for times before the beginning, or make a job of one that has not come yet.
    moments = [moment for row in rows if begin < (moment := wall(row["due_at"])) <= end]
    assert moments == list(due(ZoneInfo(zone), time.fromisoformat(at), begin, end))
    (jobs,) = one.app.ledger.query("SELECT count(*) AS n, count(DISTINCT folder) AS folders FROM jobs")
    assert jobs["n"] == sum(row["job_id"] is not None for row in rows)
    assert {row["result"] for row in rows} == {"fired", "missed"}
