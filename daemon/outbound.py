"""The one thread that speaks to the outside: it carries letters and fetches orders, knows no ledger, decides nothing.
It reads its own queue only; what comes of it waits in another one, and the loop is woken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread

from stockgen.domain.telling import Letter, Mailbox, Messenger, NotDelivered, Update

POLL = 4.0  # seconds of one long poll: a letter waits no longer for its end
PATIENCE = 1.0  # seconds that a stop waits for what is on its way


@dataclass(frozen=True, slots=True)
class Task:
    """A letter for an address. `number`: of its row, 0 = it has none."""

    number: int
    address: str
    letter: Letter


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a task: the message's name there, or the error."""

    task: Task
    sent_as: str = ""
    error: NotDelivered | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of a poll: updates and the next offset, or the error."""

    updates: Sequence[Update] = ()
    offset: int = 0
    error: NotDelivered | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """A wish to hear what came to a mailbox from `offset` on."""

    mailbox: Callable[[], Mailbox]
    offset: int


class Outbound:
    """Begins with the first thing to do. `find`: the messenger of an address; it may raise NotDelivered."""

    def __init__(self, find: Callable[[str], Messenger], wake: Callable[[], None]) -> None:
        self._find, self._wake = find, wake
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._polls: SimpleQueue[Poll] = SimpleQueue()
        self._results: SimpleQueue[Sent | Fetched] = SimpleQueue()
        self._ending = Event()
        self._thread: Thread | None = None

    @property
    def begun(self) -> bool:
        """Whether there is a thread."""
        return self._thread is not None

    def send(self, task: Task) -> None:
        """Have a letter carried."""
        self._tasks.put(task)
        self._begin()

    def poll(self, poll: Poll) -> None:
        """Have a mailbox asked once."""
        self._polls.put(poll)
        self._tasks.put(None)
        self._begin()

    def results(self) -> list[Sent | Fetched]:
        """All that has come of it since."""
        found = []
        while not self._results.empty():
            found.append(self._results.get())
        return found

    def close(self) -> None:
        """End. A request on its way is waited for shortly, and what came of it is in `results`; later its letter is
        not noted as sent, and its updates come again.
        """
        self._ending.set()
        self._tasks.put(None)
        if self._thread:
            self._thread.join(PATIENCE)

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="outbound", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                task = self._tasks.get(block=self._polls.empty())
            except Empty:
                task = None
            if self._ending.is_set():
                return
            if task is not None:
                self._tell(self._carried(task))
            elif self._tasks.empty() and not self._polls.empty():
                self._tell(_fetched(self._polls.get()))

    def _tell(self, result: Sent | Fetched) -> None:
        self._results.put(result)
        self._wake()

    def _carried(self, task: Task) -> Sent:
        try:
            return Sent(task, self._find(task.address).send(task.letter))
        except NotDelivered as error:
            return Sent(task, error=error)
        except Exception as error:  # noqa: BLE001  a library's fault must not end the thread
            return Sent(task, error=NotDelivered("notify_away", name=task.address, detail=type(error).__name__))


def _fetched(poll: Poll) -> Fetched:
    try:
        updates, offset = poll.mailbox().fetch(poll.offset, POLL)
    except NotDelivered as error:
        return Fetched(offset=poll.offset, error=error)
    except Exception as error:  # noqa: BLE001  as above
        away = NotDelivered("notify_away", name="telegram", detail=type(error).__name__)
        return Fetched(offset=poll.offset, error=away)
    return Fetched(updates, offset)
