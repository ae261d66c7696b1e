"""Ledgers as earlier versions left them, killed in the middle of a night, are read by this one with all that they hold.

They were written by the real programs of their time: tests/ledger/released/make.py.
"""

from __future__ import annotations

import lzma
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from stockgen.domain.errors import LedgerRefused, StorageFull, StorageLost
from stockgen.domain.words import Order
from stockgen.ledger import FILE_NAME, Ledger
from stockgen.ledger.migrating import scripts
from tests.house import ROOT, broken_promises

KEPT = sorted((Path(__file__).parent / "released").glob("*.db.xz"))
# One is finished each time: any other way to be of an older version is the first test's.
TAKEN_UP = [one if one == KEPT[0] else pytest.param(one, marks=pytest.mark.torture) for one in KEPT]
MOVED = frozenset({"_sqlite_migrations", "meta"})  # tables that a start writes to


@pytest.fixture(params=KEPT, ids=lambda path: path.name[:4])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A state folder with one of them."""
    state = tmp_path / ".stockgen"
    state.mkdir()
    (state / FILE_NAME).write_bytes(lzma.decompress(request.param.read_bytes()))
    return state


def rows(path: Path) -> dict[str, int]:
    """How many there are in each table that people's work is in."""
    with closing(sqlite3.connect(path)) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        own = [name for name in tables if name not in MOVED and not name.startswith(("sqlite_", "ideas_words_"))]
        return {name: raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in own}


def test_an_upgrade_loses_nothing_of_a_ledger_of_any_released_version(old: Path) -> None:
    before = rows(old / FILE_NAME)
    assert before["shots"] == 10
    ledger = Ledger.opened(old)
    try:
        assert broken_promises(ledger) == {}
        after = rows(old / FILE_NAME)
        assert {name: after[name] for name in before} == before
        jobs = ledger.jobs.listed()
        assert sorted(job["state"] for job in jobs) == ["closed", "open"]
        for job in jobs:
            assert all(isinstance(order, Order) for order in ledger.jobs.orders(job["id"]))
        assert [row["name"] for row in ledger.query("SELECT name FROM _sqlite_migrations ORDER BY name")] == [
            name for name, _ in scripts()
        ]
    finally:
        ledger.close()


def test_there_is_a_way_back_from_an_upgrade(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(lzma.decompress(KEPT[0].read_bytes()))
    before = rows(tmp_path / FILE_NAME)
    for _ in range(2):
        Ledger.opened(tmp_path).close()
    [kept] = tmp_path.glob("ledger-before-*.db")
    assert (kept.name, rows(kept)) == ("ledger-before-0002_not_before.db", before)
    with closing(sqlite3.connect(kept)) as raw:
        assert raw.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (1,)


def test_a_fresh_ledger_is_not_copied(tmp_path: Path) -> None:
    Ledger.opened(tmp_path).close()
    assert not [*tmp_path.glob("ledger-before-*")]


def test_an_upgrade_that_there_is_no_room_to_go_back_from_is_not_begun(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(lzma.decompress(KEPT[0].read_bytes()))
    (tmp_path / "ledger-before-0002_not_before.db").mkdir()  # where nothing can be written
    with pytest.raises((StorageLost, StorageFull, LedgerRefused)):
        Ledger.opened(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as raw:
        assert raw.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (1,)


@pytest.mark.process
@pytest.mark.parametrize("old", TAKEN_UP, indirect=True, ids=lambda path: path.name[:4])
def test_a_night_that_an_older_version_began_is_finished_by_this_one(old: Path, tmp_path: Path) -> None:
    """Its raw pictures are not kept with it, so that what had rendered is drawn again, and told."""
    (tmp_path / "config.yaml").write_text("language: en\nlimits: {free_disk: 0B}\n")
    command = [sys.executable, "-m", "daemon", "--until-idle", "--config", str(tmp_path / "config.yaml")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert ended.returncode in (0, 1), ended.stderr[-2000:]
    ledger = Ledger.opened(old)
    try:
        assert {job["state"] for job in ledger.jobs.listed()} == {"closed"}
        assert broken_promises(ledger) == {}
    finally:
        ledger.close()
