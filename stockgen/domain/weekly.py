"""A moment that comes once a week, on a wall clock that jumps twice a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta

from stockgen.domain.times import clock_time, local, moment_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KOREAN = "월화수목금토일"
_FORM = re.compile(r"^\s*(\S+?)(?:요일)?\s+(\S+)\s*$")


@dataclass(frozen=True, slots=True)
class Weekly:
    """`day`: 0 = Monday; `at`: local time of the day."""

    day: int
    at: time

    @classmethod
    def parsed(cls, text: str) -> Weekly:
        """`sat 09:00`, `Saturday 9:00`, `토 09:00`, `토요일 9:00`. Raises ValueError for anything else."""
        found = _FORM.match(text)
        day = found[1].casefold() if found else ""
        for names in (DAYS, _FULL, tuple(_KOREAN)):
            if found and day in names:
                return cls(names.index(day), clock_time(found[2]))
        raise ValueError(text)

    def __str__(self) -> str:
        return f"{DAYS[self.day]} {self.at:%H:%M}"

    def last(self, moment: float, timezone: str) -> float:
        """Wall seconds at which it came last, `moment` (wall seconds) included; `timezone`: an IANA name or `local`."""
        today = local(moment, timezone).date()
        for back in range(9):  # a week, and a day for moments around midnight
            date = today - timedelta(days=back)
            due = moment_of(date, self.at, timezone)
            if date.weekday() == self.day and due <= moment:
                return due
        raise AssertionError("every week has every day")
