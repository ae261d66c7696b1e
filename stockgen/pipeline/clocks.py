"""A wall clock that is set while we run: no RTC at boot, NTP, a person."""

from __future__ import annotations

from stockgen.domain.protocols import Clock

JUMP = 60.0  # seconds; less is slewing, and no wait is that short


class Clocks:
    """Compares the wall clock with the monotonic one, which is never set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._apart = clock.wall() - clock.monotonic()

    def set_back(self) -> bool:
        """Whether the wall clock was set back since the last call: what was written before may lie in the future."""
        before, self._apart = self._apart, self._clock.wall() - self._clock.monotonic()
        return self._apart < before - JUMP
