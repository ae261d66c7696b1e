"""One card for the image model and the text model: nobody is left without it, and nothing moves where nothing must."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.words import Place
from stockgen.gpu.cards import Card, Usage
from stockgen.pipeline.others import EVERY
from stockgen.pipeline.sharing import AGAIN, URGENT
from tests.house import broken_promises
from tests.lanes.harness import HandClock
from tests.pipeline.fake_card import MB
from tests.pipeline.scribes import WritingHouse
from tests.pipeline.stage import command

SEA = "prompt: a sea\nsize: 64x64\n"
IDEAS = "keywords: sea\ncount: 3\nsize: 64x64\n"
OLLAMA, GAME = 81, 82
LLM, MODEL, CONTEXT = 8000 * MB, 9000 * MB, 500 * MB


class LiveCard:
    """A card of `total` bytes whose users are the house's own lanes, its text model, and `strangers`."""

    def __init__(self, house: Callable[[], SharingHouse], total: int) -> None:
        self._house = house
        self.total = total
        self.context = CONTEXT  # bytes of a process that has let its model go
        self.strangers: list[Usage] = []

    def usages(self, cards: Collection[int]) -> tuple[Usage, ...]:
        one = self._house()
        lanes = [(lane.progress().pid, MODEL if lane.warm else self.context) for lane in one.lanes]
        ours = [Usage(0, pid, "python", held) for pid, held in lanes if pid]
        text = [Usage(0, OLLAMA, "ollama", LLM)] if one.writer.loaded and one.writer.bytes else []
        return (*ours, *text, *self.strangers) if 0 in cards else ()

    def cards(self) -> tuple[Card, ...]:
        return (Card(0, "RTX 3060", self.total, self.total - sum(one.bytes for one in self.usages([0])), "580"),)


class TickingClock(HandClock):
    """Its time passes with each look at it, too."""

    tick = 0.0

    def monotonic(self) -> float:
        self.now += self.tick
        return self.now


class SharingHouse(WritingHouse):
    """A house with one card; whenever it is turned, `pace` seconds pass."""

    def __init__(self, root: Path, total: int) -> None:
        self.time = TickingClock()
        self.trace: list[str] = []
        self.pace = 0.5
        card = LiveCard(lambda: self, total)
        gpu = {"gpu": {"devices": [0]}, "providers": {"scripted": {"place": "gpu", "seconds": 0.02}}}
        cards = (Card(0, "RTX 3060", total, total, "580"),)
        super().__init__(root, gpu, clock=self.time, card=card, cards=cards)
        self.writer.bytes = LLM
        self.writer.load = self._loads

    @property
    def lanes(self) -> list[Any]:
        return self.app.engine.parts.dispatcher.lanes()

    def _loads(self, loaded: bool) -> None:
        """What is on the card, and whether it is held, at the moment at which the text model comes or goes."""
        warm = [lane.warm for lane in self.lanes if lane.warm]
        self.trace.append(f"{'write' if loaded else 'leave'} beside {len(warm)}, held {bool(self.holds('gpu'))}")

    def holds(self, place: Place) -> list[str]:
        sharing = self.app.engine.parts.planner.scribe.sharing  # type: ignore[union-attr]
        return [one.hold for one in sharing(place, 0.0)]  # type: ignore[misc]

    def live(self, until: Callable[[], bool], most: float = 1e9) -> None:
        """Work until something is so, for so many seconds of its own time at most."""
        end = self.time.now + most

        def passed() -> bool:
            self.time.now += self.pace
            return until() or self.time.now >= end

        self.work(passed)

    def closed(self, job: str) -> Callable[[], bool]:
        return lambda: self.app.ledger.jobs.get(job)["state"] == "closed"

    def written(self, job: str) -> Callable[[], bool]:
        return lambda: self.app.ledger.jobs.get(job)["state"] != "planning"

    def warm(self) -> int:
        """Make a picture, so that a model is warm; the process that has it."""
        job = self.order(SEA)
        self.live(self.closed(job))
        (lane,) = self.lanes
        assert lane.warm
        return int(lane.progress().pid)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Callable[..., SharingHouse]]:
    built: list[SharingHouse] = []

    def build(total: int = 12_000 * MB) -> SharingHouse:
        built.append(SharingHouse(tmp_path / "house", total))
        return built[-1]

    yield build
    for one in built:
        one.writer.gate.set()
        assert broken_promises(one.app.ledger) == {}
        one.close()


Build = Callable[..., SharingHouse]


def test_the_warm_model_steps_aside_while_all_that_waits_is_written_and_is_back_by_itself(shared: Build) -> None:
    one = shared()
    pid = one.warm()
    jobs = [one.order(IDEAS) for _ in range(3)]
    one.live(lambda: all(one.closed(job)() for job in jobs))
    assert one.trace == ["write beside 0, held True"] * 3 + ["leave beside 0, held True"]
    (lane,) = one.lanes
    assert lane.warm
    assert lane.progress().pid == pid  # only its model had left
    assert not one.writer.loaded
    assert [(line["hold"], line["place"]) for line in one.events("hold.on")] == [("writer", "gpu")]
    assert len(one.events("hold.off")) == 1
    assert not one.events("writer.stays")


def test_between_two_orders_of_a_job_the_text_model_does_not_leave(shared: Build) -> None:
    one = shared()
    one.warm()
    between = "- {prompt: a calm sea, count: 60, size: 64x64}\n"  # takes several turns
    words = ("sea", "lake", "wood")
    job = one.order(between.join(f"- {{keywords: {word}, count: 2, size: 64x64}}\n" for word in words))
    one.time.tick = 0.002
    one.live(one.written(job))
    one.live(lambda: one.trace[-1].startswith("leave"))
    assert [step.split()[0] for step in one.trace] == ["write"] * 3 + ["leave"]
    command(one, "cancel", job=job)


def test_on_a_card_that_holds_both_nobody_steps_aside(shared: Build) -> None:
    one = shared(24_000 * MB)
    one.warm()
    job = one.order(IDEAS)
    one.live(one.closed(job))
    assert one.trace == ["write beside 1, held False", "leave beside 1, held False"]
    assert one.events("hold.on") == []


def test_nothing_of_this_where_the_text_model_is_elsewhere(shared: Build) -> None:
    one = shared()
    one.writer.bytes = 0
    one.warm()
    job = one.order(IDEAS)
    one.live(one.closed(job))
    assert one.trace == ["write beside 1, held False"]  # and it is asked for nothing more
    assert one.events("hold.on") == []


def test_a_process_whose_context_alone_is_too_much_ends_and_another_is_begun(shared: Build) -> None:
    one = shared()
    pid = one.warm()
    one.card.context = 5000 * MB
    job = one.order(IDEAS)
    one.live(one.closed(job))
    assert one.trace[0] == "write beside 0, held True"
    (lane,) = one.lanes
    assert lane.progress().pid != pid


def test_a_card_that_others_fill_does_not_keep_ideas_from_being_written(shared: Build) -> None:
    one = shared()
    one.card.strangers = [Usage(0, 9, "gnome-shell", 6000 * MB)]
    job = one.order(IDEAS)
    one.live(one.written(job))
    assert len(one.ideas(job)) == 3


def test_our_own_text_model_is_no_stranger_while_it_writes_and_is_one_afterwards(shared: Build) -> None:
    one = shared(24_000 * MB)
    one.warm()
    one.live(lambda: False, 2 * EVERY)
    one.writer.gate.clear()
    job = one.order(IDEAS)
    one.live(lambda: one.writer.asked.acquire(blocking=False))
    one.live(lambda: False, 3 * EVERY)
    assert one.events("hold.on") == []
    one.writer.gate.set()
    one.live(one.written(job))
    one.live(lambda: one.trace[-1].startswith("leave"))
    one.live(lambda: False, EVERY)
    one.writer.loaded = True  # somebody chats with it
    one.live(lambda: one.events("hold.on") != [], 3 * EVERY)
    assert one.events("hold.on")[0]["reason"] == "ollama"


def test_a_game_while_ideas_are_written_gets_the_card_after_this_answer(shared: Build) -> None:
    one = shared()
    one.warm()
    one.writer.gate.clear()
    job = one.order("keywords: sea\ncount: 20\nsize: 64x64\n")
    one.live(lambda: one.writer.asked.acquire(blocking=False))
    one.live(lambda: False, 2 * EVERY)
    one.card.strangers = [Usage(0, GAME, "game.exe", 3000 * MB)]
    one.live(lambda: "game.exe" in [line["reason"] for line in one.events("hold.on")], 5 * EVERY)
    one.writer.gate.set()
    one.live(lambda: one.trace[-1].startswith("leave"))
    assert len(one.ideas(job)) <= 5
    one.work()  # whoever waits for the end of all work does not wait for a game
    assert ("planning", "gpu_busy") in [(place, held.hold) for place, held, _ in one.app.engine.held()]


def test_nobody_writes_on_the_card_during_a_pause(shared: Build) -> None:
    one = shared()
    command(one, "pause")
    job = one.order(IDEAS)
    one.work()
    assert one.trace == []
    assert [(place, held.hold) for place, held, ideas in one.app.engine.held() if ideas] == [("planning", "pause")]
    command(one, "resume")
    one.live(one.closed(job))


def test_a_job_that_is_being_rendered_goes_on_a_while_before_its_model_steps_aside(shared: Build) -> None:
    one = shared()
    one.warm()
    one.pace = 20.0
    begun = one.order(f"{SEA}count: 150\n")
    one.live(lambda: one.app.engine.parts.dispatcher.rendering > 0)
    at, job = one.time.now, one.order(IDEAS)
    one.live(lambda: one.trace != [])
    assert one.time.now >= at + URGENT
    one.live(one.written(job))
    one.live(lambda: one.app.engine.parts.dispatcher.rendering > 0)
    at, job = one.time.now, one.order(IDEAS)
    one.trace.clear()
    one.live(lambda: one.trace != [])
    assert one.time.now >= at + AGAIN - 2 * one.pace  # not for each small job anew
    assert not one.closed(begun)()
    command(one, "cancel", job=begun)


def test_a_text_model_that_does_not_leave_is_told_and_pictures_go_on(shared: Build) -> None:
    one = shared()
    one.writer.stays = True
    one.app.engine.parts.planner.scribe.sharing.waits = (0.0, 0.01)  # type: ignore[union-attr]
    one.warm()
    job = one.order(IDEAS)
    one.live(one.closed(job))
    (line,) = one.events("writer.stays")
    assert line["bytes"] == LLM
