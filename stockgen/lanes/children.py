"""How a new daemon knows that no child of a dead one still renders: a lock file that all children share."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from stockgen.domain.protocols import Clock

_STEP = 0.05  # seconds between two looks


def join_children(lock: Path) -> None:
    """Take a shared lock for the rest of this process's life; called by a child before anything else."""
    fcntl.flock(_opened(lock), fcntl.LOCK_SH)


def wait_for_old_children(
    lock: Path, timeout: float, clock: Clock, pause: Callable[[float], None] = time.sleep
) -> bool:
    """Wait until no process holds `lock`; False where one still does after `timeout` seconds.

    To be called before the caller starts children of its own. `pause` waits a number of seconds. Raises
    OSError where the file can't be opened.
    """
    fd = _opened(lock)
    end = clock.monotonic() + timeout
    try:
        while not _free(fd):
            if clock.monotonic() >= end:
                return False
            pause(_STEP)
        return True
    finally:
        os.close(fd)


def _free(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(lock: Path) -> int:
    return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
