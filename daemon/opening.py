"""A start on a full disk waits until there is room: at night nobody is there to start it once more."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from daemon.manager import Manager
from daemon.signals import Signals
from stockgen.app.build import App
from stockgen.domain.errors import StorageFull
from stockgen.logs import Logger
from stockgen.messages import Messages, explained


class Waiting(Protocol):
    """Where somebody may wake us."""

    def wait(self, seconds: float) -> None:
        """Return when somebody woke us, or after `seconds`."""
        ...


def opened(
    attempt: Callable[[], App], queue: Waiting, signals: Signals, seconds: float, say: Messages, log: Logger,
    manager: Manager,
) -> App | None:  # fmt: skip
    """What `attempt` opens, tried again every `seconds` while a disk is full; None = told to stop meanwhile.

    The lock is free between two tries. Raises whatever else `attempt` raises.
    """
    told = False
    while not signals.stops:
        try:
            app = attempt()
        except StorageFull as error:
            if not told:
                log.warning("hold.on", hold="disk", reason=str(error))
                sys.stderr.write(explained(error, say) + say("door.full_at_start") + "\n")
            told = True
            manager.waits_for_room(seconds, say.tell(error.remark))
            queue.wait(seconds)
        else:
            if told:
                log.info("hold.off", hold="disk")
            return app
    return None
