"""Whoever waits is told how long, from what is seen and not from hope."""

from __future__ import annotations

import pytest

from stockgen.domain.protocols import Progress
from stockgen.lanes.pace import Pace
from stockgen.messages import Messages
from stockgen.pipeline.eta import described, seconds_left, waiting_for

SAY = Messages("en")


def at(step: int, steps: int = 30, left: float | None = None) -> Progress:
    return Progress("rendering", shot=1, step=step, steps=steps, left=left)


def test_the_speed_of_the_steps_says_when_a_picture_is_done() -> None:
    pace = Pace()
    pace.note(0, 30, 100.0)
    assert pace.left(105.0) is None  # loading: nobody knows yet
    pace.note(1, 30, 110.0)
    pace.note(6, 30, 120.0)
    assert pace.left(120.0) == pytest.approx(24 * 20 / 6)
    assert pace.left(125.0) == pytest.approx(24 * 20 / 6 - 5)
    assert pace.left(9999.0) == 0.0


def test_the_next_picture_is_measured_anew_so_that_a_slow_start_is_forgotten() -> None:
    pace = Pace()
    for step, now in ((0, 0.0), (2, 100.0), (0, 100.0), (1, 101.0)):
        pace.note(step, 2, now)
    assert pace.left(101.0) == pytest.approx(1.0)


def test_pictures_that_are_made_together_go_ahead_as_one() -> None:
    pace = Pace()
    for step in range(3):
        for _ in range(4):  # four pictures report each step
            pace.note(step, 10, step * 2.0)
    assert pace.left(4.0) == pytest.approx(16.0)


@pytest.mark.parametrize(("doing", "waiting", "each", "left"), [
    ([at(15, left=10.0)], 3, 20.0, 70.0),
    ([at(15, left=10.0)], 3, 0.0, 70.0),  # none made yet: the one in hand stands for the others
    ([at(15, left=10.0), at(20, left=5.0)], 4, 20.0, 50.0),  # two lanes
    ([at(0)], 3, 0.0, None),
    ([at(0)], 3, 20.0, 80.0),
    ([Progress("loading")], 3, 20.0, None),
    ([], 3, 20.0, None),
])  # fmt: skip
def test_how_long_all_of_it_takes(doing: list[Progress], waiting: int, each: float, left: float | None) -> None:
    assert seconds_left(doing, waiting, each) == (None if left is None else pytest.approx(left))


@pytest.mark.parametrize(("doing", "ended", "each", "said"), [
    ([at(7, left=4.0)], 2, 4.0, "picture 3 of 12 · step 7 of 30 · about 40 s"),
    ([at(7, left=9.0)], 2, 60.0, "picture 3 of 12 · step 7 of 30 · about 9 min"),
    ([at(7, left=9.0)], 2, 900.0, "picture 3 of 12 · step 7 of 30 · about 2 h"),
    ([at(0)], 2, 0.0, "picture 3 of 12 · step 0 of 30"),
    ([Progress("idle")], 2, 4.0, "Pictures"),
    ([at(7, left=9.0)], 12, 4.0, "Pictures"),
])  # fmt: skip
def test_what_stands_before_the_bar(doing: list[Progress], ended: int, each: float, said: str) -> None:
    assert SAY.tell(described(doing, ended, 12, each)) == said


def test_a_hold_is_a_sentence_with_its_end_where_that_is_known() -> None:
    told = [
        waiting_for("gpu_hours", "23:00-07:00", 1_790_000_000.0, 3, "Asia/Seoul"),
        waiting_for("gpu_busy", "game.exe", None, 40, "UTC"),
    ]
    assert [SAY.tell(one) for one in told] == [
        "Waiting until 09-21 23:13: schedules use the graphics card at 23:00-07:00 only (pictures that wait: 3).",
        "Waiting: another program needs the graphics card (game.exe) (pictures that wait: 40).",
    ]
