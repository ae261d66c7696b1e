"""The child of a `ProcessLane`: `python -m stockgen.lanes.child SOCKET PARENT_PID LOCK`.

Imports neither torch nor pydantic nor anything of the daemon; a provider brings what it needs, here.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any, NoReturn

from stockgen.domain.protocols import Outcome
from stockgen.lanes.children import Sender, born
from stockgen.lanes.host import Host
from stockgen.lanes.wire import Beat, Event
from stockgen.lanes.worker import Worker

_BEAT_EVERY = 0.1  # seconds between heartbeats of one kind; a lane's patience is counted in tens of seconds


class Throttle:
    """Passes events on, of heartbeats at most ten a second beside each shot's first and last."""

    def __init__(self, emit: Callable[[Event], None], monotonic: Callable[[], float]) -> None:
        self._emit = emit
        self._monotonic = monotonic
        self._begun: set[int] = set()
        self._sent = -_BEAT_EVERY

    def __call__(self, event: Event) -> None:
        """Pass `event` on, or not."""
        if isinstance(event, Beat) and not self._due(event):
            return
        if isinstance(event, Outcome):
            self._begun.discard(event.shot)
        self._emit(event)

    def _due(self, beat: Beat) -> bool:
        now = self._monotonic()
        if beat.shot in self._begun and beat.step < beat.steps and now - self._sent < _BEAT_EVERY:
            return False
        self._begun.add(beat.shot)
        self._sent = now
        return True


def main(arguments: list[str]) -> NoReturn:
    """Render what the parent sends until it closes; never outlive it."""
    pipe = born(arguments)
    faulthandler.enable()
    specs, setup = pipe.recv()
    worker = Worker(Host(specs, setup, time.monotonic), Throttle(Sender(pipe), time.monotonic))
    Thread(target=_listen, args=(pipe, worker), daemon=True).start()
    os._exit(_exit_code(worker.run))  # no atexit of a GPU library may hold us up


def _listen(pipe: Connection[Any, Any], worker: Worker) -> None:
    try:
        while True:
            worker.tell(pipe.recv())
    except (EOFError, OSError):
        os._exit(0)


def _exit_code(run: Callable[[], None]) -> int:
    """A provider may end its process with a code of its own (70: a poisoned CUDA context)."""
    try:
        run()
    except SystemExit as wish:
        return wish.code if isinstance(wish.code, int) else 1
    except Exception:  # noqa: BLE001  a provider's `release` failed; ending is what gives the device back
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main(sys.argv[1:])
