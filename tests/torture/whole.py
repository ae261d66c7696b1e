"""What must be true of a folder in which every job has ended, whatever happened before."""

from __future__ import annotations

from pathlib import Path

from stockgen.files import sha256_file
from stockgen.ledger import FILE_NAME, Ledger
from tests.house import broken_promises, litter


def faults(root: Path) -> list[str]:
    """Everything that is not as it must be."""
    ledger = Ledger.reading(root / ".stockgen")
    try:
        found = [f"promise broken: {name}: {rows}" for name, rows in broken_promises(ledger).items()]
        found += [
            f"not sound: {row}" for row in ledger.query("PRAGMA integrity_check") if row["integrity_check"] != "ok"
        ]
        twice = (
            """SELECT shot_id, count(*) AS n FROM attempts WHERE outcome = 'rendered' GROUP BY shot_id HAVING n > 1"""
        )
        found += [f"finished twice: {row}" for row in ledger.query(twice)]
        unfinished = ledger.query("SELECT id, state FROM jobs WHERE state <> 'closed'")
        found += [f"job not closed: {row}" for row in unfinished]
        found += _files(root / "outbox", ledger)
        spares = {path.stem for path in (root / ".stockgen" / "spare").iterdir()}
        found += [f"spare: {name}" for name in spares ^ ledger.tries.lying()]
    finally:
        ledger.close()
    found += [f"litter: {path}" for path in litter(root)]
    found += [f"litter: {path.name}" for path in (root / ".outbox.staging").glob(".ledger.db*")]
    found += [f"left in the inbox: {path.name}" for path in (root / "inbox").iterdir() if path.is_file()]
    return found + [f"hidden in the inbox: {path}" for path in (root / "inbox").rglob(".*")]


def _files(outbox: Path, ledger: Ledger) -> list[str]:
    """The outbox against the ledger, both ways."""
    told = {row["path"]: row["sha256"] for row in ledger.query("SELECT path, sha256 FROM files")}
    there = {str(path.relative_to(outbox)) for path in outbox.rglob("*") if path.is_file()} - {FILE_NAME}
    there = {path for path in there if not path.startswith("upload/")}  # baskets: the ledger has their folders
    found = [f"the ledger knows nothing of {path}" for path in there - set(told)]
    found += [f"missing: {path}" for path in set(told) - there]
    return found + [f"torn: {path}" for path in there & set(told) if sha256_file(outbox / path) != told[path]]


def notes(root: Path) -> list[str]:
    """What is missing or too much in `accepted/` and `rejected/`: each file has one note."""
    found = []
    for folder in ("accepted", "rejected"):
        names = {path.name for path in (root / "inbox" / folder).iterdir()}
        files = {name for name in names if not name.endswith(".note.txt")}
        found += [f"{folder}/{name}" for name in names ^ (files | {f"{file}.note.txt" for file in files})]
    return found
