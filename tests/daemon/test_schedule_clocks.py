"""Clocks that are wrong, late, or asked too much of; and the alarm clock that wakes the loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from daemon.schedule_clock import BEAT, ScheduleClock
from daemon.schedules import GRACE, LOOK_BACK, SLICE
from tests.daemon.nights import JOB, Nights
from tests.house import SOON


def test_a_clock_that_starts_nine_hours_ahead_costs_no_night(nights: Callable[..., Nights]) -> None:
    """Two systems on one computer, of which the other one keeps local time in its clock."""
    one = nights()
    one.set("2026-11-27 05:00")
    assert one.turn() == [("11-26 23:30", "missed")]
    one.set("2026-11-26 20:00")
    one.again()
    assert one.runs == []
    assert one.until("2026-11-26 23:30") == [("11-26 23:30", "fired")]


def test_a_clock_that_was_a_year_ahead_costs_no_year(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.set("2027-11-26 20:00")
    one.turn()
    one.again()
    one.set("2026-11-26 20:05")
    one.turn()
    assert one.until("2026-11-26 23:30") == [("11-26 23:30", "fired")]


def test_a_restart_in_the_middle_is_not_a_night_lost(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.until("2026-11-26 23:29")
    one.clock.now += 60 + GRACE
    one.again()
    assert one.runs == [("11-26 23:30", "fired")]


def test_later_than_the_grace_it_was_missed(nights: Callable[..., Nights]) -> None:
    one = nights()
    one.until("2026-11-26 23:29")
    one.clock.now += 60 + GRACE + 1
    one.again()
    one.again()  # what was told is not told again
    assert one.runs == [("11-26 23:30", "missed")]
    assert [(line["times"], line["schedule"]) for line in one.house.events("schedule.missed")] == [(1, "nightly")]


def test_all_makes_up_for_the_last_ten_only(nights: Callable[..., Nights]) -> None:
    one = nights(catch_up="all")
    assert [result for _, result in one.until("2026-12-08 12:00")] == ["missed"] * 2 + ["fired"] * 10


def test_what_was_due_before_a_long_time_is_not_written_down_one_by_one(nights: Callable[..., Nights]) -> None:
    one = nights(catch_up="last")
    one.clock.now += LOOK_BACK + 200 * 86400
    assert len(one.turn()) == LOOK_BACK / 86400
    assert one.jobs == 1
    assert "since" in one.house.events("schedule.missed")[0]


def test_a_rare_time_that_lies_too_far_back_is_let_go(nights: Callable[..., Nights]) -> None:
    one = nights(cron="0 0 1 1 *", catch_up="last")
    assert one.until("2027-10-01 12:00") == []
    assert one.until("2028-01-01 00:00") == [("01-01 00:00", "fired")]


def test_very_many_are_accounted_for_in_slices_so_that_nothing_else_waits(nights: Callable[..., Nights]) -> None:
    one = nights(cron="0 * * * *", catch_up="last")
    one.clock.now += 20 * 86400
    assert one.schedules.step()
    assert len(one.runs) == SLICE
    runs = one.turn()
    assert [len(runs), [result for _, result in runs].count("fired"), runs[-1][1]] == [480, 1, "fired"]


def test_it_comes_later_by_a_chance_that_no_restart_rolls_anew(nights: Callable[..., Nights]) -> None:
    one = nights(jitter="30m")
    came = []
    for night in ("26", "27", "28"):
        due = one.moment(f"2026-11-{night} 23:30")
        one.until(f"2026-11-{night} 23:30")
        rings = one.schedules._followed[0].rings
        one.again()
        assert one.schedules._followed[0].rings == rings
        while len(one.runs) == len(came):
            one.clock.now += 30
            one.turn()
        came.append(one.clock.wall() - due)
    assert all(0 < late <= 1830 for late in came)
    assert len({late // 60 for late in came}) > 1


def test_two_schedules_of_one_time_come_at_their_own_chance(nights: Callable[..., Nights]) -> None:
    one = nights(jitter="30m")
    one.reload(**{name: {"cron": "30 23 * * *", "jitter": "30m", "job": dict(JOB)} for name in ("aa", "bb")})
    one.until("2026-11-26 23:30")
    assert len({followed.rings for followed in one.schedules._followed}) == 2


def test_no_schedule_costs_no_thread_and_no_library(nights: Callable[..., Nights]) -> None:
    one = nights(enabled=False)
    before = {thread.name for thread in threading.enumerate()}
    one.turn()
    assert "APScheduler" not in before
    assert one.schedules._clock._scheduler is None
    one.reload(nightly={"cron": "30 23 * * *", "job": JOB})
    assert "APScheduler" in {thread.name for thread in threading.enumerate()}
    one.reload()
    assert "APScheduler" not in {thread.name for thread in threading.enumerate()}


def test_the_clock_wakes_at_the_moment_and_not_before() -> None:
    woken = threading.Event()
    clock = ScheduleClock(woken.set)
    try:
        clock.ring_at({"nightly": time.time() + 3600})
        assert not woken.wait(0.1)
        clock.ring_at({"nightly": time.time() + 0.2})
        assert woken.wait(SOON)
        clock.ring_at({"nightly": time.time() + 3600})  # what has rung is replaced
        clock.ring_at({})
    finally:
        clock.close()


def test_it_beats_so_that_a_jump_of_the_clock_costs_half_a_minute_at_most() -> None:
    clock = ScheduleClock(lambda: None)
    try:
        clock.ring_at({"nightly": time.time() + 3600})
        beat = clock._scheduler.get_job("beat")
        assert BEAT <= 30
        assert beat.trigger.interval.total_seconds() == BEAT
        before = beat.next_run_time
        clock.ring_at({"nightly": time.time() + 3600}, anew=True)
        assert clock._scheduler.get_job("beat").next_run_time > before
    finally:
        clock.close()
