"""A lane in a child process: for what loads gigabytes, holds a device, or may crash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread

from stockgen.domain.protocols import Clock
from stockgen.lanes.base import BatchLane
from stockgen.lanes.spawning import GRACE, Child, signal_name
from stockgen.lanes.spec import LaneSpec
from stockgen.lanes.wire import Command

POISONED = 70  # a child's exit code: its CUDA context is beyond use, only a new process gets a working one
CHILD = "stockgen.lanes.child"


class ProcessLane(BatchLane):
    """One child process (`stockgen.lanes.child`), one batch at a time. Create it on the program's main thread, as
    `Child` says. Raises OSError where no process can be started.
    """

    def __init__(self, spec: LaneSpec, clock: Clock, wake: Callable[[], None], children_lock: Path) -> None:
        super().__init__(spec, clock, wake)
        self._child = Child(CHILD, children_lock, spec.environment)
        self._pid = self._child.pid
        self._child.send((spec.providers, spec.setup))
        self._thread = Thread(target=self._listen, name=f"lane-{spec.name}", daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """SIGKILL; what was streamed before is kept, unfinished shots come out of `take` as LaneDied."""
        self._child.kill()
        self._thread.join(GRACE)
        self._bury(why="does not die", pid=self._pid)

    def _send(self, command: Command) -> bool:
        """The child always reads."""
        return self._child.send(command)

    def _listen(self) -> None:
        code = self._child.listen(self._hear)
        with self._lock:
            self._child.hang_up()
        self._bury(code == POISONED, exitcode=code, signal=signal_name(code), pid=self._pid)
