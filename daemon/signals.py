"""SIGTERM, SIGINT and SIGHUP, counted; the handlers only count and wake."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class Signals:
    """How often we were asked to stop, and whether to read the config again."""

    stops: int = 0
    reload: bool = False


@contextmanager
def listening(wake: Callable[[], None]) -> Iterator[Signals]:
    """Take the signals over, and give them back at the end. Main thread only."""
    heard = Signals()

    def stop(number: int, frame: FrameType | None) -> None:
        heard.stops += 1
        wake()

    def reload(number: int, frame: FrameType | None) -> None:
        heard.reload = True
        wake()

    wanted = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
