"""A lane in a thread of the daemon: for providers that wait for the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread

from stockgen.domain.protocols import Clock
from stockgen.domain.words import Place
from stockgen.lanes.base import BatchLane
from stockgen.lanes.host import Host
from stockgen.lanes.spec import ProviderSpec
from stockgen.lanes.wire import Close, Command
from stockgen.lanes.worker import Worker


class ThreadLane(BatchLane):
    """One worker thread, one batch at a time.

    A thread can't be killed: `kill` abandons it, drops what it may still yield, and it ends at its next
    heartbeat.
    """

    def __init__(
        self,
        name: str,
        place: Place,
        specs: Sequence[ProviderSpec],
        clock: Clock,
        wake: Callable[[], None],
        patience: float,
    ) -> None:
        super().__init__(name, place, specs, clock, wake, patience)
        self._worker = Worker(Host(specs, clock.monotonic), self._hear)
        self._thread = Thread(target=self._run, name=f"lane-{name}", daemon=True)
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
