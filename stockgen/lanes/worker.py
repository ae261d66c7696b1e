"""Renders one batch after another; the other end of a lane, in its thread or in its child process."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue

from stockgen.domain.errors import Cancelled
from stockgen.lanes.host import Host
from stockgen.lanes.wire import Beat, Cancel, Changed, Close, Command, Event, Release, Released, Render, Up


class Worker:
    """Does what it is told, in turn, on the thread that calls `run`; cancelling cuts in at the next step.

    `emit` is called on the thread of `run` (heartbeats: on whatever thread the provider reports from).
    """

    def __init__(self, host: Host, emit: Callable[[Event], None]) -> None:
        self._host = host
        self._emit = emit
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._report = BatchReport(emit)
        self._warm: frozenset[str] = frozenset()

    def tell(self, command: Command) -> None:
        """Take a command, from one other thread; never blocks. Cancel is about the batch told last."""
        match command:
            case Render():
                report = self._report = BatchReport(self._emit)
                self._tasks.put(lambda: self._render(command, report))
            case Cancel():
                self._report.cancel(command.shots)
            case Release():
                self._tasks.put(self._release)
            case Close():
                self._report.cancel_all()
                self._tasks.put(None)

    def run(self) -> None:
        """Work until told to close, and look after what is idle. Raises what a provider's `release` raises, and its
        SystemExit.
        """
        self._emit(Up())
        while (task := self._next()) is not None:
            task()
        self._host.release()

    def _next(self) -> Callable[[], None] | None:
        """The next task; until there is one, what is kept warm is tended as often as it asks for it."""
        while True:
            try:
                pause = self._host.tend()
                self._tell_models()
                return self._tasks.get(timeout=pause)
            except Empty:
                continue

    def _render(self, command: Render, report: BatchReport) -> None:
        for outcome in self._host.render(command.batch, command.spool, report, command.ahead):
            self._tell_models()
            self._emit(outcome)

    def _tell_models(self) -> None:
        """What is warm has changed: people and the log want to know, and so does who chooses the next batch."""
        now = self._host.warm
        if now != self._warm:
            self._emit(Changed(tuple(sorted(now - self._warm)), tuple(sorted(self._warm - now))))
            self._warm = now

    def _release(self) -> None:
        self._host.release()
        self._tell_models()
        self._emit(Released())


class BatchReport:
    """The Reporter of one batch."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._unwanted: frozenset[int] = frozenset()
        self._all = False

    def cancel(self, shots: frozenset[int]) -> None:
        """These end at their next step."""
        self._unwanted |= shots

    def cancel_all(self) -> None:
        """All end at their next step."""
        self._all = True

    def unwanted(self, shot: int) -> bool:
        """Whether `shot` was cancelled."""
        return self._all or shot in self._unwanted

    def __call__(self, shot: int, step: int, steps: int) -> None:
        """Pass the heartbeat on. Raises Cancelled when the shot is no longer wanted."""
        self._emit(Beat(shot, step, steps))
        if self.unwanted(shot):
            raise Cancelled("cancelled", shot=shot)
