"""From a theme or an unknown word to pictures, with a real server of a text model that thinks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stockgen.ledger.jobs import remarks_of
from stockgen.pipeline.commands import Command
from tests.house import House, broken_promises
from tests.modes.brain import Brain
from tests.ollama import OllamaServer

Build = Callable[[Brain], House]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Build]:
    open_: list[Any] = []

    def build(brain: Brain) -> House:
        server = OllamaServer(answers=brain).__enter__()
        writers = {"ollama": {"url": server.url, "model": "qwen2.5:14b"}}
        one = House(tmp_path, {"writers": writers}, thread=True)
        open_.append((one, server))
        return one

    yield build
    for one, server in open_:
        broken = broken_promises(one.app.ledger)
        one.close()
        server.__exit__(None, None, None)
        assert broken == {}


def ideas(one: House, job: str) -> list[dict[str, Any]]:
    return one.app.ledger.query("SELECT * FROM ideas WHERE job_id = :job ORDER BY position", job=job)


def told(one: House, job: str) -> dict[str, dict[str, Any]]:
    return {remark.code: dict(remark.facts) for remark in remarks_of(one.app.ledger.jobs.get(job)["remarks"])}


def test_a_theme_becomes_pictures_that_the_model_thought_of(house: Build) -> None:
    one = house(Brain(near=30))
    job = one.make("theme: 겨울 카드\nseason: christmas\navoid: [bell]\ncount: 6\nsize: 64x64")
    made = ideas(one, job)
    assert len(made) == 6
    assert {row["writer"] for row in made} == {"ollama/qwen2.5:14b"}
    assert len({row["title_ko"] for row in made}) == 6
    assert not [row for row in made if "bell" in row["prompt"]]
    assert len(one.pictures(job)) == 6


def test_a_second_job_of_the_theme_has_other_ideas_and_names_those_that_there_were(house: Build) -> None:
    brain = Brain(near=30)
    one = house(brain)
    first = one.make("theme: winter cards\ncount: 4\nsize: 64x64")
    titles = {row["title_en"] for row in ideas(one, first)}
    asked = len(brain.asked)
    second = one.make("theme: winter cards\ncount: 6\nsize: 64x64")
    assert len(ideas(one, second)) == 6
    assert not titles & {row["title_en"] for row in ideas(one, second)}
    assert all(title in brain.asked[asked] for title in titles)


def test_a_word_that_only_the_model_knows_is_drawn_in_english_and_the_note_says_how(house: Build) -> None:
    one = house(Brain(words={"알파카": "fluffy alpaca"}))
    job = one.make("prompt: 알파카\ncount: 2\nsize: 64x64")
    assert [row["prompt"].split(",")[0] for row in ideas(one, job)] == ["fluffy alpaca"] * 2
    assert told(one, job)["plan.words_translated"]["words"] == ["알파카 → fluffy alpaca"]


def test_a_subject_with_an_unknown_word_is_translated_and_then_thought_about(house: Build) -> None:
    brain = Brain(words={"알파카": "fluffy alpaca"})
    one = house(brain)
    job = one.make("keywords: 봄 알파카\ncount: 3\nsize: 64x64")
    assert [row["writer"] for row in ideas(one, job)] == ["ollama/qwen2.5:14b"] * 3
    assert "fluffy alpaca" in brain.asked[1]


def test_a_model_that_babbles_leaves_a_theme_to_templates_and_that_is_told(house: Build) -> None:
    one = house(Brain(bad=100))
    job = one.make("theme: cherry blossom\ncount: 3\nsize: 64x64")
    assert [row["writer"] or "" for row in ideas(one, job)] == [""] * 3
    assert all("cherry blossom" in row["prompt"] for row in ideas(one, job))
    assert told(one, job)["plan.writer_away"]["ideas"] == 3


def test_more_of_a_picture_are_thought_of_by_the_model_in_its_look_and_of_other_things(house: Build) -> None:
    one = house(Brain())
    first = one.make("theme: 겨울 카드\ncount: 1\nsize: 64x64\nstyle: watercolor\n")
    (was,) = ideas(one, first)
    name = one.app.ledger.assets.of_job(first)[0]["stem"]
    answer = one.app.desk.apply(Command(id="m", name="more", arguments={"picture": name, "count": 30}))
    job = answer.told[0].facts["job"]
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    made, (order,) = ideas(one, job), one.app.ledger.jobs.orders(job)
    assert len(one.pictures(job)) == len(made) == 30
    assert {idea["writer"] for idea in made} == {"ollama/qwen2.5:14b"}
    assert len({idea["title_en"] for idea in [was, *made]}) == 31
    look = f"soft watercolor painting, paper texture, gentle washes, color palette of {order.palette}"
    assert order.palette and all(look in idea["prompt"] for idea in made)
    thing = was["prompt"].removeprefix("a single ").partition(",")[0]
    thing = " ".join(thing.split()[:2])  # "steaming teapot" of "steaming teapot on a window sill"
    assert not [idea["prompt"] for idea in made if thing in idea["prompt"]]
