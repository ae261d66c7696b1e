"""A copy of the ledger lies in the outbox: whole, not too old, and never of nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from stockgen.ledger.care import examined
from stockgen.pipeline.disk import WAIT
from tests.house import House
from tests.lanes.harness import HandClock

Build = Callable[..., House]
SEA = "prompt: a sea\nsize: 64x64\n"
DAY = 86400.0


def written(one: House) -> int:
    """How many times the copy was written."""
    return len(one.events("ledger.snapshot"))


def quiet(one: House) -> None:
    """Turn until nothing is being done."""
    one.turn()
    one.work(lambda: not one.app.engine.working and not one.app.engine.parts.snapshots.writing)


def jobs_in(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM jobs").fetchone()[0])
    finally:
        connection.close()


@pytest.fixture
def clock() -> HandClock:
    clock = HandClock()
    clock.now = 400 * DAY
    return clock


def test_the_copy_is_whole_and_is_written_at_most_once_a_day(house: Build, clock: HandClock) -> None:
    one = house(thread=True, clock=clock)
    one.make(SEA)
    quiet(one)
    copy = one.outbox / "ledger.db"
    assert (written(one), jobs_in(copy)) == (1, 1)
    assert examined(copy) > 0
    one.make(SEA)
    quiet(one)
    assert (written(one), jobs_in(copy)) == (1, 1)
    clock.now += DAY
    quiet(one)
    assert (written(one), jobs_in(copy)) == (2, 2)
    assert [path.name for path in one.outbox.iterdir() if path.is_file()] == ["ledger.db"]  # no WAL beside it


def test_a_restart_is_no_reason_for_another_copy(house: Build, clock: HandClock) -> None:
    one = house(thread=True, clock=clock)
    one.make(SEA)
    quiet(one)
    one.again()
    one.make(SEA)
    quiet(one)
    assert written(one) == 1


def test_a_ledger_that_has_not_changed_is_not_copied_so_that_disks_may_sleep(house: Build, clock: HandClock) -> None:
    one = house(thread=True, clock=clock)
    one.make(SEA)
    quiet(one)
    clock.now += 9 * DAY
    quiet(one)
    assert written(one) == 1


def test_a_ledger_without_jobs_takes_the_place_of_nothing(house: Build, clock: HandClock) -> None:
    one = house(thread=True, clock=clock)
    quiet(one)
    assert not (one.outbox / "ledger.db").exists()


def test_the_interval_is_the_configs_and_can_be_changed_at_any_time(house: Build, clock: HandClock) -> None:
    one = house({"outbox": {"snapshot": "1h"}}, thread=True, clock=clock)
    one.make(SEA)
    quiet(one)
    one.make(SEA)
    clock.now += 3600
    quiet(one)
    assert written(one) == 2
    config = one.app.catalogue.config
    one.app.reload(config.model_copy(update={"outbox": config.outbox.model_copy(update={"snapshot": 2 * 3600.0})}))
    one.make(SEA)
    clock.now += 3600
    quiet(one)
    assert written(one) == 2


@pytest.mark.parametrize("jump", [-DAY, 366 * DAY, -390 * DAY])
def test_a_clock_that_is_set_makes_one_copy_not_a_flood(house: Build, clock: HandClock, jump: float) -> None:
    one = house(thread=True, clock=clock)
    one.make(SEA)
    quiet(one)
    one.make(SEA)
    clock.now += jump
    for _ in range(5):
        quiet(one)
    assert written(one) == 2


def test_an_outbox_that_takes_no_copy_is_tried_again_later_and_stops_nobody(house: Build, clock: HandClock) -> None:
    one = house(thread=True, clock=clock)
    in_the_way = one.outbox / "ledger.db"
    (in_the_way / "something").mkdir(parents=True)
    one.make(SEA)
    quiet(one)
    assert written(one) == 0
    one.make(SEA)
    (in_the_way / "something").rmdir()
    in_the_way.rmdir()
    quiet(one)
    assert written(one) == 0
    clock.now += WAIT
    quiet(one)
    assert (written(one), jobs_in(in_the_way)) == (1, 2)
