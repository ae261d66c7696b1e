"""One stockgen at a time on a state folder: an flock, so that it ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from stockgen.domain.errors import StateHeld
from stockgen.files import make_folders

FILE_NAME = "lock"


class StateLock:
    """Held from creation until `release`. Raises StateHeld, naming the holder's pid, where another has it."""

    def __init__(self, state: Path) -> None:
        make_folders(state)
        self._fd = os.open(state / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._fd)
            raise StateHeld("state_held", pid=holder(state) or 0, state=str(state)) from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let another take it."""
        os.ftruncate(self._fd, 0)
        os.close(self._fd)


def holder(state: Path) -> int | None:
    """The pid of the process that holds a state folder; None = nobody does. Takes nothing itself."""
    try:
        fd = os.open(state / FILE_NAME, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(fd, 20, 0).decode(errors="replace").strip()
        return int(text) if text.isdigit() else 0
    finally:
        os.close(fd)
    return None
