"""Moments as the ledger keeps them: ISO-8601 UTC with Z and milliseconds, so that text order is time order."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo


def iso(wall: float) -> str:
    """Wall seconds → `2026-11-23T05:55:00.123Z`."""
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wall(text: str) -> float:
    """The inverse of `iso`, to the millisecond."""
    return datetime.fromisoformat(text).timestamp()


def local(moment: float, timezone: str) -> datetime:
    """Wall seconds as a local date and time; `timezone` is an IANA name or `local`."""
    zone: tzinfo | None = None if timezone == "local" else ZoneInfo(timezone)
    return datetime.fromtimestamp(moment, UTC).astimezone(zone)


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
        return time.time()

    def monotonic(self) -> float:
        """Seconds from some fixed point."""
        return time.monotonic()
