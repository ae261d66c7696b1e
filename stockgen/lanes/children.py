"""What every child process of ours keeps to: it dies with its parent, and a new daemon can tell that it is gone, by a
lock file that all children share.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any

from stockgen.domain.protocols import Clock

_STEP = 0.05  # seconds between two looks
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def born(arguments: Sequence[str]) -> Connection[Any, Any]:
    """Set up a child that `spawning.Child` has started with SOCKET PARENT_PID LOCK; return its end of the pipe.

    From now on it dies with its parent and hears no signal that a terminal sends to all. Raises OSError.
    """
    socket, parent, lock = int(arguments[0]), int(arguments[1]), Path(arguments[2])
    join_children(lock)
    _die_with(parent)
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # the parent coordinates
    os.set_inheritable(socket, False)
    return Connection(socket)


class Sender:
    """Sends from any thread; where the parent is gone, so are we."""

    def __init__(self, pipe: Connection[Any, Any]) -> None:
        self._pipe = pipe
        self._lock = Lock()

    def __call__(self, event: object) -> None:
        with self._lock:
            try:
                self._pipe.send(event)
            except OSError:
                os._exit(0)


def _die_with(parent: int) -> None:
    """Have the kernel kill us when the parent's thread ends; it may have ended before we could ask."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os._exit(0)


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
