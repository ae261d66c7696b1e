"""Jobs that go on where another one ended: one makes once more what ended without a picture, one carries the rest of a
job that closed with what it had.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from stockgen.domain.times import iso
from stockgen.domain.words import Remark
from stockgen.ledger.connection import Connection, Row
from stockgen.ledger.jobs import Jobs, remarks_to
from stockgen.ledger.tries import HALF_MADE, STEP


class Retries:
    """What a job lacks, or has left over, and the jobs that make it."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def lacking(self, job: str) -> list[Row]:
        """What a job has no picture of, in order, by the shot that stands for it; while it is open, not what was
        cancelled.
        """
        return self._db.rows(
            """SELECT s.* FROM shots s JOIN jobs j ON j.id = s.job_id WHERE s.job_id = :job AND s.lead = 1
               AND CASE WHEN j.state = 'closed' THEN s.state IN ('failed', 'cancelled')
                        ELSE s.state = 'failed' AND NOT j.cancelled END ORDER BY s.position""",
            job=job,
        )

    def failed(self, lacking: Row) -> list[Row]:
        """Everything that was tried for a picture that an open job lacks."""
        if lacking["tries"] == 1:
            return [lacking]
        return self._db.rows(
            "SELECT * FROM shots WHERE idea_id = :idea AND state = 'failed' ORDER BY try", idea=lacking["idea_id"]
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
                     wish = json_remove(wish, '$.rephrase'), not_before = '', passed = :passed, raw_path = NULL,
                     raw_sha256 = NULL,
                     waiting_since = :now, updated_at = :now
                   WHERE id = :id AND state = 'failed'""",
                id=shot, pos=chain_pos, stack=stack, degraded=degraded, now=iso(now),
                passed=json.dumps(dict(passed)),
            )  # fmt: skip
            self._db.write("UPDATE attempts SET facts = json_set(facts, '$.earlier', 1) WHERE shot_id = :id", id=shot)

    def follow(self, parent: str, job: str, folder: str, now: float) -> None:
        """Accept a job that makes once more what a closed one lacks: the same source and orders, its own id and folder;
        both have one budget between them.
        """
        self._add(parent, "retry", "planning", job, folder, None, now)

    def makers(self, job: str) -> list[str]:
        """The jobs that have, make or lack what was asked of `job`, oldest first: itself and those that carry its rest,
        each as the newest job that makes what it lacked.
        """
        return self._line(
            job, "('retry', 'rest')", "NOT EXISTS (SELECT 1 FROM jobs r WHERE r.parent_id = j.id AND r.kind = 'retry')"
        )

    # -- the rest of a job that waits for too long ---------------------------------------------------------------

    def waiting(self) -> list[Row]:
        """Open jobs that have pictures, or tries of some, and otherwise only such as nobody has begun: `id`,
        `source_name`, and `since`: when the last picture was finished or a try rendered, or another one asked for.
        """
        return self._db.rows(
            f"""SELECT id, source_name,
                 max(coalesce((SELECT max(created_at) FROM assets WHERE job_id = jobs.id), ''),
                     coalesce((SELECT max(updated_at) FROM shots WHERE job_id = jobs.id AND state = 'rendered'), ''),
                     (SELECT max(waiting_since) FROM shots WHERE job_id = jobs.id AND state = 'planned')) AS since
               FROM jobs WHERE state <> 'closed' AND state = 'open'
                 AND EXISTS (SELECT 1 FROM shots WHERE job_id = jobs.id AND state = 'planned')
                 AND EXISTS (SELECT 1 FROM shots WHERE job_id = jobs.id AND state IN ('done', 'review', 'rendered'))
                 AND NOT EXISTS (SELECT 1 FROM shots WHERE job_id = jobs.id AND state IN ('rendering', 'publishing'))
                 AND NOT EXISTS (SELECT 1 FROM shots s WHERE s.job_id = jobs.id AND s.state = 'rendered'
                                 AND (s.tries = 1 OR {STEP} IS NOT NULL)) ORDER BY rowid"""
        )

    def split(self, parent: str, job: str, folder: str, why: Remark, now: float) -> int:
        """An open job keeps what has ended and is ready to be closed; whatever of it nobody has begun belongs to the
        new job `job` from now on, as it is: ideas, seeds, place in the chain, attempts. `why` is told, with `rest` and
        `pictures`. Return how many pictures that are; 0 = there were none, and there is no new job.
        """
        with self._db.atomic():
            moved = self._db.one(
                f"SELECT count(*) AS n FROM shots WHERE job_id = :parent AND lead = 1 AND {_MOVING}", parent=parent
            )
            if not moved["n"]:
                return 0
            told = Remark("close.rest_of", facts={"job": parent, "pictures": moved["n"]})
            self._add(parent, "rest", "open", job, folder, told, now)
            for statement in _MOVES:
                self._db.write(statement, job=job, parent=parent)
            facts = {**why.facts, "rest": job, "pictures": moved["n"]}
            Jobs(self._db).tell(parent, Remark(why.code, facts=facts))
        return int(moved["n"])

    def line(self, job: str) -> list[str]:
        """A job and those that carry its rest, oldest first."""
        return self._line(job, "('rest')", "1")

    def rest(self, job: str) -> str | None:
        """The job that carries the rest of this one, where it closed, or closes, with what it had."""
        rows = self._db.rows("SELECT id FROM jobs WHERE parent_id = :job AND kind = 'rest'", job=job)
        return str(rows[0]["id"]) if rows else None

    def asked(self, job: str) -> str:
        """The job of which this one is the rest, or the rest of its rest; itself, where it is none."""
        row = self._db.one("SELECT kind, parent_id FROM jobs WHERE id = :job", job=job)
        return self.asked(str(row["parent_id"])) if row["kind"] == "rest" else job

    def carried(self) -> list[Row]:
        """Unfinished jobs that carry the rest of another one: `id`, `parent_id`, and how many pictures `wait`."""
        return self._db.rows(
            """SELECT id, parent_id, (SELECT count(*) FROM shots
                 WHERE job_id = jobs.id AND state = 'planned' AND lead = 1) AS wait
               FROM jobs WHERE state <> 'closed' AND kind = 'rest' ORDER BY rowid"""
        )

    def _line(self, job: str, kinds: str, only: str) -> list[str]:
        rows = self._db.rows(
            f"""WITH RECURSIVE line(id) AS (VALUES (:id) UNION ALL
                  SELECT j.id FROM jobs j JOIN line ON j.parent_id = line.id WHERE j.kind IN {kinds})
                SELECT j.id FROM line JOIN jobs j ON j.id = line.id WHERE {only} ORDER BY j.rowid""",
            id=job,
        )
        return [row["id"] for row in rows]

    def _add(self, parent: str, kind: str, state: str, job: str, folder: str, told: Remark | None, now: float) -> None:
        """A job with the source and orders of `parent`, and its own id and folder; a rest also with its conditions."""
        self._db.write(
            """INSERT INTO jobs (id, kind, parent_id, state, source_name, source_sha256, source, preset, priority,
                                 budget_micros, not_before, resting, folder, orders, remarks, accepted_at)
               SELECT :id, :kind, id, :state, source_name, source_sha256, source, preset, priority,
                      budget_micros, iif(:kind = 'rest', not_before, NULL), iif(:kind = 'rest', resting, NULL), :folder,
                      orders, :told, :now FROM jobs WHERE id = :parent AND (:kind = 'rest') = (state <> 'closed')""",
            id=job, kind=kind, parent=parent, state=state, folder=folder, now=iso(now),
            told=remarks_to([told] if told else []),
        )  # fmt: skip


# What stands for a picture of which there is nothing yet.
_MOVING = f"state = 'planned' AND NOT {HALF_MADE}"
# A picture moves with all that was tried for it, and with what has been spent on that.
_MOVES = (
    f"""UPDATE shots SET job_id = :job WHERE job_id = :parent AND CASE WHEN tries = 1 THEN state = 'planned' ELSE
        idea_id IN (SELECT idea_id FROM shots WHERE job_id = :parent AND tries > 1 AND lead = 1 AND {_MOVING}) END""",
    """UPDATE ideas SET job_id = :job WHERE job_id = :parent AND id IN (SELECT idea_id FROM shots WHERE job_id = :job)
       AND id NOT IN (SELECT idea_id FROM shots WHERE job_id = :parent)""",
    """UPDATE spend SET job_id = :job WHERE job_id = :parent AND attempt_id IN
       (SELECT a.id FROM attempts a JOIN shots s ON s.id = a.shot_id WHERE s.job_id = :job)""",
)
