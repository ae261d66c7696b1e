"""What `stockgen status` says. Facts come from the ledger; what only a running daemon knows, from its `live.json`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stockgen import __version__
from stockgen.data.market import Market, Quota
from stockgen.domain.protocols import Held, Lane, Progress
from stockgen.domain.times import iso, wall
from stockgen.ledger import Ledger
from stockgen.pipeline.costs import spend_facts
from stockgen.pipeline.doors import Pause
from stockgen.pipeline.pausing import Paused

SCHEMA = 1
LIVE = "live.json"
SYNCED = "synced"  # touched in the state folder after each copy to a cloud
SHOT_STATES = ("planned", "rendering", "rendered", "publishing", "done", "review", "failed", "cancelled")
RECENT = 50  # attempts whose duration stands for the next ones


def lane_facts(lane: Lane, job_of: Mapping[int, str], seconds: float) -> dict[str, Any]:
    """One lane as `status --json` shows it. `seconds`: how long a picture takes of late."""
    now = lane.progress()
    left = now.left if now.left is not None else _guess(seconds, now)
    return {
        "name": lane.name, "place": lane.place, "state": now.state, "pid": now.pid, "warm": lane.warm,
        "job": job_of.get(now.shot) if now.shot is not None else None, "step": now.step, "steps": now.steps,
        "eta_seconds": round(left, 1) if left is not None else None,
    }  # fmt: skip


def _guess(seconds: float, now: Progress) -> float | None:
    """Seconds left before the first step has told how fast it goes: as long as pictures take of late."""
    return seconds * (1 - now.step / now.steps) if seconds and now.steps else None


def hold_facts(held: Held, place: str, shots: int) -> dict[str, Any]:
    """One hold as `status --json` shows it."""
    until = iso(held.until) if held.until is not None else None
    return {"hold": held.hold, "place": place, "reason": held.reason, "until": until, "shots": shots}


def pause_facts(pause: Pause) -> dict[str, Any]:
    """A provider that is left alone for a moment, as `status --json` shows it."""
    return {"provider": pause.provider, "reason": pause.code, "until": iso(pause.until)}


def seconds_per_picture(ledger: Ledger) -> float:
    """How long the last pictures took to render, on average; 0 = none yet."""
    row = ledger.query(
        """SELECT avg(seconds) AS s FROM
           (SELECT seconds FROM attempts WHERE outcome = 'rendered' ORDER BY id DESC LIMIT :recent)""",
        recent=RECENT,
    )
    return float(row[0]["s"] or 0.0)


def facts(
    ledger: Ledger, state: Path, outbox: Path, pid: int | None, markets: Mapping[str, tuple[Market, Quota]],
    providers: Callable[[], Sequence[Mapping[str, Any]]], now: float,
) -> dict[str, Any]:  # fmt: skip
    """`status --json` (docs/contracts). `pid`: who holds the lock, None = nobody; `providers`: how they stand, asked
    where nobody runs who knows better; `now` wall seconds.
    """
    live = _live(state) if pid is not None else {}
    shots = dict.fromkeys(SHOT_STATES, 0) | ledger.shots.counts()
    left = ledger.shots.unrendered()
    each = seconds_per_picture(ledger)
    holds = live.get("holds", _paused(ledger, shots["planned"], now))
    waiting = ledger.baskets.waiting({name: market.per_motif for name, (market, _) in markets.items()})
    running = {"pid": pid, "version": __version__, "since": None, "state": "running"} | live.get("daemon", {})
    return {
        "schema": SCHEMA,
        "daemon": running if pid is not None else {"state": "stopped", "pid": None, "version": None, "since": None},
        "inbox": live.get("inbox", {}),
        "jobs": {"planning": 0, "open": 0, "closed": 0} | ledger.jobs.by_state(),
        "shots": shots,
        "rests": [
            {"job": row["id"], "of": row["parent_id"], "waiting": row["wait"]} for row in ledger.retries.carried()
        ],
        "lanes": live.get("lanes", []),
        "providers": live.get("providers") or list(providers()),
        "pauses": [one for one in live.get("pauses", []) if wall(one["until"]) > now],
        "holds": holds,
        "done_by": _done_by(left * each, holds, now) if left and each and pid is not None else None,
        "spend": spend_facts(ledger, now),
        "markets": [
            {
                "name": name,
                "waiting": waiting[name],
                "week_used": ledger.baskets.week_used(name, now),
                "week_quota": quota.per_week,
            }
            for name, (_, quota) in sorted(markets.items())
        ],
        "schedules": [{"name": name, "next": moment} for name, moment in live.get("schedules", {}).items()],
        "disk": {"free_bytes": shutil.disk_usage(outbox).free if outbox.exists() else None, "reserve_bytes": 0},
        "sync": {"last": _synced(state)},
    }


def _synced(state: Path) -> str | None:
    """When the outbox was last copied to a cloud (`stockgen-sync.service`), None = never."""
    try:
        return iso((state / SYNCED).stat().st_mtime)
    except OSError:
        return None


def held_at(state: Path) -> list[dict[str, Any]]:
    """The holds that a running daemon has told of, and for which something waits. It knows when the text model is done:
    that one's is no hold of days.
    """
    return [one for one in _live(state).get("holds", ()) if _lasts(one)]


def _lasts(held: Mapping[str, Any]) -> bool:
    return bool(held["shots"]) and held["hold"] != "writer"


def _done_by(seconds: float, holds: Sequence[Mapping[str, Any]], now: float) -> str | None:
    """When `seconds` of work are over that begin when the last hold ends; None = nobody knows when that is."""
    ends = [one["until"] for one in holds if _lasts(one)]
    if None in ends:
        return None
    return iso(max([now, *map(wall, ends)]) + seconds)


def _paused(ledger: Ledger, waiting: int, now: float) -> list[dict[str, Any]]:
    """The one hold that is known without a daemon."""
    return [hold_facts(one, "all", waiting) for one in Paused(ledger)("cpu", now)]


def _live(state: Path) -> dict[str, Any]:
    try:
        plain = json.loads((state / LIVE).read_bytes())
    except (OSError, ValueError):  # not written yet: the ledger's facts stand alone
        return {}
    return plain if isinstance(plain, dict) else {}
