"""The lane of the text model: one thread that may wait for its answers, so that the main loop never does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, Queue, SimpleQueue
from typing import Any, TypeVar

from stockgen.domain.errors import WriterLacks
from stockgen.domain.protocols import Brief, Writer

ROOM = 16  # things that wait to be taken; a model that writes faster than they are committed waits then

T = TypeVar("T")
Work = Callable[[threading.Event], Iterator[Any]]  # the event is set once nobody wants the rest


@dataclass(frozen=True, slots=True)
class Ended:
    """A task has ended. `error`: what it raised. `seconds`: how long a text model worked for it."""

    error: Exception | None
    seconds: float


@dataclass(frozen=True, slots=True)
class _Task:
    work: Work
    meter: Callable[[], float]
    dropped: threading.Event = field(default_factory=threading.Event)


class WritingLane:
    """Does one task at a time; its thread is there from the first one on.

    `wake` is called from that thread when something can be taken. The thread is never waited for: it may hang in a call
    for as long as that call's time-out.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._news: Queue[tuple[_Task, Any]] = Queue(ROOM)
        self._thread: threading.Thread | None = None
        self._hand: _Task | None = None

    @property
    def busy(self) -> bool:
        """Whether there is a task whose end has not been taken."""
        return self._hand is not None

    def begin(self, work: Work, meter: Callable[[], float]) -> None:
        """Hand over a task; only while not `busy`. `meter` tells the seconds that its text model has worked in all."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="writing", daemon=True)
            self._thread.start()
        self._hand = _Task(work, meter)
        self._tasks.put(self._hand)

    def take(self) -> list[Any]:
        """What has come since the last call; last of all, its end as Ended. Of a dropped task only that."""
        found: list[Any] = []
        while True:
            try:
                task, one = self._news.get_nowait()
            except Empty:
                return found
            if isinstance(one, Ended):
                self._hand = None
            elif task.dropped.is_set():
                continue
            found.append(one)

    def drop(self) -> None:
        """Nobody wants the rest of the task in hand: it ends at the next thing that it yields."""
        if self._hand:
            self._hand.dropped.set()

    def close(self) -> None:
        """End without waiting for anybody."""
        self.drop()
        self.take()  # whoever waits for room finds it
        self._tasks.put(None)

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None:
            before, error = task.meter(), self._done(task)
            self._tell(task, Ended(error, task.meter() - before))

    def _done(self, task: _Task) -> Exception | None:
        try:
            for one in task.work(task.dropped):
                if task.dropped.is_set():
                    return None
                self._tell(task, one)
        except Exception as error:  # noqa: BLE001  whoever began the task judges it
            return error
        return None

    def _tell(self, task: _Task, one: Any) -> None:
        self._news.put((task, one))
        self._wake()


class Stopwatch:
    """A `Writer` that counts how long the one behind it works; `name` is that one's, which may be another after a call.

    `monotonic`: seconds.
    """

    def __init__(self, writer: Writer, monotonic: Callable[[], float]) -> None:
        self._writer = writer
        self._monotonic = monotonic
        self._seconds = 0.0
        self.name = writer.name
        self.sees = writer.sees
        self.embeds = writer.embeds

    def seconds(self) -> float:
        """How long it has worked in all."""
        return self._seconds

    def missing(self) -> WriterLacks | None:
        """As the one behind it."""
        return self._writer.missing()

    def also_missing(self) -> Sequence[WriterLacks]:
        """As the one behind it."""
        return self._writer.also_missing()

    def write(self, brief: Brief) -> str:
        """As the one behind it, timed."""
        return self._timed(lambda: self._writer.write(brief))

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """As the one behind it, timed."""
        return self._timed(lambda: self._writer.embed(texts))

    def on_card(self) -> int:
        """As the one behind it."""
        return self._writer.on_card()

    def needs(self) -> int:
        """As the one behind it."""
        return self._writer.needs()

    def release(self) -> None:
        """As the one behind it."""
        self._writer.release()

    def _timed(self, call: Callable[[], T]) -> T:
        begun = self._monotonic()
        try:
            return call()
        finally:
            self._seconds += self._monotonic() - begun
            self.name = self._writer.name
