"""The numbered steps in `migrations/`, run by sqlite-utils; the only file that knows it.

It is imported only where a step is pending, because it brings numpy with it: 0.2 s and 25 MB that a daemon at rest
does not need.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from stockgen.domain.errors import LedgerRefused

if TYPE_CHECKING:
    from sqlite_utils import Database

SET = "stockgen"


def pending(raw: sqlite3.Connection, path: Path) -> bool:
    """Whether a step has to be run. Raises LedgerRefused for a ledger with steps that this version doesn't know."""
    known, applied = [name for name, _ in scripts()], _applied(raw)
    unknown = [name for name in applied if name not in known]
    if unknown:
        raise LedgerRefused("ledger_newer", path=str(path), step=unknown[0])
    return len(applied) < len(known)


def run(raw: sqlite3.Connection, steps_sql: Sequence[tuple[str, str]]) -> None:
    """Run every pending step of (name, SQL), each in one transaction together with the record that it was run."""
    from sqlite_utils import Database, Migrations

    steps = Migrations(SET)
    for name, sql in steps_sql:
        steps(name=name)(_step(sql))
    db = Database(raw)
    with db.atomic():  # else a kill could leave its table without its index for ever
        steps.ensure_migrations_table(db)
    steps.apply(db)


def scripts() -> list[tuple[str, str]]:
    """Names and texts of all steps, oldest first."""
    folder = files(__package__) / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(name.removesuffix(".sql"), (folder / name).read_text(encoding="utf-8")) for name in names]


def _applied(raw: sqlite3.Connection) -> list[str]:
    """What sqlite-utils recorded, read without it."""
    there = raw.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
    sql = "SELECT name FROM _sqlite_migrations WHERE migration_set = ?"
    return [row[0] for row in raw.execute(sql, (SET,))] if there else []


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
