"""Hours of the day in which something may happen, on a wall clock that jumps twice a year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

_FORM = re.compile(r"^\s*(\d{1,2}):(\d{2})\s*[-–~]\s*(\d{1,2}):(\d{2})\s*$")
_DAYS = 3  # a window that a jump of the clock swallows is followed by one on the next day


@dataclass(frozen=True, slots=True)
class Hours:
    """From `opens` to `closes`, every day; over midnight where `closes` is the earlier one."""

    opens: time
    closes: time

    @classmethod
    def parsed(cls, text: str) -> Hours:
        """`23:00-07:00`. Raises ValueError for anything else, and for an opening that is the closing."""
        found = _FORM.match(text)
        if found is None:
            raise ValueError(text)
        first, first_minute, last, last_minute = map(int, found.groups())
        hours = cls(time(first, first_minute), time(0 if last == 24 else last, last_minute))
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
        zone: tzinfo | None = None if timezone == "local" else ZoneInfo(timezone)
        today = datetime.fromtimestamp(moment, UTC).astimezone(zone).date()
        for day in range(-1, _DAYS):
            date = today + timedelta(days=day)
            last = date + timedelta(days=self.closes < self.opens)
            start = datetime.combine(date, self.opens, zone).timestamp()
            end = datetime.combine(last, self.closes, zone).timestamp()
            if start < end:
                yield start, end
