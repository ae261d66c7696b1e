"""One stockgen at a time on a state folder: an flock, so that it ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from stockgen.domain.errors import StateHeld, StorageFull, StorageLost
from stockgen.files import make_folders, translated

FILE_NAME = "lock"
TRIES = 10
PAUSE = 0.02  # seconds between tries


class StateLock:
    """Held from creation until `release`. Raises StateHeld, naming the holder's pid, where another has it;
    StorageLost where the folder can't be written.

    Tries for a fifth of a second, because `holder` has it for a moment too. `pause` waits a number of seconds.
    """

    def __init__(self, state: Path, pause: Callable[[float], None] = time.sleep) -> None:
        make_folders(state)
        with translated(state):
            self._fd = os.open(state / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not self._taken(pause):
            os.close(self._fd)
            raise StateHeld("state_held", pid=holder(state) or 0, state=str(state))
        try:
            with translated(state):
                os.ftruncate(self._fd, 0)
                os.pwrite(self._fd, str(os.getpid()).encode(), 0)
        except (StorageFull, StorageLost):  # a lock of nobody would keep everybody out
            os.close(self._fd)
            raise

    def release(self) -> None:
        """Let another take it."""
        os.ftruncate(self._fd, 0)
        os.close(self._fd)

    def _taken(self, pause: Callable[[float], None]) -> bool:
        for _ in range(TRIES):
            if _free(self._fd, fcntl.LOCK_EX):
                return True
            pause(PAUSE)
        return False


def holder(state: Path) -> int | None:
    """The pid of the process that holds a state folder, 0 where it has not said so yet; None = nobody does."""
    try:
        fd = os.open(state / FILE_NAME, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if _free(fd, fcntl.LOCK_SH):  # shared: many may ask at the same moment
            return None
        text = os.pread(fd, 20, 0).decode(errors="replace").strip()
        return int(text) if text.isdigit() else 0
    finally:
        os.close(fd)


def _free(fd: int, kind: int) -> bool:
    """Take the lock, if nobody holds it against us."""
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
