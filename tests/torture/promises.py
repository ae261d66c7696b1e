"""What a daemon has told the world, against what is on its disks after a power cut, before anybody mends anything.

The log is the acknowledgement: it lies on no disk of the daemon's, and each of its lines is a promise. Beside it the
ledger's own word counts: what it says is published, staged or rendered must be there, byte for byte.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from stockgen.files import sha256_file
from stockgen.ledger import FILE_NAME

Told = Mapping[str, Any]


def broken(root: Path, log: Path, scratch: Path) -> list[str]:
    """Every promise that does not hold; `scratch`: a new folder for a copy of the ledger, which reading it changes."""
    try:
        disk = _Disk(root, scratch)
        found = [fault for one in told(log) for fault in PROMISES.get(one["event"], _nothing)(disk, one)]
        return found + list(disk.claims())
    except sqlite3.Error as error:
        return [f"the ledger can't be read: {error}"]


def told(log: Path) -> list[Told]:
    """The lines of a log; one in which the cut fell is none."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


class _Disk:
    """What is there. Raises sqlite3.Error where the ledger is none."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        scratch.mkdir()
        for part in root.glob(f".stockgen/{FILE_NAME}*"):
            shutil.copy(part, scratch)
        self._ledger = sqlite3.connect(scratch / FILE_NAME)
        self._ledger.row_factory = sqlite3.Row
        self.empty = not self.rows("SELECT 1 FROM sqlite_schema")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._ledger.execute(sql, values).fetchall()

    def state(self, table: str, key: object) -> str:
        """Of a job or a shot; "unknown" where the ledger has none."""
        found = [] if self.empty else self.rows(f"SELECT state FROM {table} WHERE id = ?", key)
        return str(found[0]["state"]) if found else "unknown"

    def is_whole(self, path: Path, sha256: str) -> bool:
        return path.is_file() and sha256_file(path) == sha256

    def claims(self) -> Iterator[str]:
        """What the ledger says is there, and is not."""
        if self.empty:
            return
        outbox, staging, spool = (self.root / name for name in ("outbox", ".outbox.staging", ".stockgen/spool"))
        for row in self.rows("SELECT * FROM files"):
            whole = self.is_whole(outbox / row["path"], row["sha256"])
            if row["state"] == "staged":
                whole = whole or self.is_whole(staging / row["staged"], row["sha256"])
            if not whole:
                yield f"{row['state']} and not there whole: {row['path']}"
        for row in self.rows("SELECT * FROM shots WHERE state = 'rendered'"):
            if not self.is_whole(spool / row["raw_path"], row["raw_sha256"]):
                yield f"rendered and not there whole: {row['raw_path']}"
        for row in self.rows("SELECT * FROM baskets WHERE state = 'published'"):
            there = len(list((outbox / row["path"] / "1_pictures").glob("*.jpg")))
            wanted = len(self.rows("SELECT 1 FROM submissions WHERE basket_id = ?", row["id"]))
            if there != wanted:
                yield f"{there} of {wanted} pictures of a published basket: {row['path']}"
        for row in self.rows("SELECT id, orders FROM jobs"):
            for order in json.loads(row["orders"]):
                image = (order.get("control") or {}).get("image")
                if image and not (self.root / ".stockgen" / "references" / image).stat().st_size:
                    yield f"a picture that a job was given: {image}"


# -- what each line promises -----------------------------------------------------------------------------------


def _nothing(_disk: _Disk, _one: Told) -> Iterator[str]:
    yield from ()


def _job(*wrong: str) -> Callable[[_Disk, Told], Iterator[str]]:
    return _is("jobs", "job", frozenset({"unknown", *wrong}))


def _shot(*wrong: str) -> Callable[[_Disk, Told], Iterator[str]]:
    return _is("shots", "shot", frozenset({"unknown", *wrong}))


def _is(table: str, key: str, wrong: frozenset[str]) -> Callable[[_Disk, Told], Iterator[str]]:
    def promise(disk: _Disk, one: Told) -> Iterator[str]:
        if (state := disk.state(table, one[key])) in wrong:
            yield f"told {one['event']} {one[key]}, and it is {state}"

    return promise


def _published(disk: _Disk, one: Told) -> Iterator[str]:
    """The picture, and its sidecar."""
    yield from _shot("planned", "rendering", "rendered", "publishing")(disk, one)
    rows = disk.rows(
        """SELECT f.* FROM files f JOIN assets a ON a.id = f.asset_id WHERE a.shot_id = ?""", one["shot"]
    ) if not disk.empty else []  # fmt: skip
    whole = [row for row in rows if disk.is_whole(disk.root / "outbox" / row["path"], row["sha256"])]
    if sorted(row["role"] for row in whole) != ["master", "sidecar"]:
        yield f"told shot.published {one['path']}, and there is only {[row['path'] for row in whole]}"


def _basket(disk: _Disk, one: Told) -> Iterator[str]:
    there = len(list((disk.root / "outbox" / one["path"] / "1_pictures").glob("*.jpg")))
    if there != one["pictures"]:
        yield f"told basket.made {one['path']}, and it has {there} pictures"


PROMISES: Mapping[str, Callable[[_Disk, Told], Iterator[str]]] = MappingProxyType({
    "file.accepted": _job(), "job.planned": _job("planning"), "job.closed": _job("planning", "open"),
    "shot.claimed": _shot("planned"), "shot.rendered": _shot("planned", "rendering"), "shot.published": _published,
    "basket.made": _basket,
})  # fmt: skip
