"""What comes by itself: every due time is accounted for once, whatever restarts and reloads do; F1 to F6."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from daemon.progress import Progress
from daemon.service import Queue, Service
from daemon.signals import Signals
from tests.daemon.nights import JOB, Nights
from tests.house import write_config


def test_a_job_is_made_when_it_is_due_and_once(nights: Callable[..., Nights]) -> None:
    one = nights()
    assert one.until("2026-11-26 23:29") == []
    assert one.until("2026-11-26 23:30") == one.until("2026-11-26 23:31") == [("11-26 23:30", "fired")]
    assert one.until("2026-11-27 23:30")[1:] == [("11-27 23:30", "fired")]
    assert one.jobs == 2


@pytest.mark.parametrize(("catch_up", "came"), [
    ("none", ["missed", "missed", "missed", "missed"]),
    ("last", ["missed", "missed", "missed", "fired"]),
    ("all", ["fired", "fired", "fired", "fired"]),
])  # fmt: skip
def test_f1_four_nights_off(nights: Callable[..., Nights], catch_up: str, came: list[str]) -> None:
    one = nights(catch_up=catch_up)
    one.clock.now += one.moment("2026-11-30 10:00") - one.clock.wall()
    one.again()
    days = ["11-26 23:30", "11-27 23:30", "11-28 23:30", "11-29 23:30"]
    assert one.runs == list(zip(days, came, strict=True))
    one.again()
    assert one.jobs == came.count("fired")
    assert one.until("2026-11-30 23:30")[-1] == ("11-30 23:30", "fired")  # and it goes on as ever


@pytest.mark.parametrize(("catch_up", "came"), [("none", "missed"), ("last", "fired")])
def test_f2_asleep_for_eight_hours(nights: Callable[..., Nights], catch_up: str, came: str) -> None:
    one = nights(catch_up=catch_up)
    one.until("2026-11-26 23:00")
    one.set("2026-11-27 07:00")  # the monotonic clock stands still meanwhile
    assert one.turn() == one.turn() == [("11-26 23:30", came)]


def test_f3_set_forward_by_an_hour_it_comes_late_by_no_more_than_a_turn(nights: Callable[..., Nights]) -> None:
    one = nights(catch_up="last")
    one.until("2026-11-26 22:50")
    one.set("2026-11-26 23:50")
    assert one.turn() == [("11-26 23:30", "fired")]


def test_f3_set_back_by_an_hour_it_does_not_come_twice(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.until("2026-11-26 23:40")
    one.set("2026-11-26 22:40")
    one.turn()
    one.again()
    assert one.until("2026-11-26 23:30") == one.until("2026-11-27 10:00") == [("11-26 23:30", "fired")]
    assert one.jobs == 1


def test_f4_a_time_that_the_clock_leaves_out_comes_when_it_goes_on(nights: Callable[..., Nights]) -> None:
    one = nights({"timezone": "Europe/Berlin"}, "2026-03-28 12:00", cron="15,30 2 * * *")
    one.until("2026-03-29 01:59")
    assert one.runs == []
    assert one.until("2026-03-29 03:00") == one.until("2026-03-29 12:00") == [("03-29 03:00", "fired")]
    assert one.until("2026-03-30 02:15")[1:] == [("03-30 02:15", "fired")]


def test_f4_in_the_hour_that_comes_twice_it_comes_once(nights: Callable[..., Nights]) -> None:
    one = nights({"timezone": "Europe/Berlin"}, "2026-10-24 12:00", cron="30 2 * * *")
    first = one.until("2026-10-25 02:30")
    assert first == [("10-25 02:30", "fired")]
    one.clock.now += 3600  # the same time once more
    assert one.turn() == one.until("2026-10-25 12:00") == first


def test_f4_in_another_time_zone_it_is_due_anew_and_nothing_is_made_up_for(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.until("2026-11-26 23:30")
    write_config(one.house.root, one.over | {"timezone": "Europe/Berlin", "schedules": one.plan})
    one.again()
    one.until("2026-11-27 07:29")  # 23:29 in Berlin
    assert one.jobs == 1
    one.until("2026-11-27 07:30")
    assert one.jobs == 2


def test_f4_a_reload_goes_on_in_the_old_time_zone_and_names_the_new_one(
    nights: Callable[..., Nights], capsys: pytest.CaptureFixture[str]
) -> None:
    one = nights({"inbox": {"watch": "polling"}})
    app, signals = one.house.app, Signals()
    turning = Service(app, one.house.config_path, Queue(), signals, Progress(app.catalogue.say, wanted=False))
    try:
        turning.step(one.clock.monotonic())
        later = {"nightly": one.plan["nightly"] | {"cron": "0 23 * * *"}}
        over = {"providers": {"scripted": {"place": "net"}, "second": {"place": "net"}}, "timezone": "Europe/Berlin"}
        write_config(one.house.root, one.over | over | {"schedules": later})
        signals.reload = True
        turning.step(one.clock.monotonic())
        assert '"keys": ["timezone"], "event": "config.restart_needed"' in capsys.readouterr().out
        one.clock.now += one.moment("2026-11-26 23:00") - one.clock.wall()
        turning.step(one.clock.monotonic())
        assert one.runs == [("11-26 23:00", "fired")]
    finally:
        turning._schedules.close()


def test_f5_edited_while_it_is_due_only_the_new_time_counts(nights: Callable[..., Nights]) -> None:
    one = nights(jitter="6h")  # so that it is due, and has not come yet
    one.until("2026-11-26 23:30")
    one.reload(nightly={"cron": "0 22 * * *", "job": JOB})
    assert one.until("2026-11-27 21:59") == []
    assert one.until("2026-11-27 22:00") == [("11-27 22:00", "fired")]


def test_f5_removed_while_it_is_due_nothing_comes_and_back_again_nothing_is_made_up_for(
    nights: Callable[..., Nights],
) -> None:
    one = nights(catch_up="all")
    one.until("2026-11-26 23:00")
    one.reload()
    assert one.until("2026-11-28 12:00") == []
    one.reload(nightly={"cron": "30 23 * * *", "catch_up": "all", "job": JOB})
    assert one.until("2026-11-28 23:30") == [("11-28 23:30", "fired")]


def test_f5_turned_off_while_nobody_runs_nothing_is_made_up_for(nights: Callable[..., Nights]) -> None:
    one = nights(catch_up="all")
    off = one.plan["nightly"] | {"enabled": False}
    write_config(one.house.root, one.over | {"schedules": {"nightly": off}})
    one.again()
    one.until("2026-11-28 12:00")
    write_config(one.house.root, one.over | {"schedules": one.plan})
    one.again()
    assert one.until("2026-11-28 23:30") == [("11-28 23:30", "fired")]


def test_f5_another_job_for_the_same_times_loses_none_of_them(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.reload(nightly={"cron": "30 23 * * *", "job": JOB | {"prompt": "a forest"}})
    one.until("2026-11-26 23:30")
    assert b"a forest" in one.house.app.ledger.query("SELECT source FROM jobs")[0]["source"]


def test_f6_a_computer_without_a_battery_starts_in_1970(nights: Callable[..., Nights]) -> None:
    one = nights(catch_up="all")
    one.until("2026-11-26 23:30")
    now = one.clock.wall()
    one.clock.jump -= now  # 1970
    one.again()
    for _ in range(5):
        one.clock.now += 30
        one.turn()
    assert one.jobs == 1
    one.clock.jump += now  # the network has told the time
    assert one.turn() == [("11-26 23:30", "fired")]
    assert one.until("2026-11-27 23:30")[1:] == [("11-27 23:30", "fired")]


def test_f6_a_first_start_in_1970_makes_up_for_no_half_century(nights: Callable[..., Nights]) -> None:
    one = nights(begin="1970-01-02 00:00", catch_up="all")
    one.set("2026-11-27 08:00")
    assert one.turn() == []
    assert one.until("2026-11-27 23:30") == [("11-27 23:30", "fired")]
