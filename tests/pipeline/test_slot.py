"""What a hold means for the lane that is up: pure, so that no card is kept from whoever wants it by an accident."""

from __future__ import annotations

import pytest

from stockgen.domain.protocols import Held
from stockgen.lanes.spec import Setup, build, furnished
from stockgen.pipeline.slot import Place, Slot, care
from tests.lanes.harness import SCRIPTED, SECOND, fits

PAUSE = Held(hold="pause", reason="")
BUSY = Held(hold="gpu_busy", reason="")
NIGHT = Held(hold="gpu_hours", reason="", kinds=frozenset({"schedule"}))
DISK = Held(hold="disk", reason="")


def no_start() -> object:
    raise AssertionError("nobody asked for a lane")


def slot(where: str, *, batch: bool = False, worn: str = "", released: bool = False) -> Slot:
    tools = furnished(Setup(), float)
    spec = SCRIPTED if where == "cpu" else SECOND
    provider = build(type(spec)(spec.name, spec.module, {"place": where}), tools)
    hand = {fit.shot.id: fit for fit in fits(SECOND, "a sea")} if batch else None
    return Slot(Place("x0", {"second": provider}, no_start), batch=hand, worn=worn, released=released)  # type: ignore[arg-type]


@pytest.mark.parametrize(("held", "idle_card", "busy_card", "idle_thread"), [
    ((), "none", "none", "none"),
    ((PAUSE,), "end", "none", "release"),  # a picture in hand is finished first
    ((BUSY,), "end", "interrupt", "release"),
    ((PAUSE, BUSY), "end", "interrupt", "release"),
    ((NIGHT,), "none", "none", "none"),  # what is dropped by hand may come at any moment
    ((DISK,), "none", "none", "none"),  # it is tried again in half a minute
])  # fmt: skip
def test_what_a_hold_asks_of_a_lane(held: tuple[Held, ...], idle_card: str, busy_card: str, idle_thread: str) -> None:
    assert care(slot("gpu"), held) == idle_card
    assert care(slot("gpu", batch=True), held) == busy_card
    assert care(slot("net"), held) == idle_thread
    assert care(slot("net", batch=True), held) == "none"


def test_a_device_is_given_back_once_and_not_at_every_turn() -> None:
    assert care(slot("net", released=True), [PAUSE]) == "none"


def test_a_worn_lane_ends_between_batches_only() -> None:
    assert care(slot("gpu", worn="pictures: 9"), ()) == "end"
    assert care(slot("gpu", worn="pictures: 9", batch=True), ()) == "none"


def test_a_hold_on_some_jobs_is_none_on_the_whole_place() -> None:
    assert not Held(hold="not_before", reason="", jobs=frozenset({"aaaaa"})).everything
    assert PAUSE.everything
