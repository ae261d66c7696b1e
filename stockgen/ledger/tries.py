"""Tries of one picture: shots of one idea of which the best becomes the picture. Whoever stands for the picture
meanwhile (`shots.lead`) is kept by triggers (migration 0013).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from stockgen.domain.times import iso
from stockgen.ledger.assets import NewAsset
from stockgen.ledger.connection import Connection, Row

Step = Literal["finish", "measure", "choose", "spare"]
NOT_WAITED = "not_waited"  # why a try was not made: its picture would have waited for too long
AT_ONCE = 500  # spares that are handed out at once

# A rendered try waits while one of its siblings may still render, or has rendered and was not measured yet.
_UNMEASURED = "NOT EXISTS (SELECT 1 FROM measures m WHERE m.shot_id = {}.id)"
_AWAITED = f"""EXISTS (SELECT 1 FROM shots o WHERE o.idea_id = s.idea_id
  AND (o.state IN ('planned', 'rendering') OR (o.state = 'rendered' AND {_UNMEASURED.format("o")})))"""
_KEPT = """(SELECT max(CASE WHEN o.state = 'publishing' THEN 1 ELSE 2 END) FROM shots o
  WHERE o.idea_id = s.idea_id AND o.lead = 1 AND o.state IN ('publishing', 'done', 'review'))"""
# What a rendered shot needs of us now. One that stands for its picture is enough to choose by.
STEP = f"""CASE WHEN s.tries = 1 THEN 'finish' WHEN {_UNMEASURED.format("s")} THEN 'measure' WHEN {_AWAITED} THEN NULL
  WHEN {_KEPT} = 2 THEN 'spare' WHEN {_KEPT} IS NULL AND s.lead = 1 THEN 'choose' END"""
# A picture of which something has rendered, and otherwise nothing was begun.
HALF_MADE = """(tries > 1 AND state = 'planned'
  AND EXISTS (SELECT 1 FROM shots o WHERE o.idea_id = shots.idea_id AND o.state = 'rendered'))"""


class Tries:
    """What has rendered and what is to be done with it; of tries also what was measured, and the spares."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def due(self, limit: int) -> list[Row]:
        """Rendered shots that need something of us now, oldest first, with the `step` that it is; tries that wait for
        their siblings are not among them.
        """
        return self._db.rows(
            f"""SELECT * FROM (SELECT s.*, {STEP} AS step FROM shots s WHERE s.state = 'rendered')
                WHERE step IS NOT NULL ORDER BY id LIMIT :limit""",
            limit=limit,
        )

    def backlog(self) -> int:
        """How many pictures have rendered and wait for us, not for siblings."""
        row = self._db.one(
            f"SELECT count(*) AS n FROM shots s WHERE s.state = 'rendered' AND (s.tries = 1 OR {STEP} IS NOT NULL)"
        )
        return int(row["n"])

    def measured(self, shot: int, checks: Sequence[Mapping[str, Any]], kept: bytes) -> None:
        """Keep what was measured of a rendered try until it has ended."""
        self._db.write(
            """INSERT INTO measures (shot_id, checks, kept) SELECT id, :checks, :kept FROM shots
               WHERE id = :shot AND state = 'rendered'
               ON CONFLICT (shot_id) DO UPDATE SET checks = :checks, kept = :kept""",
            shot=shot, checks=json.dumps(list(checks)), kept=kept,
        )  # fmt: skip

    def rendered(self, idea: int) -> list[Row]:
        """The tries of a picture that have rendered and were measured, first to last, with `checks` and `kept`."""
        return self._db.rows(
            """SELECT s.*, m.checks, m.kept FROM shots s JOIN measures m ON m.shot_id = s.id
               WHERE s.idea_id = :idea AND s.state = 'rendered' ORDER BY s.try""",
            idea=idea,
        )

    def of_picture(self, idea: int) -> list[Row]:
        """All tries of a picture, first to last."""
        return self._db.rows("SELECT * FROM shots WHERE idea_id = :idea ORDER BY try", idea=idea)

    def last(self, shot: Row) -> bool:
        """Whether nothing else can become the picture of a rendered shot."""
        return shot["tries"] == 1 or not self._db.rows(
            """SELECT 1 FROM shots WHERE idea_id = :idea AND id <> :shot
               AND state IN ('rendered', 'publishing', 'done', 'review') LIMIT 1""",
            idea=shot["idea_id"], shot=shot["id"],
        )  # fmt: skip

    def give_up(self, job: str, now: float) -> int:
        """Tries of a job that nobody has begun are not made where their picture has others that have rendered. Return
        how many pictures that decides.
        """
        with self._db.atomic():
            row = self._db.one(
                f"SELECT count(DISTINCT idea_id) AS n FROM shots WHERE job_id = :job AND {HALF_MADE}", job=job
            )
            self._db.write(
                f"""UPDATE shots SET state = 'cancelled', reason = :reason, updated_at = :now
                    WHERE job_id = :job AND {HALF_MADE}""",
                job=job, reason=NOT_WAITED, now=iso(now),
            )  # fmt: skip
        return int(row["n"])

    def decided(self, now: float) -> None:
        """After a start: tries of pictures that are there already, as a restored ledger may have them, are not made."""
        self._db.write(
            """UPDATE shots SET state = 'cancelled', reason = :reason, updated_at = :now
               WHERE state = 'planned' AND tries > 1 AND EXISTS (SELECT 1 FROM shots o
                 WHERE o.idea_id = shots.idea_id AND o.lead = 1 AND o.state IN ('publishing', 'done', 'review'))""",
            reason=NOT_WAITED, now=iso(now),
        )  # fmt: skip

    # -- spares ------------------------------------------------------------------------------------------------------

    def stem(self, idea: int) -> str:
        """The name of the picture that was kept. Raises LookupError."""
        row = self._db.one(
            """SELECT a.stem FROM shots s JOIN assets a ON a.shot_id = s.id
               WHERE s.idea_id = :idea AND s.lead = 1""",
            idea=idea,
        )
        return str(row["stem"])

    def spare(self, asset: NewAsset, kept: bool, now: float) -> None:
        """A try that was not the best has ended: its master lies among the spares, or was never made (`kept` False)."""
        with self._db.atomic():
            self._db.write(
                """INSERT INTO assets (shot_id, job_id, number, stem, kind, state, look, degraded, score, phash, checks,
                                       sellable, width, height, created_at)
                   SELECT id, :job, :number, :stem, :kind, :state, :look, degraded, :score, :phash, :checks, :sellable,
                          :width, :height, :now FROM shots WHERE id = :shot AND state = 'rendered'""",
                shot=asset.shot, job=asset.job, number=asset.number, stem=asset.stem, kind=asset.kind, look=asset.look,
                state="spare" if kept else "cleaned", score=asset.score, phash=asset.phash,
                checks=json.dumps(list(asset.checks)), sellable=asset.sellable, width=asset.width, height=asset.height,
                now=iso(now),
            )  # fmt: skip
            self._db.write(
                "UPDATE shots SET state = 'done', updated_at = :now WHERE id = :shot AND state = 'rendered'",
                shot=asset.shot, now=iso(now),
            )  # fmt: skip

    def spares(self, job: str) -> list[Row]:
        """What was made of a job's tries that were not the best: `shot_id`, `stem`, `state`, `score`."""
        return self._db.rows(
            """SELECT a.shot_id, a.stem, a.state, a.score FROM assets a JOIN shots s ON s.id = a.shot_id
               WHERE a.job_id = :job AND s.lead = 0""",
            job=job,
        )

    def lying(self) -> set[str]:
        """Names of all spares whose master was not removed, without their endings."""
        return {row["stem"] for row in self._db.rows("SELECT stem FROM assets WHERE state = 'spare'")}

    def older(self, than: float) -> list[Row]:
        """The oldest spares from before a wall time, 500 at most: `id`, `stem`, `kind`."""
        return self._db.rows(
            """SELECT id, stem, kind FROM assets INDEXED BY assets_spare WHERE state = 'spare' AND created_at < :than
               ORDER BY created_at LIMIT :most""",
            than=iso(than), most=AT_ONCE,
        )  # fmt: skip

    def from_before(self, wall: float | None) -> list[Row]:
        """All spares from before a wall time, None = of any age, oldest first: `id`, `stem`."""
        return self._db.rows(
            """SELECT id, stem FROM assets INDEXED BY assets_spare WHERE state = 'spare'
               AND (:wall IS NULL OR created_at < :wall) ORDER BY created_at, id""",
            wall=None if wall is None else iso(wall),
        )

    def cleaned(self, assets: Sequence[int]) -> None:
        """These spares are no more."""
        self._db.write(
            """UPDATE assets SET state = 'cleaned' WHERE state = 'spare'
               AND id IN (SELECT value FROM json_each(:ids))""",
            ids=json.dumps(list(assets)),
        )
