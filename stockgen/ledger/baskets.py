"""Baskets and what was handed to which market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection, Row

WEEK = 7 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One picture of a basket, with the title that this market gets."""

    asset: int
    stem: str
    title: str


class Baskets:
    """Files ready for one upload to one market."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def candidates(self, market: str) -> list[Row]:
        """Ready, sellable pictures of closed jobs that were never given to this market; best, then newest first."""
        return self._db.rows(
            """SELECT a.*, s.idea_id, s.prompt, j.folder, j.id AS job, f.path, f.sha256 FROM assets a
                 JOIN shots s ON s.id = a.shot_id JOIN jobs j ON j.id = a.job_id
                 JOIN files f ON f.asset_id = a.id AND f.role = 'master'
               WHERE a.state = 'ready' AND a.sellable = 1 AND j.state = 'closed' AND NOT EXISTS
                 (SELECT 1 FROM submissions x WHERE x.asset_id = a.id AND x.market = :market)
               ORDER BY a.score DESC NULLS LAST, a.id DESC""",
            market=market,
        )

    def week_used(self, market: str, now: float) -> int:
        """How many pictures this market was given in the last seven days."""
        row = self._db.one(
            "SELECT count(*) AS n FROM submissions WHERE market = :market AND at > :since",
            market=market, since=iso(now - WEEK),
        )  # fmt: skip
        return int(row["n"])

    def titles(self, market: str) -> set[str]:
        """Every title that this market was given."""
        rows = self._db.rows("SELECT title FROM submissions WHERE market = :market", market=market)
        return {row["title"] for row in rows}

    def reserve(self, market: str, clicks: str, path: str, entries: Sequence[Entry], now: float) -> int:
        """Take the basket's name and its pictures, in one transaction. Return its id."""
        with self._db.atomic():
            basket = int(
                self._db.one(
                    """INSERT INTO baskets (market, clicks, path, state, made_at)
                       VALUES (:market, :clicks, :path, 'staged', :now) RETURNING id""",
                    market=market, clicks=clicks, path=path, now=iso(now),
                )["id"]
            )  # fmt: skip
            for entry in entries:
                self._db.write(
                    """INSERT INTO submissions (asset_id, market, basket_id, stem, title, state, at)
                       VALUES (:asset, :market, :basket, :stem, :title, 'basket', :now)""",
                    asset=entry.asset, market=market, basket=basket, stem=entry.stem, title=entry.title, now=iso(now),
                )  # fmt: skip
        return basket

    def published(self, basket: int) -> None:
        """The basket's folder is in the outbox, durably."""
        self._db.write("UPDATE baskets SET state = 'published' WHERE id = :id", id=basket)

    def unpublished(self) -> list[Row]:
        """Baskets that were being published when the program ended."""
        return self._db.rows("SELECT * FROM baskets WHERE state = 'staged' ORDER BY id")

    def forget(self, basket: int) -> None:
        """A basket that never came to be: its pictures are free again."""
        with self._db.atomic():
            self._db.write("DELETE FROM submissions WHERE basket_id = :id", id=basket)
            self._db.write("DELETE FROM baskets WHERE id = :id", id=basket)

    def paths(self) -> set[str]:
        """Every basket's path, relative to the outbox."""
        return {row["path"] for row in self._db.rows("SELECT path FROM baskets")}

    def waiting(self, market: str) -> int:
        """How many pictures could go into a basket for this market."""
        return len(self.candidates(market))
