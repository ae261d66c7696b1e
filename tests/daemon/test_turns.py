"""The service's loop, turned by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.live import EVERY, STALE
from daemon.progress import Progress
from daemon.service import BOUGHT, GRACE, Queue, Service
from daemon.signals import Signals
from stockgen.pipeline.status import LIVE
from tests.daemon.door import HandClock
from tests.house import House

Build = Callable[..., House]


def service(one: House, signals: Signals | None = None) -> Service:
    progress = Progress(one.app.catalogue.say, wanted=False)
    return Service(one.app, one.config_path, Queue(), signals or Signals(), progress)


@pytest.mark.parametrize(("quote", "grace"), [(0, GRACE), (40_000, BOUGHT)])
def test_an_answer_that_is_paid_for_is_waited_for_longer_at_a_stop(house: Build, quote: int, grace: float) -> None:
    clock = HandClock()
    scripted = {"place": "net", "quote": quote}
    one = house({"providers": {"scripted": scripted}, "money": {"per_month_usd": 9.0}}, clock=clock)
    signals = Signals()
    turning = service(one, signals)
    one.order("prompt: a hang sea\nsize: 64x64\n")
    one.work(lambda: one.states().get("rendering") == 1)
    signals.stops = 1
    turning.step(clock.now)
    assert turning.stop_by == clock.now + grace
    one.app.engine.parts.dispatcher.lanes()[0].kill()


def written(folder: Path) -> dict[str, int]:
    """When what was written last."""
    return {str(path): path.lstat().st_mtime_ns for path in [folder, *folder.rglob("*")]}


def test_a_daemon_with_nothing_to_do_writes_nothing_so_that_disks_may_sleep(house: Build) -> None:
    clock = HandClock()
    one = house({"inbox": {"watch": "polling"}}, thread=True, clock=clock)
    turning = service(one)
    turning.step(clock.now)
    before = written(one.root)
    for _ in range(20):
        clock.now += 10.0
        turning.step(clock.now)
    assert written(one.root) == before


def test_how_long_ago_it_looked_is_not_forgotten_for_ever(house: Build) -> None:
    clock = HandClock()
    one = house({"inbox": {"watch": "polling"}}, thread=True, clock=clock)
    turning, live = service(one), one.app.places.state / LIVE
    turning.step(clock.now)
    first = json.loads(live.read_bytes())["inbox"]["last_scan"]
    clock.now += STALE
    turning.step(clock.now)
    assert json.loads(live.read_bytes())["inbox"]["last_scan"] > first


def test_a_status_that_cannot_be_written_ends_nobody(house: Build) -> None:
    clock = HandClock()
    one = house({"inbox": {"watch": "polling"}}, thread=True, clock=clock)
    turning, half = service(one), one.app.places.state / f".{LIVE}.tmp"
    half.symlink_to("/dev/full")
    for _ in range(3):
        clock.now += EVERY
        turning.step(clock.now)
    assert len(one.events("hold.on")) == 1
    half.unlink(missing_ok=True)


def test_what_is_new_is_shown_within_half_a_second(house: Build) -> None:
    clock = HandClock()
    one = house(thread=True, clock=clock)
    turning, live = service(one), one.app.places.state / LIVE

    def shown() -> Any:
        clock.now += EVERY
        turning.step(clock.now)
        return json.loads(live.read_bytes())

    assert shown()["inbox"]["waiting"] == 0
    one.app.ledger.note("paused", "now")
    facts = shown()
    assert facts["daemon"]["state"] == "paused"
    assert sorted((held["hold"], held["place"]) for held in facts["holds"]) == [("pause", "cpu"), ("pause", "net")]


def test_a_note_follows_its_job_through_planning_and_cancelling(house: Build) -> None:
    clock = HandClock()
    one = house({"inbox": {"watch": "polling", "settle": "100ms"}}, thread=True, clock=clock)
    turning = service(one)
    one.app.ledger.note("paused", "now")
    (one.root / "inbox" / "job.txt").write_text("a calm sea 2장\n", "utf-8")

    def until(state: str) -> str:
        while [row["state"] for row in one.app.ledger.query("SELECT state FROM jobs")] != [state]:
            clock.now += 1.0
            turning.step(clock.now)
            one.woken.acquire(timeout=0.01)
        (note,) = (one.root / "inbox" / "accepted").glob("*.note.txt")
        return note.read_text("utf-8-sig")

    assert "Still being planned" not in until("open")
    one.app.engine.cancel(one.app.ledger.jobs.latest())
    assert "no folder in the outbox" in until("closed")
