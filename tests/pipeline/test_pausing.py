"""A pause with an end goes by itself, survives a restart, and never comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stockgen.domain.times import duration, iso
from tests.house import House
from tests.lanes.harness import HandClock
from tests.pipeline.stage import command

Build = Callable[..., House]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def on(one: House) -> list[float | None]:
    return [held.until for held in one.app.engine.holds("net") if held.hold == "pause"]


def test_a_pause_for_a_while_ends_by_itself_also_over_a_restart(house: Build, clock: HandClock) -> None:
    one = house(thread=True, clock=clock)
    (told,) = command(one, "pause", until=iso(clock.now + 3600))
    assert told.code == "command.paused_until"
    assert on(one) == [clock.now + 3600]
    clock.now += 3599
    one.again()
    assert on(one) == [clock.now + 1]
    assert one.app.engine.paused
    clock.now += 1
    assert on(one) == []
    assert not one.app.engine.paused


def test_a_pause_that_has_ended_does_not_come_back_when_the_clock_is_set_back(house: Build, clock: HandClock) -> None:
    one = house(thread=True, clock=clock)
    command(one, "pause", until=iso(clock.now + 60))
    clock.now += 61
    one.turn()
    clock.now -= 7200
    assert on(one) == []


def test_pausing_again_without_an_end_has_none(house: Build, clock: HandClock) -> None:
    one = house(thread=True, clock=clock)
    command(one, "pause", until=iso(clock.now + 60))
    command(one, "pause")
    clock.now += 61
    one.turn()
    assert on(one) == [None]


def test_resume_ends_a_pause_before_its_time(house: Build, clock: HandClock) -> None:
    one = house(thread=True, clock=clock)
    command(one, "pause", until=iso(clock.now + 60))
    command(one, "resume")
    assert on(one) == []


@pytest.mark.parametrize(
    ("text", "seconds"), [("90m", 5400), ("3h", 10800), ("3시간", 10800), ("30 분", 1800), ("2d", 172800)]
)
def test_lengths_of_time_are_read_in_both_languages(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "3", "h", "-3h", "9999d", "3 hours and more", "1e9h"])
def test_what_is_no_length_of_time_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        duration(text)
