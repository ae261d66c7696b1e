"""One card for the image model and the model that finds other words: each has it in turn, and it is given back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from stockgen.app.build import App, open_app
from stockgen.config import load
from stockgen.gpu.cards import Card
from stockgen.logs import configure
from tests.house import TEST_PLUGINS, House, broken_promises
from tests.ollama import Asked, OllamaServer
from tests.pipeline.fake_card import MB
from tests.pipeline.stage import attempts
from tests.pipeline.test_seeing_shared import FILE, Shared
from tests.pipeline.test_sharing import LiveCard, TickingClock

SEAS = "- {prompt: a sea, size: 64x64, count: 3}\n- {prompt: a refuse harbour, size: 64x64, count: 2}\n"


class RephrasingHouse(House):
    """A house with one card, whose text model is on its own server; whenever it is turned, half a second passes.
    `asked`: how many image models were warm each time that words were asked for.
    """

    def __init__(self, root: Path, total: int, **writer: Any) -> None:
        self.time, self.asked = TickingClock(), list[int]()
        self.here = bool(writer.get("shares_card", True))
        self.server = OllamaServer(self._words, {"qwen2.5:14b": FILE}).__enter__()
        self.card = LiveCard(lambda: self, total)  # type: ignore[arg-type, return-value]
        self.kind = type("Here", (Shared,), {"there": (Card(0, "RTX 3060", total, total, "580"),)})
        over = {
            "gpu": {"devices": [0]}, "providers": {"scripted": {"place": "gpu", "seconds": 0.02}},
            "limits": {"free_disk": "0B", "rephrase": True},
            "writers": {"ollama": {"url": self.server.url, "model": "qwen2.5:14b"} | writer},
        }  # fmt: skip
        super().__init__(root, over, clock=self.time)

    def open(self) -> App:
        catalogue = self.kind(load(self.config_path), self.root / "my", TEST_PLUGINS, self.time)
        log = configure("debug", "json", self.out)
        return open_app(catalogue, self.time, Random(0), self.woken.release, log, probe=self.card)

    @property
    def lanes(self) -> list[Any]:
        return self.app.engine.parts.dispatcher.lanes()

    @property
    def writer(self) -> SimpleNamespace:
        """As the card sees it."""
        return SimpleNamespace(loaded=bool(self.server.loaded), bytes=FILE if self.here else 0)

    def _words(self, _: Asked) -> str:
        self.asked.append(sum(bool(lane.warm) for lane in self.lanes))
        return json.dumps({"prompt": "a calm harbour at dusk"})

    def live(self, until: Callable[[], bool]) -> None:
        """Work while time passes."""

        def passed() -> bool:
            self.time.now += 0.5
            return until()

        self.work(passed)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Callable[..., RephrasingHouse]]:
    built: list[RephrasingHouse] = []

    def build(total: int, **writer: Any) -> RephrasingHouse:
        built.append(RephrasingHouse(tmp_path / "house", total, **writer))
        return built[-1]

    yield build
    for one in built:
        broken = broken_promises(one.app.ledger)
        one.close()
        one.server.__exit__(None, None, None)
        assert broken == {}


def made(one: RephrasingHouse) -> None:
    job = one.order(SEAS)
    one.live(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert one.app.ledger.jobs.get(job)["result"] == "done"
    assert attempts(one, job).count(("scripted", "rendered", None)) == 5


def test_the_image_model_steps_aside_while_words_are_found_and_the_card_is_given_back(shared) -> None:
    one = shared(12_000 * MB)
    made(one)
    assert one.asked == [0]  # once, for both pictures
    one.live(lambda: not one.server.loaded)
    one.live(lambda: len(one.events("hold.off")) == len(one.events("hold.on")))
    assert {line["hold"] for line in one.events("hold.on")} == {"writer"}
    made(one)  # the image model is back by itself


def test_on_a_card_that_holds_both_nobody_steps_aside(shared) -> None:
    one = shared(24_000 * MB)
    made(one)
    assert one.asked == [1]
    assert one.events("hold.on") == []


def test_nothing_of_this_where_the_text_model_is_elsewhere(shared) -> None:
    one = shared(12_000 * MB, shares_card=False)
    made(one)
    assert one.events("hold.on") == []
    assert one.server.loaded  # it is not ours to send away
