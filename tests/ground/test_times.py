"""Moments in the ledger sort as text and come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stockgen.domain.times import SystemClock, clock_time, iso, local, wall

moments = some.floats(min_value=0, max_value=4e9)


@given(moments, moments)
def test_the_order_of_texts_is_the_order_of_moments(one, other):
    if abs(one - other) >= 0.002:
        assert (iso(one) < iso(other)) == (one < other)


@given(moments)
def test_a_moment_comes_back_to_the_millisecond(moment):
    assert wall(iso(moment)) == pytest.approx(moment, abs=0.0015)
    assert len(iso(moment)) == len("2026-11-23T05:55:00.123Z")


def test_a_night_in_seoul_is_another_day_than_in_greenwich():
    moment = wall("2026-11-23T20:00:00.000Z")
    assert f"{local(moment, 'Asia/Seoul'):%d %H}" == "24 05"
    assert f"{local(moment, 'UTC'):%d %H}" == "23 20"


def test_the_real_clock_goes_forward():
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()
    assert clock.wall() > 1.7e9


@pytest.mark.parametrize(("text", "told"), [("9:00", "09:00"), ("09:05", "09:05"), (" 23:59 ", "23:59")])
def test_a_time_of_the_day_is_read_as_people_write_it(text: str, told: str) -> None:
    assert f"{clock_time(text):%H:%M}" == told


@pytest.mark.parametrize("text", ["24:00", "9", "9:5", "9:60", "9:00:30", "-1:00", ""])
def test_what_is_no_time_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        clock_time(text)
