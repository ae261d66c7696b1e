"""What is too much like a picture that was ever finished here goes to a person, whatever became of that picture."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from PIL import Image

from stockgen.checks.likeness import likeness_of
from stockgen.pipeline.alike import Alike
from tests.house import House
from tests.pipeline.stage import busy_pool, in_folder, rendered, states

Build = Callable[..., House]
SEA = "prompt: a sea\nsize: 64x64\nseed: 7\n"
LAKE = "prompt: a lake\nsize: 64x64\nseed: 8\n"
ALIKE = {"checks": {"duplicate": {"distance": 6}}}
KEPT, SENT = [("done", None)], [("review", "similar")]


def beside(one: House, job: str) -> dict[str, Any]:
    [path] = (one.folder(job) / "info").glob("a-*.json")
    told: dict[str, Any] = json.loads(path.read_bytes())
    return told


def test_the_same_picture_of_a_later_job_goes_to_review_and_says_what_it_is_like(house: Build) -> None:
    one = house(ALIKE, thread=True)
    first, other, second, third = one.make(SEA), one.make(LAKE), one.make(SEA), one.make(LAKE)
    assert [states(one, job) for job in (first, other, second, third)] == [KEPT, KEPT, SENT, SENT]
    assert len(in_folder(one, "review/similar")) == 2
    told = beside(one, second)
    assert told["similar_to"] == one.pictures(first)[0].stem
    assert "similar_to" not in beside(one, other)
    found = {each["name"]: each for each in told["checks"]}["similar"]
    assert (found["ok"], found["threshold"]) == (False, 6)
    assert found["value"] < 0.5


def test_two_that_are_finished_at_the_same_time_are_compared_with_each_other(house: Build) -> None:
    one = house(ALIKE, thread=True)
    with busy_pool(one):
        jobs = [one.order(SEA), one.order(SEA)]
        for job in jobs:
            rendered(one, job)
    one.work()
    assert sorted(map(str, (states(one, job) for job in jobs))) == sorted(map(str, (KEPT, SENT)))


def test_what_was_dropped_or_lies_in_review_counts_and_so_does_it_after_a_restart(house: Build) -> None:
    one = house(ALIKE, thread=True)
    first = one.make(SEA)
    one.app.ledger._db.write("UPDATE assets SET state = 'dropped'")
    one.pictures(first)[0].unlink()
    one.again()
    assert states(one, one.make(SEA)) == SENT
    assert states(one, one.make(LAKE)) == KEPT


def test_a_picture_that_is_finished_once_more_is_not_like_itself(house: Build) -> None:
    """Its name turned out to be taken when the ledger had it already: it is published anew."""
    one = house(ALIKE, thread=True)
    job = one.make(SEA)
    [shot] = one.shots(job)
    alike = Alike(one.app.ledger, 6.0)
    with Image.open(one.pictures(job)[0]) as picture:
        this = likeness_of(picture)
    assert alike.finding(this, shot["id"])[0].ok
    assert alike.finding(this, -1)[1] == one.pictures(job)[0].stem


def test_the_ledger_keeps_hash_and_score(house: Build) -> None:
    one = house(ALIKE, thread=True)
    job = one.make(SEA + "count: 2\n")
    first, second = one.app.ledger.assets.of_job(job)
    assert first["phash"] not in (None, second["phash"])
    assert 0 < first["score"] <= 1
    assert beside(one, one.make(LAKE))["score"] <= 1
