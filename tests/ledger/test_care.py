"""A ledger that can't be trusted is refused with what helps, never begun anew, never changed."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stockgen.domain.errors import LedgerRefused, StorageFull
from stockgen.filesystems import SHARED, shared
from stockgen.ledger import FILE_NAME, Ledger
from stockgen.ledger.care import copied, examined
from stockgen.ledger.connection import WAL_BYTES
from stockgen.ledger.mark import DIGITS, marked
from stockgen.ledger.mark import FILE_NAME as MARK
from tests.fuse import mounted_by_fuse
from tests.house import ROOT
from tests.ledger.book import Book

KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from tests.ledger.book import Book
book = Book(Path(sys.argv[1]))
shots = book.job(count=3)
book.publish(shots[0])
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(state: Path) -> dict[str, bytes]:
    """A state whose daemon was killed: the newest work is in the WAL only. Return its files."""
    done = subprocess.run([sys.executable, "-c", KILLED_WRITER, str(state)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (state / f"{FILE_NAME}-wal").stat().st_size > 0
    return files(state)


def files(state: Path) -> dict[str, bytes]:
    """What lies there, but for SQLite's memory of who reads."""
    return {path.name: path.read_bytes() for path in state.iterdir() if path.suffix != ".db-shm"}


def ended(state: Path) -> Path:
    """A state whose daemon ended cleanly; return its ledger."""
    book = Book(state)
    book.publish(book.job(count=3)[0])
    book.ledger.close()
    return state / FILE_NAME


def refused(state: Path) -> str:
    """Open; return with which code that was refused."""
    with pytest.raises(LedgerRefused) as caught:
        Ledger.opened(state)
    return caught.value.code


def test_what_a_kill_left_in_the_wal_is_there_at_the_next_start(tmp_path: Path) -> None:
    killed(tmp_path)
    ledger = Ledger.opened(tmp_path)
    assert ledger.shots.counts() == {"done": 1, "planned": 2}
    ledger.close()


def test_a_wal_that_somebody_deleted_is_not_taken_for_nothing_to_do(tmp_path: Path) -> None:
    killed(tmp_path)
    (tmp_path / f"{FILE_NAME}-wal").unlink()
    before = files(tmp_path)
    assert refused(tmp_path) == "ledger_behind"
    assert files(tmp_path) | {f"{FILE_NAME}-wal": b""} == before | {f"{FILE_NAME}-wal": b""}


def test_an_older_copy_in_the_ledgers_place_is_not_taken_for_it(tmp_path: Path) -> None:
    ledger = ended(tmp_path)
    older = shutil.copy(ledger, tmp_path / "older")
    book = Book(tmp_path)
    book.job("bbbbb")
    book.ledger.close()
    shutil.copy(older, ledger)
    for ending in ("-wal", "-shm"):
        ledger.with_name(f"{FILE_NAME}{ending}").unlink(missing_ok=True)
    assert refused(tmp_path) == "ledger_behind"


def test_a_ledger_that_is_gone_though_work_was_done_is_not_begun_anew(tmp_path: Path) -> None:
    ended(tmp_path).unlink()
    assert refused(tmp_path) == "ledger_gone"
    assert not (tmp_path / FILE_NAME).exists()


def test_somebody_who_looked_with_sqlite_and_folded_the_wal_in_has_lost_nothing(tmp_path: Path) -> None:
    killed(tmp_path)
    script = (
        f"import sqlite3; sqlite3.connect({str(tmp_path / FILE_NAME)!r}).execute('PRAGMA wal_checkpoint(TRUNCATE)')"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    ledger = Ledger.opened(tmp_path)
    assert ledger.shots.counts() == {"done": 1, "planned": 2}
    ledger.close()


@pytest.mark.parametrize("text", ["", "0" * DIGITS, "\0" * DIGITS, "many", "٣" * DIGITS], ids=ascii)
def test_a_mark_that_a_power_cut_spoiled_accuses_nobody(tmp_path: Path, text: str) -> None:
    ended(tmp_path)
    (tmp_path / MARK).write_text(text)
    Ledger.opened(tmp_path).close()


def test_a_mark_is_never_ahead_of_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger.opened(tmp_path)
    with pytest.raises(KeyError), ledger.atomic():
        ledger.note("a", "1")
        raise KeyError
    before = marked(tmp_path)
    with ledger.atomic():
        ledger.note("a", "1")
        assert marked(tmp_path) == before
    with ledger.atomic():
        ledger.noted("a")  # reading is no news
    assert marked(tmp_path) == before + 1 == examined(tmp_path / FILE_NAME)
    ledger.close()


HARM: dict[str, Callable[[bytes], bytes]] = {
    "cut off in the middle": lambda data: data[: len(data) // 2],
    "cut off in the first page": lambda data: data[:1000],
    "emptied": lambda data: b"",
    "overwritten in the middle": lambda data: data[:8192] + os.urandom(8192) + data[16384:],
    "overwritten on one page that nobody reads at a start": lambda data: data[:-4096] + b"\xff" * 4096,
    "overwritten at the beginning": lambda data: b"\xff" * 512 + data[512:],
    "another program's": lambda data: b"PK\x03\x04" + data,
}


@pytest.mark.parametrize("harm", HARM)
def test_a_damaged_ledger_is_refused_and_left_as_it_is(tmp_path: Path, harm: str) -> None:
    ledger = ended(tmp_path)
    ledger.write_bytes(HARM[harm](ledger.read_bytes()))
    before = files(tmp_path)
    assert refused(tmp_path) in ("ledger_damaged", "ledger_gone")
    assert files(tmp_path) | {f"{FILE_NAME}-wal": b""} == before | {f"{FILE_NAME}-wal": b""}


def test_a_database_of_somebody_else_is_not_made_ours(tmp_path: Path) -> None:
    ledger = ended(tmp_path)
    ledger.unlink()
    script = f"import sqlite3; c = sqlite3.connect({str(ledger)!r}); c.execute('CREATE TABLE songs (name)'); c.commit()"
    subprocess.run([sys.executable, "-c", script], check=True)
    before = ledger.read_bytes()
    assert refused(tmp_path) == "ledger_behind"
    assert ledger.read_bytes() == before


# -- copies ----------------------------------------------------------------------------------------------------


def test_a_copy_holds_what_is_committed_while_somebody_writes(tmp_path: Path) -> None:
    book, copy = Book(tmp_path), tmp_path / "copy.db"
    book.publish(book.job(count=3)[0])
    with book.ledger.atomic():
        book.ledger.note("half", "done")
        copied(tmp_path / FILE_NAME, copy)
    assert examined(copy) == marked(tmp_path) - 1
    assert not copy.with_name("copy.db-wal").exists()
    book.ledger.close()


def test_a_copy_that_a_kill_left_half_done_spoils_no_later_one(tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(b"half")
    copy.with_name("copy.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\xff" * 1000)
    copied(ended(tmp_path), copy)
    assert examined(copy) > 0


def test_a_copy_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    ledger, place = ended(tmp_path), tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], check=False,
                      capture_output=True).returncode:  # fmt: skip
        pytest.skip("only root may mount a small file system")
    try:
        with pytest.raises(StorageFull) as caught:
            copied(ledger, place / "copy.db")
        assert caught.value.facts["path"] == str(place / "copy.db")
        assert list(place.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_reader_that_stands_still_lets_the_wal_grow_but_not_for_ever(tmp_path: Path) -> None:
    book, wal = Book(tmp_path), tmp_path / f"{FILE_NAME}-wal"
    reader = sqlite3.connect(tmp_path / FILE_NAME)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM meta").fetchone()
    with book.ledger.atomic():
        for number in range(4000):
            book.ledger.note(f"key {number}", "x" * 4000)
    assert wal.stat().st_size > WAL_BYTES
    reader.close()
    for number in range(3):
        book.ledger.note("after", str(number))
    book.ledger.query("PRAGMA wal_checkpoint(RESTART)")
    book.ledger.note("after", "all")
    assert wal.stat().st_size <= WAL_BYTES
    book.ledger.close()


# -- where it lies ---------------------------------------------------------------------------------------------


def test_a_local_disk_is_no_network(tmp_path: Path) -> None:
    assert shared(tmp_path) == ""
    assert shared(tmp_path / "gone") == ""
    assert shared(Path("/proc")) == ""


@pytest.fixture
def fuse(tmp_path: Path) -> Iterator[Path]:
    """A folder on a real FUSE file system."""
    below, place = tmp_path / "below", tmp_path / "fuse"
    below.mkdir()
    place.mkdir()
    with mounted_by_fuse(below, place):
        yield place


def test_a_ledger_on_a_network_or_fuse_file_system_is_refused(fuse: Path) -> None:
    assert shared(fuse) == "FUSE"
    assert refused(fuse) == "ledger_shared"
    assert list(fuse.iterdir()) == []


def test_the_common_network_file_systems_are_known() -> None:
    assert {"NFS", "CIFS", "SMB2", "FUSE", "9p", "Ceph"} <= {*SHARED.values()}


# -- migrations ------------------------------------------------------------------------------------------------

# Forks once for each statement of all steps, and dies there.
DYING = """
import os, signal, sqlite3, sys
from pathlib import Path
from sqlite_utils import Database
from stockgen.ledger import Ledger
from stockgen.ledger.connection import Connection

def steps(count):
    left = [count]
    def step(sql):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return step

root, number = Path(sys.argv[1]), 0
while True:
    number += 1
    state = root / str(number)
    state.mkdir()
    child = os.fork()
    if not child:
        connection = Connection(state / "ledger.db")
        connection._raw.set_trace_callback(steps(number))
        connection.migrate()
        os._exit(0)
    died = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    ledger = Ledger.opened(state)
    tables = len(ledger.query("SELECT name FROM sqlite_schema"))
    ledger.jobs.listed()
    ledger.close()
    print(number, tables, flush=True)
    if not died:
        break
"""


def test_a_migration_that_was_killed_at_any_statement_is_done_at_the_next_start(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", DYING, str(tmp_path)], cwd=ROOT, capture_output=True, text=True,
                          timeout=100, check=False)  # fmt: skip
    assert told.returncode == 0, told.stderr
    lines = [line.split() for line in told.stdout.splitlines()]
    assert len({tables for _, tables in lines}) == 1  # the same schema, wherever it died
    assert len(lines) > 30
