"""The best of several tries becomes the picture, the others lie by for a while: nothing is counted, bought or made
twice, and nothing is lost wherever the program dies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from stockgen.domain.protocols import Held
from stockgen.domain.words import Place
from stockgen.ledger.jobs import remarks_of
from tests.house import BASE, House, broken_promises, litter
from tests.ollama.server import OllamaServer
from tests.pipeline.dying import Died, Doomed, fates
from tests.pipeline.stage import attempts, busy_pool, command, crash, restart, states
from tests.pipeline.test_seeing import GOOD, looks
from tests.still import StillClock, turned

Build = Callable[..., House]
DAY = 86400.0
SEA = "prompt: a calm sea{but}\nsize: 96x64\nseed: {seed}\ncount: {count}\nbest_of: {tries}\n"


def sea(tries: int, count: int = 1, but: str = "", seed: int = 10) -> str:
    """A job of `count` pictures; words of `but` with `/SEED` are for one try alone."""
    return SEA.format(tries=tries, count=count, but=but and f" {but}", seed=seed)


def sidecars(one: House, job: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((one.folder(job) / "info").glob("*-*-*.json"))]


def spares(one: House) -> list[str]:
    return sorted(path.name for path in one.app.places.spare.iterdir())


def whole(one: House, job: str, pictures: int) -> None:
    """What holds of every job that has ended."""
    assert broken_promises(one.app.ledger) == {}
    assert litter(one.root) == []
    assert all(state in ("done", "review", "failed", "cancelled") for state, _ in states(one, job))
    masters = [path for folder in ("images", "../../review/*") for path in one.folder(job).glob(f"{folder}/*{job}*")]
    kept = [row for row in one.app.ledger.assets.of_job(job) if row["state"] in ("ready", "review")]
    assert len(masters) == len(kept) == len(sidecars(one, job)) == pictures
    assert [row["number"] for row in kept] == list(range(1, pictures + 1))
    left = [row["stem"] for row in one.app.ledger.tries.spares(job) if row["state"] == "spare"]
    assert sorted(left) == sorted(name.partition(".")[0] for name in spares(one) if job in name)


# -- planning --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tries", "seeds"), [(1, [10, 11, 12]), (2, [10, 11, 12, 13, 14, 15])])
def test_seeds_follow_one_another_through_tries_and_pictures(house: Build, tries: int, seeds: list[int]) -> None:
    one = house(thread=True)
    job = one.make(sea(tries, count=3))
    assert [shot["seed"] for shot in one.shots(job)] == seeds
    assert len({(shot["prompt"], shot["width"], shot["wish"], shot["chain"]) for shot in one.shots(job)}) == 1
    whole(one, job, 3)


def test_seeds_begin_anew_after_the_largest(house: Build) -> None:
    one = house(thread=True)
    job = one.make(sea(2, count=2, seed=2**32 - 3))
    assert [shot["seed"] for shot in one.shots(job)] == [2**32 - 3, 2**32 - 2, 2**32 - 1, 0]


@pytest.mark.parametrize(("default", "made"), [(1, 2), (3, 6)])
def test_the_config_says_how_often_where_the_job_does_not(house: Build, default: int, made: int) -> None:
    one = house({"defaults": BASE["defaults"] | {"best_of": default}}, thread=True)
    job = one.make("prompt: a calm sea\nsize: 64x64\ncount: 2\n")
    assert len(one.shots(job)) == made
    assert len(one.shots(one.make("prompt: a high hill\nsize: 64x64\nbest_of: 2\n"))) == 2
    whole(one, job, 2)


def test_a_killed_planning_goes_on_at_the_picture_where_it_stopped(house: Build) -> None:
    one = house(thread=True)
    job = one.order(sea(3, count=4))
    planner = one.app.engine.parts.planner
    planning = planner._begin()
    assert planning
    planner._advance(planning)
    planner._advance(planning)
    crash(one)
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert [shot["seed"] for shot in one.shots(job)] == list(range(10, 22))
    assert one.app.ledger.jobs.ideas_planned(job) == 4
    whole(one, job, 4)


# -- the best --------------------------------------------------------------------------------------------------


def test_the_try_without_a_fault_is_kept_and_the_others_lie_by_with_their_words(house: Build) -> None:
    one = house(thread=True)
    job = one.make(sea(4, but="flat/10 noisy/11 noisy/13"))
    (told,) = sidecars(one, job)
    assert (told["seed"], told["best_of"]["tries"], told["best_of"]["chosen"]) == (12, 4, 2)
    scores = told["best_of"]["scores"]
    assert scores[2] == max(scores)
    assert spares(one) == [f"a-calm-sea-flat-{job}-001{letter}.jpg" for letter in "abd"]
    with Image.open(one.app.places.spare / spares(one)[0]) as spare:
        assert spare.size == (96, 64)
    assert b"a calm sea" in (one.app.places.spare / spares(one)[1]).read_bytes().lower()
    whole(one, job, 1)


def test_of_equals_the_first_is_kept(house: Build) -> None:
    one = house(thread=True)
    job = one.make(sea(3, but="flat"))
    (told,) = sidecars(one, job)
    scores = told["best_of"]["scores"]
    assert told["best_of"]["chosen"] == scores.index(max(scores))


def test_a_try_that_is_like_another_picture_loses(house: Build) -> None:
    one = house({"checks": {"border": {"width": 0.5}, "duplicate": {"distance": 6}}}, thread=True)
    one.make(sea(1, seed=10))
    job = one.make(sea(2, seed=10))
    (told,) = sidecars(one, job)
    assert told["seed"] == 11
    assert "similar" not in json.dumps([check for check in told["checks"] if not check["ok"]])


def test_each_try_is_measured_once_also_where_the_program_ends_in_between(house: Build) -> None:
    one = house({"providers": {"scripted": {"place": "net", "quote": 50_000}}, "money": {"per_month_usd": 9}},
                thread=True)  # fmt: skip
    job = one.order(sea(3))
    one.work(lambda: len(one.app.ledger.query("SELECT 1 FROM measures")) >= 1)
    before = one.app.ledger.query("SELECT * FROM measures LIMIT 1")
    crash(one)
    assert before[0] in one.app.ledger.query("SELECT * FROM measures")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(attempts(one, job)) == 3
    whole(one, job, 1)


def test_drawings_of_the_built_in_provider_are_chosen_by_their_scores(house: Build) -> None:
    one = house({"providers": {"scripted": {"place": "net"}, "second": {}, "procedural": {}}, "markets": {}})
    job = one.make("keywords: mountains\nmodel: procedural\nsize: 320x240\ncount: 2\nbest_of: 3\nmarkets: []\n")
    for told in sidecars(one, job):
        scores = told["best_of"]["scores"]
        assert len(scores) == 3 and None not in scores
        assert scores[told["best_of"]["chosen"]] == max(scores)
    assert len(spares(one)) == 4
    whole(one, job, 2)


# -- what goes wrong -------------------------------------------------------------------------------------------


def test_a_try_that_fails_costs_no_picture(house: Build) -> None:
    one = house(thread=True)
    job = one.make(sea(3, but="raise/10 undecodable/12"))
    assert [state for state, _ in states(one, job)] == ["failed", "done", "failed"]
    assert sidecars(one, job)[0]["best_of"]["scores"][::2] == [None, None]
    assert one.app.ledger.jobs.counts(job) == one.states() == {"done": 1}
    assert one.app.ledger.jobs.get(job)["result"] == "done"
    whole(one, job, 1)


def test_where_every_try_fails_the_picture_has_failed_once(house: Build) -> None:
    one = house(thread=True)
    job = one.make(sea(3, count=2, but="raise/10 raise/11 raise/12"))
    assert one.app.ledger.jobs.counts(job) == {"done": 1, "failed": 1}
    assert one.app.ledger.jobs.get(job)["result"] == "partial"
    (told,) = [one for one in command(one, "retry", job=job) if "pictures" in one.facts]
    assert told.facts["pictures"] == 1
    follow = told.facts["job"]
    one.work(lambda: one.app.ledger.jobs.get(follow)["state"] == "closed")
    assert [shot["seed"] for shot in one.shots(follow)] == [10, 11, 12]


def test_where_the_best_turns_out_useless_the_next_best_is_kept_and_nothing_is_made_again(house: Build) -> None:
    one = house(thread=True)
    job = one.order(sea(3, but="flat/10"))
    with busy_pool(one):
        one.work(lambda: {state for state, _ in states(one, job)} == {"rendered"})
    one.work(lambda: len(one.app.ledger.query("SELECT 1 FROM measures")) == 3)
    choice = one.app.engine.parts.finisher._judge.choice(1)
    if choice:  # else it is being finished already
        (one.app.places.spool / choice.shot["raw_path"]).write_bytes(b"broken")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert len(attempts(one, job)) == 3
    whole(one, job, 1)


def test_of_a_cancelled_job_the_best_of_what_has_rendered_is_kept(house: Build) -> None:
    one = house({"limits": {"free_disk": "0B", "lookahead": 1}}, thread=True)
    job = one.order(sea(3, count=2, but="flat/10"))
    one.work(lambda: sum(state == "rendered" for state, _ in states(one, job)) >= 2)
    command(one, "cancel", job=job)
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert sidecars(one, job)[0]["seed"] in (11, 12)
    whole(one, job, 1)


def test_a_death_at_any_step_of_finishing_makes_each_picture_once(house: Build) -> None:
    one = house(thread=True)
    for fate in fates():
        job = one.order(sea(2, but="flat/10"))
        with busy_pool(one):
            one.work(lambda job=job: {state for state, _ in states(one, job)} == {"rendered"})
        one.app.engine.parts.pool.deliver()
        with suppress(Died):
            for _ in range(4):  # measured, chosen, laid by
                Doomed(one, fate).finish()
        restart(one)
        one.work(lambda job=job: one.app.ledger.jobs.get(job)["state"] == "closed")
        assert len(attempts(one, job)) == 2
        whole(one, job, 1)


# -- waiting ---------------------------------------------------------------------------------------------------


class Forbidding:
    """A hold of these shots until it is lifted."""

    shots = frozenset[int]()

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        return (Held(hold="money", reason="no money", shots=self.shots),) if self.shots else ()


def half_made(one: House, clock: StillClock, text: str, held: Sequence[int]) -> tuple[str, Forbidding]:
    """A job of whose shots those at the places `held` wait, and all others have rendered or are done."""
    hold = Forbidding()
    one.app.engine.heed(hold)
    job = one.order(text)
    one.app.engine.parts.planner.step(clock.monotonic())
    hold.shots = frozenset(one.shots(job)[at]["id"] for at in held)
    turned(one, clock, lambda: one.app.engine.idle)
    return job, hold


def test_a_picture_waits_for_all_its_tries_and_whoever_waits_until_nothing_is_left_does_not_wait_for_it(
    house: Build,
) -> None:
    clock = StillClock()
    one = house(thread=True, clock=clock)
    job, hold = half_made(one, clock, sea(2, count=2), [1])
    assert [state for state, _ in states(one, job)] == ["rendered", "planned", "done", "done"]
    assert one.states() == {"planned": 1, "done": 1}
    assert [(held.hold, pictures) for _, held, pictures in one.app.engine.held() if pictures] == [("money", 1)]
    hold.shots = frozenset()
    turned(one, clock, lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    whole(one, job, 2)


def test_many_pictures_that_wait_keep_no_other_from_being_made(house: Build) -> None:
    """More than the spool may hold of what could be finished."""
    clock = StillClock()
    one = house(thread=True, clock=clock)
    half_made(one, clock, sea(2, count=40), range(1, 80, 2))
    other = one.order("prompt: a high hill\nsize: 64x64\n")
    turned(one, clock, lambda: one.app.ledger.jobs.get(other)["state"] == "closed")


def test_what_waits_for_too_long_is_decided_by_what_there_is_and_the_rest_has_its_own_job(house: Build) -> None:
    clock = StillClock()
    one = house({"outbox": {"close_after": "6h"}}, thread=True, clock=clock)
    job, hold = half_made(one, clock, sea(2, count=3), [1, 4, 5])
    assert one.states() == {"planned": 2, "done": 1}
    for _ in range(8):
        clock.now += 3600.0
        one.turn()
    turned(one, clock, lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert one.shots(job)[1]["reason"] == "not_waited"
    rest = one.app.ledger.retries.rest(job)
    assert rest and one.app.ledger.jobs.counts(rest) == {"planned": 1}
    codes = {remark.code: remark for remark in remarks_of(one.app.ledger.jobs.get(job)["remarks"])}
    assert codes["close.fewer_tries"].facts["pictures"] == codes["close.rest"].facts["pictures"] == 1
    assert all(one.app.catalogue.say.tell(remark) for remark in codes.values())
    whole(one, job, 2)
    hold.shots = frozenset()
    turned(one, clock, lambda: one.app.ledger.jobs.get(rest)["state"] == "closed")
    whole(one, rest, 1)
    assert len(attempts(one, job)) + len(attempts(one, rest)) == 5


def test_a_months_money_that_ends_within_a_picture_keeps_what_was_bought(house: Build) -> None:
    clock = StillClock()
    one = house({"providers": {"scripted": {"place": "net", "quote": 50_000}}, "chains": {"auto": ["scripted"]},
                 "money": {"per_month_usd": 0.12}, "outbox": {"close_after": "1h"}, "timezone": "Asia/Seoul"},
                clock=clock)  # fmt: skip
    job = one.order(sea(3))
    turned(one, clock, lambda: one.app.engine.idle and len(attempts(one, job)) == 2)
    for _ in range(4):
        clock.now += 1200.0
        one.turn()
    turned(one, clock, lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert one.app.ledger.jobs.get(job)["result"] == "done"
    assert one.app.ledger.retries.rest(job) is None
    whole(one, job, 1)


# -- a model that looks ----------------------------------------------------------------------------------------


def seeing(root: Path, server: OllamaServer) -> House:
    over = {
        "checks": BASE["checks"] | {"vision": {"least": 5}},
        "writers": {"ollama": {"url": server.url, "model": "qwen2.5:14b", "vision": "qwen2.5vl:7b", "timeout": "5s"}},
    }
    return House(root, over, thread=True)


def test_a_model_is_shown_the_two_best_and_its_marks_decide(tmp_path: Path) -> None:
    answers = [json.dumps(GOOD | {"hands": 6}), json.dumps(GOOD)]
    with OllamaServer(answers, models={"qwen2.5:14b": 9, "qwen2.5vl:7b": 6}) as server:
        one = seeing(tmp_path, server)
        try:
            job = one.make(sea(4))
            assert len(looks(server)) == 2
            (told,) = sidecars(one, job)
            assert {check["name"]: check["value"] for check in told["checks"]}["hands"] == 10
            whole(one, job, 1)
        finally:
            one.close()


def test_one_that_is_marked_down_makes_room_for_the_next(tmp_path: Path) -> None:
    answers = [json.dumps(GOOD | {"hands": 1}), json.dumps(GOOD | {"hands": 2}), json.dumps(GOOD)]
    with OllamaServer(answers, models={"qwen2.5:14b": 9, "qwen2.5vl:7b": 6}) as server:
        one = seeing(tmp_path, server)
        try:
            job = one.make(sea(3))
            assert len(looks(server)) == 3
            assert one.states() == {"done": 1}
            whole(one, job, 1)
        finally:
            one.close()


# -- spares ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kept", "left"), [("2h", 1), ("10d", 3), ("never", 3), ("0s", 0)])
def test_spares_lie_by_for_as_long_as_the_config_says(house: Build, kept: str, left: int) -> None:
    clock = StillClock()
    one = house({"retention": {"spare": kept}}, thread=True, clock=clock)
    for but in ("flat/10 flat/11", "flat/10"):
        job = one.order(sea(3 if but == "flat/10 flat/11" else 2, but=but))
        turned(one, clock, lambda job=job: one.app.ledger.jobs.get(job)["state"] == "closed")
        clock.now += 2.5 * 3600.0 if but != "flat/10" else 1800.0
    turned(one, clock, lambda: len(spares(one)) <= left)
    clock.now += 1800.0
    one.turn()
    assert len(spares(one)) == left
    assert len(one.app.ledger.query("SELECT 1 FROM assets WHERE state = 'spare'")) == left
    cleaned = one.events("spare.cleaned")
    assert [(event["pictures"], event["bytes"] > 0) for event in cleaned] == ([(2, True)] if kept == "2h" else [])
    whole(one, job, 1)


def test_a_reload_changes_how_long_spares_lie_by(house: Build) -> None:
    clock = StillClock()
    one = house(thread=True, clock=clock)
    job = one.order(sea(2))
    turned(one, clock, lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    config = one.app.catalogue.config
    retention = config.retention.model_copy(update={"spare": 60.0})
    one.app.reload(config.model_copy(update={"retention": retention}))
    clock.now += 3700.0
    one.turn()
    assert spares(one) == []
    one.app.ledger.query("SELECT 1")
    whole(one, job, 1)


def test_a_spare_that_its_owner_took_is_no_trouble(house: Build) -> None:
    clock = StillClock()
    one = house({"retention": {"spare": "1h"}}, thread=True, clock=clock)
    job = one.order(sea(2))
    turned(one, clock, lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    (one.app.places.spare / spares(one)[0]).unlink()
    clock.now += 2 * 3600.0
    one.turn()
    assert [event["bytes"] for event in one.events("spare.cleaned")] == [0]


def test_what_no_row_knows_is_swept_at_a_start_and_spares_are_not(house: Build) -> None:
    one = house(thread=True)
    one.make(sea(2))
    before = spares(one)
    (one.app.places.spare / "half-aaaaa-001b.jpg").write_bytes(b"half")
    one.again()
    assert spares(one) == before


def test_spares_are_on_no_sheet_and_in_no_summary(house: Build) -> None:
    one = house(thread=True)
    job = one.make(sea(3, count=2))
    summary = json.loads((one.folder(job) / "info" / "job.json").read_bytes())
    assert summary["shots"] == {"done": 2}
    assert [picture["number"] for picture in summary["pictures"]] == [1, 2]
    assert sorted(path.stem[-3:] for path in one.pictures(job)) == ["001", "002"]
