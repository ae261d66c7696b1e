"""A child process of ours, seen from the parent: started so that it cannot outlive us, spoken to over a socket pair."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from stockgen.keyring import without_keys
from stockgen.threads import unlimited

GRACE = 2.0  # seconds that a killed child has to disappear; one inside a GPU driver may take longer
_STDERR = 2


class Child:
    """`python -m module SOCKET PARENT_PID LOCK` in a process of its own, which `children.born` sets up there.

    Create it on the program's main thread: the child is told by the kernel to die when *the thread* that
    started it ends (prctl(2), PR_SET_PDEATHSIG). Not multiprocessing.Process, which imports `__main__` anew
    and starts a resource tracker that can outlive us. `children_lock`: the file by which a later daemon finds
    old children. Raises OSError where no process can be started.
    """

    def __init__(self, module: str, children_lock: Path, environment: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._process = _start(module, theirs.fileno(), children_lock, environment)
            self._pipe: Connection[Any, Any] = Connection(os.dup(ours.fileno()))
        self.pid = self._process.pid

    def send(self, thing: object) -> bool:
        """Pass something small on without blocking (a socket's buffer holds 208 KiB); False = the child is gone."""
        try:
            self._pipe.send(thing)
        except OSError:  # `listen` sees it too and tells
            return False
        return True

    def listen(self, hear: Callable[[Any], None]) -> int:
        """Pass on what it tells until it is gone; its exit code, negative for a signal. In a thread of the caller's."""
        try:
            while True:
                hear(self._pipe.recv())
        except (EOFError, OSError):
            return self._reaped()

    def kill(self) -> None:
        """SIGKILL; `listen` ends soon."""
        self._process.kill()

    def hang_up(self) -> None:
        """Nothing more is said; to be called after `listen` has ended, and not while somebody sends."""
        self._pipe.close()

    def _reaped(self) -> int:
        """A child that has closed its socket and stays is killed."""
        try:
            return self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def signal_name(exit_code: int) -> str:
    """What ended a process, "" where it ended by itself."""
    return next((known.name for known in signal.Signals if known == -exit_code), "")


def _start(module: str, fd: int, lock: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a child with our import path, our stderr (native crashes stay visible), all threads and no keys: what buys
    from others runs in a thread of ours.
    """
    path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    return subprocess.Popen(
        [sys.executable, "-P", "-u", "-m", module, str(fd), str(os.getpid()), str(lock)],
        pass_fds=(fd,),
        stdin=subprocess.DEVNULL,
        stdout=_STDERR,  # our stdout carries JSON logs; a library's print must not
        env={**without_keys(unlimited(os.environ)), **environment, "PYTHONPATH": path},
        process_group=0,  # Ctrl-C goes to the foreground group; the parent decides what it means
    )
