"""The numbered steps in `migrations/`, run by sqlite-utils; the only file that knows it.

It is imported only where a step is pending, and without numpy and pandas, which it takes along where they are installed
to store their numbers: 0.1 s and 15 MB for the first, more for the second, and no step of ours has such numbers.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from stockgen.domain.errors import LedgerRefused

if TYPE_CHECKING:
    from sqlite_utils import Database

SET = "stockgen"


def awaited(raw: sqlite3.Connection, path: Path) -> list[tuple[str, str]]:
    """The steps that have to be run, as `scripts` has them. Raises LedgerRefused for a ledger with steps that this
    version doesn't know.
    """
    known, applied = scripts(), _applied(raw)
    unknown = [name for name in applied if name not in dict(known)]
    if unknown:
        raise LedgerRefused("ledger_newer", path=str(path), step=unknown[0])
    return [step for step in known if step[0] not in applied]


def run(raw: sqlite3.Connection, steps_sql: Sequence[tuple[str, str]]) -> None:
    """Run every pending step of (name, SQL), each in one transaction together with the record that it was run."""
    with _lacking("numpy", "pandas"):
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


@contextmanager
def _lacking(*packages: str) -> Iterator[None]:
    """Let an import believe that packages are not installed, but those that are imported already."""
    absent = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: import raises ModuleNotFoundError
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


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
