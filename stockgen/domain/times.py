"""Moments as the ledger keeps them: ISO-8601 UTC with Z and milliseconds, so that text order is time order."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo
from time import monotonic
from time import time as now
from zoneinfo import ZoneInfo


def iso(wall: float) -> str:
    """Wall seconds → `2026-11-23T05:55:00.123Z`."""
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wall(text: str) -> float:
    """The inverse of `iso`, to the millisecond."""
    return datetime.fromisoformat(text).timestamp()


def local(moment: float, timezone: str) -> datetime:
    """Wall seconds as a local date and time; `timezone` is an IANA name or `local`."""
    return datetime.fromtimestamp(moment, UTC).astimezone(_zone(timezone))


def clock_time(text: str) -> time:
    """`9:00`, `09:00`, also with space around → a time of the day. Raises ValueError for anything else."""
    found = _CLOCK.match(text)
    if found is None:
        raise ValueError(text)
    return time(int(found[1]), int(found[2]))


def moment_of(day: date, at: time, timezone: str) -> float:
    """A local date and time as wall seconds; `timezone` as for `local`.

    Of an hour that comes twice the first one counts; one that a jump of the clock leaves out comes just after it.
    """
    return datetime.combine(day, at, _zone(timezone)).timestamp()


def _zone(timezone: str) -> tzinfo | None:
    return None if timezone == "local" else ZoneInfo(timezone)


_CLOCK = re.compile(r"^\s*(\d{1,2}):(\d{2})\s*$")
_UNITS = {
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "초": 1.0,
    "분": 60.0,
    "시간": 3600.0,
    "일": 86400.0,
}
_LONGEST = 366 * 86400.0  # seconds; timers overflow long before floats do
_DURATION = re.compile(rf"^\s*(\d{{1,9}}(?:\.\d{{1,9}})?)\s*({'|'.join(_UNITS)})\s*$")


def duration(text: str) -> float:
    """`2s`, `15m`, `24h`, `500ms`, `14d`, `3시간` → seconds. Raises ValueError for anything else, and above a year."""
    found = _DURATION.match(text)
    seconds = float(found[1]) * _UNITS[found[2]] if found else _LONGEST + 1
    if seconds > _LONGEST:
        raise ValueError(text)
    return seconds


class SystemClock:
    """The real clock."""

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return now()

    def monotonic(self) -> float:
        """Seconds from some fixed point."""
        return monotonic()
