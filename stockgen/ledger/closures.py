"""Providers, or single models of theirs, that nobody asks for a while."""

from __future__ import annotations

from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection, Row


class Closures:
    """Rows of what is closed. `model` "" = all that the provider has."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def listed(self) -> list[Row]:
        """All that are on record, also those that have ended and that nobody has looked at since."""
        return self._db.rows("SELECT * FROM closures ORDER BY provider, model")

    def close(self, provider: str, model: str, error_class: str, reason: str, now: float, until: float) -> None:
        """Nobody asks it before `until`. `reason`: the error as a Remark in JSON; both moments wall seconds."""
        self._db.write(
            """INSERT INTO closures (provider, model, error_class, reason, since, until)
               VALUES (:provider, :model, :error, :reason, :now, :until)
               ON CONFLICT (provider, model) DO UPDATE SET error_class = :error, reason = :reason, until = :until""",
            provider=provider, model=model, error=error_class, reason=reason, now=iso(now), until=iso(until),
        )  # fmt: skip

    def open(self, provider: str, model: str) -> None:
        """It may be asked again."""
        self._db.write(
            "DELETE FROM closures WHERE provider = :provider AND model = :model", provider=provider, model=model
        )

    def refused(self) -> list[tuple[str, str]]:
        """(provider, words) of all that a provider's moderation has refused."""
        rows = self._db.rows(
            """SELECT DISTINCT a.provider, coalesce(a.request ->> '$.prompt', s.prompt) AS words
               FROM attempts a JOIN shots s ON s.id = a.shot_id WHERE a.error_class = 'Refused'"""
        )
        return [(row["provider"], row["words"]) for row in rows]

    def begun(self, provider: str, since: float) -> list[Row]:
        """What a provider was asked for since a moment (wall seconds), and how that ended, oldest first."""
        return self._db.rows(
            """SELECT started_at, seconds, outcome, error_class FROM attempts
               WHERE provider = :provider AND started_at > :since ORDER BY started_at, id""",
            provider=provider, since=iso(since),
        )  # fmt: skip
