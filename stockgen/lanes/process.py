"""A lane in a child process: for what loads gigabytes, holds a device, or may crash."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

from stockgen.domain.protocols import Clock
from stockgen.keyring import without_keys
from stockgen.lanes.base import BatchLane
from stockgen.lanes.spec import LaneSpec
from stockgen.lanes.wire import Command
from stockgen.threads import unlimited

POISONED = 70  # a child's exit code: its CUDA context is beyond use, only a new process gets a working one
_GRACE = 2.0  # seconds that a killed child has to disappear; one inside a GPU driver may take longer
_STDERR = 2


class ProcessLane(BatchLane):
    """One child process (`stockgen.lanes.child`), one batch at a time, over a socket pair.

    Create it on the program's main thread: the child is told by the kernel to die when *the thread* that
    started it ends (prctl(2), PR_SET_PDEATHSIG). Not multiprocessing.Process, which imports `__main__` anew
    and starts a resource tracker that can outlive us. `children_lock`: the file by which a later daemon finds
    old children. Raises OSError where no process can be started.
    """

    def __init__(self, spec: LaneSpec, clock: Clock, wake: Callable[[], None], children_lock: Path) -> None:
        super().__init__(spec, clock, wake)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._child = _start(theirs.fileno(), children_lock, spec.environment)
            self._pipe: Connection[Any, Any] = Connection(os.dup(ours.fileno()))
        self._pid = self._child.pid
        self._send_object((spec.providers, spec.setup))
        self._thread = Thread(target=self._listen, name=f"lane-{spec.name}", daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """SIGKILL; what was streamed before is kept, unfinished shots come out of `take` as LaneDied."""
        self._child.kill()
        self._thread.join(_GRACE)
        self._bury(why="does not die", pid=self._pid)

    def _send(self, command: Command) -> bool:
        """A batch is far smaller than the socket's buffer (208 KiB), and the child always reads."""
        return self._send_object(command)

    def _send_object(self, thing: object) -> bool:
        try:
            self._pipe.send(thing)
        except OSError:  # the child is gone; `_listen` sees it too and tells
            return False
        return True

    def _listen(self) -> None:
        try:
            while True:
                self._hear(self._pipe.recv())
        except (EOFError, OSError):
            code = self._reaped()
        with self._lock:
            self._pipe.close()
        self._bury(code == POISONED, exitcode=code, signal=_signal_name(-code), pid=self._pid)

    def _reaped(self) -> int:
        """The exit code, negative for a signal. A child that has closed its socket and stays is killed."""
        try:
            return self._child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            return self._child.wait()


def _start(fd: int, children_lock: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a child with our import path, our stderr (native crashes stay visible), all threads and no keys: what buys
    from others runs in a thread of ours.
    """
    path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    return subprocess.Popen(
        [
            sys.executable,
            "-P",
            "-u",
            "-m",
            "stockgen.lanes.child",
            str(fd),
            str(os.getpid()),
            str(children_lock),
        ],
        pass_fds=(fd,),
        stdin=subprocess.DEVNULL,
        stdout=_STDERR,  # our stdout carries JSON logs; a library's print must not
        env={**without_keys(unlimited(os.environ)), **environment, "PYTHONPATH": path},
        process_group=0,  # Ctrl-C goes to the foreground group; the parent decides what it means
    )


def _signal_name(number: int) -> str:
    return next((known.name for known in signal.Signals if known == number), "")
