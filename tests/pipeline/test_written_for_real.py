"""A job by a theme, through all that is real: a server, the chain of writers, the modes, what was made before."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from stockgen.ledger.jobs import remarks_of
from tests.house import House
from tests.ollama import Asked, Fault, OllamaServer
from tests.ollama.vectors import letters

THEME = "theme: 봄 카페\ncount: {count}\nsize: 64x64\n"
MODEL = "qwen2.5:14b"
# Two of a line in each picture, so that no title is like another.
THINGS = (
    ("teapot", "steam"), ("lantern", "alley"), ("kite", "meadow"), ("basket", "apples"), ("umbrella", "puddle"),
    ("bicycle", "bridge"), ("piano", "attic"), ("candle", "cake"), ("mirror", "hallway"), ("ladder", "orchard"),
    ("anchor", "harbor"), ("violin", "velvet"), ("suitcase", "platform"), ("telescope", "balcony"),
    ("hammock", "palms"), ("compass", "map"), ("wheelbarrow", "pumpkins"), ("sundial", "gravel"),
    ("typewriter", "ribbon"), ("rowboat", "reeds"), ("scarecrow", "wheat"), ("chandelier", "ballroom"),
)  # fmt: skip
NUMBERED = count()


def thought_of(asked: Asked) -> str:
    """As many ideas as are asked for, all of different things."""
    text = " ".join(str(one["content"]) for one in asked.body["messages"])
    found = re.search(r"(\d+) pictures|그림 (\d+)", text)
    wanted = int(next(filter(None, found.groups()))) if found else 8
    return json.dumps({"ideas": [_idea(*THINGS[next(NUMBERED) % len(THINGS)]) for _ in range(wanted)]})


def _idea(thing: str, other: str) -> dict[str, Any]:
    return {
        "prompt": f"a {thing} with {other}, soft morning light from the right, much free space on the left side",
        "title_en": f"{thing.capitalize()} and {other}", "title_ko": f"{_korean(thing)} {_korean(other)}",
        "description_en": f"A {thing}.", "description_ko": "조용한 아침입니다.", "category": "food",
        "tags_en": [thing, other, "morning", "quiet"], "tags_ko": ["아침", "탁자", "고요", "창가"],
    }  # fmt: skip


def _korean(thing: str) -> str:
    """A word of its own for each thing."""
    return "".join(chr(0xAC00 + 28 * (ord(letter) * 7 % 399)) for letter in thing if letter.isalpha())[:6]


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    with OllamaServer(thought_of, {MODEL: 9_000_000_000}) as one:
        yield one


Build = Callable[..., House]


def with_ollama(house: Build, server: OllamaServer) -> House:
    return house({"writers": {"ollama": {"url": server.url, "model": MODEL, "timeout": "5s"}}}, thread=True)


def test_a_theme_becomes_pictures_of_different_things(house: Build, server: OllamaServer) -> None:
    one = with_ollama(house, server)
    job = one.make(THEME.format(count=10))
    ideas = one.app.ledger.query("SELECT position, title_en, writer FROM ideas ORDER BY position")
    assert [row["position"] for row in ideas] == list(range(10))
    assert len({row["title_en"] for row in ideas}) == 10
    assert {row["writer"] for row in ideas} == {f"ollama/{MODEL}"}
    assert len(one.pictures(job)) == 10
    (line,) = one.events("job.written")
    assert (line["ideas"], line["steps"]["call"]) == (10, 2)
    assert 0 < line["seconds"] < 60


def test_a_model_that_is_removed_in_between_leaves_the_rest_to_the_word_lists(house: Build) -> None:
    def once(asked: Asked) -> str:
        gone = Fault("status", status=404, text=f"model '{MODEL}' not found")  # `ollama rm`
        leaving.fail(gone, "/api/chat")
        return thought_of(asked)

    with OllamaServer(once, {MODEL: 9_000_000_000}) as leaving:
        one = with_ollama(house, leaving)
        job = one.make(THEME.format(count=10))
    assert len(one.pictures(job)) == 10
    by = [row["writer"] for row in one.app.ledger.query("SELECT writer FROM ideas ORDER BY position")]
    assert by == [f"ollama/{MODEL}"] * 8 + [None] * 2
    remarks = remarks_of(one.app.ledger.jobs.get(job)["remarks"])
    (told,) = (one.app.catalogue.say.tell(remark) for remark in remarks if remark.code == "plan.writer_away")
    assert "2 of the 10 ideas are from the word lists" in told
    assert f"ollama pull {MODEL}" in told


def test_a_model_for_likeness_in_the_config_is_asked_while_ideas_are_written(house: Build) -> None:
    with OllamaServer(thought_of, {MODEL: 9_000_000_000, "all-minilm": 46_000_000}, embed=letters) as server:
        over = {"ollama": {"url": server.url, "model": MODEL, "embed": "all-minilm", "timeout": "5s"}}
        one = house({"writers": over}, thread=True)
        job = one.make(THEME.format(count=4))
        assert len(one.pictures(job)) == 4
        one.make(THEME.format(count=1))
        asked = [asked.body for asked in server.asked("/api/embed")]
    assert {body["model"] for body in asked} == {"all-minilm"}
    (kept,) = one.app.ledger.query("SELECT count(*) AS n FROM embeddings")
    titles = [row["title_en"] for row in one.app.ledger.query("SELECT title_en FROM ideas")]
    embedded = " ".join(str(text) for body in asked for text in body["input"])
    assert all(title in embedded for title in titles)
    assert kept["n"] >= 4  # those of the first job at least, by which the second one was compared


def test_a_stop_does_not_wait_for_a_server_that_hangs(house: Build, server: OllamaServer) -> None:
    one = with_ollama(house, server)
    server.fail(Fault("hang"), "/api/chat")
    job = one.order(THEME.format(count=4))
    one.work(lambda: server.asked("/api/chat") != [])
    begun = time.monotonic()
    one.again()
    assert time.monotonic() - begun < 3.0
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] != "planning")
    assert {row["writer"] for row in one.app.ledger.query("SELECT writer FROM ideas")} == {f"ollama/{MODEL}"}


def test_without_a_text_model_in_the_config_nothing_of_it_is_there(house: Build) -> None:
    before = set(threading.enumerate())
    one = house(thread=True)
    assert one.app.engine.parts.planner.scribe is None
    one.make("keywords: sea\nsize: 64x64\n")
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "writing"]
