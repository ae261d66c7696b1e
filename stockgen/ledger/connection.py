"""One SQLite connection behind one lock; the only file that knows sqlite3's errors.

WAL with synchronous=FULL: what was committed survives a power cut (200 of 200 acknowledged commits on ext4).
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from stockgen.domain.errors import LedgerRefused, StockgenError, StorageFull, StorageLost
from stockgen.files import discard, fsync_dir, fsync_file
from stockgen.ledger.mark import Mark

Row = dict[str, Any]
WAL_BYTES = 8 << 20  # what a WAL shrinks to again after a reader that stood still had let it grow

BEFORE = "-before-"  # between `ledger` and the first step that an upgrade was to run, in the name of the copy
_FULL = frozenset({"SQLITE_FULL"})
# BUSY: somebody writes into it with another program, longer than we wait.
_LOST = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_PROTOCOL")
_NOT_READY = ("no such table", "no such column")  # SQLite has no finer code for these
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")  # and their finer names, such as SQLITE_CORRUPT_INDEX
_TIDE = "UPDATE meta SET value = value + 1 WHERE key = 'tide' RETURNING value"


class _Translated:
    """Gives SQLite's errors our names. `path`: the ledger; `written`: the file that is written. A class, not a
    generator: every statement passes through it, and in a burst of files that tells.
    """

    def __init__(self, path: Path, written: Path) -> None:
        self._path, self._written = path, written

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        ours = self._ours(error) if isinstance(error, sqlite3.DatabaseError) else None
        if ours is not None:
            raise ours from error

    def _ours(self, error: sqlite3.DatabaseError) -> StockgenError | None:
        name = getattr(error, "sqlite_errorname", "")
        if name in _FULL:
            return StorageFull("storage_full", path=str(self._written))
        if name.startswith(_DAMAGED):
            return LedgerRefused("ledger_damaged", path=str(self._path), detail=str(error))
        if name.startswith(_LOST):
            return StorageLost("storage_lost", path=str(self._written), detail=str(error))
        if str(error).startswith(_NOT_READY):
            return LedgerRefused("ledger_other", path=str(self._path), detail=str(error))
        return None


class Connection:
    """Rows out, statements in. Usable from any thread: each call, and each `atomic` block, holds the one lock."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._mark: Mark | None = None
        self._translated = _Translated(path, path)
        with self._translated:
            mode = _reading(path) if read_only else "rwc"
            raw = sqlite3.connect(
                f"file:{_quoted(path)}?mode={mode}", uri=True, check_same_thread=False, isolation_level=None, timeout=10
            )
            try:
                if not read_only:
                    raw.execute("PRAGMA journal_mode=WAL")
                    raw.execute("PRAGMA synchronous=FULL")
                    raw.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
                raw.execute("PRAGMA foreign_keys=ON")
            except sqlite3.DatabaseError:
                raw.close()
                raise
            self._raw = raw

    def migrate(self) -> None:
        """Bring the schema up to date, each step in one transaction; before that the ledger of an older program is
        copied beside it, so that there is a way back. Raises LedgerRefused for a newer ledger, StorageFull,
        StorageLost.
        """
        from stockgen.ledger.migrating import awaited, run, scripts

        with self._lock, self._translated:
            steps = awaited(self._raw, self.path)
            if steps and steps != scripts():  # none has run yet: there is nothing to go back to
                self._kept_before(steps[0][0])
            if steps:
                run(self._raw, scripts())

    def _kept_before(self, step: str) -> None:
        target = self.path.with_name(f"{self.path.stem}{BEFORE}{step}.db")
        discard(target)  # half of it, from a start that was killed
        self.copy_into(target)
        fsync_dir(target.parent)

    def examined(self) -> int:
        """Look at every page, and return how many commits the ledger has counted; 0 = it was never written.

        Raises LedgerRefused where it is damaged, or where this program does not know all of its steps.
        """
        from stockgen.ledger.migrating import awaited

        with self._lock, self._translated:
            found = self._raw.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise LedgerRefused("ledger_damaged", path=str(self.path), detail=found)
            awaited(self._raw, self.path)
            there = self._raw.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone()
            row = self._raw.execute("SELECT value FROM meta WHERE key = 'tide'").fetchone() if there else None
            return int(row[0]) if row else 0

    def count(self, mark: Mark) -> None:
        """Count each commit from now on, in the ledger and beside it."""
        with self.atomic():
            self._raw.execute("INSERT INTO meta VALUES ('tide', '0') ON CONFLICT (key) DO NOTHING")
        self._mark = mark

    def copy_into(self, target: Path) -> None:
        """Write all that is committed into a new file, fsynced. Raises LedgerRefused, StorageFull, StorageLost."""
        try:
            with self._lock, _Translated(self.path, target):
                self._raw.execute("VACUUM INTO ?", (str(target),))
            fsync_file(target)
        except (LedgerRefused, StorageFull, StorageLost):
            discard(target)
            discard(target.with_name(f"{target.name}-journal"))
            raise

    def rows(self, sql: str, **values: Any) -> list[Row]:
        """All rows of a query, or of a statement with RETURNING (which commits unless in `atomic`)."""
        with self._lock, self._translated:
            cursor = self._raw.execute(sql, values)
            found = cursor.fetchall()
            names = [column[0] for column in cursor.description] if found else ()
            return [dict(zip(names, row, strict=True)) for row in found]

    def one(self, sql: str, **values: Any) -> Row:
        """The single row of a query. Raises LookupError where there is none."""
        found = self.rows(sql, **values)
        if not found:
            raise LookupError(f"no row for {values}")
        return found[0]

    def write(self, sql: str, **values: Any) -> int:
        """Run one statement and return how many rows it changed; committed at once unless in `atomic`."""
        with self.atomic(), self._translated:
            return self._raw.execute(sql, values).rowcount

    def write_each(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one statement for each of `rows`, all or nothing."""
        with self.atomic(), self._translated:
            self._raw.executemany(sql, rows)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing. Takes the write lock at once, because a read that turns into a write can't wait for it."""
        with self._lock, self._translated:
            if self._raw.in_transaction:
                yield
                return
            self._raw.execute("BEGIN IMMEDIATE")
            before = self._raw.total_changes
            try:
                yield
                tide = self._counted() if self._mark and self._raw.total_changes != before else 0
                self._raw.execute("COMMIT")
            except BaseException:
                self._raw.rollback()
                raise
            if self._mark and tide:
                self._mark.put(tide)

    @property
    def changes(self) -> int:
        """How many rows were changed through this connection."""
        return self._raw.total_changes

    def close(self) -> None:
        """Close the connection; what was committed is on disk."""
        with self._lock:
            self._raw.close()
            if self._mark:
                self._mark.close()

    def _counted(self) -> int:
        return int(self._raw.execute(_TIDE).fetchone()[0])


def _reading(path: Path) -> str:
    """How to open a file that is only read. In a folder that can't be written SQLite wants to be told that nobody
    writes: true where no WAL is left behind.
    """
    wal = path.with_name(f"{path.name}-wal")
    left = wal.exists() and wal.stat().st_size > 0
    return "ro" if left or os.access(path.parent, os.W_OK) else "ro&immutable=1"


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
