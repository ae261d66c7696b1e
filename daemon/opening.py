"""A start waits for what ends by itself: a full disk for room, a command that has the lock for its end. At night nobody
is there to start the daemon once more, and a service manager must not (its exit code is that of two daemons).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from daemon.manager import Manager
from daemon.signals import Signals
from stockgen.app.build import App
from stockgen.domain.errors import StateHeld, StockgenError, StorageFull
from stockgen.domain.protocols import Clock
from stockgen.logs import Logger
from stockgen.messages import Messages, explained

HELD = 10.0  # seconds that the lock is waited for: a command has it for a moment, another daemon for days
LOOK = 1.0  # seconds between two tries at the lock


class Waiting(Protocol):
    """Where somebody may wake us."""

    def wait(self, seconds: float) -> None:
        """Return when somebody woke us, or after `seconds`."""
        ...


class Holds:
    """What a start waits for, each told once: to people, to the log, and each time to the service manager."""

    def __init__(self, say: Messages, log: Logger, manager: Manager) -> None:
        self._say, self._log, self._manager = say, log, manager
        self._told: list[str] = []

    def on(self, hold: str, error: StockgenError, code: str, seconds: float) -> None:
        """It waits because of `error`. `code`: the sentence about what happens now; more is known in `seconds`."""
        if hold not in self._told:
            self._log.warning("hold.on", hold=hold, reason=str(error))
            sys.stderr.write(f"{explained(error, self._say)}{self._say(code, seconds=seconds)}\n")
            self._told.append(hold)
        self._manager.waits(seconds, self._say.tell(error.remark))

    def off(self) -> None:
        """It goes on."""
        for hold in self._told:
            self._log.info("hold.off", hold=hold)


def opened(
    attempt: Callable[[], App], queue: Waiting, signals: Signals, seconds: float, holds: Holds, clock: Clock
) -> App | None:
    """What `attempt` opens, tried again every `seconds` while a disk is full, and for `HELD` seconds while another has
    the lock; None = told to stop meanwhile.

    The lock is free between two tries. Raises whatever else `attempt` raises, and StateHeld after that time.
    """
    held_until: float | None = None
    while not signals.stops:
        try:
            app = attempt()
        except StorageFull as error:
            holds.on("disk", error, "door.full_at_start", seconds)
            held_until = None
            queue.wait(seconds)
        except StateHeld as error:
            now = clock.monotonic()
            held_until = now + HELD if held_until is None else held_until
            if now >= held_until:
                raise
            holds.on("lock", error, "door.held_at_start", HELD)
            queue.wait(LOOK)
        else:
            holds.off()
            return app
    return None
