"""One card for the image model and the model that looks at its pictures: each has it in turn, and it is given back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from stockgen.app.build import App, open_app
from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from stockgen.domain.protocols import Clock
from stockgen.gpu.cards import Card
from stockgen.logs import configure
from tests.house import BASE, TEST_PLUGINS, House, broken_promises
from tests.ollama import Asked, OllamaServer
from tests.pipeline.fake_card import MB
from tests.pipeline.test_sharing import SEA, LiveCard, TickingClock
from tests.pipeline.test_written_for_real import thought_of

EYE = "qwen2.5vl:7b"
FILE = 7_200 * MB  # it needs 1.2 times as much: too much beside an image model of 9,000 on a card of 12,000
SEEN = "Blue waves of the sea under a pale sky."
MARKS = {
    "hands": 10,
    "text": 10,
    "logos": 10,
    "composition": 9,
    "caption_en": SEEN,
    "caption_ko": "옅은 하늘 아래 푸른 바다 물결이 보입니다.",
}


class Shared(Catalogue):
    """An installation that has the card of a SeeingHouse."""

    there: tuple[Card, ...] = ()

    @property
    def cards(self) -> tuple[Card, ...]:  # type: ignore[override]
        return self.there


class SeeingHouse(House):
    """A house with one card, whose finished pictures are shown to a model on its own server; whenever it is turned,
    half a second passes. `looks`: how many image models were warm at each look.
    """

    def __init__(self, root: Path, total: int, **writer: Any) -> None:
        self.time, self.looks = TickingClock(), list[int]()
        self.here = bool(writer.get("shares_card", True))
        self.server = OllamaServer(self._seen, {"qwen2.5:14b": FILE, EYE: FILE}).__enter__()
        self.card = LiveCard(lambda: self, total)  # type: ignore[arg-type, return-value]
        self.kind = type("Here", (Shared,), {"there": (Card(0, "RTX 3060", total, total, "580"),)})
        over = {
            "gpu": {"devices": [0]}, "providers": {"scripted": {"place": "gpu", "seconds": 0.02}},
            "checks": BASE["checks"] | {"vision": {"least": 5}},
            "writers": {"ollama": {"url": self.server.url, "model": "qwen2.5:14b", "vision": EYE} | writer},
        }  # fmt: skip
        super().__init__(root, over, clock=self.time)

    def open(self) -> App:
        clock: Clock = self.time
        catalogue = self.kind(load(self.config_path), self.root / "my", TEST_PLUGINS, clock)
        log = configure("debug", "json", self.out)
        return open_app(catalogue, clock, Random(0), self.woken.release, log, probe=self.card)

    @property
    def lanes(self) -> list[Any]:
        return self.app.engine.parts.dispatcher.lanes()

    @property
    def writer(self) -> SimpleNamespace:
        """As the card sees it."""
        return SimpleNamespace(loaded=bool(self.server.loaded), bytes=FILE if self.here else 0)

    def _seen(self, asked: Asked) -> str:
        if "images" not in asked.body["messages"][-1]:
            return thought_of(asked)
        self.looks.append(sum(bool(lane.warm) for lane in self.lanes))
        return json.dumps(MARKS)

    def live(self, until: Callable[[], bool]) -> None:
        def passed() -> bool:
            self.time.now += 0.5
            return until()

        self.work(passed)

    def made(self, count: int, text: str = SEA) -> list[dict[str, Any]]:
        """What is told of each picture of a job, once it is closed."""
        job = self.order(f"{text}count: {count}\n")
        self.live(lambda: self.app.ledger.jobs.get(job)["state"] == "closed")
        return [json.loads(path.read_text()) for path in sorted((self.folder(job) / "info").glob("*-*.json"))]


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Callable[..., SeeingHouse]]:
    built: list[SeeingHouse] = []

    def build(total: int, **writer: Any) -> SeeingHouse:
        built.append(SeeingHouse(tmp_path / "house", total, **writer))
        return built[-1]

    yield build
    for one in built:
        broken = broken_promises(one.app.ledger)
        one.close()
        one.server.__exit__(None, None, None)
        assert broken == {}


Build = Callable[..., SeeingHouse]


def test_the_image_model_steps_aside_while_pictures_are_looked_at_and_the_card_is_given_back(shared: Build) -> None:
    one = shared(12_000 * MB)
    told = one.made(3)
    assert [tree["description"]["en"] for tree in told] == [SEEN] * 3
    assert one.looks == [0] * 3
    one.live(lambda: not one.server.loaded)
    one.live(lambda: len(one.events("hold.off")) == len(one.events("hold.on")))
    assert {line["hold"] for line in one.events("hold.on")} == {"writer"}
    assert len(one.made(1)) == 1  # the image model is back by itself
    assert not one.events("vision.away")


def test_on_one_card_ideas_are_written_rendered_and_looked_at_and_nobody_waits_for_ever(shared: Build) -> None:
    one = shared(12_000 * MB)
    first = one.order("theme: quiet mornings\nsize: 64x64\ncount: 4\n")
    told = one.made(5, "theme: calm evenings\nsize: 64x64\n")
    assert [tree["description"]["en"] for tree in told] == [SEEN] * 5
    one.live(lambda: one.app.ledger.jobs.get(first)["state"] == "closed")
    assert one.looks == [0] * 9
    assert {row["writer"] for row in one.app.ledger.query("SELECT writer FROM ideas")} == {"ollama/qwen2.5:14b"}
    one.live(lambda: not one.server.loaded)


def test_on_a_card_that_holds_both_pictures_are_looked_at_beside_the_image_model(shared: Build) -> None:
    one = shared(24_000 * MB)
    assert len(one.made(2)) == 2
    assert set(one.looks) == {1}
    assert one.events("hold.on") == []


def test_nothing_of_this_where_the_model_that_sees_is_on_another_card(shared: Build) -> None:
    one = shared(12_000 * MB, shares_card=False)
    assert len(one.made(2)) == 2
    assert len(one.looks) == 2
    assert one.events("hold.on") == []
    assert one.server.loaded  # it is not ours to send away
