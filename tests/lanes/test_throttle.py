"""Heartbeats must tell that a child lives without filling the pipe."""

from __future__ import annotations

from stockgen.domain.protocols import Outcome
from stockgen.lanes.child import Throttle
from stockgen.lanes.wire import Beat, Event
from tests.lanes.harness import HandClock


def test_a_thousand_steps_a_second_are_ten_heartbeats_with_the_first_and_the_last() -> None:
    clock, sent = HandClock(), list[Event]()
    throttle = Throttle(sent.append, clock.monotonic)
    for step in range(1001):
        throttle(Beat(1, step, 1000))
        clock.now += 0.001
    assert sent[0] == Beat(1, 0, 1000)
    assert sent[-1] == Beat(1, 1000, 1000)
    assert 10 <= len(sent) <= 12


def test_each_shot_and_each_try_of_it_is_told_from_its_first_step_on() -> None:
    sent = list[Event]()
    throttle = Throttle(sent.append, HandClock().monotonic)
    ended = Outcome(shot=1, seconds=0.0)
    told: list[Event] = [Beat(1, 0, 9), Beat(2, 0, 9), ended, Beat(1, 0, 9)]
    for event in [*told, Beat(1, 1, 9)]:
        throttle(event)
    assert sent == told
