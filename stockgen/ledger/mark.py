"""How far the ledger has come, written beside it: a ledger that has lost its newest work is not taken for whole.

SQLite opens a ledger whose `-wal` was deleted, or that an older copy replaced, without a word. The ledger counts its
own commits (`meta.tide`); after each one the count is written here too. A ledger that counts less than its mark has
lost what came after. The mark is never ahead: it is written after the commit has returned, and not fsynced, so that a
power cut can only leave it behind.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from stockgen.files import discard, translated

FILE_NAME = "ledger.mark"
DIGITS = 20


class Mark:
    """One number in a file of fixed length. Raises StorageFull, StorageLost where it can't be opened."""

    def __init__(self, state: Path) -> None:
        path = state / FILE_NAME
        with translated(path):
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def put(self, tide: int) -> None:
        """The ledger has come this far. A disk that refuses leaves the mark behind, which claims less, never more."""
        with suppress(OSError):
            os.pwrite(self._fd, str(tide).rjust(DIGITS, "0").encode(), 0)

    def close(self) -> None:
        """Nobody writes any more."""
        os.close(self._fd)


def marked(state: Path) -> int:
    """How far the ledger had come; 0 = nothing is known, or what is written can't be read."""
    try:
        text = (state / FILE_NAME).read_bytes()[:DIGITS].decode()
    except (OSError, UnicodeDecodeError):
        return 0
    return int(text) if text.isascii() and text.isdigit() else 0


def forget(state: Path) -> None:
    """Whatever lies there from now on is taken as it is."""
    discard(state / FILE_NAME)
