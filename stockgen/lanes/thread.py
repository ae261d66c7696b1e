"""A lane in a thread of the daemon: for providers that wait for the network."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from stockgen.domain.protocols import Clock
from stockgen.lanes.base import BatchLane
from stockgen.lanes.host import Host
from stockgen.lanes.spec import LaneSpec
from stockgen.lanes.wire import Close, Command
from stockgen.lanes.worker import Worker


class ThreadLane(BatchLane):
    """One worker thread, one batch at a time.

    A thread can't be killed: `kill` abandons it, drops what it may still yield, and it ends at its next
    heartbeat.
    """

    def __init__(self, spec: LaneSpec, clock: Clock, wake: Callable[[], None]) -> None:
        super().__init__(spec, clock, wake)
        self._worker = Worker(Host(spec.providers, spec.setup, clock.monotonic), self._hear)
        self._thread = Thread(target=self._run, name=f"lane-{spec.name}", daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """Abandon the thread; unfinished shots come out of `take` as LaneDied."""
        self._worker.tell(Close())
        self._bury(why="abandoned")

    def _send(self, command: Command) -> bool:
        self._worker.tell(command)
        return True

    def _run(self) -> None:
        why = "ended"
        try:
            self._worker.run()
        except SystemExit as wish:  # a provider asks for the end of its lane
            why = f"exit {wish.code}"
        finally:
            self._bury(why=why)
