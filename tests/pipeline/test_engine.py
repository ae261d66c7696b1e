"""A whole engine with real lanes: what happens when providers, lanes, people and disks misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from stockgen.pipeline.engine import BACKLOG
from tests.house import House, litter
from tests.lanes.harness import HandClock
from tests.pipeline.stage import attempts, busy_pool, command, in_folder, rendered, states

Build = Callable[..., House]
SLOW: dict[str, Any] = {"providers": {"scripted": {"place": "net", "seconds": 0.6, "steps": 30}}}

# word in the prompt -> errors of the first provider until the second has its turn
FALLBACKS = {
    "refuse": ["Refused"],
    "quota": ["QuotaSpent"],
    "raise": ["PluginBroke"],
    "odd": ["PluginBroke"],
    "undecodable": ["BadPicture"] * 2,
    "truncated": ["BadPicture"] * 2,
    "nan": ["BadPicture"] * 2,
    "wrongsize": ["BadPicture"] * 2,
    "missing": ["BadPicture"] * 2,
    "nothing": ["BadPicture"] * 2,
    "busy": ["Busy"] * 3,
}


@pytest.mark.parametrize("word", FALLBACKS)
def test_the_next_provider_makes_what_the_first_can_not(house: Build, word: str) -> None:
    one = house(thread=True)
    job = one.make(f"prompt: a sea {word}\nmodel: both\nsize: 64x64\n")
    failed = [("scripted", "failed", name) for name in FALLBACKS[word]]
    assert attempts(one, job) == [*failed, ("second", "rendered", None)]
    assert states(one, job) == [("done", None)]  # the same look: nobody has to look at it again
    assert litter(one.root) == []


def test_a_picture_of_another_look_goes_to_review_as_degraded(house: Build) -> None:
    second = {"place": "net", "look": "drawn"}
    one = house({"providers": {"scripted": {"place": "net"}, "second": second}})
    job = one.make("prompt: a sea refuse\nmodel: both\nsize: 64x64\n")
    assert states(one, job) == [("review", "degraded")]
    assert len(in_folder(one, "review/degraded")) == 1
    assert one.pictures(job) == []


def test_a_flat_picture_goes_to_the_folder_that_says_why(house: Build) -> None:
    one = house(thread=True)
    job = one.make("- {prompt: a flat sea, size: 64x64}\n- {prompt: a sea, size: 64x64}\n")
    assert states(one, job) == [("review", "flat"), ("done", None)]
    assert len(in_folder(one, "review/flat")) == 1
    assert one.app.ledger.jobs.get(job)["result"] == "done"


def test_the_end_of_the_chain_is_a_failure_with_its_reason(house: Build) -> None:
    one = house(thread=True)
    job = one.make("- {prompt: a sea refuse, size: 64x64}\n- {prompt: a sea, size: 64x64}\n")
    assert states(one, job) == [("failed", "refused"), ("done", None)]
    assert one.app.ledger.jobs.get(job)["result"] == "partial"


def test_out_of_memory_is_tried_again_alone_and_takes_nobody_along(house: Build) -> None:
    one = house({"providers": {"scripted": {"place": "net", "batch": 4}}})
    command(one, "pause")  # until all four are planned, so that they share a batch
    job = one.order("".join(f"- {{prompt: a sea {word}, size: 64x64}}\n" for word in ("1", "2", "oom", "4")))
    one.work(lambda: one.states().get("planned") == 4)
    command(one, "resume")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert [state for state, _ in states(one, job)] == ["done", "done", "failed", "done"]
    assert [shot["solo"] for shot in one.shots(job)] == [0, 0, 1, 1]  # the fourth had lost its turn with the batch


def test_a_lane_that_hangs_is_killed_and_replaced_and_the_others_finish(house: Build) -> None:
    clock = HandClock()
    one = house({"limits": {"starts": 1}}, clock=clock)
    job = one.order("".join(f"- {{prompt: a sea {word}, size: 64x64}}\n" for word in ("first", "hang", "last")))
    one.work(lambda: [state for state, _ in states(one, job)] == ["done", "rendering", "planned"])
    clock.now += 61.0  # the patience with a lane of this place is a minute
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert states(one, job) == [("done", None), ("failed", "quarantined"), ("done", None)]
    assert len(one.events("lane.stuck")) == 1
    assert len(one.events("lane.started")) == 2


# -- people ----------------------------------------------------------------------------------------------------


def test_a_pause_claims_nothing_and_is_seen_until_somebody_resumes(house: Build) -> None:
    one = house(thread=True)
    command(one, "pause")
    job = one.order("prompt: a sea\nsize: 64x64\ncount: 2\n")
    one.work()
    assert states(one, job) == [("planned", None)] * 2
    assert [held.hold for held in one.app.engine.holds("cpu")] == ["pause"]
    one.again()
    one.turn(3)
    assert one.states() == {"planned": 2}  # it outlives a restart
    command(one, "resume")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert one.app.engine.holds("cpu") == []


def test_cancel_ends_what_is_planned_at_once_and_what_renders_at_its_next_step(house: Build) -> None:
    one = house(thread=True)
    job = one.order(
        "- {prompt: a sea, size: 64x64}\n- {prompt: a slow sea, size: 64x64}\n- {prompt: sky, size: 64x64}\n"
    )
    one.work(lambda: [state for state, _ in states(one, job)] == ["done", "rendering", "planned"])
    command(one, "cancel", job=job)
    assert [state for state, _ in states(one, job)] == ["done", "rendering", "cancelled"]
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")  # a slow one would take half a minute
    assert states(one, job) == [("done", None), ("cancelled", "cancelled"), ("cancelled", "cancelled")]
    assert one.app.ledger.jobs.get(job)["result"] == "partial"


def test_what_has_rendered_when_it_is_cancelled_is_kept(house: Build) -> None:
    one = house(thread=True)
    job = one.order("prompt: a sea\nsize: 64x64\ncount: 2\n")
    with busy_pool(one):
        rendered(one, job)
        command(one, "cancel", job=job)
    one.work()
    assert len(one.pictures(job)) == 2


def test_a_cancelled_picture_that_turns_out_spoiled_is_not_made_again(house: Build) -> None:
    one = house(thread=True)
    job = one.order("prompt: an undecodable sea\nsize: 64x64\n")
    with busy_pool(one):
        rendered(one, job)
        command(one, "cancel", job=job)
    one.work()
    assert states(one, job) == [("cancelled", "cancelled")]
    assert one.app.ledger.jobs.get(job)["result"] == "cancelled"


# -- stops -----------------------------------------------------------------------------------------------------


def test_a_clean_stop_takes_its_claim_back_and_loses_nothing(house: Build) -> None:
    one = house(SLOW)
    job = one.order("prompt: a sea\nsize: 64x64\ncount: 2\n")
    one.work(lambda: any(lane.progress().step for lane in one.app.engine.parts.dispatcher.lanes()))
    one.again()
    assert [(shot["state"], shot["starts"], shot["solo"]) for shot in one.shots(job)] == [("planned", 0, 0)] * 2
    assert litter(one.root) == []
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(one.pictures(job)) == 2
    assert [outcome for _, outcome, _ in attempts(one, job)] == ["stopped", "rendered", "rendered"]


def test_a_stop_claims_nothing_more_and_publishes_what_has_rendered(house: Build) -> None:
    one = house(thread=True)
    job = one.order("prompt: a sea\nsize: 64x64\ncount: 3\n")
    one.work(lambda: one.states().get("done", 0) >= 1)
    one.app.engine.stopping = True
    one.work(lambda: not one.app.engine.working)
    assert {state for state, _ in states(one, job)} <= {"done", "planned"}
    one.again()
    one.work()
    assert len(one.pictures(job)) == 3


# -- the spool -------------------------------------------------------------------------------------------------


def test_a_batch_keeps_its_folder_though_its_first_pictures_are_published_already(house: Build) -> None:
    one = house({"providers": {"scripted": {"place": "net", "batch": 3, "seconds": 0.4, "steps": 8}}})
    job = one.make("prompt: a sea\nsize: 64x64\ncount: 3\n")
    assert attempts(one, job) == [("scripted", "rendered", None)] * 3
    assert litter(one.root) == []


@pytest.mark.parametrize(
    "harm", [lambda file: file.unlink(), lambda file: file.write_bytes(b"zeros")], ids=["lost", "bad"]
)
def test_a_raw_picture_that_suffered_in_the_spool_is_made_again_not_published(
    house: Build, harm: Callable[[Any], Any]
) -> None:
    one = house(thread=True)
    job = one.order("prompt: a sea\nsize: 64x64\n")
    with busy_pool(one):
        rendered(one, job)
        harm(one.app.places.spool / one.shots(job)[0]["raw_path"])
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert attempts(one, job) == [("scripted", "failed", "BadPicture"), ("scripted", "rendered", None)]
    assert len(one.pictures(job)) == 1
    assert litter(one.root) == []


def test_a_full_spool_waits_and_goes_on_by_itself(house: Build) -> None:
    clock = HandClock()
    one = house(thread=True, clock=clock)
    job = one.order("prompt: a full sea\nmodel: both\nsize: 64x64\n")
    one.work(lambda: bool(attempts(one, job)) and not one.app.engine.parts.dispatcher.rendering)
    assert [held.hold for held in one.app.engine.holds("cpu")] == ["disk"]
    one.turn(3)
    assert len(attempts(one, job)) == 1
    clock.now += 31.0
    one.work(lambda: len(attempts(one, job)) == 2 and not one.app.engine.parts.dispatcher.rendering)
    assert attempts(one, job) == [("scripted", "failed", "StorageFull")] * 2  # no fault of the provider's
    command(one, "cancel", job=job)


def test_the_spool_is_no_archive(house: Build) -> None:
    one = house(thread=True)
    job = one.order(f"prompt: a sea\nsize: 64x64\ncount: {BACKLOG + 8}\n")
    with busy_pool(one):
        one.work(lambda: one.states().get("rendered", 0) >= BACKLOG and not one.app.engine.parts.dispatcher.rendering)
        before = one.states()
        assert before["planned"] >= 7  # the batch that was in hand when the line was reached is one picture
        one.turn(5)
        assert one.states() == before
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(one.pictures(job)) == BACKLOG + 8


def test_what_a_dead_program_left_in_state_is_swept_and_what_is_needed_is_kept(house: Build) -> None:
    one = house(thread=True)
    places = one.app.places
    for path in (places.spool / "dead" / "7.png", places.spool / "dead" / "scratch" / "x", places.thumbs / "999.jpg",
                 places.staging / "shot-999.jpg", places.thumbs / ".1.jpg.tmp"):  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"litter")
    job = one.order("prompt: a sea\nsize: 64x64\n")
    with busy_pool(one):
        rendered(one, job)
        closer = threading.Thread(target=one.again)  # it waits for the pool
        closer.start()
    closer.join()
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(attempts(one, job)) == 1  # rendered once
    assert litter(one.root) == []
