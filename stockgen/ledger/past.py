"""What was thought of before, for whoever thinks of something new. Short queries: the loop waits while they run."""

from __future__ import annotations

from collections.abc import Iterable

from stockgen.ledger.connection import Connection, Row


class PastIdeas:
    """Ideas in the order in which they came, their vectors, and what became of their pictures."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def since(self, last: int, embedder: int, limit: int) -> list[Row]:
        """The ideas that came after the one of id `last`, oldest first: id, prompt, title_en, title_ko, and `vector` by
        this embedder (NULL = it has none; 0 = by none). Ideas that were refused are not among them.
        """
        return self._db.rows(
            """SELECT i.id, i.prompt, i.title_en, i.title_ko, e.vector FROM ideas i
                 LEFT JOIN embeddings e ON e.idea_id = i.id AND e.embedder_id = :embedder
               WHERE i.id > :last AND i.refused_reason IS NULL ORDER BY i.id LIMIT :limit""",
            last=last, embedder=embedder, limit=limit,
        )  # fmt: skip

    def told(self, idea: int) -> Row:
        """An idea's prompt and title_en. Raises LookupError."""
        return self._db.one("SELECT prompt, title_en FROM ideas WHERE id = :id", id=idea)

    def embedders(self) -> list[Row]:
        """Models that ideas were measured by: id, probe."""
        return self._db.rows("SELECT id, probe FROM embedders ORDER BY id")

    def new_embedder(self, writer: str, probe: bytes) -> int:
        """Remember a model; return its id."""
        row = self._db.one(
            "INSERT INTO embedders (writer, probe) VALUES (:writer, :probe) RETURNING id", writer=writer, probe=probe
        )
        return int(row["id"])

    def embed(self, embedder: int, vectors: Iterable[tuple[int, bytes]]) -> None:
        """Keep vectors of (idea, bytes), in place of those by another model."""
        self._db.write_each(
            """INSERT INTO embeddings (idea_id, embedder_id, vector) VALUES (:idea, :embedder, :vector)
               ON CONFLICT (idea_id) DO UPDATE SET embedder_id = :embedder, vector = :vector""",
            [{"idea": idea, "embedder": embedder, "vector": vector} for idea, vector in vectors],
        )

    def recent(self, count: int) -> list[str]:
        """English titles of the first ideas of the newest motifs, newest first."""
        rows = self._db.rows(
            """SELECT (SELECT title_en FROM ideas WHERE motif_id = m.id ORDER BY id LIMIT 1) AS title
               FROM motifs m ORDER BY m.id DESC LIMIT :count""",
            count=count,
        )  # fmt: skip
        return [row["title"] for row in rows if row["title"]]

    def rejected(self, count: int) -> list[Row]:
        """The pictures that a market refused last, newest first: `at`, `title`."""
        return self._db.rows(
            """SELECT x.at, i.title_en AS title FROM submissions x JOIN assets a ON a.id = x.asset_id
                 JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
               WHERE x.state = 'rejected' ORDER BY x.at DESC LIMIT :count""",
            count=count,
        )  # fmt: skip

    def dropped(self, count: int) -> list[Row]:
        """The newest pictures that their owner threw away, newest first: `at`, `title`. One that was given to a market
        was made room of, not judged.
        """
        return self._db.rows(
            """SELECT a.created_at AS at, i.title_en AS title FROM assets a INDEXED BY assets_dropped
                 JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
               WHERE a.state = 'dropped' AND NOT EXISTS (SELECT 1 FROM submissions x WHERE x.asset_id = a.id)
               ORDER BY a.created_at DESC LIMIT :count""",
            count=count,
        )  # fmt: skip
