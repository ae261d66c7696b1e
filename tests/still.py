"""A clock that stands still, and a house that works by it."""

from __future__ import annotations

from collections.abc import Callable

from tests.house import House

NOW = 1_796_000_000.0  # wall seconds; some day in 2026


class StillClock:
    """Stands still; a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def wall(self) -> float:
        """Seconds."""
        return self.now

    def monotonic(self) -> float:
        """The same seconds."""
        return self.now


def turned(one: House, clock: StillClock, until: Callable[[], bool]) -> None:
    """Turn the engine while real time passes for its thread, and the clock's hardly."""
    for _ in range(2000):
        if until():
            return
        clock.now += 0.03
        if not one.app.engine.step(clock.monotonic()):
            one.woken.acquire(timeout=0.01)
    raise AssertionError(one.states())
