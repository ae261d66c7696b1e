"""What is kept warm must leave by itself though nobody sends a command, and must not keep the process from working."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from threading import Thread

from stockgen.domain.protocols import Outcome
from stockgen.gpu.host import ModelHost
from stockgen.gpu.settings import GpuSettings
from stockgen.lanes.host import SHORTEST, Host
from stockgen.lanes.spec import Setup, furnished
from stockgen.lanes.wire import Close, Event, Render
from stockgen.lanes.worker import Worker
from tests.lanes.harness import SCRIPTED, fits, until


class Fading(Host):
    """Wants to be tended a few times, a moment apart, and then never again."""

    def __init__(self, times: int) -> None:
        super().__init__([SCRIPTED], Setup(), time.monotonic)
        self.left = times

    def tend(self) -> float | None:
        self.left -= 1
        return 0.01 if self.left >= 0 else None


def test_what_idles_is_tended_without_a_command_and_work_is_done_meanwhile(spool: Path) -> None:
    host, told = Fading(3), deque[Event]()
    worker = Worker(host, told.append)
    thread = Thread(target=worker.run)
    thread.start()
    assert until(lambda: host.left < 0)
    worker.tell(Render(tuple(fits(SCRIPTED, "a")), spool))
    worker.tell(Close())
    thread.join(20)
    assert not thread.is_alive()
    assert [event.shot for event in told if isinstance(event, Outcome)] == [1]


class Keeping(ModelHost):
    """Says when it wants to be stepped again."""

    def __init__(self, then: float | None) -> None:
        super().__init__("cpu", GpuSettings(), lambda: 100.0)
        self.then = then

    def step(self, now: float) -> float | None:
        return self.then


class Furnished(Host):
    """A host whose models are kept by somebody else's `ModelHost`."""

    def __init__(self, models: ModelHost) -> None:
        super().__init__([SCRIPTED], Setup(), lambda: 100.0)
        self._tools = replace(furnished(Setup(), lambda: 100.0), host=models)


def test_the_next_look_is_when_the_models_say_and_never_a_storm_of_looks() -> None:
    assert Host([SCRIPTED], Setup(), time.monotonic).tend() is None  # nothing was ever loaded
    assert [Furnished(Keeping(then)).tend() for then in (None, 160.0, 100.0, 3.0)] == [None, 60.0, SHORTEST, SHORTEST]
