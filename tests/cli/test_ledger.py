"""The ledger is copied and restored by hand: nothing is overwritten, and what lies in the outbox wins."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stockgen.ledger import FILE_NAME
from stockgen.ledger.care import examined
from tests.cli.conftest import Desk, Said
from tests.house import DaemonProcess, broken_promises
from tests.pipeline.stage import open_shop

PICTURE = (
    "prompt: a calm sea {n}\nsize: 64x64\ncount: {k}\nmarkets: [adobe_stock]\ntags: 'sea, wave'\ntitle: Sea x{n}\n"
)


@pytest.fixture
def here(desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    """A folder in which pictures can be made and put into baskets."""
    open_shop(tmp_path)
    return desk()


def make(here: Desk, number: int, count: int = 1) -> Said:
    """Make a job's pictures, with other words for each number."""
    said = here("run", here.write(f"{number}.yaml", PICTURE.format(n=number, k=count)))
    assert said.code == 0, said
    return said


def state(here: Desk) -> Path:
    return here.root / ".stockgen"


def tree(folder: Path) -> dict[str, bytes]:
    """Everything in the outbox but the copy of the ledger."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and path.name != FILE_NAME}  # fmt: skip


def query(here: Desk, sql: str) -> list[dict[str, Any]]:
    from stockgen.ledger import Ledger

    ledger = Ledger.reading(state(here))
    try:
        assert broken_promises(ledger) == {}
        return ledger.query(sql)
    finally:
        ledger.close()


# -- copies ----------------------------------------------------------------------------------------------------


def test_a_snapshot_lies_in_the_outbox_and_replaces_the_last_one(here: Desk) -> None:
    for number in (1, 2):
        make(here, number)
        assert here("ledger", "snapshot").code == 0
    copy = here.root / "outbox" / FILE_NAME
    assert examined(copy) == examined(state(here) / FILE_NAME)


def test_a_backup_goes_where_it_is_sent_and_overwrites_nothing(here: Desk) -> None:
    make(here, 1)
    said = here("ledger", "backup", here.root / "copy.db")
    assert (said.code, examined(here.root / "copy.db") > 0) == (0, True)
    other = here.write("holiday.txt", "mine")
    said = here("ledger", "backup", other)
    assert (said.code, other.read_text()) == (2, "mine")
    assert "there already" in said.err
    folder = here.root / "stick"
    folder.mkdir()
    assert here("ledger", "backup", folder).code == 0
    assert [path.name.startswith("ledger-2") for path in folder.iterdir()] == [True]
    assert here("ledger", "backup", here.root / "gone" / "copy.db").code == 1


def test_copying_where_nothing_was_ever_made_says_so(here: Desk) -> None:
    for words in (("snapshot",), ("backup", "x.db")):
        said = here("ledger", *words)
        assert said.code == 2
        assert "Nothing has been made here yet" in said.err


@pytest.mark.process
def test_copies_can_be_made_beside_a_daemon_and_restoring_can_not(here: Desk) -> None:
    make(here, 1)
    with DaemonProcess(here.root) as one:
        one.wait_for("daemon.ready")
        assert here("ledger", "snapshot").code == 0
        assert here("ledger", "backup", here.root / "copy.db").code == 0
        said = here("ledger", "restore", here.root / "copy.db")
        assert said.code == 3
        assert one.process
        assert str(one.process.pid) in said.err


# -- restoring -------------------------------------------------------------------------------------------------


def test_what_was_made_since_the_copy_is_not_made_again_and_its_names_are_not_used_again(here: Desk) -> None:
    make(here, 1, 2)
    here("pause")
    here("run", here.write("2.yaml", PICTURE.format(n=2, k=3)))  # planned, and held
    copy = here.root / "copy.db"
    assert here("ledger", "backup", copy).code == 0
    here("resume")
    with DaemonProcess(here.root, "--until-idle") as one:
        assert one.finish() == 0
    make(here, 3)
    assert here("basket").code == 0
    before = tree(here.root / "outbox")

    said = here("ledger", "restore", copy)
    assert said.code == 0, said
    assert "were found in the outbox: 3." in said.out
    assert "go into no other: 1." in said.out
    unknown = query(here, "SELECT key FROM meta WHERE key LIKE 'spent %'")
    assert len(unknown) == 1
    assert unknown[0]["key"].removeprefix("spent ") in said.out

    here("resume")  # it was paused when the copy was made
    with DaemonProcess(here.root, "--until-idle") as one:
        assert one.finish() == 0
    after = tree(here.root / "outbox")
    assert {path: after[path] for path in before} == before
    assert [path for path in after if path.endswith(".jpg") and "sheet" not in path and path not in before] == []
    assert query(here, "SELECT count(*) AS n FROM shots WHERE state = 'done'") == [{"n": 5}]
    assert here("basket").code == 0
    assert len(list((here.root / "outbox").glob("upload/*/*"))) == 1  # nobody uploads a picture twice


def test_the_replaced_ledger_is_kept_and_can_be_had_back(here: Desk) -> None:
    make(here, 1)
    here("ledger", "backup", here.root / "copy.db")
    make(here, 2)
    assert here("ledger", "restore", here.root / "copy.db").code == 0
    (kept,) = state(here).glob("ledger.replaced-*.db")
    assert len(query(here, "SELECT id FROM jobs")) == 1
    assert here("ledger", "restore", kept).code == 0
    assert len(query(here, "SELECT id FROM jobs")) == 2
    assert len(list(state(here).glob("ledger.replaced-*.db"))) == 2


@pytest.mark.parametrize("bad", [b"no ledger at all" * 999, b"", b"SQLite format 3\0" + b"\xff" * 9000])
def test_what_is_no_ledger_is_not_restored_and_the_old_one_stays(here: Desk, bad: bytes) -> None:
    make(here, 1)
    path = here.root / "bad.db"
    path.write_bytes(bad)
    before = (state(here) / FILE_NAME).read_bytes()
    said = here("ledger", "restore", path)
    assert said.code in (1, 2)
    assert "bad.db" in said.err
    assert (state(here) / FILE_NAME).read_bytes() == before
    assert list(state(here).glob("ledger.re*")) == []
    assert here("ledger", "restore", here.root / "gone.db").code == 2


def test_a_lost_ledger_is_asked_about_and_its_copy_named(here: Desk) -> None:
    make(here, 1)
    here("ledger", "snapshot")
    shutil.rmtree(state(here))
    copy = here.root / "outbox" / FILE_NAME
    for words in (("status",), ("pause",), ("jobs",)):
        said = here(*words)
        assert said.code == 1
        assert "shows earlier work" in said.err
        assert f"stockgen ledger restore {copy}" in said.err
    assert not (state(here) / FILE_NAME).exists()
    assert here("ledger", "restore", copy).code == 0
    assert len(query(here, "SELECT id FROM jobs")) == 1


def test_a_lost_ledger_without_a_copy_is_asked_about_too(here: Desk) -> None:
    make(here, 1)
    shutil.rmtree(state(here))
    (here.root / "outbox" / FILE_NAME).unlink()
    said = here("pause")
    assert said.code == 1
    assert "no copy of it" in said.err
    assert "To begin anew" in said.err
    (here.root / "outbox").rename(here.root / "old")
    assert here("pause").code == 0


def test_a_damaged_ledger_is_told_with_the_copy_that_helps(here: Desk) -> None:
    make(here, 1)
    here("ledger", "snapshot")
    ledger = state(here) / FILE_NAME
    ledger.write_bytes(ledger.read_bytes()[:9000])
    said = here("pause")
    assert said.code == 1
    assert "is damaged" in said.err
    assert "stockgen ledger restore" in said.err
    assert here("ledger", "restore", here.root / "outbox" / FILE_NAME).code == 0
    assert here("pause").code == 0
    (kept,) = state(here).glob("ledger.replaced-*.db")
    assert kept.stat().st_size == 9000


def test_whoever_has_lost_the_wal_can_go_on_with_what_is_there(here: Desk) -> None:
    make(here, 1)
    ledger = state(here) / FILE_NAME
    older = ledger.read_bytes()
    make(here, 2)
    ledger.write_bytes(older)
    said = here("pause")
    assert said.code == 1
    assert "has lost its newest entries" in said.err
    assert f"stockgen ledger restore {ledger}" in said.err
    said = here("ledger", "restore", ledger)
    assert said.code == 0
    assert "kept" not in said.out
    assert here("pause").code == 0
