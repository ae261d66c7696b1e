"""How the schedules stand, for `stockgen schedules` and `stockgen status`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stockgen.config.model import Schedule
from stockgen.domain.cron import Cron
from stockgen.domain.times import iso
from stockgen.ledger import Ledger
from stockgen.ledger.schedules import reason_of
from stockgen.pipeline.schedules.due import DueTimes


def standing(ledger: Ledger, schedules: Mapping[str, Schedule], timezone: str, now: float) -> list[dict[str, Any]]:
    """Each schedule: `name`, `enabled`, `next` (null = it is off), `last` due time and `last_result` (null = its job is
    being made), `last_job`, `last_reason` (a remark, or null). `now` wall seconds.
    """
    last = ledger.schedules.last() if schedules else {}
    return [_one(name, one, last.get(name), timezone, now) for name, one in sorted(schedules.items())]


def due_times(name: str, schedule: Schedule, timezone: str) -> DueTimes:
    """When a schedule of the config is due."""
    return DueTimes(name, Cron.parsed(schedule.cron), timezone, schedule.jitter)


def _one(
    name: str, schedule: Schedule, last: Mapping[str, Any] | None, timezone: str, now: float
) -> dict[str, Any]:  # fmt: skip
    following = iso(due_times(name, schedule, timezone).next(now)) if schedule.enabled else None
    told = {"name": name, "enabled": schedule.enabled, "next": following}
    if last is None:
        return told | {"last": None, "last_result": None, "last_job": None, "last_reason": None}
    result = None if last["result"] == "fired" else last["result"]
    reason = reason_of(dict(last))
    return told | {"last": last["due_at"], "last_result": result, "last_job": last["job_id"], "last_reason": reason}
