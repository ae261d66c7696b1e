"""Lanes for the card: several at once, ended when the card is wanted back, replaced when they are worn."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import Any

from stockgen.config import load
from tests.house import House, litter, write_config
from tests.lanes.harness import HandClock, alive
from tests.pipeline.stage import attempts, command, states

Build = Callable[..., House]


def on_card(devices: int = 1, scripted: dict[str, Any] | None = None, **gpu: Any) -> dict[str, Any]:
    """So many lanes of the card's place, on the processor."""
    return {
        "gpu": {"devices": ["cpu"] * devices, **gpu},
        "providers": {"scripted": {"place": "gpu"} | (scripted or {}), "second": {"place": "net"}},
        "timezone": "UTC",
    }


def facts(one: House, job: str) -> list[dict[str, Any]]:
    """What was told of each picture that was rendered."""
    rows = [row for shot in one.shots(job) for row in one.app.ledger.shots.attempts(shot["id"])]
    return [json.loads(row["facts"]) for row in rows if row["outcome"] == "rendered"]


def lanes(one: House) -> dict[str, str]:
    """State of each lane that is up."""
    return {lane.name: lane.progress().state for lane in one.app.engine.parts.dispatcher.lanes()}


def closed(one: House, job: str) -> Callable[[], bool]:
    return lambda: bool(one.app.ledger.jobs.get(job)["state"] == "closed")


# -- two devices -----------------------------------------------------------------------------------------------


def test_two_devices_render_at_once_and_one_that_is_killed_stops_only_itself(house: Build) -> None:
    one = house(on_card(2, {"seconds": 0.5, "steps": 10}))
    job = one.order("prompt: a sea\nsize: 64x64\ncount: 8\n")
    one.work(lambda: list(lanes(one).values()) == ["rendering"] * 2)
    victim = one.app.engine.parts.dispatcher.lanes()[0]
    assert not one.events("lane.died")
    os.kill(victim.progress().pid, signal.SIGKILL)
    one.work(closed(one, job))
    assert states(one, job) == [("done", None)] * 8
    assert sorted(outcome for _, outcome, _ in attempts(one, job)) == ["failed"] + ["rendered"] * 8
    assert [line["lane"] for line in one.events("lane.died")] == [victim.name]
    assert len({each["pid"] for each in facts(one, job)}) >= 2
    assert litter(one.root) == []


def test_one_picture_starts_one_process_only(house: Build) -> None:
    one = house(on_card(2))
    one.work(closed(one, one.order("prompt: a sea\nsize: 64x64\n")))
    assert len(one.events("lane.started")) == 1


def test_two_models_are_not_swapped_to_and_fro_between_two_devices(house: Build) -> None:
    one = house(on_card(2, {"seconds": 0.3}))
    turns = "".join(f"- {{prompt: a sea, size: {width}x64}}\n" for width in (64, 64, 64, 96, 96, 96))
    job = one.order(turns)
    one.work(closed(one, job))
    first: dict[int, int] = {}
    for each, shot in zip(facts(one, job), one.shots(job), strict=True):
        first.setdefault(each["pid"], shot["width"])
    assert sorted(first.values()) == [64, 96]  # the second one does not load what the first one has


def test_a_process_is_told_its_device_and_sees_no_card_that_is_not_its_own(house: Build) -> None:
    one = house(on_card())
    (told,) = facts(one, one.make("prompt: a sea\nsize: 64x64\n"))
    assert (told["host"]["device"], told["host"]["cards"]) == ("cpu", "")


def test_a_provider_hears_how_much_more_of_the_same_model_waits(house: Build) -> None:
    one = house(on_card())
    command(one, "pause")
    job = one.order("- {prompt: a sea, size: 64x64, count: 3}\n- {prompt: a sea, size: 96x64, count: 2}\n")
    one.work()
    command(one, "resume")
    one.work(closed(one, job))
    assert sorted(each["host"]["ahead"] for each in facts(one, job)) == [0, 0, 1, 1, 2]


def test_a_card_that_is_gone_does_not_keep_its_pictures_waiting_for_ever(house: Build) -> None:
    one = house(on_card() | {"gpu": {"devices": [7]}})
    job = one.order("prompt: a sea\nsize: 64x64\n")
    one.work(closed(one, job))
    assert facts(one, job)[0]["host"]["device"] == ""  # a real provider answers that there is none


# -- giving it back --------------------------------------------------------------------------------------------


def test_a_pause_empties_the_card_after_the_picture_in_hand(house: Build) -> None:
    one = house(on_card(scripted={"seconds": 0.3, "steps": 6}))
    job = one.order("prompt: a sea\nsize: 64x64\ncount: 2\n")
    one.work(lambda: lanes(one) == {"gpu0": "rendering"})
    (lane,) = one.app.engine.parts.dispatcher.lanes()
    pid = lane.progress().pid
    command(one, "pause")
    one.work(lambda: lanes(one) == {})
    assert not alive(pid)
    one.work()
    assert [state for state, _ in states(one, job)] == ["done", "planned"]
    assert [outcome for _, outcome, _ in attempts(one, job)] == ["rendered"]
    command(one, "resume")
    one.work(closed(one, job))
    assert states(one, job) == [("done", None)] * 2


def test_a_pause_asks_a_lane_without_a_card_only_to_let_go(house: Build) -> None:
    one = house()
    one.make("prompt: a sea\nsize: 64x64\n")
    (lane,) = one.app.engine.parts.dispatcher.lanes()
    assert lane.warm
    command(one, "pause")
    one.work(lambda: lane.warm is None)
    assert lanes(one) == {"cpu0": "idle"}


# -- worn ------------------------------------------------------------------------------------------------------


def test_a_worn_process_is_replaced_between_batches_and_nothing_is_lost(house: Build) -> None:
    one = house(on_card(scripted={"batch": 2}, recycle_after=2))
    job = one.make("prompt: a sea\nsize: 64x64\ncount: 4\n")
    assert [shot["starts"] for shot in one.shots(job)] == [1] * 4
    pids = [each["pid"] for each in facts(one, job)]
    assert pids[0] == pids[1] != pids[2] == pids[3]
    assert [line["reason"] for line in one.events("lane.recycled")][:1] == ["pictures: 2"]
    assert one.events("lane.died") == []


def test_a_poisoned_card_is_named_and_the_picture_made_by_the_next_process(house: Build) -> None:
    one = house(on_card() | {"limits": {"starts": 2}})
    job = one.make("- {prompt: a sea quit, size: 64x64}\n- {prompt: a sea, size: 64x64}\n")
    assert states(one, job) == [("failed", "quarantined"), ("done", None)]
    assert all("card_broke" in line["reason"] for line in one.events("lane.died"))
    assert len(one.events("lane.died")) == 2


def test_models_that_are_pinned_by_a_reload_are_told_to_a_process_that_starts_anew(house: Build) -> None:
    one = house(on_card())
    first = one.make("prompt: a sea\nsize: 64x64\n")
    write_config(one.root, on_card(pinned=["procedural"]))
    one.app.reload(load(one.config_path))
    second = one.make("prompt: a sea\nsize: 64x64\n")
    told = [facts(one, job)[0] for job in (first, second)]
    assert [each["host"]["pinned"] for each in told] == [[], ["procedural"]]
    assert told[0]["pid"] != told[1]["pid"]


# -- hours -----------------------------------------------------------------------------------------------------


def test_a_schedule_waits_for_its_hours_and_what_is_dropped_by_hand_does_not(house: Build) -> None:
    clock = HandClock()  # a quarter past midnight
    one = house(on_card(hours="02:00-03:00"), clock=clock)
    nightly = one.order("prompt: a sea\nsize: 64x64\n", kind="schedule")
    dropped = one.make("prompt: a sea\nsize: 64x64\n")
    one.work()
    assert (states(one, nightly), states(one, dropped)) == ([("planned", None)], [("done", None)])
    assert [(place, held.hold, held.until, shots) for place, held, shots in one.app.engine.held()] == [
        ("gpu", "gpu_hours", 7200.0, 1)
    ]
    clock.now = 7200.0 - 59.0
    assert not one.app.engine.idle  # less than a minute: that is worth waiting for
    clock.now = 7200.0
    one.work()
    assert states(one, nightly) == [("done", None)]
    assert one.app.engine.held() == []


def test_hours_are_changed_by_a_reload(house: Build) -> None:
    clock = HandClock()
    one = house(on_card(hours="02:00-03:00"), clock=clock)
    nightly = one.order("prompt: a sea\nsize: 64x64\n", kind="schedule")
    one.work()
    write_config(one.root, on_card(hours="00:00-03:00"))
    one.app.reload(load(one.config_path))
    one.work()
    assert states(one, nightly) == [("done", None)]


def test_hours_of_the_card_hold_nothing_that_needs_no_card(house: Build) -> None:
    one = house(on_card(hours="02:00-03:00"), clock=HandClock())
    job = one.order("prompt: a sea\nsize: 64x64\nmodel: second\n", kind="schedule")
    one.work()
    assert states(one, job) == [("done", None)]


def test_each_place_tells_what_it_holds(house: Build) -> None:
    one = house(on_card())
    command(one, "pause")
    one.order("prompt: a sea\nsize: 64x64\ncount: 3\n")
    one.order("prompt: a sea\nsize: 64x64\nmodel: second\n")
    one.work()
    told = {place: shots for place, held, shots in one.app.engine.held() if held.hold == "pause"}
    assert told == {"gpu": 3, "net": 1, "cpu": 0}
