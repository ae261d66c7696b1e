"""A day of the week on a clock that jumps: no week is left out, and none comes twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stockgen.domain.times import local
from stockgen.domain.weekly import Weekly

BERLIN = "Europe/Berlin"  # jumps on Sundays: 29 March at 2:00, 25 October at 3:00, 2026


def moment(text: str, zone: str = "Asia/Seoul") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize("text", ["sat 09:00", "Sat 9:00", " saturday  9:00 ", "토 09:00", "토요일 9:00"])
def test_a_day_of_the_week_as_people_write_it(text: str) -> None:
    assert str(Weekly.parsed(text)) == "sat 09:00"


@pytest.mark.parametrize("text", ["", "sat", "09:00", "sat 9", "sat 25:00", "sat 09:60", "someday 09:00", "토일 09:00"])
def test_what_is_no_day_of_the_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Weekly.parsed(text)


@pytest.mark.parametrize(("now", "last"), [
    ("2026-11-28 09:00", "2026-11-28 09:00"), ("2026-11-28 08:59:59", "2026-11-21 09:00"),
    ("2026-12-05 08:59", "2026-11-28 09:00"), ("2026-11-29 00:00", "2026-11-28 09:00"),
])  # fmt: skip
def test_it_came_last_within_the_week(now: str, last: str) -> None:
    assert Weekly.parsed("sat 09:00").last(moment(now), "Asia/Seoul") == moment(last)


def test_an_hour_that_is_skipped_comes_just_after_the_jump_and_one_that_comes_twice_counts_once() -> None:
    early = Weekly.parsed("sun 02:30")
    spring, autumn = moment("2026-03-29 12:00", BERLIN), moment("2026-10-25 12:00", BERLIN)
    assert early.last(spring, BERLIN) == moment("2026-03-29 03:30", BERLIN)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()
    assert {early.last(first + minutes * 60, BERLIN) for minutes in range(0, 180, 20)} == {first}
    assert early.last(autumn, BERLIN) == first


@given(
    now=some.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001 - hypothesis wants them naive
    day=some.integers(0, 6), minute=some.integers(0, 24 * 60 - 1),
    zone=some.sampled_from([BERLIN, "Asia/Seoul", "America/St_Johns", "Pacific/Apia", "local"]),
)  # fmt: skip
def test_every_moment_has_one_before_it_that_is_less_than_nine_days_old(
    now: datetime, day: int, minute: int, zone: str
) -> None:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    at, wall = Weekly.parsed(f"{names[day]} {minute // 60}:{minute % 60:02}"), now.replace(tzinfo=UTC).timestamp()
    last = at.last(wall, zone)
    assert 0 <= wall - last < timedelta(days=9).total_seconds()
    assert at.last(last, zone) == last
    assert abs(local(last, zone).hour * 60 + local(last, zone).minute - minute) <= 24 * 60
