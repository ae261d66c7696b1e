"""When a provider may be asked again: by its own limits, and by how long it wants to be left alone; pure."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from stockgen.domain.protocols import OURS, Terms

WINDOW = 60.0  # seconds that `per_minute` is about
FIRST, MOST = 2.0, 60.0  # seconds: the longest pause after one busy answer that named none, and after many in a row
UNLIMITED = sys.maxsize


@dataclass
class _Pace:
    """One provider. All moments are monotonic seconds; `begun`: of the last pictures, as many as may be in a minute."""

    terms: Terms
    begun: deque[float] = field(default_factory=deque)
    spaced: float = 0.0  # until then no other request begins
    paused: float = 0.0  # until then it wants to be left alone
    heard: float = float("-inf")  # when it last said that it is busy
    busy: int = 0  # such answers in a row

    @property
    def free_at(self) -> float:
        full = self.terms.per_minute and len(self.begun) == self.terms.per_minute
        return max(self.spaced, self.paused, self.begun[0] + WINDOW if full else 0.0)

    def room(self, now: float) -> int:
        if now < self.free_at:
            return 0
        if not self.terms.per_minute:
            return UNLIMITED
        return self.terms.per_minute - sum(now < moment + WINDOW for moment in self.begun)


class Rates:
    """The pace of every provider. `now` and other moments are monotonic seconds throughout."""

    def __init__(self, terms: Mapping[str, Terms], rng: Random) -> None:
        self._paces = {name: _Pace(one, deque(maxlen=one.per_minute or 1)) for name, one in terms.items()}
        self._rng = rng

    def room(self, provider: str, now: float) -> int:
        """How many pictures may be begun now."""
        return self._of(provider).room(now)

    def free_at(self, provider: str) -> float:
        """From when on there is room, if nothing is begun until then."""
        return self._of(provider).free_at

    def paused(self, provider: str) -> float:
        """Until when it wants to be left alone; it may have been long ago."""
        return self._of(provider).paused

    def begun(self, provider: str, pictures: int, now: float) -> None:
        """A request for so many pictures has begun."""
        pace = self._of(provider)
        pace.begun.extend([now] * pictures)
        pace.spaced = now + self._rng.uniform(*pace.terms.spacing)

    def busy(self, provider: str, told: float | None, began: float, now: float) -> None:
        """It had no time for a request that `began` then: it is left alone for as long as it told (seconds, None = it
        did not), else as chance says.

        What was sent before it last said so is the same crowd: it tells nothing new.
        """
        pace = self._of(provider)
        if told is not None:
            pace.paused = max(pace.paused, now + told)
        if began <= pace.heard:
            return
        if told is None:
            longest = min(MOST, FIRST * 2**pace.busy)
            pace.paused = max(pace.paused, now + self._rng.uniform(0.0, longest))
        pace.busy, pace.heard = pace.busy + 1, now

    def fine(self, provider: str) -> None:
        """It has made a picture."""
        self._of(provider).busy = 0

    def _of(self, provider: str) -> _Pace:
        return self._paces.setdefault(provider, _Pace(OURS, deque(maxlen=1)))
