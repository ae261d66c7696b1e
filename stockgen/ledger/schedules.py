"""Due times of schedules, each accounted for once, and what became of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from stockgen.domain.times import iso, wall
from stockgen.domain.words import Remark
from stockgen.ledger.connection import Connection, Row

_KEY = "schedule "  # of facts in `meta`: by which rule a schedule was accounted for, and up to which moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One due time (wall seconds). `result`: `fired` until its job ends, then the job's; or `skipped`, `missed`,
    `failed` without a job, with the `reason`.
    """

    schedule: str
    due: float
    result: str
    job: str | None = None
    reason: Remark | None = None


class Schedules:
    """The truth about schedules; clocks only say when to look."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def record(self, runs: Sequence[Run], now: float) -> None:
        """Account for due times. One that was accounted for before keeps what became of it."""
        self._db.write_each(
            """INSERT INTO schedule_runs (schedule, due_at, job_id, result, reason, at)
               VALUES (:schedule, :due, :job, :result, :reason, :now) ON CONFLICT (schedule, due_at) DO NOTHING""",
            [
                {"schedule": run.schedule, "due": iso(run.due), "job": run.job, "result": run.result, "now": iso(now),
                 "reason": json.dumps(run.reason.to_json(), ensure_ascii=False) if run.reason else None}
                for run in runs
            ],
        )  # fmt: skip

    def known(self, schedule: str, due: float) -> bool:
        """Whether a due time was accounted for."""
        found = "SELECT 1 FROM schedule_runs WHERE schedule = :schedule AND due_at = :due"
        return bool(self._db.rows(found, schedule=schedule, due=iso(due)))

    def heard(self, schedule: str) -> tuple[str, float] | None:
        """(rule, wall seconds) by which and up to which a schedule was accounted for; None = never heard of."""
        rows = self._db.rows("SELECT value FROM meta WHERE key = :key", key=_KEY + schedule)
        if not rows:
            return None
        rule, _, moment = str(rows[0]["value"]).rpartition("|")
        return rule, wall(moment)

    def hear(self, schedule: str, rule: str, moment: float) -> None:
        """All that was due by a rule up to `moment` is accounted for."""
        self._db.write(
            "INSERT INTO meta VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = :value",
            key=_KEY + schedule, value=f"{rule}|{iso(moment)}",
        )  # fmt: skip

    def forget_others(self, schedules: Collection[str]) -> None:
        """Any schedule but these is off: one that comes back begins anew."""
        self._db.write(
            """DELETE FROM meta WHERE substr(key, 1, :length) = :prefix
               AND substr(key, :length + 1) NOT IN (SELECT value FROM json_each(:names))""",
            length=len(_KEY), prefix=_KEY, names=json.dumps(list(schedules)),
        )  # fmt: skip

    def unsay(self, schedule: str, now: float) -> None:
        """The clock was ahead: what was noted of times that have not come yet is taken back, unless a job was made."""
        self._db.write(
            "DELETE FROM schedule_runs WHERE schedule = :schedule AND due_at > :now AND job_id IS NULL",
            schedule=schedule, now=iso(now),
        )  # fmt: skip

    def made(self, schedule: str) -> int:
        """How many due times asked for a job, whatever became of it."""
        rows = self._db.rows(
            "SELECT count(*) AS n FROM schedule_runs WHERE schedule = :name AND result NOT IN ('skipped', 'missed')",
            name=schedule,
        )
        return int(rows[0]["n"])

    def last(self) -> dict[str, Row]:
        """The last due time of each schedule: `due_at`, `job_id`, `result`, `reason`."""
        rows = self._db.rows(
            "SELECT schedule, max(due_at) AS due_at, job_id, result, reason FROM schedule_runs GROUP BY 1"
        )
        return {row["schedule"]: row for row in rows}

    def without_job(self, since: float, until: float) -> list[Row]:
        """Due times that were accounted for in a span and brought no job: `schedule`, `result`, `reason`, `n`."""
        return self._db.rows(
            """SELECT schedule, result, reason, count(*) AS n FROM schedule_runs
               WHERE at > :since AND at <= :until AND job_id IS NULL GROUP BY 1, 2, 3 ORDER BY max(due_at), 1""",
            since=iso(since), until=iso(until),
        )  # fmt: skip

    def coming(self) -> Mapping[str, int]:
        """Pictures that unfinished jobs still make, or have made, for each market."""
        planning = self._db.rows(
            """SELECT orders FROM jobs WHERE state <> 'closed' AND state = 'planning' AND NOT cancelled
               AND kind <> 'retry'"""
        )
        orders = [one for row in planning for one in json.loads(row["orders"])]
        coming = Counter[str]()
        for one in orders:
            coming.update(dict.fromkeys(one["markets"], one["count"]))
        for row in self._open():
            coming.update(dict.fromkeys(json.loads(row["markets"]), row["n"]))
        return coming

    def _open(self) -> list[Row]:
        return self._db.rows(
            """SELECT json_extract(j.orders, '$[' || i.order_index || '].markets') AS markets, count(*) AS n
               FROM jobs j JOIN shots s ON s.job_id = j.id JOIN ideas i ON i.id = s.idea_id
               LEFT JOIN assets a ON a.shot_id = s.id
               WHERE j.state <> 'closed' AND j.state = 'open' AND s.lead = 1
                 AND (s.state IN ('planned', 'rendering', 'rendered', 'publishing')
                      OR s.state = 'done' AND a.state = 'ready')
               GROUP BY j.id, i.order_index"""
        )


def reason_of(row: Row) -> Remark | None:
    """The reason in a row of `schedule_runs`."""
    return Remark.from_json(json.loads(row["reason"])) if row["reason"] else None
