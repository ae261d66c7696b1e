"""A server with Ollama's own API on the card of the image model: who is there when, as the server itself saw it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from pathlib import Path
from random import Random

import pytest

from stockgen.app.build import App, open_app
from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from stockgen.gpu.cards import Card, Usage
from stockgen.logs import configure
from tests.house import TEST_PLUGINS, House, broken_promises
from tests.ollama import Asked, OllamaServer
from tests.pipeline.fake_card import MB
from tests.pipeline.test_written_for_real import MODEL, thought_of

TOTAL, WARM, CONTEXT = 12_000 * MB, 9000 * MB, 500 * MB


class OneCard(Catalogue):
    """An installation on a machine with one card."""

    cards = (Card(0, "RTX 3060", TOTAL, TOTAL, "580"),)


class OllamaHouse(House):
    """A house on that card, a whole `Probe` of it besides; `seen`: what was warm at each answer of the server."""

    def __init__(self, root: Path) -> None:
        self.seen: list[list[str | None]] = []
        self.server = OllamaServer(self._answer, {MODEL: 6_500 * MB}, linger=2)
        over = {
            "writers": {"ollama": {"url": self.server.url, "model": MODEL, "timeout": "5s"}},
            "gpu": {"devices": [0]}, "providers": {"scripted": {"place": "gpu"}},
        }  # fmt: skip
        super().__init__(root, over)

    def open(self) -> App:
        catalogue = OneCard(load(self.config_path), self.root / "my", TEST_PLUGINS)
        log = configure("debug", "json", self.out)
        return open_app(catalogue, self._clock, Random(0), self.woken.release, log, probe=self)

    def usages(self, cards: Collection[int]) -> tuple[Usage, ...]:
        lanes = self.app.engine.parts.dispatcher.lanes()
        ours = [Usage(0, one.progress().pid, "python", WARM if one.warm else CONTEXT) for one in lanes]
        ollama = [Usage(0, 4711, "ollama", held) for held in self.server.loaded.values()]
        return (*ours, *ollama) if 0 in cards else ()

    def cards(self) -> tuple[Card, ...]:
        return (Card(0, "RTX 3060", TOTAL, TOTAL - sum(one.bytes for one in self.usages([0])), "580"),)

    def _answer(self, asked: Asked) -> str:
        self.seen.append([lane.warm for lane in self.app.engine.parts.dispatcher.lanes()])
        return thought_of(asked)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[OllamaHouse]:
    one = OllamaHouse(tmp_path / "house")
    with one.server:
        yield one
        assert broken_promises(one.app.ledger) == {}
        one.close()


def test_ideas_in_bulk_then_the_text_model_leaves_then_pictures(home: OllamaHouse) -> None:
    home.make("prompt: a sea\nsize: 64x64\n")
    (lane,) = home.app.engine.parts.dispatcher.lanes()
    assert lane.warm
    jobs = [home.order("theme: 봄 카페\ncount: 6\nsize: 64x64\n", name) for name in ("a.yaml", "b.yaml")]
    end = time.monotonic() + 60.0
    home.work(lambda: all(home.app.ledger.jobs.get(job)["state"] == "closed" for job in jobs) or time.monotonic() > end)
    assert [len(home.pictures(job)) for job in jobs] == [6, 6]
    assert home.seen == [[None]] * len(home.seen) != []  # the model was away, its process still there
    told = [(one.path, one.body.get("keep_alive")) for one in home.server.requests]
    leaves = told.index(("/api/generate", 0))
    assert max(number for number, (path, _) in enumerate(told) if path == "/api/chat") < leaves  # once, after all of it
    assert [path for path, _ in told[leaves + 1 :]].count("/api/ps") >= 2  # looked for until it was gone
    assert home.server.loaded == {}
    on, off = home.events("hold.on"), home.events("hold.off")
    assert [line["hold"] for line in (*on, *off)] == ["writer", "writer"]
    claimed = [line["ts"] for line in home.events("shot.claimed")][1:]
    assert min(claimed) > off[0]["ts"]  # pictures after that, by the same process
    assert home.app.engine.parts.dispatcher.lanes() == [lane]
