"""A provider that can't draw for a while is left alone, its pictures go on to the next, and all of it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.house import House
from tests.lanes.harness import HandClock
from tests.pipeline.stage import attempts, command, crash, states

Build = Callable[..., House]
HOUR = 3600.0
TWO: dict[str, Any] = {
    "scripted": {"place": "net", "parallel": 2}, "second": {"place": "net"}
}  # fmt: skip


def open_house(build: Build, **over: Any) -> tuple[House, HandClock]:
    clock = HandClock()
    return build({"providers": TWO} | over, clock=clock), clock


def closed(one: House, job: str) -> Callable[[], bool]:
    return lambda: bool(one.app.ledger.jobs.get(job)["state"] == "closed")


def orders(*words: str, model: str = "both") -> str:
    return "".join(f"- {{prompt: sea {word}, size: 64x64, model: {model}}}\n" for word in words)


def held(one: House) -> list[tuple[str, str, float | None, int]]:
    return [(each.hold, each.reason, each.until, shots) for _, each, shots in one.app.engine.held()]


@pytest.mark.parametrize(("word", "error"), [("denied", "NotConfigured"), ("spent", "QuotaSpent")])
def test_what_would_fail_like_the_last_one_goes_on_without_being_tried(house: Build, word: str, error: str) -> None:
    one, _ = open_house(house)
    job = one.order(orders(word, "a", "b", "c"))
    one.work(closed(one, job))
    tried = attempts(one, job)
    assert tried.count(("scripted", "failed", error)) == 1
    assert len([each for each in tried if each[0] == "scripted"]) <= 2  # another one may have been out already
    assert [state for state, _ in states(one, job)] == ["done"] * 4
    (line,) = one.events("provider.closed")
    assert (line["provider"], line["model"]) == ("scripted", "")


def test_what_is_planned_while_a_provider_is_closed_goes_to_the_next_at_once(house: Build) -> None:
    one, _ = open_house(house)
    one.make(orders("spent"))
    job = one.make(orders("later"))
    assert attempts(one, job) == [("second", "rendered", None)]
    assert json.loads(one.shots(job)[0]["passed"]) == {"scripted": "quota_spent: provider=scripted"}


def test_where_nobody_else_is_left_pictures_wait_are_shown_and_go_on_when_it_reopens(house: Build) -> None:
    one, clock = open_house(house)
    began = clock.now
    job = one.order(orders("spent", "a", model="scripted"))
    one.work(lambda: len(attempts(one, job)) >= 1 and not one.app.engine.working)
    one.work()  # nothing is left to do now
    assert states(one, job)[0] == ("planned", None)
    waiting = one.states()["planned"]
    assert held(one) == [("closed", "scripted", began + 6 * HOUR, waiting)]
    clock.now += 6 * HOUR - 1
    one.turn(3)
    assert one.states()["planned"] == waiting
    clock.now += 2
    one.work(lambda: len(one.events("provider.closed")) == 2)  # its words close it once more
    assert len(one.events("provider.opened")) == 1
    command(one, "cancel", job=job)


def test_what_was_passed_on_comes_back_when_the_first_of_its_chain_reopens(house: Build) -> None:
    slow = {"scripted": {"place": "net"}, "second": {"place": "net", "per_minute": 1}}
    one, clock = open_house(house, providers=slow)
    job = one.order(orders("spent", "a", "b", "c"))
    one.work(lambda: attempts(one, job).count(("second", "rendered", None)) == 1 and not one.app.engine.working)
    one.turn(2)
    waiting = [shot for shot in one.shots(job) if shot["state"] == "planned"]
    assert [shot["provider"] for shot in waiting] == ["second"] * 3
    command(one, "resume")
    one.turn()
    back = [one.app.ledger.shots.get(shot["id"]) for shot in waiting]
    assert [(shot["provider"], shot["chain_pos"], shot["passed"]) for shot in back] == [("scripted", 0, "{}")] * 3
    clock.now += 60.0
    one.work(closed(one, job))
    assert [state for state, _ in states(one, job)] == ["done"] * 4


def test_a_pause_of_minutes_is_shown_and_counts_as_idle_but_sends_nobody_on(house: Build) -> None:
    one, clock = open_house(house)
    job = one.order(orders("a"))
    one.work(lambda: attempts(one, job) == [("scripted", "rendered", None)] and not one.app.engine.working)
    one.app.engine.parts.dispatcher.doors.rates.busy("scripted", 300.0, clock.now, clock.now + 1.0)
    waiting = one.order(orders("b"))
    one.work()
    assert held(one) == [("closed", "scripted", clock.now + 301.0, 1)]
    assert one.shots(waiting)[0]["provider"] == "scripted"
    clock.now += 301.0
    one.work(closed(one, waiting))
    assert attempts(one, waiting) == [("scripted", "rendered", None)]


def test_a_pause_of_a_moment_is_told_with_its_reason_and_is_no_hold(house: Build) -> None:
    one, clock = open_house(house)
    job = one.order(orders("crowded", model="scripted"))
    one.work(lambda: bool(attempts(one, job)) and not one.app.engine.working)
    doors = one.app.engine.parts.dispatcher.doors
    doors.rates.busy("scripted", 30.0, clock.now, clock.now)
    (pause,) = doors.pauses("net")
    assert (pause.provider, pause.code, pause.until) == ("scripted", "busy", float(round(clock.now + 30.0)))
    assert held(one) == []
    clock.now += 31.0
    assert doors.pauses("net") == []
    command(one, "cancel", job=job)


def test_a_closure_outlives_a_restart_unless_somebody_may_have_mended_it(house: Build) -> None:
    one, _ = open_house(house)
    one.make(orders("spent"))
    crash(one)
    assert one.app.engine.parts.dispatcher.closed.shut == {"scripted"}
    command(one, "cancel", job=one.order(orders("later")))
    other, _ = open_house(house)
    other.make(orders("denied"))
    assert other.app.engine.parts.dispatcher.closed.shut == {"scripted"}
    crash(other)
    assert other.app.engine.parts.dispatcher.closed.shut == frozenset()


def test_a_new_key_opens_whoever_had_none_without_a_restart(house: Build) -> None:
    one, _ = open_house(house)
    one.make(orders("denied"))
    one.turn(2)
    assert one.events("provider.opened") == []
    folder = one.app.catalogue.secrets
    folder.mkdir(exist_ok=True)
    (folder / "scripted_key").write_text("secret")
    one.turn()
    assert [line["provider"] for line in one.events("provider.opened")] == ["scripted"]


def test_a_reload_asks_again_whoever_was_not_set_up(house: Build) -> None:
    one, _ = open_house(house)
    one.make(orders("denied"))
    one.app.reload(one.app.catalogue.config)
    assert [line["provider"] for line in one.events("provider.opened")] == ["scripted"]
    one.make(orders("spent"))
    one.app.reload(one.app.catalogue.config)
    assert len(one.events("provider.opened")) == 1  # a quota is not renewed by that


def test_resume_asks_everybody_again_at_once(house: Build) -> None:
    one, _ = open_house(house)
    one.make(orders("spent"))
    assert [remark.code for remark in command(one, "resume")] == ["command.resumed", "command.reopened"]
    assert [line["provider"] for line in one.events("provider.opened")] == ["scripted"]
    assert attempts(one, one.make(orders("later"))) == [("scripted", "rendered", None)]
    assert [remark.code for remark in command(one, "resume")] == ["command.resumed"]


def test_a_model_that_is_no_more_fails_what_named_it_and_nothing_waits_for_years(house: Build) -> None:
    one, _ = open_house(house)
    job = one.make(orders("gone", "a", model="scripted"))
    assert {state for state, _ in states(one, job)} <= {"failed", "done"}
    assert states(one, job)[0] == ("failed", "retired: model=scripted, closed_for=315360000.0")
    after = one.make(orders("later"))
    assert attempts(one, after) == [("second", "rendered", None)]
    assert held(one) == []


def test_a_wait_for_somebody_who_is_closed_for_hours_counts_as_idle(house: Build) -> None:
    one, _ = open_house(house)
    job = one.order(orders("spent", model="scripted"))
    one.work()
    assert one.app.engine.idle
    assert states(one, job) == [("planned", None)]
    command(one, "cancel", job=job)


# -- words that were refused -----------------------------------------------------------------------------------


def test_of_four_pictures_of_one_wording_only_one_is_refused(house: Build) -> None:
    one, _ = open_house(house)
    job = one.make("prompt: a sea refuse\nsize: 64x64\nmodel: both\ncount: 4\n")
    assert attempts(one, job).count(("scripted", "failed", "Refused")) == 1
    assert attempts(one, job).count(("second", "rendered", None)) == 4
    assert [state for state, _ in states(one, job)] == ["done"] * 4


def test_equal_words_go_side_by_side_once_they_are_known_to_be_taken(house: Build) -> None:
    slow = {"scripted": {"place": "net", "parallel": 3, "seconds": 0.2}, "second": {"place": "net"}}
    one = house({"providers": slow})
    job = one.order("prompt: a sea\nsize: 64x64\ncount: 7\n")
    most = dict[bool, int]()

    def done() -> bool:
        states = one.states()
        known = sum(states.get(state, 0) for state in ("rendered", "publishing", "done")) > 0
        most[known] = max(most.get(known, 0), states.get("rendering", 0))
        return closed(one, job)()

    one.work(done)
    assert most == {False: 1, True: 3}


@pytest.mark.parametrize("again", ["restart", "retry", "another job"])
def test_words_that_were_refused_never_go_to_the_same_provider_again(house: Build, again: str) -> None:
    one, _ = open_house(house)
    text = "prompt: a sea refuse\nsize: 64x64\nmodel: scripted\n"
    job = one.make(text)
    assert states(one, job) == [("failed", "refused")]
    if again == "restart":
        crash(one)
    later = one.order(text)
    if again == "retry":
        command(one, "retry", job=job)
    one.work()
    assert one.app.ledger.query("SELECT count(*) AS n FROM attempts")[0]["n"] == 1
    assert states(one, later) == [("failed", "refused_before: provider=scripted")]
