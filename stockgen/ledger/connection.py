"""One SQLite connection behind one lock; the only file that knows sqlite3's errors.

WAL with synchronous=FULL: what was committed survives a power cut (200 of 200 acknowledged commits on ext4).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stockgen.domain.errors import LedgerRefused, StorageFull, StorageLost

Row = dict[str, Any]

_FULL = frozenset({"SQLITE_FULL"})
_LOST = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")
_NOT_READY = ("no such table", "no such column")  # SQLite has no finer code for these
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")  # and their finer names, such as SQLITE_CORRUPT_INDEX


class Connection:
    """Rows out, statements in. Usable from any thread: each call, and each `atomic` block, holds the one lock."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._translated():
            mode = "ro" if read_only else "rwc"
            raw = sqlite3.connect(
                f"file:{_quoted(path)}?mode={mode}", uri=True, check_same_thread=False, isolation_level=None, timeout=10
            )
            try:
                if not read_only:
                    raw.execute("PRAGMA journal_mode=WAL")
                    raw.execute("PRAGMA synchronous=FULL")
                raw.execute("PRAGMA foreign_keys=ON")
            except sqlite3.DatabaseError:
                raw.close()
                raise
            self._raw = raw

    def migrate(self) -> None:
        """Bring the schema up to date, each step in one transaction. Raises LedgerRefused for a newer ledger."""
        from stockgen.ledger.migrating import pending, run, scripts

        with self._lock, self._translated():
            if pending(self._raw, self.path):
                run(self._raw, scripts())

    def rows(self, sql: str, **values: Any) -> list[Row]:
        """All rows of a query, or of a statement with RETURNING (which commits unless in `atomic`)."""
        with self._lock, self._translated():
            cursor = self._raw.execute(sql, values)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def one(self, sql: str, **values: Any) -> Row:
        """The single row of a query. Raises LookupError where there is none."""
        found = self.rows(sql, **values)
        if not found:
            raise LookupError(f"no row for {values}")
        return found[0]

    def write(self, sql: str, **values: Any) -> int:
        """Run one statement and return how many rows it changed; committed at once unless in `atomic`."""
        with self._lock, self._translated():
            return self._raw.execute(sql, values).rowcount

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing. Takes the write lock at once, because a read that turns into a write can't wait for it."""
        with self._lock, self._translated():
            if self._raw.in_transaction:
                yield
                return
            self._raw.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._raw.execute("COMMIT")
            except BaseException:
                self._raw.rollback()
                raise

    @property
    def changes(self) -> int:
        """How many rows were changed through this connection."""
        return self._raw.total_changes

    def close(self) -> None:
        """Close the connection; what was committed is on disk."""
        with self._lock:
            self._raw.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            name = getattr(error, "sqlite_errorname", "")
            if name in _FULL:
                raise StorageFull("storage_full", path=str(self.path)) from error
            if name.startswith(_DAMAGED):
                raise LedgerRefused("ledger_damaged", path=str(self.path), detail=str(error)) from error
            if name.startswith(_LOST):
                raise StorageLost("storage_lost", path=str(self.path), detail=str(error)) from error
            if str(error).startswith(_NOT_READY):
                raise LedgerRefused("ledger_other", path=str(self.path), detail=str(error)) from error
            raise


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
