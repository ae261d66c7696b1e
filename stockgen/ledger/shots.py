"""Shots and their attempts as they are planned and looked up; `claims` moves them on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stockgen.domain.protocols import Shot
from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection, Row
from stockgen.ledger.reworded import worded


@dataclass(frozen=True, slots=True)
class Attempted:
    """A past attempt, as `route` looks at it."""

    provider: str
    error_class: str
    maybe: bool = False  # nobody knows whether it was billed


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A shot as planning hands it over; the shot's `id` is not known yet.

    `rank` 0 = dropped file or command, 1 = schedule. `reason`: why nobody can make it, None = it can be made.
    `not_before`: the job's own, as the ledger keeps it. `passed`: providers that were passed over, and why. `turn`: the
    picture's place in its job, None = `position`; `nth`: which of its `tries` it is, from 0.
    """

    shot: Shot
    position: int
    stack: str
    priority: int = 0
    rank: int = 0
    degraded: bool = False
    reason: str | None = None
    not_before: str | None = None
    passed: Mapping[str, str | None] = field(default_factory=dict)
    turn: int | None = None
    nth: int = 0
    tries: int = 1


class Shots:
    """One image to make each."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, planned: Planned, now: float) -> None:
        """Plan a shot, or record why nobody can make it."""
        shot = planned.shot
        self._db.write(
            """INSERT INTO shots (job_id, idea_id, position, state, reason, prompt, seed, width, height, wish, needs,
                   chain, chain_pos, provider, stack, degraded, priority, rank, not_before, waiting_since,
                   updated_at, passed, turn, try, tries, lead)
               VALUES (:job, :idea, :position, CASE WHEN :reason IS NULL THEN 'planned' ELSE 'failed' END, :reason,
                   :prompt, :seed, :width, :height, :wish, :needs, :chain, :pos, :provider, :stack, :degraded,
                   :priority, :rank, :start, :now, :now, :passed, :turn, :nth, :tries, :nth = 0)""",
            job=shot.job, idea=shot.idea, position=planned.position, reason=planned.reason, prompt=shot.prompt,
            seed=shot.seed, width=shot.width, height=shot.height, wish=json.dumps(dict(shot.wish), ensure_ascii=False),
            needs=json.dumps(sorted(shot.needs)), chain=json.dumps(shot.chain), pos=shot.chain_pos,
            provider=shot.chain[shot.chain_pos], stack=planned.stack, degraded=planned.degraded,
            priority=planned.priority, rank=planned.rank, start=planned.not_before or "", now=iso(now),
            passed=json.dumps(dict(planned.passed)), nth=planned.nth, tries=planned.tries,
            turn=planned.position if planned.turn is None else planned.turn,
        )  # fmt: skip

    def next_position(self, job: str) -> int:
        """The next free place in a job, from 0."""
        row = self._db.one("SELECT coalesce(max(position), -1) + 1 AS n FROM shots WHERE job_id = :job", job=job)
        return int(row["n"])

    def in_state(self, state: str, limit: int) -> list[Row]:
        """The oldest `limit` shots of a state."""
        return self._db.rows(
            "SELECT * FROM shots WHERE state = :state ORDER BY id LIMIT :limit", state=state, limit=limit
        )

    def homeless(self, providers: Iterable[str]) -> list[Row]:
        """Planned shots whose provider is none of these: the config has changed since they were planned."""
        names = {f"p{number}": name for number, name in enumerate(providers)}
        marks = ", ".join(f":{name}" for name in names)
        return self._db.rows(f"SELECT * FROM shots WHERE state = 'planned' AND provider NOT IN ({marks})", **names)

    def waiting_for(self, provider: str) -> int:
        """How many planned shots are its turn."""
        (row,) = self._db.rows(
            "SELECT count(*) AS n FROM shots WHERE state = 'planned' AND provider = :provider", provider=provider
        )
        return int(row["n"])

    def movable(self, closed: Iterable[str], after: int, limit: int) -> list[Row]:
        """Planned shots that wait for one of these providers, or were passed over to another one; in order of their
        ids, from above `after` on.
        """
        names = {f"p{number}": name for number, name in enumerate(closed)}
        marks = ", ".join(f":{name}" for name in names)
        return self._db.rows(
            f"""SELECT * FROM shots INDEXED BY shots_state WHERE state = 'planned' AND id > :after
                AND (provider IN ({marks}) OR passed <> '{{}}') ORDER BY id LIMIT :limit""",
            after=after, limit=limit, **names,
        )  # fmt: skip

    def get(self, shot: int) -> Row:
        """One shot. Raises LookupError."""
        return self._db.one("SELECT * FROM shots WHERE id = :id", id=shot)

    def of_job(self, job: str) -> list[Row]:
        """A job's shots in order: every try of every picture."""
        return self._db.rows("SELECT * FROM shots WHERE job_id = :job ORDER BY position", job=job)

    def attempts(self, shot: int) -> list[Row]:
        """All tries of a shot, oldest first."""
        return self._db.rows("SELECT * FROM attempts WHERE shot_id = :shot ORDER BY id", shot=shot)

    def errors(self, shot: int) -> list[Attempted]:
        """What went wrong so far, as `route` looks at it; not what did before somebody asked for another go."""
        rows = self._db.rows(
            """SELECT provider, error_class, billed FROM attempts WHERE shot_id = :shot AND error_class IS NOT NULL
               AND facts ->> '$.earlier' IS NULL ORDER BY id""",
            shot=shot,
        )
        return [Attempted(row["provider"], row["error_class"], row["billed"] == "maybe") for row in rows]

    def counts(self) -> dict[str, int]:
        """How many pictures are in each state; tries of one are counted once."""
        rows = self._db.rows(
            "SELECT state, count(*) AS n FROM shots INDEXED BY shots_pictures WHERE lead = 1 GROUP BY state"
        )
        return {row["state"]: row["n"] for row in rows}

    def to_do(self) -> int:
        """How many pictures have not ended; tries of one are counted once."""
        row = self._db.one(
            """SELECT count(*) AS n FROM shots INDEXED BY shots_pictures
               WHERE lead = 1 AND state IN ('planned', 'rendering', 'rendered', 'publishing')"""
        )
        return int(row["n"])

    def unrendered(self) -> int:
        """How many are planned or rendering, each try counted: what there is to render."""
        row = self._db.one("SELECT count(*) AS n FROM shots WHERE state IN ('planned', 'rendering')")
        return int(row["n"])

    def of_open_jobs(self) -> set[int]:
        """Ids of all shots whose job is not closed."""
        rows = self._db.rows("SELECT s.id FROM jobs j JOIN shots s ON s.job_id = j.id WHERE j.state <> 'closed'")
        return {row["id"] for row in rows}

    def in_hand(self, token: str) -> bool:
        """Whether a shot of this claim is still rendering."""
        return bool(
            self._db.rows("SELECT 1 FROM shots WHERE state = 'rendering' AND token = :token LIMIT 1", token=token)
        )

    def bought(self) -> list[Row]:
        """Shots in hand that may cost something, with their open attempt (`asked`: its provider), claim by claim."""
        return self._db.rows(
            """SELECT s.*, a.provider AS asked, a.model, a.request, a.reserved_micros FROM attempts a
               JOIN shots s ON s.id = a.shot_id WHERE a.outcome IS NULL AND a.reserved_micros > 0
               AND s.state = 'rendering' ORDER BY s.token, a.provider, s.id"""
        )

    def raw_paths(self) -> set[str]:
        """Spool paths that are still needed."""
        rows = self._db.rows("SELECT raw_path FROM shots WHERE state IN ('rendered', 'publishing')")
        return {row["raw_path"] for row in rows}


def shot_of(row: Row) -> Shot:
    """A row of the table as a Shot, with the words that its provider is told."""
    shot = Shot(
        id=row["id"], job=row["job_id"], idea=row["idea_id"], prompt=row["prompt"], seed=row["seed"],
        width=row["width"], height=row["height"], needs=frozenset(json.loads(row["needs"])),
        wish=json.loads(row["wish"]), solo=bool(row["solo"]), chain=tuple(json.loads(row["chain"])),
        chain_pos=row["chain_pos"],
    )  # fmt: skip
    return worded(shot)


def raw_path(token: str, file: Path) -> str:
    """Where a raw picture lies, relative to the spool."""
    return f"{token}/{file.name}"
