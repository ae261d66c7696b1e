"""No provider is asked faster than it allows, nor while it wants to be left alone, and nobody waits for longer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockgen.domain.protocols import Terms
from stockgen.pipeline.rates import MOST, UNLIMITED, WINDOW, Rates
from tests.house import House
from tests.lanes.harness import HandClock
from tests.pipeline.stage import attempts, command, crash

Build = Callable[..., House]
TOLD, UNTOLD = 7.0, None  # seconds


def rates(seed: int = 0, **terms: Any) -> Rates:
    return Rates({"shop": Terms(**terms)}, Random(seed))


def test_who_has_no_limits_is_asked_at_once() -> None:
    found = rates()
    assert [found.room(name, 5.0) for name in ("shop", "unknown")] == [UNLIMITED] * 2
    found.begun("shop", 9, 5.0)
    assert found.room("shop", 5.0) == UNLIMITED


@given(
    per_minute=st.integers(1, 12), spacing=st.tuples(st.floats(0, 3), st.floats(3, 9)), seed=st.integers(0, 99),
    wishes=st.lists(st.integers(1, 5), min_size=30, max_size=30),
)  # fmt: skip
def test_in_no_minute_more_is_begun_than_allowed_and_no_two_requests_are_closer(
    per_minute: int, spacing: tuple[float, float], seed: int, wishes: list[int]
) -> None:
    found, now = rates(seed, per_minute=per_minute, spacing=spacing), 1000.0
    begun: list[float] = []
    starts: list[float] = []
    for wish in wishes:
        if not found.room("shop", now):
            assert now < found.free_at("shop")
            now = found.free_at("shop")
        room = found.room("shop", now)
        assert room > 0  # exactly then it lets go
        starts.append(now)
        begun += [now] * min(wish, room)
        found.begun("shop", min(wish, room), now)
    assert all(sum(one <= each < one + WINDOW for each in begun) <= per_minute for one in begun)
    assert all(later - earlier >= spacing[0] for earlier, later in pairwise(starts))


def test_spaces_differ_within_what_is_allowed() -> None:
    found, spaces = rates(spacing=(2.0, 5.0)), []
    for number in range(100):
        found.begun("shop", 1, number * 10.0)
        spaces.append(found.free_at("shop") - number * 10.0)
    assert (2.0 <= min(spaces) < 2.5, 4.5 < max(spaces) <= 5.0) == (True, True)


def test_a_provider_that_says_how_long_is_left_alone_so_long() -> None:
    found = rates()
    found.busy("shop", TOLD, began=0.0, now=10.0)
    assert (found.room("shop", 16.9), found.room("shop", 17.0)) == (0, UNLIMITED)


def longest(busy: int) -> float:
    """The longest of many pauses after so many busy answers in a row."""
    pauses = []
    for seed in range(300):
        found = rates(seed)
        for number in range(busy):
            found.busy("shop", UNTOLD, began=number * 100.0, now=number * 100.0 + 1.0)
        pauses.append(found.free_at("shop") - (busy - 1) * 100.0 - 1.0)
    assert min(pauses) < max(pauses) / 10  # full jitter: from nothing on
    return max(pauses)


@pytest.mark.parametrize(("busy", "most"), [(1, 2.0), (2, 4.0), (4, 16.0), (9, MOST)])
def test_who_is_busy_again_and_again_is_left_alone_for_longer_but_not_for_ever(busy: int, most: float) -> None:
    assert 0.9 * most < longest(busy) <= most


def test_a_picture_ends_the_row_of_busy_answers() -> None:
    for seed in range(50):
        found = rates(seed)
        for number in range(6):
            found.busy("shop", UNTOLD, began=number * 100.0, now=number * 100.0)
        found.fine("shop")
        found.busy("shop", UNTOLD, began=900.0, now=900.0)
        assert found.free_at("shop") <= 902.0


def test_eight_requests_that_were_out_together_are_one_crowd_not_eight() -> None:
    for seed in range(50):
        found = rates(seed)
        for number in range(8):
            found.busy("shop", UNTOLD, began=9.0, now=10.0 + number / 100)
        assert found.free_at("shop") <= 12.1


# -- with the engine -------------------------------------------------------------------------------------------


def shop(**options: Any) -> dict[str, Any]:
    return {"providers": {"scripted": {"place": "net"} | options, "second": {"place": "net"}}}


def settled(one: House) -> None:
    """Turn until nobody has anything in hand and nothing more can be begun."""
    one.work(lambda: not one.app.engine.working and not one.app.engine.parts.planner.busy)


def begun(one: House) -> int:
    return int(one.app.ledger.query("SELECT count(*) AS n FROM attempts")[0]["n"])


def test_the_engine_wakes_exactly_when_a_rate_lets_go(house: Build) -> None:
    clock = HandClock()
    one = house(shop(per_minute=2), clock=clock)
    one.order("prompt: a sea\nsize: 64x64\ncount: 3\n")
    one.work(lambda: one.states().get("done") == 2)
    settled(one)
    one.turn()
    assert (begun(one), one.app.engine.next_at()) == (2, clock.now + 60.0)
    assert not one.app.engine.idle  # it goes on within a minute
    clock.now += 59.9
    one.turn(3)
    assert begun(one) == 2
    clock.now += 0.1
    one.work(lambda: one.states().get("done") == 3)


def test_a_limit_outlives_a_restart(house: Build) -> None:
    clock = HandClock()
    one = house(shop(per_minute=2), clock=clock)
    one.order("prompt: a sea\nsize: 64x64\ncount: 3\n")
    one.work(lambda: one.states().get("done") == 2)
    settled(one)
    clock.now += 20.0
    crash(one)
    one.turn(3)
    assert (begun(one), one.app.engine.next_at()) == (2, clock.now + 40.0)
    clock.now += 40.0
    one.work(lambda: one.states().get("done") == 3)


def test_a_batch_is_no_larger_than_what_may_be_begun(house: Build) -> None:
    one = house(shop(per_minute=3, batch=8), clock=HandClock())
    command(one, "pause")
    one.order("prompt: a sea\nsize: 64x64\ncount: 5\n")
    one.work(lambda: one.states().get("planned") == 5)
    command(one, "resume")
    one.work(lambda: one.states().get("done") == 3)
    settled(one)
    one.turn(3)
    assert begun(one) == 3


def test_a_busy_provider_pauses_as_a_whole_and_the_shot_is_the_first_again(house: Build) -> None:
    clock = HandClock()
    one = house(shop(), clock=clock)
    job = one.order("- {prompt: a busy sea, size: 64x64}\n- {prompt: a sea, size: 64x64}\n")
    one.work(lambda: attempts(one, job) == [("scripted", "failed", "Busy")])
    settled(one)
    one.turn(3)
    assert [one.app.ledger.shots.get(shot["id"])["not_before"] for shot in one.shots(job)] == ["", ""]
    assert begun(one) == 1  # the other one waits, too
    clock.now += 0.05
    one.work(lambda: len(attempts(one, job)) == 2)
    tried = one.app.ledger.query("SELECT shot_id FROM attempts ORDER BY id")
    assert [row["shot_id"] for row in tried] == [one.shots(job)[0]["id"]] * 2
    command(one, "cancel", job=job)


def test_requests_are_out_side_by_side(house: Build) -> None:
    one = house(shop(parallel=4, seconds=0.3))
    job = one.order("".join(f"- {{prompt: sea {number}, size: 64x64}}\n" for number in range(8)))
    most = 0

    def done() -> bool:
        nonlocal most
        most = max(most, one.states().get("rendering", 0))
        return bool(one.app.ledger.jobs.get(job)["state"] == "closed")

    one.work(done)
    assert most == 4
    assert {line["lane"] for line in one.events("lane.started")} == {f"scripted-{n}" for n in (1, 2, 3, 4)}


def test_lanes_are_started_only_for_work(house: Build) -> None:
    one = house(shop(parallel=8))
    one.make("prompt: a sea\nsize: 64x64\n")
    assert [line["lane"] for line in one.events("lane.started")] == ["scripted-1"]
