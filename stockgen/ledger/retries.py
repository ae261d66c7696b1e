"""Making once more what ended without a picture: in its job while that is open, else in a follow-up job."""

from __future__ import annotations

import json
from collections.abc import Mapping

from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection, Row


class Retries:
    """What a job lacks, and the jobs that make it."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def lacking(self, job: str) -> list[Row]:
        """A job's shots that ended without a picture, in order; while it is open, not those that were cancelled."""
        return self._db.rows(
            """SELECT s.* FROM shots s JOIN jobs j ON j.id = s.job_id WHERE s.job_id = :job
               AND CASE WHEN j.state = 'closed' THEN s.state IN ('failed', 'cancelled')
                        ELSE s.state = 'failed' AND NOT j.cancelled END ORDER BY s.position""",
            job=job,
        )

    def again(self, shot: int, chain_pos: int, stack: str, degraded: bool, now: float,
              passed: Mapping[str, str | None]) -> None:  # fmt: skip
        """A shot that failed is planned as if it had never been tried; attempts stay on record and count no more.

        `passed`: providers that are passed over, and why.
        """
        with self._db.atomic():
            self._db.write(
                """UPDATE shots SET state = 'planned', reason = NULL, chain_pos = :pos, stack = :stack,
                     degraded = :degraded, provider = json_extract(chain, '$[' || :pos || ']'), starts = 0, solo = 0,
                     not_before = '', passed = :passed, raw_path = NULL, raw_sha256 = NULL,
                     waiting_since = :now, updated_at = :now
                   WHERE id = :id AND state = 'failed'""",
                id=shot, pos=chain_pos, stack=stack, degraded=degraded, now=iso(now),
                passed=json.dumps(dict(passed)),
            )  # fmt: skip
            self._db.write("UPDATE attempts SET facts = json_set(facts, '$.earlier', 1) WHERE shot_id = :id", id=shot)

    def follow(self, parent: str, job: str, kind: str, folder: str, now: float) -> None:
        """Accept a job that goes on where a closed one ended: the same source and orders, its own id and folder."""
        self._db.write(
            """INSERT INTO jobs (id, kind, parent_id, state, source_name, source_sha256, source, preset, priority,
                                 folder, orders, remarks, accepted_at)
               SELECT :id, :kind, id, 'planning', source_name, source_sha256, source, preset, priority,
                      :folder, orders, '[]', :now FROM jobs WHERE id = :parent AND state = 'closed'""",
            id=job, kind=kind, parent=parent, folder=folder, now=iso(now),
        )  # fmt: skip

    def last(self, job: str) -> str:
        """The newest job that makes what `job` lacks, or `job` itself where there is none."""
        found = self._db.rows(
            """WITH RECURSIVE line(id, depth) AS (VALUES (:id, 0) UNION ALL
                 SELECT j.id, depth + 1 FROM jobs j JOIN line ON j.parent_id = line.id WHERE j.kind = 'retry')
               SELECT id FROM line ORDER BY depth DESC LIMIT 1""",
            id=job,
        )
        return str(found[0]["id"])
