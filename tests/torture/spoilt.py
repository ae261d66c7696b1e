"""Bugs that are planted into a life of the daemon to see that the power cuts find them (`nest.py` asks by name).

Each takes away one thing that durability rests on, in the process that asks, before its daemon starts.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

FULL, NORMAL = "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"


def no_file_sync() -> None:
    """Files are never synced, folders are."""
    _sync_only(stat.S_ISDIR)


def no_folder_sync() -> None:
    """Folders are never synced, files are."""
    _sync_only(stat.S_ISREG)


def _sync_only(wanted: Callable[[int], bool]) -> None:
    real = os.fsync

    def fsync(fd: int) -> None:
        if wanted(os.fstat(fd).st_mode):
            real(fd)

    os.fsync = fsync  # type: ignore[assignment]


def commits_not_synced() -> None:
    """The ledger's WAL is synced at checkpoints only."""
    real = sqlite3.connect

    class Lax(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            return super().execute(NORMAL if sql == FULL else sql, *rest)

    sqlite3.connect = lambda *given, **named: real(*given, **{"factory": Lax, **named})  # type: ignore[assignment]


def done_too_early() -> None:
    """A picture is done in the ledger before its files have their names in the outbox."""
    from stockgen.ledger.assets import Assets
    from stockgen.pipeline.publish import Publisher

    real_complete, real_done = Publisher.complete, Assets.done

    def complete(self: Publisher, asset: int, shot: Any) -> None:
        assets = self._ledger.assets
        real_done(assets, asset, [file["id"] for file in assets.files_of(asset)], self._clock.wall())
        real_complete(self, asset, shot)

    Publisher.complete = complete  # type: ignore[method-assign]
    Assets.done = lambda *_: None  # type: ignore[method-assign]


SPOILT: Mapping[str, Callable[[], None]] = MappingProxyType({
    "no fsync of files": no_file_sync, "no fsync of folders": no_folder_sync,
    "synchronous=NORMAL": commits_not_synced, "done before the link": done_too_early,
})  # fmt: skip
