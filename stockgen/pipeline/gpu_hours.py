"""The hold of `gpu.hours`: outside them, what schedules ask for leaves the card alone."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.domain.hours import Hours
from stockgen.domain.protocols import Held
from stockgen.domain.words import Place


class GpuHours:
    """A `Hold`. `hours` None = at any time; a reload replaces it. What somebody dropped by hand is never held."""

    def __init__(self, hours: Hours | None, timezone: str) -> None:
        self.hours = hours
        self._timezone = timezone

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        """Held until the next opening; `now` wall seconds."""
        if place != "gpu" or self.hours is None or self.hours.open_at(now, self._timezone):
            return ()
        until = self.hours.next_opening(now, self._timezone)
        return (Held(hold="gpu_hours", reason=str(self.hours), until=until, kinds=frozenset({"schedule"})),)
