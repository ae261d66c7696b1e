"""A wall clock that is wrong, and then set: nobody waits for a year, nothing starts twice, no time left is negative."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from stockgen.pipeline.clocks import JUMP, Clocks
from stockgen.pipeline.eta import seconds_left
from stockgen.pipeline.status import LIVE, facts
from tests.house import House
from tests.pipeline.stage import attempts, states

Build = Callable[..., House]
HOUR, YEAR = 3600.0, 366 * 86400.0
TODAY = 1_790_000_000.0


class TwoClocks:
    """A wall clock that can be set, and one that can't."""

    def __init__(self, wall: float = TODAY) -> None:
        self.apart, self.now = wall - 1000.0, 1000.0

    def wall(self) -> float:
        return self.apart + self.now

    def monotonic(self) -> float:
        return self.now

    def set(self, wall: float) -> None:
        """Somebody sets the wall clock."""
        self.apart = wall - self.now


def closed(one: House, job: str) -> bool:
    return bool(one.app.ledger.jobs.get(job)["state"] == "closed")


@pytest.mark.parametrize("wrong", [TODAY + YEAR, TODAY + HOUR], ids=["a year ahead", "an hour ahead"])
def test_what_is_tried_again_later_does_not_wait_for_the_time_of_a_wrong_clock(house: Build, wrong: float) -> None:
    clock = TwoClocks(wrong)
    one = house(thread=True, clock=clock)
    job = one.order("prompt: a full sea\nsize: 64x64\n")
    one.work(lambda: len(attempts(one, job)) == 1 and not one.app.engine.parts.dispatcher.rendering)
    clock.set(TODAY)
    clock.now += 31.0
    one.work(lambda: len(attempts(one, job)) == 2 and not one.app.engine.parts.dispatcher.rendering)
    one.app.engine.cancel(job)


def test_a_restart_after_the_clock_was_mended_tries_again_too(house: Build) -> None:
    clock = TwoClocks(TODAY + YEAR)
    one = house(thread=True, clock=clock)
    job = one.order("prompt: a full sea\nsize: 64x64\n")
    one.work(lambda: len(attempts(one, job)) == 1 and not one.app.engine.parts.dispatcher.rendering)
    clock.set(TODAY)
    one.again()
    one.work(lambda: len(attempts(one, job)) == 2 and not one.app.engine.parts.dispatcher.rendering)
    one.app.engine.cancel(job)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, YEAR, -YEAR], ids=["+1 h", "-1 h", "+1 y", "-1 y"])
def test_a_jump_in_the_middle_of_a_job_makes_each_picture_once(house: Build, jump: float) -> None:
    clock = TwoClocks()
    one = house(thread=True, clock=clock)
    job = one.order("prompt: a sea\nsize: 64x64\ncount: 4\n")
    one.work(lambda: one.states().get("done", 0) >= 2)
    clock.set(clock.wall() + jump)
    one.work(lambda: closed(one, job))
    assert states(one, job) == [("done", None)] * 4
    assert len(attempts(one, job)) == 4
    assert [
        line["event"] for line in one.events() if line["event"].startswith(("lane.died", "lane.stuck", "hold"))
    ] == []


def test_a_boot_in_1970_and_then_the_right_time_loses_nothing_and_fires_nothing_twice(house: Build) -> None:
    clock = TwoClocks(60.0)
    one = house(thread=True, clock=clock)
    early = one.make("prompt: a sea\nsize: 64x64\n")
    job = one.order("prompt: a lake\nsize: 64x64\ncount: 2\n")
    clock.set(TODAY)
    one.work(lambda: closed(one, job))
    assert len(one.pictures(early)) == 1
    assert len(attempts(one, job)) == 2
    assert one.app.ledger.jobs.latest() == job
    clock.set(90.0)  # another boot
    last = one.make("prompt: a hill\nsize: 64x64\n")
    assert one.app.ledger.jobs.latest() == last  # the newest is the one that came last, whatever the clock said
    assert [row["id"] for row in one.app.ledger.jobs.listed()] == [last, job, early]


def test_no_time_left_is_negative_whatever_the_clock_says(house: Build) -> None:
    clock = TwoClocks()
    one = house(thread=True, clock=clock)
    one.make("prompt: a sea\nsize: 64x64\n")
    one.order("prompt: a lake\nsize: 64x64\n")
    one.turn()
    clock.set(60.0)
    told = facts(one.app.ledger, one.app.places.state, one.outbox, 1, {}, list, clock.wall())
    assert told["done_by"] is None or told["done_by"] >= "1970-01-01T00:01"
    assert seconds_left([], 0, 0.0) is None


def test_nobody_is_told_that_all_is_done_before_what_it_waits_for_is_over(house: Build) -> None:
    clock = TwoClocks()
    one = house(thread=True, clock=clock)
    one.make("prompt: a sea\nsize: 64x64\n")
    one.order("prompt: a lake\nsize: 64x64\n")
    one.turn()
    live, ends = one.app.places.state / LIVE, ("1970-01-02T00:00:00.000Z", None)
    for until in ends:
        held = {"hold": "closed", "place": "net", "reason": "openai", "until": until, "shots": 1}
        live.write_text(json.dumps({"holds": [held]}))
        told = facts(one.app.ledger, one.app.places.state, one.outbox, 1, {}, list, clock.wall())
        assert told["done_by"] is None if until is None else told["done_by"] >= until


def test_only_a_real_jump_back_counts() -> None:
    clock = TwoClocks()
    clocks = Clocks(clock)
    for change, told in ((0.0, False), (HOUR, False), (-JUMP / 2, False), (-2 * JUMP, True), (0.0, False)):
        clock.set(clock.wall() + change)
        clock.now += 5.0
        assert clocks.set_back() is told
