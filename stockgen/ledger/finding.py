"""Pictures by the words of their ideas, in SQLite's full-text index (migration 0006), and by their names."""

from __future__ import annotations

import unicodedata

from stockgen.ledger.connection import Connection, Row

BEGIN = 4  # letters of a name that nobody gets wrong


class Finding:
    """Searches titles, tags and prompts in both languages, and names."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def pictures(self, words: str, most: int) -> list[Row]:
        """Finished pictures whose idea has every one of `words`, best first, then newest; at most `most`.

        A word stands for all that begin with it, because Korean words carry their particles behind; English ones are
        compared by their stems. A row is that of the asset with titles, path of the master, folder of its job, and
        `markets`: `adobe_stock accepted, …`, None = it was given to nobody.
        """
        wanted = _query(words)
        if not wanted:
            return []
        return self._db.rows(
            """SELECT a.id, a.stem, a.job_id, a.number, a.state, a.review_reason, a.kind, a.created_at, i.title_en,
                      i.title_ko, f.path, j.folder,
                      (SELECT group_concat(x.market || ' ' || x.state, ', ') FROM submissions x
                        WHERE x.asset_id = a.id) AS markets
               FROM ideas_words w JOIN ideas i ON i.id = w.rowid JOIN shots s ON s.idea_id = i.id
                 JOIN assets a ON a.shot_id = s.id JOIN jobs j ON j.id = a.job_id
                 JOIN files f ON f.asset_id = a.id AND f.role = 'master'
               WHERE ideas_words MATCH :wanted ORDER BY bm25(ideas_words, 4, 4, 2, 2, 1), a.id DESC LIMIT :most""",
            wanted=wanted, most=most,
        )  # fmt: skip

    def named(self, stem: str) -> Row | None:
        """The finished picture of this name: id, stem, shot_id, job_id, kind, state, look, `path` of its master, what
        is `kept` of how it looks (NULL = nothing), and `refused`: the markets that refused it, with commas, NULL = none
        did. None = there is none.
        """
        rows = self._db.rows(
            """SELECT a.id, a.stem, a.shot_id, a.job_id, a.kind, a.state, a.look, f.path, l.kept,
                      (SELECT group_concat(x.market, ', ') FROM submissions x
                        WHERE x.asset_id = a.id AND x.state = 'rejected') AS refused
               FROM assets a JOIN files f ON f.asset_id = a.id AND f.role = 'master'
                 LEFT JOIN likenesses l ON l.asset_id = a.id
               WHERE a.stem = :stem""",
            stem=stem,
        )
        return rows[0] if rows else None

    def numbered(self, job: str, number: int) -> str:
        """The name of a job's picture by its number on the contact sheet; "" = there is none."""
        rows = self._db.rows("SELECT stem FROM assets WHERE job_id = :job AND number = :number", job=job, number=number)
        return str(rows[0]["stem"]) if rows else ""

    def names_like(self, stem: str, most: int) -> list[str]:
        """Names that begin as this one does, or are of its job, the newest first: one of them may be meant by it."""
        rows = self._db.rows(
            """SELECT stem FROM assets WHERE number > 0
                 AND (substr(stem, 1, :size) = :begin OR substr(stem, -9, 5) = :job) ORDER BY id DESC LIMIT :most""",
            size=BEGIN, begin=stem[:BEGIN], job=stem[-9:-4], most=most,
        )  # fmt: skip
        return [row["stem"] for row in rows]


def _query(words: str) -> str:
    """Each word as FTS5 wants it, so that nothing which somebody types is an operator; "" = there is no word."""
    plain = unicodedata.normalize("NFC", words).replace('"', " ")
    kept = (word for word in plain.split() if any(sign.isalnum() for sign in word))
    return " ".join(f'"{word}"*' for word in kept)
