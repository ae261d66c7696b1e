"""A killed planning goes on where it was, and nothing is changed or left out in silence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from stockgen.data.market import load_markets
from stockgen.domain.protocols import Mode
from stockgen.domain.words import Idea, Look, Order, Remark
from stockgen.ledger.jobs import remarks_of
from tests.house import House
from tests.pipeline.stage import states

Build = Callable[..., House]
SPRING = """
- {keywords: 봄꽃, count: 3, size: 96x64, negative_prompt: people, model: procedural}
- {mode: random, count: 2, size: 64x64, model: [later, procedural]}
- {prompt: a calm sea, count: 2, size: 64x96, model: procedural, seed: 4294967295}
"""
ALONE: dict[str, Any] = {"providers": {"scripted": {"place": "net"}}}  # `second` is not configured
LATER = ALONE | {"chains": {"auto": ["scripted"], "later": ["procedural", "second"]}}
OF_IDEAS = "SELECT position, order_index, mode, prompt, title_ko, tags_en, motif_id FROM ideas ORDER BY position"
OF_SHOTS = "SELECT position, idea_id, state, prompt, seed, width, height, wish, chain, provider, stack FROM shots"


class Killed(BaseException):
    """The process is no more."""


def deadly(modes: dict[str, Mode], ideas: int) -> dict[str, Mode]:
    """The same modes, and a death after so many ideas of the whole job."""
    left = list(range(ideas))

    def dying(mode: Mode) -> Mode:
        def ideas_of(order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
            for idea in mode(order, look, count, rng):
                if not left:
                    raise Killed
                left.pop()
                yield idea
            if not left:
                raise Killed

        return ideas_of

    return {name: dying(mode) for name, mode in modes.items()}


def plan(one: House) -> list[Any]:
    planner, clock = one.app.engine.parts.planner, one.app.clock
    done = []
    while planner.busy:
        done += planner.step(clock.monotonic())
    return done


def planned(one: House) -> list[dict[str, Any]]:
    return one.app.ledger.query(OF_IDEAS) + one.app.ledger.query(f"{OF_SHOTS} ORDER BY position")


@pytest.mark.parametrize("ideas", [0, 1, 3, 4, 6, 7])
def test_a_killed_planning_gives_the_pictures_of_an_undisturbed_one(house: Build, ideas: int) -> None:
    calm, killed = house(LATER, thread=True), house(LATER, thread=True)
    assert calm.order(SPRING) == killed.order(SPRING)
    (whole,) = plan(calm)
    planner = killed.app.engine.parts.planner
    planner.modes = deadly(dict(planner.modes), ideas)
    with pytest.raises(Killed):
        plan(killed)
    assert len(killed.app.ledger.query(OF_IDEAS)) == ideas
    killed.again()
    (rest,) = plan(killed)
    assert planned(killed) == planned(calm)
    assert rest.told == whole.told  # what was told of pictures before the death is not forgotten


def test_picture_k_has_seed_plus_k_and_starts_again_at_two_to_the_32(house: Build) -> None:
    one = house(thread=True)
    job = one.order("prompt: a sea\nseed: 4294967294\ncount: 4\nsize: 64x64\n")
    plan(one)
    assert [shot["seed"] for shot in one.shots(job)] == [2**32 - 2, 2**32 - 1, 0, 1]


def test_only_a_prompt_of_a_job_file_is_kept_word_for_word(house: Build) -> None:
    one = house()
    one.order("- {prompt: a calm sea, size: 64x64}\n- {keywords: sea, size: 64x64}\n")
    plan(one)
    wishes = [json.loads(row["wish"]) for row in one.app.ledger.query("SELECT wish FROM shots ORDER BY position")]
    assert [wish.get("exact", False) for wish in wishes] == [True, False]


def test_each_order_counts_its_own_seeds(house: Build) -> None:
    one = house(thread=True)
    job = one.order("- {prompt: a sea, seed: 5, count: 2}\n- {prompt: a tree, seed: 5, count: 2}\n")
    plan(one)
    assert [shot["seed"] for shot in one.shots(job)] == [5, 6, 5, 6]


def told(one: House, text: str) -> dict[str, dict[str, Any]]:
    one.order(text)
    (done,) = plan(one)
    return {remark.code: dict(remark.facts) for remark in done.told}


def test_what_a_provider_can_not_honour_is_told_once(house: Build) -> None:
    found = told(house(thread=True), "prompt: a sea\nmodel: procedural\nsteps: 30\ncount: 3\nsize: 64x64\n")
    assert found["plan.dropped"]["key"] == "steps"


def test_who_is_not_configured_is_named(house: Build) -> None:
    one = house(ALONE | {"chains": {"auto": ["second", "scripted"]}}, thread=True)
    assert told(one, "prompt: a sea\nsize: 64x64\n")["plan.left_out"]["provider"] == ["second"]


def test_what_nobody_can_make_fails_at_once_with_its_reason(house: Build) -> None:
    one = house({"chains": {"auto": ["scripted"]}}, thread=True)
    job = one.make("prompt: an unfit thing\nsize: 64x64\ncount: 2\n")
    assert states(one, job) == [("failed", "unfit")] * 2
    assert one.app.ledger.jobs.get(job)["result"] == "failed"
    assert one.app.ledger.query("SELECT * FROM attempts") == []


def test_who_will_not_have_the_words_again_is_named_and_no_other_kind_is_advised(house: Build) -> None:
    one = house(thread=True)
    one.make("prompt: a sea refuse\nmodel: scripted\nsize: 64x64\n")
    found = told(one, "prompt: a sea refuse\nmodel: scripted\nsize: 64x64\n")
    assert found["plan.not_by"] == {"provider": "scripted", "why": Remark("reason.refused_before")}
    assert "plan.unfit" not in found


def test_a_size_that_the_market_refuses_is_enlarged_and_told(house: Build) -> None:
    one = house(thread=True)
    found = told(one, "prompt: a sea\nsize: 600x400\nmarkets: [adobe_stock]\n")
    assert found["plan.enlarged"]["asked"] == "600x400"
    (shot,) = one.app.ledger.query("SELECT width, height FROM shots")
    assert f"{shot['width']}x{shot['height']}" == found["plan.enlarged"]["made"]
    assert load_markets(one.app.catalogue.shelf)["adobe_stock"].pixels.take(shot["width"], shot["height"])
    assert abs(shot["width"] / shot["height"] - 1.5) < 0.01


def test_pictures_for_no_market_keep_their_size(house: Build) -> None:
    one = house(thread=True)
    assert told(one, "prompt: a sea\nsize: 600x400\nmarkets: []\n") == {}
    assert one.app.ledger.query("SELECT width, height FROM shots") == [{"width": 600, "height": 400}]


def test_a_large_job_is_planned_in_slices_so_that_nothing_else_waits(house: Build) -> None:
    one = house(thread=True)
    job = one.order("keywords: sea\ncount: 120\nsize: 64x64\n")
    turns = 0
    while one.app.ledger.jobs.get(job)["state"] == "planning":
        one.app.engine.parts.planner.step(one.app.clock.monotonic())
        turns += 1
    assert turns > 1
    assert len(one.shots(job)) == 120


def test_a_photo_that_nobody_can_make_is_told_and_not_made(house: Build) -> None:
    one = house({"chains": {"auto": []}, "providers": {}})
    job = one.make("keywords: cherry blossom\nkind: photo\nsize: 640x640\n")
    told = [remark.code for remark in remarks_of(one.app.ledger.jobs.get(job)["remarks"])]
    assert told == ["plan.drawn", "plan.unfit"]
    assert [(shot["state"], one.pictures(job)) for shot in one.shots(job)] == [("failed", [])]


def test_words_that_a_market_does_not_take_are_told(house: Build) -> None:
    one = house({"chains": {"auto": []}, "providers": {}})
    job = one.order("keywords: cherry blossom\ntags: [명절, sea]\nmarkets: [adobe_stock]\n")
    told = {remark.code: remark.facts for remark in remarks_of(one.app.ledger.jobs.get(job)["remarks"])}
    assert told["plan.other_language"]["words"] == ["명절"]


def codes(one: House, job: str) -> set[str]:
    return {remark.code for remark in remarks_of(one.app.ledger.jobs.get(job)["remarks"])}


def test_a_list_that_went_after_acceptance_is_told_and_the_other_orders_are_made(house: Build) -> None:
    one = house(ALONE)
    lists = one.root / "my" / "wildcards"
    lists.mkdir(parents=True)
    (lists / "mine.txt").write_text("rose\ntulip\n", encoding="utf-8")
    one.again()
    job = one.order("- {keywords: __mine__ field, count: 2}\n- {keywords: tulip, count: 1}\n")
    (lists / "mine.txt").unlink()
    one.again()
    plan(one)
    assert len(states(one, job)) == 1
    assert "job_file.template.unknown" in {code.removesuffix("_near") for code in codes(one, job)}


def test_a_job_of_words_that_went_after_acceptance_ends_and_says_why(house: Build) -> None:
    one = house(ALONE)
    words = one.root / "my" / "vocabulary"
    words.mkdir(parents=True)
    (words / "words.yaml").write_text("noisy: [꿻뚫]\n", encoding="utf-8")
    one.again()
    job = one.order("keywords: 꿻뚫\n")
    (words / "words.yaml").unlink()
    one.again()
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert "job_file.untranslated" in codes(one, job)


def test_a_theme_that_is_itself_to_be_avoided_says_so_and_not_that_nobody_knows_its_words(house: Build) -> None:
    one = house(ALONE)
    job = one.order("theme: cherry blossom\navoid: [cherry blossom]\ncount: 2\n")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert "job_file.untranslated" not in codes(one, job)
    (remark,) = [
        told for told in remarks_of(one.app.ledger.jobs.get(job)["remarks"]) if told.code == "plan.all_avoided"
    ]
    assert "cherry blossom" in one.app.catalogue.say.tell(remark)


def test_pictures_of_one_order_take_other_texts_first(house: Build) -> None:
    one = house(ALONE)
    one.order("prompt: '{red|blue} {door|roof}'\ncount: 4\n")
    plan(one)
    assert {row["prompt"] for row in one.app.ledger.query("SELECT prompt FROM ideas")} == {
        "red door", "red roof", "blue door", "blue roof"}  # fmt: skip
