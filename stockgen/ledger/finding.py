"""Pictures by the words of their ideas: SQLite's full-text index (migration 0006)."""

from __future__ import annotations

import unicodedata

from stockgen.ledger.connection import Connection, Row


class Finding:
    """Searches titles, tags and prompts in both languages."""

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


def _query(words: str) -> str:
    """Each word as FTS5 wants it, so that nothing which somebody types is an operator; "" = there is no word."""
    plain = unicodedata.normalize("NFC", words).replace('"', " ")
    kept = (word for word in plain.split() if any(sign.isalnum() for sign in word))
    return " ".join(f'"{word}"*' for word in kept)
