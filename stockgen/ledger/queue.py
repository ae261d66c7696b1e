"""What waits to be rendered, counted: bounded where a claim asks, whole where a person does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stockgen.domain.names import base_of
from stockgen.domain.protocols import Held
from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection
from stockgen.ledger.holds import held_by, not_held

LAST = "9999"  # sorts after every moment


class Queue:
    """Planned shots, in claim order."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def ahead(self, provider: str, stack: str, limit: int) -> int:
        """How many of the next `limit` shots of a provider need what that stack has loaded, whatever is laid over it;
        costs the same however many wait.
        """
        row = self._db.one(
            """SELECT count(*) AS n FROM (SELECT stack FROM shots INDEXED BY shots_claim WHERE state = 'planned'
               AND provider = :provider ORDER BY priority DESC, rank, turn, id LIMIT :limit)
               WHERE substr(stack || '|', 1, length(:base) + 1) = :base || '|'""",
            provider=provider, base=base_of(stack), limit=limit,
        )  # fmt: skip
        return int(row["n"])

    def free(self, providers: Iterable[str], held: Sequence[Held], late: float | None = None) -> bool:
        """Whether a shot waits for one of these providers that none of these holds forbids and that may be begun before
        `late` (wall seconds), None = whenever.
        """
        for provider in providers:
            where, values = not_held(provider, held)
            if self._db.rows(
                f"""SELECT 1 FROM shots INDEXED BY shots_claim
                    WHERE state = 'planned' AND provider = :provider AND not_before <= :late {where} LIMIT 1""",
                provider=provider, late=LAST if late is None else iso(late), **values,
            ):  # fmt: skip
                return True
        return False

    def begins(self, job: str, providers: Iterable[str], held: Sequence[Held], by: float) -> bool:
        """Whether one of these providers may begin with a shot of a job at wall time `by`, though these holds last."""
        for provider in providers:
            where, values = not_held(provider, held)
            if self._db.rows(
                f"""SELECT 1 FROM shots WHERE job_id = :job AND state = 'planned' AND provider = :provider
                    AND not_before <= :by {where} LIMIT 1""",
                job=job, provider=provider, by=iso(by), **values,
            ):  # fmt: skip
                return True
        return False

    def held(self, providers: Iterable[str], one: Held) -> int:
        """How many pictures a hold keeps from being begun, or tried again, by these providers."""
        count = 0
        for provider in providers:
            clause = held_by(provider, one, "h")
            if clause is not None:
                row = self._db.one(
                    f"""SELECT count(DISTINCT CASE WHEN tries = 1 THEN -id ELSE idea_id END) AS n
                        FROM shots INDEXED BY shots_claim
                        WHERE state = 'planned' AND provider = :provider AND {clause[0]}""",
                    provider=provider, **clause[1],
                )  # fmt: skip
                count += int(row["n"])
        return count
