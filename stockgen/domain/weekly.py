"""A moment that comes once a week, on a wall clock that jumps twice a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KOREAN = "월화수목금토일"
_FORM = re.compile(r"^\s*(\S+?)(?:요일)?\s+(\d{1,2}):(\d{2})\s*$")


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
                return cls(names.index(day), time(int(found[2]), int(found[3])))
        raise ValueError(text)

    def __str__(self) -> str:
        return f"{DAYS[self.day]} {self.at:%H:%M}"

    def last(self, moment: float, timezone: str) -> float:
        """Wall seconds at which it came last, `moment` (wall seconds) included; `timezone`: an IANA name or `local`.

        Of an hour that comes twice the first one counts; one that a jump of the clock leaves out comes just after it.
        """
        zone: tzinfo | None = None if timezone == "local" else ZoneInfo(timezone)
        today = datetime.fromtimestamp(moment, UTC).astimezone(zone).date()
        for back in range(9):  # a week, and a day for moments around midnight
            date = today - timedelta(days=back)
            due = datetime.combine(date, self.at, zone).timestamp()
            if date.weekday() == self.day and due <= moment:
                return due
        raise AssertionError("every week has every day")
