"""Baskets and what was handed to which market."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection, Row

WEEK = 7 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One picture of a basket, with the title and the keywords that this market gets."""

    asset: int
    stem: str
    title: str
    keywords: Sequence[str] = ()


class Baskets:
    """Files ready for one upload to one market."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def candidates(self, market: str) -> list[Row]:
        """Ready, sellable pictures of closed jobs that were never given to this market; best, then newest first.

        Each with the columns of its idea, `job`, `folder`, `closed_at`, the `path` of its master, the `model` that
        made it, the `loras` that were laid over that (JSON, NULL = none), and the prompt that it was `told` in other
        words; NULL = the idea's. Those that may not be sold are among them where they have a LoRA: it may be why.
        """
        return self._db.rows(
            f"""SELECT i.*, a.id, a.shot_id, a.stem, a.kind, a.look, a.phash, a.sellable, a.width, a.height,
                  a.created_at, j.id AS job, j.folder, j.closed_at, f.path, {_TOLD} AS told,
                  (SELECT t.model FROM attempts t WHERE t.shot_id = a.shot_id AND t.outcome = 'rendered'
                   ORDER BY t.id DESC LIMIT 1) AS model, {_LORAS} AS loras
                {_CANDIDATES} JOIN files f ON f.asset_id = a.id AND f.role = 'master'
                WHERE (a.sellable = 1 OR {_LORAS} IS NOT NULL) AND {_DONE} AND {_NOT_GIVEN}
                ORDER BY a.score DESC NULLS LAST, a.id DESC""",
            market=market,
        )

    def waiting(self, per_motif: Mapping[str, int]) -> dict[str, int]:
        """How many pictures could go into baskets, by market. `per_motif`: market → pictures of one motif that it
        takes at most; what is over that never goes there.
        """
        free = self._free()
        for row in self._db.rows(
            f"""SELECT x.market, i.motif_id, count(*) AS n {_CANDIDATES} JOIN submissions x ON x.asset_id = a.id
                WHERE {_FREE} GROUP BY x.market, i.motif_id"""
        ):
            free[row["market"], row["motif_id"]] -= row["n"]
        given = {market: self.given(market) for market in per_motif}
        waiting = dict.fromkeys(per_motif, 0)
        for (market, motif), count in free.items():
            if market in per_motif:
                room = count if motif is None else max(0, per_motif[market] - given[market].get(motif, 0))
                waiting[market] += max(0, min(count, room))
        return waiting

    def meant(self) -> frozenset[str]:
        """Markets that any picture is meant for which could go into a basket, or has."""
        return frozenset(market for market, _ in self._free())

    def _free(self) -> Counter[tuple[str, int | None]]:
        """(market, motif) → pictures that could go into baskets or have gone, by what their orders name."""
        named: dict[tuple[str, int], Sequence[str]] = {}
        free = Counter[tuple[str, int | None]]()
        for row in self._db.rows(
            f"""SELECT i.job_id, i.order_index, i.motif_id, count(*) AS n {_CANDIDATES} WHERE {_FREE}
                GROUP BY i.job_id, i.order_index, i.motif_id"""
        ):
            for market in self._meant(row["job_id"], row["order_index"], named):
                free[market, row["motif_id"]] += row["n"]
        return free

    def _meant(self, job: str, order: int, named: dict[tuple[str, int], Sequence[str]]) -> Sequence[str]:
        """The markets that an order names; each job's orders are read once."""
        if (job, order) not in named:
            text = self._db.one("SELECT orders FROM jobs WHERE id = :job", job=job)["orders"]
            named |= {(job, number): one["markets"] for number, one in enumerate(json.loads(text))}
        return named[job, order]

    def given(self, market: str) -> Mapping[int, int]:
        """How many pictures of each motif a market was ever given, whatever became of them."""
        rows = self._db.rows(
            """SELECT i.motif_id, count(*) AS n FROM submissions x JOIN assets a ON a.id = x.asset_id
                 JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
               WHERE x.market = :market GROUP BY i.motif_id""",
            market=market,
        )
        return {row["motif_id"]: row["n"] for row in rows}

    def told(self, market: str) -> list[Row]:
        """What this market was told of each picture that it was ever given: `stem`, `title`, `keywords` (JSON, or
        NULL), and the picture's `motif_id` and `phash`.
        """
        return self._db.rows(
            """SELECT x.stem, x.title, x.keywords, i.motif_id, a.phash FROM submissions x
                 JOIN assets a ON a.id = x.asset_id JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
               WHERE x.market = :market""",
            market=market,
        )

    def week_used(self, market: str, now: float) -> int:
        """How many pictures this market was given in the last seven days, whatever became of them since."""
        row = self._db.one(
            """SELECT (SELECT count(*) FROM baskets b JOIN submissions x ON x.basket_id = b.id AND x.market = b.market
                       WHERE b.market = :market AND b.made_at > :since)
                    + (SELECT count(*) FROM submissions
                       WHERE market = :market AND at > :since AND basket_id IS NULL) AS n""",
            market=market, since=iso(now - WEEK),
        )  # fmt: skip
        return int(row["n"])

    def holding(self, assets: Sequence[int]) -> list[str]:
        """Paths of the baskets in which these pictures lie and which nobody has uploaded yet."""
        rows = self._db.rows(
            """SELECT DISTINCT b.path FROM submissions x JOIN baskets b ON b.id = x.basket_id
               WHERE x.state = 'basket' AND x.asset_id IN (SELECT value FROM json_each(:assets)) ORDER BY b.path""",
            assets=json.dumps(list(assets)),
        )
        return [row["path"] for row in rows]

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
                    """INSERT INTO submissions (asset_id, market, basket_id, stem, title, keywords, state, at)
                       VALUES (:asset, :market, :basket, :stem, :title, :keywords, 'basket', :now)""",
                    asset=entry.asset, market=market, basket=basket, stem=entry.stem, title=entry.title, now=iso(now),
                    keywords=json.dumps(list(entry.keywords), ensure_ascii=False) if entry.keywords else None,
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

    def over(self) -> list[Row]:
        """Baskets of which the market has had every picture, whatever it said of it: `id`, `path`, `stems` (JSON)."""
        return self._db.rows(
            """SELECT b.id, b.path, json_group_array(x.stem) AS stems
               FROM baskets b JOIN submissions x ON x.basket_id = b.id WHERE b.state = 'published'
               GROUP BY b.id HAVING sum(x.state NOT IN ('uploaded', 'accepted', 'rejected')) = 0 ORDER BY b.id"""
        )

    def cleaned(self, baskets: Sequence[int], now: float) -> None:
        """The pictures in these baskets' folders are no more; the first time counts."""
        self._db.write(
            """UPDATE baskets SET cleaned_at = :now WHERE cleaned_at IS NULL
               AND id IN (SELECT value FROM json_each(:ids))""",
            ids=json.dumps(list(baskets)), now=iso(now),
        )  # fmt: skip

    def paths(self) -> set[str]:
        """Every basket's path, relative to the outbox."""
        return {row["path"] for row in self._db.rows("SELECT path FROM baskets")}


_CANDIDATES = """FROM assets a JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
                   JOIN jobs j ON j.id = a.job_id"""
_TOLD = "CASE s.provider WHEN s.wish ->> '$.rephrase.by' THEN nullif(s.wish ->> '$.rephrase.words', '') END"
_DONE = "a.state = 'ready' AND j.state = 'closed'"
_FREE = f"a.sellable = 1 AND {_DONE}"
_LORAS = """(SELECT json_extract(t.request, '$.loras') FROM attempts t WHERE t.shot_id = a.shot_id
             AND t.outcome = 'rendered' ORDER BY t.id DESC LIMIT 1)"""
_NOT_GIVEN = "NOT EXISTS (SELECT 1 FROM submissions x WHERE x.asset_id = a.id AND x.market = :market)"
