"""Motifs: ideas that a reviewer would call the same picture. Found again by keys, whatever the ledger's size."""

from __future__ import annotations

import json
from collections.abc import Sequence

from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection, Row

LEFT = 500  # ideas without a motif that are handed out at once


class Motifs:
    """Which idea is of which motif. A key is a signed 64-bit number that alike ideas share; the first to bring it has
    it for ever.
    """

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def known(self, keys: Sequence[int]) -> int | None:
        """The motif of the first of these keys that has one; None = they are all new."""
        rows = self._db.rows(
            """SELECT k.motif_id FROM json_each(:keys) j JOIN motif_keys k ON k.key = j.value
               ORDER BY j.key LIMIT 1""",
            keys=json.dumps(list(keys)),
        )
        return int(rows[0]["motif_id"]) if rows else None

    def add(self, root: str, now: float) -> int:
        """A new motif; return its id."""
        row = self._db.one(
            "INSERT INTO motifs (root, created_at) VALUES (:root, :now) RETURNING id", root=root, now=iso(now)
        )
        return int(row["id"])

    def first(self, motif: int) -> str:
        """The prompt of the idea that was given this motif first; "" = none was."""
        rows = self._db.rows("SELECT prompt FROM ideas WHERE motif_id = :id ORDER BY id LIMIT 1", id=motif)
        return str(rows[0]["prompt"]) if rows else ""

    def of_others(self, motif: int, job: str) -> bool:
        """Whether an idea of another job is of this motif."""
        rows = self._db.rows(
            "SELECT 1 FROM ideas WHERE motif_id = :motif AND job_id <> :job LIMIT 1", motif=motif, job=job
        )
        return bool(rows)

    def teach(self, motif: int, keys: Sequence[int]) -> None:
        """Find the motif by these keys, too, as far as no other one is found by them."""
        self._db.write(
            """INSERT INTO motif_keys (key, motif_id) SELECT value, :motif FROM json_each(:keys) WHERE true
               ON CONFLICT (key) DO NOTHING""",
            keys=json.dumps(list(keys)), motif=motif,
        )  # fmt: skip

    def assign(self, idea: int, motif: int) -> None:
        """An idea is of a motif."""
        self._db.write("UPDATE ideas SET motif_id = :motif WHERE id = :idea", idea=idea, motif=motif)

    def without(self) -> list[Row]:
        """Some ideas (id, prompt, title_en) that have no motif, oldest first: those of an older version."""
        return self._db.rows(
            """SELECT id, prompt, title_en FROM ideas WHERE motif_id IS NULL AND refused_reason IS NULL
               ORDER BY id LIMIT :limit""",
            limit=LEFT,
        )

    def of_job(self, job: str) -> list[Row]:
        """How many ideas (`n`) of each order (`order_index`) and motif (`motif_id`) a job has."""
        return self._db.rows(
            """SELECT order_index, motif_id, count(*) AS n FROM ideas
               WHERE job_id = :job AND motif_id IS NOT NULL GROUP BY order_index, motif_id""",
            job=job,
        )
