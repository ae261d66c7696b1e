"""A house with schedules, and a clock on the wall that a test moves and sets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from daemon.schedule_clock import ScheduleClock
from daemon.schedules import Schedules
from stockgen.config import load
from stockgen.domain.times import local, wall
from tests.daemon.door import HandClock
from tests.house import House, write_config

Build = Callable[..., House]
JOB = {"prompt": "a calm sea", "size": "64x64", "count": "2"}


class Nights:
    """A house with one schedule, `nightly`, and a clock on the wall of its own zone."""

    def __init__(self, build: Build, over: dict[str, Any] | None, begin: str, **schedule: Any) -> None:
        self.over = {"timezone": "Asia/Seoul"} | (over or {})
        self.zone = ZoneInfo(self.over["timezone"])
        self.clock = HandClock()
        self.set(begin)
        self.plan: dict[str, Any] = {"nightly": {"cron": "30 23 * * *", "job": JOB} | schedule}
        self.house = build(self.over | {"schedules": self.plan}, thread=True, clock=self.clock)
        self.start()
        self.turn()

    def start(self) -> None:
        """What a start of the daemon does."""
        self.schedules = Schedules(self.house.app, ScheduleClock(lambda: None))

    def again(self) -> None:
        """The program ends and starts."""
        self.schedules.close()
        self.house.again()
        self.start()
        self.turn()

    def reload(self, **schedules: Any) -> None:
        """Another config, as after SIGHUP."""
        write_config(self.house.root, self.over | {"providers": {"scripted": {"place": "net"}}, "schedules": schedules})
        app = self.house.app
        app.reload(app.catalogue.config.model_copy(update={"schedules": load(self.house.config_path).schedules}))
        self.turn()

    def moment(self, text: str) -> float:
        return datetime.fromisoformat(text).replace(tzinfo=self.zone).timestamp()

    def set(self, text: str) -> None:
        """Somebody sets the clock on the wall."""
        self.clock.jump += self.moment(text) - self.clock.wall()

    def until(self, text: str) -> list[tuple[str, str]]:
        """Time passes, and the daemon turns then; return what became of all due times."""
        self.clock.now += self.moment(text) - self.clock.wall()
        return self.turn()

    def turn(self) -> list[tuple[str, str]]:
        while self.schedules.step():
            pass
        return self.runs

    @property
    def runs(self) -> list[tuple[str, str]]:
        """(local due time, result), oldest first."""
        rows = self.house.app.ledger.query("SELECT due_at, result FROM schedule_runs ORDER BY due_at")
        zone = self.over["timezone"]
        return [(f"{local(wall(row['due_at']), zone):%m-%d %H:%M}", row["result"]) for row in rows]

    @property
    def jobs(self) -> int:
        return int(self.house.app.ledger.query("SELECT count(*) AS n FROM jobs")[0]["n"])
