"""What markets decided of pictures, and what they sold."""

from __future__ import annotations

import json
from collections.abc import Sequence

from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection, Row


class Marks:
    """The states of submissions after the upload, and sales."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def spoken_of(self, market: str) -> list[Row]:
        """Every picture with its name and the titles under which the market may speak of it; `title` and `state` are
        NULL where the market was never given it.
        """
        return self._db.rows(
            """SELECT a.id, a.job_id, a.number, a.stem, x.title, x.state, i.title_en, i.title_ko FROM assets a
                 JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
                 LEFT JOIN submissions x ON x.asset_id = a.id AND x.market = :market
               WHERE s.lead = 1 ORDER BY a.id""",
            market=market,
        )

    def decide(self, assets: Sequence[int], market: str, state: str, reason: str | None, now: float) -> int:
        """Write down a decision; return how many it changed. A picture that the market got without a basket of ours is
        noted as given to it. What was decided is never set back to `uploaded`.
        """
        return self._db.write(
            """INSERT INTO submissions (asset_id, market, stem, title, state, reason, at)
               SELECT a.id, :market, a.stem, i.title_en, :state, :reason, :now
                 FROM json_each(:assets) j JOIN assets a ON a.id = j.value JOIN shots s ON s.id = a.shot_id
                 JOIN ideas i ON i.id = s.idea_id WHERE true
               ON CONFLICT (asset_id, market) DO UPDATE SET state = :state, at = :now,
                 reason = coalesce(:reason, CASE WHEN state = :state THEN reason END)
               WHERE (state <> :state OR reason IS NOT coalesce(:reason, reason))
                 AND (:state <> 'uploaded' OR state = 'basket')""",
            assets=json.dumps(list(assets)), market=market, state=state, reason=reason, now=iso(now),
        )  # fmt: skip

    def in_basket(self, market: str, name: str) -> list[int]:
        """The pictures of the market's basket whose path, or its end, is `name`; [] = no such basket, or several."""
        baskets = self._db.rows(
            """SELECT id FROM baskets
               WHERE market = :market AND (path = :name OR substr(path, -length(:name) - 1) = '/' || :name)""",
            market=market, name=name.strip("/"),
        )  # fmt: skip
        if len(baskets) != 1:
            return []
        rows = self._db.rows("SELECT asset_id FROM submissions WHERE basket_id = :id", id=baskets[0]["id"])
        return [int(row["asset_id"]) for row in rows]

    def sold(self, asset: int, market: str, micros: int, at: float, line: str) -> bool:
        """A sale of `micros` USD; False = this row of that table was told before."""
        new = self._db.write(
            """INSERT INTO sales (asset_id, market, amount_micros, at, line)
               VALUES (:asset, :market, :micros, :at, :line) ON CONFLICT DO NOTHING""",
            asset=asset, market=market, micros=micros, at=iso(at), line=line,
        )  # fmt: skip
        return bool(new)

    def cooling(self, market: str, since: float) -> set[int]:
        """Motifs of which this market refused a picture after `since` (wall seconds)."""
        rows = self._db.rows(
            """SELECT DISTINCT i.motif_id FROM submissions x JOIN assets a ON a.id = x.asset_id
                 JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
               WHERE x.market = :market AND x.state = 'rejected' AND x.at > :since AND i.motif_id IS NOT NULL""",
            market=market, since=iso(since),
        )  # fmt: skip
        return {int(row["motif_id"]) for row in rows}

    def decided(self, since: float = 0.0) -> list[Row]:
        """Every decision after `since`: `market`, `state`, `reason`, and of the picture `model`, `mode`, `style`,
        `kind`, `look`, `category` and `tags_en` (JSON).
        """
        return self._db.rows(
            """SELECT x.market, x.state, x.reason, a.kind, a.look, i.mode, i.category, i.tags_en,
                 coalesce(json_extract(s.wish, '$.style'), '') AS style,
                 coalesce((SELECT t.model FROM attempts t WHERE t.shot_id = s.id AND t.outcome = 'rendered'
                           ORDER BY t.id DESC LIMIT 1), '') AS model
               FROM submissions x JOIN assets a ON a.id = x.asset_id JOIN shots s ON s.id = a.shot_id
                 JOIN ideas i ON i.id = s.idea_id
               WHERE x.state IN ('accepted', 'rejected', 'hidden') AND x.at > :since ORDER BY x.at, a.id""",
            since=iso(since),
        )  # fmt: skip

    def best_sellers(self, since: float, most: int) -> list[Row]:
        """Pictures by what they earned after `since`: `stem`, `title_en`, `title_ko`, `sales`, `micros`."""
        return self._db.rows(
            """SELECT a.stem, i.title_en, i.title_ko, count(*) AS sales, sum(v.amount_micros) AS micros FROM sales v
                 JOIN assets a ON a.id = v.asset_id JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
               WHERE v.at > :since GROUP BY a.id ORDER BY micros DESC, sales DESC, a.id LIMIT :most""",
            since=iso(since), most=most,
        )  # fmt: skip

    def earned(self, since: float) -> tuple[int, int]:
        """(how many sales, micro-USD) after `since`."""
        row = self._db.one(
            "SELECT count(*) AS n, coalesce(sum(amount_micros), 0) AS m FROM sales WHERE at > :since", since=iso(since)
        )
        return int(row["n"]), int(row["m"])

    def taken(self) -> int:
        """How many pictures a market has accepted."""
        row = self._db.one("SELECT count(DISTINCT asset_id) AS n FROM submissions WHERE state = 'accepted'")
        return int(row["n"])

    def retitle(self, asset: int, market: str, language: str, title: str, keywords: Sequence[str]) -> bool:
        """The words that a market was given for a picture were edited: what was told, and the idea in that language,
        are now these (`language` "" = the idea stays as it is). `keywords` () = they stay. False = nothing differs.
        """
        words = json.dumps(list(keywords), ensure_ascii=False) if keywords else None
        suffix = "ko" if language == "ko" else "en"
        with self._db.atomic():
            changed = self._db.write(
                """UPDATE submissions SET title = :title, keywords = coalesce(:words, keywords)
                   WHERE asset_id = :asset AND market = :market
                     AND (title <> :title OR (:words IS NOT NULL AND keywords IS NOT :words))""",
                asset=asset, market=market, title=title, words=words,
            )  # fmt: skip
            if changed and language:
                self._db.write(
                    f"""UPDATE ideas SET title_{suffix} = :title, tags_{suffix} = coalesce(:words, tags_{suffix})
                        WHERE id = (SELECT s.idea_id FROM shots s JOIN assets a ON a.shot_id = s.id
                                    WHERE a.id = :asset)""",
                    asset=asset, title=title, words=words,
                )  # fmt: skip
        return bool(changed)
