"""Moments in the ledger sort as text and come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stockgen.domain.times import SystemClock, iso, local, wall

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
