"""Moments as the ledger keeps them: ISO-8601 UTC with Z and milliseconds, so that text order is time order."""

from __future__ import annotations

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


class SystemClock:
    """The real clock."""

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds from some fixed point."""
        return time.monotonic()
