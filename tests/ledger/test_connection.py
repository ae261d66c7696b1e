"""One file, one connection, one lock: what was committed stays, and what goes wrong has a name of ours."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stockgen.domain.errors import LedgerRefused, StorageFull, StorageLost
from stockgen.ledger import FILE_NAME, Ledger
from stockgen.ledger.connection import Connection
from stockgen.ledger.migrating import run, scripts


@pytest.fixture
def open_one(tmp_path: Path) -> Connection:
    connection = Connection(tmp_path / "one.db")
    connection.rows("CREATE TABLE t (n INTEGER CHECK (n > 0))")
    return connection


def test_a_fresh_ledger_gets_every_step_once_and_a_second_start_adds_none(tmp_path: Path) -> None:
    applied = []
    for _ in range(2):
        ledger = Ledger.opened(tmp_path)
        applied.append([row["name"] for row in ledger.query("SELECT name FROM _sqlite_migrations ORDER BY id")])
        ledger.close()
    assert applied[0] == applied[1] == [name for name, _ in scripts()]


def test_a_ledger_of_a_newer_program_is_refused_untouched(tmp_path: Path) -> None:
    ledger = Ledger.opened(tmp_path)
    ledger._db.write("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('stockgen', '0099_future')")
    ledger.close()
    with pytest.raises(LedgerRefused) as caught:
        Ledger.opened(tmp_path)
    assert caught.value.code == "ledger_newer"
    assert caught.value.facts["step"] == "0099_future"


def test_a_step_that_fails_half_way_leaves_no_half_schema(open_one: Connection) -> None:
    broken = ("9999_broken", "CREATE TABLE half (a);\nINSERT INTO t VALUES (1);\nCREATE TABLE half (b);")
    with pytest.raises(Exception, match="half already exists"):
        run(open_one._raw, [*scripts(), broken])
    assert open_one.rows("SELECT name FROM sqlite_schema WHERE name = 'half'") == []
    assert open_one.rows("SELECT * FROM t") == []
    assert [row["name"] for row in open_one.rows("SELECT name FROM _sqlite_migrations")] == [
        name for name, _ in scripts()
    ]


def test_what_was_committed_survives_a_power_cut(open_one: Connection) -> None:
    assert open_one.one("PRAGMA journal_mode")["journal_mode"] == "wal"
    assert open_one.one("PRAGMA synchronous")["synchronous"] == 2  # FULL
    assert open_one.one("PRAGMA foreign_keys")["foreign_keys"] == 1


def test_many_threads_share_the_connection(open_one: Connection) -> None:
    def add(n: int) -> None:
        with open_one.atomic():
            open_one.write("INSERT INTO t VALUES (:n)", n=n)
            assert open_one.one("SELECT count(*) AS n FROM t WHERE n = :n", n=n)["n"] == 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(1, 201)))
    assert open_one.one("SELECT count(*) AS n, sum(n) AS s FROM t") == {"n": 200, "s": 20100}


def test_atomic_is_all_or_nothing_and_so_is_one_within_another(open_one: Connection) -> None:
    with pytest.raises(KeyError), open_one.atomic():
        open_one.write("INSERT INTO t VALUES (1)")
        with open_one.atomic():
            open_one.write("INSERT INTO t VALUES (2)")
        raise KeyError
    assert open_one.rows("SELECT * FROM t") == []
    open_one.write("INSERT INTO t VALUES (3)")
    assert open_one.rows("SELECT * FROM t") == [{"n": 3}]


def test_of_many_rows_of_which_one_is_refused_none_is_written(open_one: Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        open_one.write_each("INSERT INTO t VALUES (:n)", [{"n": 1}, {"n": -1}])
    assert open_one.rows("SELECT * FROM t") == []
    open_one.write_each("INSERT INTO t VALUES (:n)", [{"n": 1}, {"n": 2}])
    assert open_one.rows("SELECT * FROM t") == [{"n": 1}, {"n": 2}]


def test_no_other_thread_gets_between_the_writes_of_an_atomic_block(open_one: Connection) -> None:
    inside, done = threading.Event(), threading.Event()

    def other() -> None:
        inside.wait()
        open_one.write("INSERT INTO t VALUES (2)")
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with open_one.atomic():
        inside.set()
        open_one.write("INSERT INTO t VALUES (1)")
        assert not done.wait(0.02)
    thread.join()
    assert open_one.rows("SELECT n FROM t ORDER BY rowid") == [{"n": 1}, {"n": 2}]


def test_a_statement_that_fails_leaves_no_open_transaction_behind(open_one: Connection) -> None:
    with pytest.raises(Exception, match="CHECK"):
        open_one.write("INSERT INTO t VALUES (-1)")
    assert not open_one._raw.in_transaction


def test_a_full_disk_is_told_as_storage_full_and_loses_nothing(open_one: Connection) -> None:
    pages = open_one.one("PRAGMA page_count")["page_count"]
    open_one.rows(f"PRAGMA max_page_count = {pages + 1}")  # what ENOSPC is to SQLite
    open_one.write("INSERT INTO t VALUES (1)")
    with pytest.raises(StorageFull), open_one.atomic():
        open_one.write("CREATE TABLE big AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 9999) "
                       "SELECT n, randomblob(100) AS b FROM c")  # fmt: skip
    assert open_one.rows("SELECT * FROM t") == [{"n": 1}]
    assert not open_one._raw.in_transaction


LIMITED = """
import resource, signal, sys
from pathlib import Path
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.ledger import Ledger
ledger = Ledger.opened(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    for n in range(10_000):
        ledger.note(f"key {n}", "x" * 1000)
except (StorageFull, StorageLost) as error:
    print(type(error).__name__, n)
"""


def test_a_write_that_the_system_refuses_is_ours_and_what_was_committed_stays(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=True)
    name, count = told.stdout.split()
    assert name in ("StorageFull", "StorageLost")
    ledger = Ledger.opened(tmp_path)
    assert ledger.query("SELECT count(*) AS n FROM meta WHERE key LIKE 'key %'") == [{"n": int(count)}]
    ledger.close()


def test_a_program_that_keeps_the_ledger_to_itself_is_waited_for_and_ends_nobody(tmp_path: Path) -> None:
    ledger, other = Ledger.opened(tmp_path), sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    ledger._db._raw.execute("PRAGMA busy_timeout=10")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageLost):
        ledger.note("a", "1")
    other.execute("COMMIT")
    ledger.note("a", "1")
    other.close()
    ledger.close()


def test_a_file_that_is_no_ledger_is_refused_and_kept(tmp_path: Path) -> None:
    garbage = b"this is my holiday diary\n" * 400
    (tmp_path / FILE_NAME).write_bytes(garbage)
    with pytest.raises(LedgerRefused) as caught:
        Ledger.opened(tmp_path)
    assert caught.value.code == "ledger_damaged"
    assert (tmp_path / FILE_NAME).read_bytes() == garbage


def test_a_damaged_page_is_told_as_damage(tmp_path: Path) -> None:
    ledger = Ledger.opened(tmp_path)
    for n in range(100):
        ledger.note(f"key {n}", "x" * 500)
    ledger.close()
    path = tmp_path / FILE_NAME
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    with pytest.raises(LedgerRefused):
        Ledger.opened(tmp_path).query("SELECT * FROM meta")


def test_a_reader_where_nothing_was_ever_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageLost):
        Ledger.reading(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_beside_the_writer_sees_what_was_committed_and_can_write_nothing(tmp_path: Path) -> None:
    writer = Ledger.opened(tmp_path)
    reader = Ledger.reading(tmp_path)
    with writer.atomic():
        writer.note("a", "1")
        assert reader.noted("a") == ""
    assert reader.noted("a") == "1"
    with pytest.raises(StorageLost):
        reader.note("a", "2")
    reader.close()
    writer.close()


def test_a_state_folder_with_odd_characters_is_no_query(tmp_path: Path) -> None:
    folder = tmp_path / "50% of #1? 봄"
    folder.mkdir()
    ledger = Ledger.opened(folder)
    ledger.close()
    assert (folder / FILE_NAME).exists()


def test_a_ledger_that_another_version_made_is_refused_in_words(open_one: Connection) -> None:
    for sql in ("SELECT * FROM not_there", "SELECT not_there FROM t"):
        with pytest.raises(LedgerRefused) as caught:
            open_one.rows(sql)
        assert caught.value.code == "ledger_other"
