"""The hold of `stockgen pause`: on until somebody resumes, or until the moment that was named."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stockgen.domain.protocols import Held
from stockgen.domain.times import iso, wall
from stockgen.domain.words import Place
from stockgen.ledger import PAUSED, PAUSED_UNTIL, Ledger


def pause(ledger: Ledger, now: float, until: float | None) -> None:
    """Begin to pause; `now`, `until` wall seconds, `until` None = until somebody resumes. Survives a restart."""
    with ledger.atomic():
        ledger.note(PAUSED, iso(now))
        ledger.note(PAUSED_UNTIL, iso(until) if until is not None else "")


def resume(ledger: Ledger) -> None:
    """End a pause."""
    ledger.note(PAUSED, "")


class Paused:
    """A `Hold` over everything. It goes by itself at its moment, and stays gone when the clock is set back after that:
    nobody is paused twice by one command.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        """The pause, at every place. `now` wall seconds."""
        if not self._ledger.noted(PAUSED):
            return ()
        until = self.until
        if until is not None and now >= until:
            return ()
        return (Held(hold="pause", reason="command", until=until),)

    @property
    def until(self) -> float | None:
        """When the pause ends by itself, wall seconds; None = it doesn't, or there is none."""
        noted = self._ledger.noted(PAUSED_UNTIL) if self._ledger.noted(PAUSED) else ""
        return wall(noted) if noted else None

    def step(self, now: float) -> None:
        """Forget a pause that has ended. `now` wall seconds."""
        if now >= (math.inf if self.until is None else self.until):
            resume(self._ledger)
