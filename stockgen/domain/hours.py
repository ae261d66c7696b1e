"""Hours of the day in which something may happen, on a wall clock that jumps twice a year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta

from stockgen.domain.times import clock_time, local, moment_of

_TO = re.compile("[-–~]")
_DAYS = 3  # a window that a jump of the clock swallows is followed by one on the next day


@dataclass(frozen=True, slots=True)
class Hours:
    """From `opens` to `closes`, every day; over midnight where `closes` is the earlier one."""

    opens: time
    closes: time

    @classmethod
    def parsed(cls, text: str) -> Hours:
        """`23:00-07:00`. Raises ValueError for anything else, and for an opening that is the closing."""
        opens, *closes = _TO.split(text)
        if len(closes) != 1:
            raise ValueError(text)
        hours = cls(clock_time(opens), clock_time(closes[0].replace("24:", "00:", 1)))
        if hours.opens == hours.closes:
            raise ValueError(text)
        return hours

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"

    def open_at(self, moment: float, timezone: str) -> bool:
        """Whether `moment` (wall seconds) lies within; `timezone` is an IANA name or `local`."""
        return any(start <= moment < end for start, end in self._windows(moment, timezone))

    def next_opening(self, moment: float, timezone: str) -> float:
        """Wall seconds at which they open next after `moment`."""
        return min(start for start, _ in self._windows(moment, timezone) if start > moment)

    def _windows(self, moment: float, timezone: str) -> Iterator[tuple[float, float]]:
        """(start, end) in wall seconds, of yesterday and the days to come; real moments, so that jumps don't matter."""
        today = local(moment, timezone).date()
        for day in range(-1, _DAYS):
            date = today + timedelta(days=day)
            last = date + timedelta(days=self.closes < self.opens)
            start = moment_of(date, self.opens, timezone)
            end = moment_of(last, self.closes, timezone)
            if start < end:
                yield start, end
