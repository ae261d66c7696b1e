"""What is laid over a model is not the model: a lane that changes it has not unloaded anything, and loads nothing."""

from __future__ import annotations

from pathlib import Path

from stockgen.domain.protocols import Fit, Outcome, Shot
from stockgen.domain.times import SystemClock
from stockgen.lanes.base import BatchLane
from stockgen.lanes.spec import LaneSpec
from stockgen.lanes.wire import Beat, Changed, Command, Up


class Told(BatchLane):
    """A lane whose worker is the test."""

    def _send(self, command: Command) -> bool:
        return True

    def kill(self) -> None:
        self._bury()

    def tell(self, *events: object) -> None:
        for event in events:
            self._hear(event)  # type: ignore[arg-type]


def fit(stack: str) -> Fit:
    shot = Shot(id=1, job="aaaaa", idea=1, prompt="", seed=1, width=64, height=64)
    return Fit(shot=shot, provider="sdxl", model="m", stack=stack, request={})


def drawn(stack: str) -> Told:
    """A lane that has drawn one picture."""
    lane = Told(LaneSpec("gpu0", "gpu", (), 60.0), SystemClock(), lambda: None)
    lane.tell(Up())
    assert lane.offer([fit(stack)], Path())
    assert lane.progress().state == "loading"
    lane.tell(Changed(("m",), ()), Beat(1, 1, 1), Outcome(shot=1, seconds=1.0))
    return lane


def test_a_model_that_leaves_takes_what_was_laid_over_it_along() -> None:
    lane = drawn("m|ink@1")
    assert lane.warm == "m|ink@1"
    lane.tell(Changed((), ("other",)))
    assert lane.warm == "m|ink@1"
    lane.tell(Changed((), ("m",)))
    assert lane.warm is None


def test_the_next_picture_with_something_else_laid_over_the_model_loads_nothing() -> None:
    lane = drawn("m|ink@1")
    assert lane.offer([fit("m|mist@1")], Path())
    assert lane.progress().state == "rendering"
