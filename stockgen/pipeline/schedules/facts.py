"""How the schedules stand, for `stockgen schedules` and `stockgen status`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from stockgen.config.model import Schedule
from stockgen.domain.cron import Cron
from stockgen.domain.times import iso
from stockgen.ledger import Ledger
from stockgen.ledger.schedules import reason_of
from stockgen.pipeline.schedules.due import DueTimes

_NOTHING: Mapping[str, str] = MappingProxyType({})


def standing(
    ledger: Ledger, schedules: Mapping[str, Schedule], timezone: str, now: float, coming: Mapping[str, str] = _NOTHING
) -> list[dict[str, Any]]:
    """Each schedule: `name`, `enabled`, `next` (null = it is off), `last` due time and `last_result` (null = its job is
    being made), `last_job`, `last_reason` (a remark, or null). `now` wall seconds; `coming`: what a daemon says of when
    they come next, else it is computed, which takes a library.
    """
    last = ledger.schedules.last() if schedules else {}
    told = []
    for name, one in sorted(schedules.items()):
        following = coming.get(name) or (iso(due_times(name, one, timezone).next(now)) if one.enabled else None)
        told.append({"name": name, "enabled": one.enabled, "next": following} | _last(last.get(name)))
    return told


def due_times(name: str, schedule: Schedule, timezone: str) -> DueTimes:
    """When a schedule of the config is due."""
    return DueTimes(name, Cron.parsed(schedule.cron), timezone, schedule.jitter)


def _last(row: Mapping[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {"last": None, "last_result": None, "last_job": None, "last_reason": None}
    result = None if row["result"] == "fired" else row["result"]
    reason = reason_of(dict(row))
    return {"last": row["due_at"], "last_result": result, "last_job": row["job_id"], "last_reason": reason}
