"""One SQLite connection behind one lock; the only file that knows sqlite3's errors.

WAL with synchronous=FULL: what was committed survives a power cut (measured, reference: reliability §2.3).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlite_utils import Database, Migrations

from stockgen.domain.errors import LedgerRefused, StorageFull, StorageLost

Row = dict[str, Any]

_FULL = frozenset({"SQLITE_FULL"})
_LOST = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")
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
            self._db = Database(raw)

    def migrate(self) -> None:
        """Bring the schema up to date, each step in one transaction. Raises LedgerRefused for a newer ledger."""
        steps = migrations()
        with self._lock, self._translated():
            known = {name for name, _ in _scripts()}
            unknown = [step.name for step in steps.applied(self._db) if step.name not in known]
            if unknown:
                raise LedgerRefused("ledger_newer", path=str(self.path), step=unknown[0])
            steps.apply(self._db)

    def rows(self, sql: str, **values: Any) -> list[Row]:
        """All rows of a query, or of a statement with RETURNING (which commits unless in `atomic`)."""
        with self._lock, self._translated():
            cursor = self._db.execute(sql, values)
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
            return self._db.execute(sql, values).rowcount

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing. Takes the write lock at once, because a read that turns into a write can't wait for it."""
        with self._lock, self._translated():
            if self._db.conn.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise

    def close(self) -> None:
        """Close the connection; what was committed is on disk."""
        with self._lock:
            self._db.conn.close()

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
            raise


def migrations() -> Migrations:
    """The numbered steps in `migrations/`, oldest first."""
    steps = Migrations("stockgen")
    for name, sql in _scripts():
        steps(name=name)(_step(sql))
    return steps


def _scripts() -> list[tuple[str, str]]:
    folder = files(__package__) / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(name.removesuffix(".sql"), (folder / name).read_text(encoding="utf-8")) for name in names]


def _step(sql: str) -> Callable[[Database], None]:
    def run(db: Database) -> None:
        """Statement by statement: `executescript` would commit the transaction that protects the migration."""
        statement = ""
        for line in sql.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                db.execute(statement)
                statement = ""

    return run


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
