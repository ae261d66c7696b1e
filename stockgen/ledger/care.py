"""Ledger files as a whole: are they sound, and how are they copied?"""

from __future__ import annotations

from pathlib import Path

from stockgen.domain.errors import LedgerRefused
from stockgen.files import discard
from stockgen.filesystems import shared
from stockgen.ledger.connection import Connection
from stockgen.ledger.mark import marked


def refuse_shared(state: Path) -> None:
    """Raises LedgerRefused where a state folder lies where SQLite can't be trusted."""
    kind = shared(state)
    if kind:
        raise LedgerRefused("ledger_shared", path=str(state), kind=kind)


def examined(path: Path) -> int:
    """How far a ledger has come, after a look at all of it that changes nothing; only a transaction that a kill left
    half done is rolled back, because nobody can read the file before that.

    Raises LedgerRefused where it is damaged, of a newer program or no ledger of ours; StorageLost where it can't be
    read.
    """
    half_done = path.with_name(f"{path.name}-journal").exists()  # of the switch to WAL, when it was new
    connection = Connection(path, read_only=not half_done)
    try:
        return connection.examined()
    finally:
        connection.close()


def is_ledger(path: Path) -> bool:
    """Whether a database holds what a ledger of ours holds, of whatever version."""
    connection = Connection(path, read_only=True)
    try:
        return bool(connection.rows("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'jobs'"))
    finally:
        connection.close()


def refuse_lost(path: Path) -> None:
    """Raises LedgerRefused where the ledger at `path` is not what was written there last: damaged, older, or gone."""
    there = path.exists() and path.stat().st_size > 0
    last, tide = marked(path.parent), examined(path) if there else 0
    if tide < last:
        code = "ledger_behind" if there else "ledger_gone"
        raise LedgerRefused(code, path=str(path), wal=f"{path}-wal")


def copied(source: Path, target: Path) -> None:
    """Write a consistent copy of a ledger as one file, fsynced; somebody may be writing the source meanwhile.

    What a kill left at `target` is replaced, with its journal, which SQLite would apply to the new file. Raises
    LedgerRefused, StorageFull, StorageLost; then nothing lies there.
    """
    discard(target)
    discard(target.with_name(f"{target.name}-journal"))
    connection = Connection(source, read_only=True)
    try:
        connection.copy_into(target)
    finally:
        connection.close()
