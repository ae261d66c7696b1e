"""Hours of the day on a clock that jumps: nobody's card is taken an hour early, and no night is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stockgen.domain.hours import Hours

NIGHT = Hours.parsed("23:00-07:00")
BERLIN = "Europe/Berlin"  # jumps on 29 March and 25 October 2026


def moment(text: str, zone: str = "Asia/Seoul") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(("text", "said"), [
    ("23:00-07:00", "23:00-07:00"), (" 8:30 – 9:05 ", "08:30-09:05"), ("18:00~24:00", "18:00-00:00"),
])  # fmt: skip
def test_hours_are_read_as_people_write_them(text: str, said: str) -> None:
    assert str(Hours.parsed(text)) == said


@pytest.mark.parametrize(
    "text", ["", "night", "23-7", "25:00-07:00", "23:60-07:00", "07:00-07:00", "7:00", "23:00:00-1"]
)
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Hours.parsed(text)


@pytest.mark.parametrize(("at", "is_open", "opens"), [
    ("2026-11-23 22:59:59", False, "2026-11-23 23:00"),
    ("2026-11-23 23:00", True, "2026-11-24 23:00"),
    ("2026-11-24 06:59:59", True, "2026-11-24 23:00"),
    ("2026-11-24 07:00", False, "2026-11-24 23:00"),
])  # fmt: skip
def test_a_night_goes_over_midnight(at: str, is_open: bool, opens: str) -> None:
    assert NIGHT.open_at(moment(at), "Asia/Seoul") == is_open
    assert NIGHT.next_opening(moment(at), "Asia/Seoul") == moment(opens)


@pytest.mark.parametrize(("evening", "length"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-01", 8)])
def test_a_night_with_a_jump_of_the_clock_is_as_long_as_it_really_is(evening: str, length: int) -> None:
    start = moment(f"{evening} 23:00", BERLIN)
    assert [NIGHT.open_at(start + seconds, BERLIN) for seconds in (-1, 0, length * 3600 - 1, length * 3600)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_hours_that_the_clock_skips_are_skipped_for_a_day_and_come_back() -> None:
    skipped = Hours.parsed("02:15-02:45")
    day = moment("2026-03-29 00:00", BERLIN)
    assert skipped.next_opening(day, BERLIN) in (moment("2026-03-29 03:15", BERLIN), moment("2026-03-30 02:15", BERLIN))


TIMES = some.times().map(lambda time: f"{time:%H:%M}")
ZONES = some.sampled_from([BERLIN, "Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "UTC", "local"])
MOMENTS = some.integers(0, 366 * 24 * 60).map(
    lambda minutes: (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)).timestamp()
)


@given(TIMES, TIMES, ZONES, MOMENTS)
def test_what_is_called_the_next_opening_is_one(opens: str, closes: str, zone: str, now: float) -> None:
    if opens == closes:
        return
    hours = Hours.parsed(f"{opens}-{closes}")
    then = hours.next_opening(now, zone)
    assert now < then <= now + 3 * 86400
    assert hours.open_at(then, zone)
    if not hours.open_at(now, zone):
        assert not hours.open_at((now + then) / 2, zone)
