"""Somebody else wants the card: we are gone within ten seconds, lose nothing, and come back by ourselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from stockgen.app.build import App, open_app
from stockgen.app.catalogue import Catalogue
from stockgen.config import load
from stockgen.gpu.cards import Card
from stockgen.logs import configure
from stockgen.pipeline.others import EVERY, QUIET
from stockgen.pipeline.slot import LEAVE
from tests.house import TEST_PLUGINS, House, broken_promises
from tests.lanes.harness import HandClock
from tests.pipeline.fake_card import FakeCard
from tests.pipeline.stage import attempts, states

GAME, DESKTOP, BROWSER = 71, 72, 73
SEA = "prompt: a sea\nsize: 64x64\n"
SLOW = "prompt: a slow sea\nsize: 64x64\n"
DEAF = "prompt: a hang sea\nsize: 64x64\n"


class OneCard(Catalogue):
    """An installation on a machine with one card."""

    cards = (Card(0, "RTX 3060", 12 << 30, 11 << 30, "580"),)


class Shared(House):
    """A house whose only card is shared with whom `card` names; the clock is turned by hand."""

    def __init__(self, root: Path, over: dict[str, Any] | None = None) -> None:
        self.card = FakeCard()
        self.time = HandClock()
        gpu = {"gpu": {"devices": [0], **(over or {})}, "providers": {"scripted": {"place": "gpu"}}}
        super().__init__(root, gpu, clock=self.time)

    def open(self) -> App:
        catalogue = OneCard(load(self.config_path), self.root / "my", TEST_PLUGINS)
        log = configure("debug", "json", self.out)
        return open_app(catalogue, self.time, Random(0), self.woken.release, log, probe=self.card)

    def look(self) -> None:
        """Let the time of a look pass, and turn."""
        self.time.now += EVERY
        self.turn()

    def lanes(self) -> list[str]:
        """What each lane that is up does."""
        return [lane.progress().state for lane in self.app.engine.parts.dispatcher.lanes()]

    def busy(self) -> list[tuple[str, float | None]]:
        """(who, until) of the hold, if it is on."""
        return [(one.reason, one.until) for one in self.app.engine.holds("gpu") if one.hold == "gpu_busy"]

    def begun(self, text: str) -> str:
        """A job whose first picture is being rendered."""
        job = self.order(text)
        lanes, spool = self.app.engine.parts.dispatcher.lanes, self.app.places.spool
        hanging = "hang" in text
        self.work(lambda: any(spool.glob("*/hanging")) if hanging else any(lane.progress().step for lane in lanes()))
        return job


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Callable[..., Shared]]:
    built: list[Shared] = []

    def build(**over: Any) -> Shared:
        built.append(Shared(tmp_path / "house", over))
        return built[-1]

    yield build
    for one in built:
        assert broken_promises(one.app.ledger) == {}
        one.close()


def test_a_game_gets_the_card_within_ten_seconds_and_no_picture_counts_as_failed(
    shared: Callable[..., Shared],
) -> None:
    one = shared()
    job = one.begun(f"{SLOW}count: 2\n")
    one.look()
    one.card.use(GAME, "game.exe", 4000)
    one.look()
    assert one.busy() == [("game.exe", None)]
    one.work(lambda: one.lanes() == [])  # no time passes: cancelled at its next step
    assert [(shot["state"], shot["starts"], shot["solo"]) for shot in one.shots(job)] == [("planned", 0, 0)] * 2
    assert attempts(one, job) == [("scripted", "stopped", None)]
    assert [line["reason"] for line in one.events("hold.on")] == ["game.exe"]
    assert one.events("lane.died") == []


def test_a_picture_that_does_not_stop_is_ended_by_force_and_not_blamed(shared: Callable[..., Shared]) -> None:
    one = shared()
    job = one.begun(DEAF)
    one.look()
    one.card.use(GAME, "game.exe", 4000)
    one.look()
    one.turn()
    assert len(one.lanes()) == 1
    one.time.now += LEAVE
    one.turn()
    assert one.lanes() == []
    assert EVERY + LEAVE < 10.0
    assert [(shot["state"], shot["starts"], shot["solo"]) for shot in one.shots(job)] == [("planned", 0, 0)]


def test_we_come_back_after_ten_quiet_minutes_and_the_end_is_told_once_it_is_known(
    shared: Callable[..., Shared],
) -> None:
    one = shared()
    one.begun(SLOW)
    one.look()
    one.card.use(GAME, "game.exe", 4000)
    one.look()
    one.work(lambda: one.lanes() == [])
    for _ in range(3):
        one.time.now += QUIET
        one.turn()
        assert one.busy() == [("game.exe", None)]
    assert one.app.engine.idle  # whoever waits for the end of all work does not wait for a game
    one.card.use(GAME, "", 0)
    left = one.time.now
    one.look()
    assert one.busy() == [("game.exe", left + QUIET)]
    one.time.now = left + QUIET - 1
    one.turn()
    assert one.busy()
    one.time.now = left + QUIET + EVERY
    one.turn()
    assert one.busy() == []
    assert len(one.events("hold.off")) == 1
    one.work(lambda: one.lanes() != [])


def test_a_second_game_in_the_quiet_minutes_counts_from_its_own_end(shared: Callable[..., Shared]) -> None:
    one = shared()
    one.begun(SLOW)
    one.look()
    one.card.use(GAME, "game.exe", 4000)
    one.look()
    one.card.use(GAME, "", 0)
    one.time.now += QUIET / 2
    one.card.use(BROWSER, "blender", 3000)
    one.turn()
    assert one.busy() == [("blender", None)]
    one.time.now += QUIET
    one.turn()
    assert one.busy()


def test_a_desktop_that_was_there_and_grows_a_little_is_no_stranger(shared: Callable[..., Shared]) -> None:
    one = shared()
    one.card.use(DESKTOP, "gnome-shell", 1500)
    one.begun(SLOW)
    one.look()
    one.card.use(DESKTOP, "gnome-shell", 1999)
    one.card.use(BROWSER, "firefox", 499)
    one.look()
    assert one.busy() == []
    one.card.use(DESKTOP, "gnome-shell", 2000)
    one.look()
    assert one.busy() == [("gnome-shell", None)]


def test_our_own_process_is_no_stranger_to_us(shared: Callable[..., Shared]) -> None:
    one = shared()
    one.begun(SLOW)
    one.look()
    (lane,) = one.app.engine.parts.dispatcher.lanes()
    one.card.use(lane.progress().pid, "python", 9000)
    one.look()
    assert one.busy() == []


def test_nobody_is_looked_for_while_we_do_not_use_the_card(shared: Callable[..., Shared]) -> None:
    one = shared()
    for _ in range(3):
        one.look()
    assert one.card.asked == 0
    one.begun(SLOW)
    one.look()
    asked = one.card.asked
    one.turn(5)
    assert one.card.asked == asked  # no oftener than every two seconds


def test_who_does_not_want_to_share_is_not_interrupted(shared: Callable[..., Shared]) -> None:
    one = shared(yield_to_others=False)
    job = one.begun(SEA)
    one.card.use(GAME, "game.exe", 4000)
    one.look()
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert states(one, job) == [("done", None)]
    assert one.card.asked == 0
