"""A job that names its own time waits for it, in sight of everybody, and is made by itself when the time has come."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stockgen.domain.protocols import Held, Next
from stockgen.domain.times import iso
from tests.house import House
from tests.still import NOW, StillClock, turned

NIGHT = 8 * 3600.0


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def waiting(house: Callable[..., House], clock: StillClock) -> tuple[House, str]:
    """A house with one job of two pictures for tonight, planned."""
    one = house(thread=True, clock=clock)
    job = one.order("prompt: a calm sea\ncount: 2\nnot_before: in 8 hours\n")
    turned(one, clock, lambda: one.app.ledger.jobs.get(job)["state"] == "open")
    return one, job


def holds(one: House) -> list[tuple[Held, int]]:
    return [(held, shots) for _, held, shots in one.app.engine.held() if held.hold == "not_before" and shots]


def test_a_job_for_tonight_is_not_begun_this_afternoon_and_is_made_tonight(waiting, clock: StillClock) -> None:
    one, job = waiting
    for _ in range(20):
        clock.now += 60
        one.turn()
    assert one.states() == {"planned": 2}
    clock.now = NOW + NIGHT + 1
    turned(one, clock, lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(one.pictures(job)) == 2


def test_the_hold_says_how_many_wait_and_until_when(waiting) -> None:
    one, job = waiting
    ((held, shots),) = holds(one)
    assert (held.jobs, shots) == (frozenset({job}), 2)
    assert held.until == pytest.approx(NOW + NIGHT, abs=2)
    told = {one.app.ledger.jobs.get(job)["not_before"], *(shot["not_before"] for shot in one.shots(job))}
    assert told == {iso(held.until)}


def test_a_job_for_tonight_holds_up_no_other(waiting, clock: StillClock) -> None:
    one, _ = waiting
    other = one.order("prompt: a red kite\n", "other.yaml")
    turned(one, clock, lambda: one.app.ledger.jobs.get(other)["state"] == "closed")
    assert one.app.engine.idle  # what is left waits longer than a minute


def test_a_pause_of_a_provider_does_not_bring_tonights_work_forward(waiting, clock: StillClock) -> None:
    one, job = waiting
    shot = one.shots(job)[0]
    then = Next(action="requeue", chain_pos=0, not_before=NOW + 5, degraded=False, solo=False, reason="")
    one.app.ledger.claims.moved(shot["id"], then, "s", NOW)
    assert one.shots(job)[0]["not_before"] == one.app.ledger.jobs.get(job)["not_before"]


def test_the_hold_goes_when_its_job_is_cancelled(waiting) -> None:
    one, job = waiting
    one.app.engine.cancel(job)
    assert holds(one) == []


def test_a_time_that_is_over_is_told_and_the_work_begins_at_once(
    house: Callable[..., House], clock: StillClock
) -> None:
    one = house(thread=True, clock=clock)
    job = one.order(f"prompt: a calm sea\nnot_before: {iso(NOW - 60)}\n")
    turned(one, clock, lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert '"job_file.told.past"' in one.app.ledger.jobs.get(job)["remarks"]
