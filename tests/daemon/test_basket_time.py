"""Baskets that are made by themselves: once each week, of pictures that somebody could look at, and never twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.basket_time import AGAIN, BasketTime
from daemon.progress import Progress
from daemon.service import Queue, Service
from daemon.signals import Signals
from tests.daemon.door import HandClock
from tests.house import House
from tests.pipeline.stage import command, open_shop

Build = Callable[..., House]
DAY = 86400.0
SEOUL = {"timezone": "Asia/Seoul", "baskets": {"at": "토 09:00"}}


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Seoul")).timestamp()


class Week:
    """A shop with a calendar, and its daemon's sense of time."""

    def __init__(self, build: Build, root: Any, over: dict[str, Any] | None = None) -> None:
        self.clock = HandClock()
        self.go("2026-11-25 12:00")  # a Wednesday
        open_shop(root / "house0")
        self.house = build(SEOUL | (over or {}), thread=True, clock=self.clock)
        self.start()

    def start(self) -> None:
        self.time = BasketTime(self.house.app)

    def go(self, text: str) -> None:
        """The clock on the wall shows another time."""
        self.clock.jump += at(text) - self.clock.wall()

    def make(self, title: str) -> None:
        self.house.make(f"- {{prompt: '{title} things', title: {title}, tags: '{title}, wave', size: 64x64, "
                        "markets: [adobe_stock]}\n")  # fmt: skip

    def turn(self, text: str) -> int:
        """One turn at a time; return how many baskets there are then."""
        self.go(text)
        self.time.step(self.clock.monotonic())
        return len(list(self.house.outbox.glob("upload/*/*")))


@pytest.fixture
def week(house: Build, tmp_path: Any) -> Callable[..., Week]:
    return lambda over=None: Week(house, tmp_path, over)


def test_baskets_are_made_at_their_time_and_once(week: Callable[..., Week]) -> None:
    one = week()
    one.make("Sea")
    assert [one.turn(f"2026-11-{moment}") for moment in ("25 12:00", "28 08:59", "28 09:00", "28 09:01")] == [
        0,
        0,
        1,
        1,
    ]
    one.make("Tree")
    assert one.turn("2026-11-30 09:00") == 1
    assert one.turn("2026-12-05 09:00") == 2


def test_a_restart_makes_no_second_one(week: Callable[..., Week]) -> None:
    one = week()
    one.make("Sea")
    one.turn("2026-11-25 12:00")
    assert one.turn("2026-11-28 09:00") == 1
    one.make("Tree")
    one.house.again()
    one.start()
    assert one.turn("2026-11-30 09:00") == 1


def test_a_moment_that_was_missed_is_made_up_for_once_at_the_next_start(week: Callable[..., Week]) -> None:
    one = week()
    one.turn("2026-11-25 12:00")
    one.make("Sea")
    one.house.again()
    one.start()
    assert one.turn("2026-12-20 15:00") == 1  # three Saturdays later
    assert one.house.app.ledger.query("SELECT count(*) AS n FROM commands") == [{"n": 1}]


def test_who_has_just_written_it_waits_for_the_next_time(week: Callable[..., Week]) -> None:
    one = week()
    one.make("Sea")
    one.go("2026-11-29 12:00")
    assert one.turn("2026-11-29 12:00") == 0  # yesterday's Saturday was not asked for
    assert one.turn("2026-12-05 09:00") == 1


def test_only_pictures_whose_sheet_has_lain_there_for_a_day(week: Callable[..., Week]) -> None:
    one = week()
    one.turn("2026-11-25 12:00")
    one.make("Sea")
    one.go("2026-11-27 21:00")
    one.make("Tree")
    one.turn("2026-11-28 09:00")
    pictures = [path.name[:4] for path in one.house.outbox.glob("upload/*/*/1_pictures/*")]
    assert pictures == ["sea-"]
    (told,) = one.house.app.ledger.query("SELECT told FROM commands")
    assert "basket.too_new" in told["told"]
    command(one.house, "basket")  # whoever says it now means now
    assert len(list(one.house.outbox.glob("upload/*/*"))) == 2


def test_how_long_they_must_have_lain_there_is_the_configs(week: Callable[..., Week]) -> None:
    one = week({"baskets": {"at": "sat 09:00", "look": "10m"}})
    one.turn("2026-11-25 12:00")
    one.go("2026-11-28 08:45")
    one.make("Sea")
    assert one.turn("2026-11-28 09:00") == 1


@pytest.mark.parametrize("off", ["off", False, None])
def test_off_is_off_also_as_yaml_reads_it(week: Callable[..., Week], off: object) -> None:
    one = week({"baskets": {"at": off}})
    one.make("Sea")
    assert [one.turn("2026-11-25 12:00"), one.turn("2026-12-25 12:00")] == [0, 0]


def test_a_reload_changes_the_day_and_does_not_make_up_for_what_was_never_asked(week: Callable[..., Week]) -> None:
    one = week()
    one.turn("2026-11-25 12:00")
    one.make("Sea")
    config = one.house.app.catalogue.config
    one.house.app.reload(config.model_copy(update={"baskets": config.baskets.model_copy(update={"at": "tue 10:00"})}))
    assert [one.turn(f"2026-{moment}") for moment in ("11-25 12:01", "11-28 09:00", "12-01 10:00")] == [0, 0, 1]


def test_a_clock_that_was_a_year_ahead_costs_no_year_of_baskets(week: Callable[..., Week]) -> None:
    one = week()
    one.turn("2027-11-25 12:00")
    one.go("2026-11-25 12:00")
    one.make("Sea")
    assert one.turn("2026-11-25 12:01") == 0
    assert one.turn("2026-11-28 09:00") == 1
    assert one.turn("2026-11-27 09:00") == 1  # back and forth over the moment
    assert one.turn("2026-11-28 09:30") == 1


def test_an_outbox_that_takes_no_basket_is_tried_again_and_the_week_is_not_lost(week: Callable[..., Week]) -> None:
    one = week()
    one.turn("2026-11-25 12:00")
    one.make("Sea")
    in_the_way = one.house.outbox / "upload"
    in_the_way.write_bytes(b"no folder")
    assert one.turn("2026-11-28 09:00") == 0
    in_the_way.unlink()
    assert one.turn("2026-11-28 09:00") == 0
    one.clock.now += AGAIN
    assert one.turn("2026-11-28 09:01") == 1


def test_the_daemon_asks_at_every_turn(week: Callable[..., Week]) -> None:
    one = week({"inbox": {"watch": "polling"}})
    app = one.house.app
    turning = Service(app, one.house.config_path, Queue(), Signals(), Progress(app.catalogue.say, wanted=False))
    turning.step(one.clock.monotonic())
    one.make("Sea")
    one.go("2026-11-28 09:00")
    turning.step(one.clock.monotonic())
    assert len(list(one.house.outbox.glob("upload/*/*"))) == 1
