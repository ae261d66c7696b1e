"""What the service manager (systemd) is told: ready, how things stand, stopping; and that we are getting on.

WATCHDOG=1 comes from the turns of the one loop and from nowhere else: a loop that hangs falls silent, and is ended. Fed
is only what gets on: lanes that were heard of within their patience, an inbox that is watched or looked at.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from daemon.notify_socket import NotifySocket
from stockgen.domain.protocols import Lane
from stockgen.domain.words import Remark
from stockgen.messages import Messages
from stockgen.pipeline.eta import waiting

ENDING = 30.0  # seconds that the end takes at most after what was in hand: lanes, the spool, the ledger
FULL = 3.0  # how many of the pauses between two tries a start may still take that waits


class Manager:
    """The service manager, where there is one. `environment`: what it gave us; `say`: STATUS= is for people."""

    def __init__(self, environment: Mapping[str, str], say: Messages) -> None:
        self._socket = NotifySocket(environment.get("NOTIFY_SOCKET", ""))
        self._say = say
        self._patience = _patience(environment)
        self._feed_at = -math.inf if self._patience else math.inf
        self._told = ""

    @property
    def there(self) -> bool:
        """Whether anybody listens."""
        return self._socket.there

    def waits(self, pause: float, status: str) -> None:
        """The start can't go on yet, as `status` says (a full disk, a lock); more is known in `pause` seconds."""
        self._socket.send(EXTEND_TIMEOUT_USEC=_micro(pause * FULL), STATUS=status)

    def ready(self) -> None:
        """All is there: lock, config, ledger, orphans, watch. Also after `reloading`."""
        self._socket.send(READY=1)

    def reloading(self) -> None:
        """The config is being read again."""
        # The manager compares it with its own clock: nobody else's will do.
        self._socket.send(RELOADING=1, MONOTONIC_USEC=time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)

    def stopping(self, seconds: float) -> None:
        """We end. What is in hand may end, too, within `seconds`."""
        self._socket.send(STOPPING=1, EXTEND_TIMEOUT_USEC=_micro(seconds + ENDING))

    def turned(self, now: float, gets_on: bool) -> None:
        """The loop has turned. `now` monotonic seconds; `gets_on`: whether all that works for it is alive."""
        if gets_on and now >= self._feed_at:
            self._feed_at = now + self._patience / 4
            self._socket.send(WATCHDOG=1)

    def next_at(self) -> float:
        """When the loop must turn again though nothing happens: monotonic seconds."""
        return self._feed_at

    def status(self, remarks: Sequence[Remark]) -> None:
        """How things stand, told where it is news."""
        told = " ".join(self._say.tell(one) for one in remarks)
        if told != self._told:
            self._told = told
            self._socket.send(STATUS=told)


def gets_on(lanes: Sequence[Lane], watched: bool, now: float) -> bool:
    """Whether no lane is silent for longer than its patience (whoever is was to be ended in this very turn), and the
    inbox is watched. `now` monotonic seconds.
    """
    return watched and all(lane.health(now)[0] != "stuck" for lane in lanes)


def standing(facts: Mapping[str, Any], to_do: int, timezone: str) -> list[Remark]:
    """How things stand in a few words: from the facts of `live.json`, and how many pictures have not ended."""
    told = [Remark(f"manager.{facts['daemon']['state']}", facts={"pictures": to_do})]
    told += waiting([one for one in facts["holds"] if _is_news(one)], timezone)
    problem = facts["inbox"]["problem"]
    return [*told, Remark("manager.inbox", facts={"problem": problem})] if problem else told


def _is_news(held: Mapping[str, Any]) -> bool:
    """Whether a hold keeps anybody waiting who is not told of it already."""
    if held["hold"] == "pause":
        return bool(held["reason"] != "command")
    return bool(held["shots"]) or held["hold"] == "disk"


def _patience(environment: Mapping[str, str]) -> float:
    """Seconds of silence after which the manager ends us; 0 = it waits for ever, or for somebody else."""
    told, whose = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    ours = not whose or whose == str(os.getpid())
    return int(told) / 1e6 if told.isdigit() and ours else 0.0


def _micro(seconds: float) -> int:
    return round(max(0.0, seconds) * 1e6)
