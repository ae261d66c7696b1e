"""What finished pictures look like, for whoever compares them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from stockgen.ledger.connection import Connection, Row

AT_ONCE = 2000  # rows: what is read of them takes 1 MB or so


class Likenesses:
    """Grows with every finished picture, also with those that were dropped or refused since."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, asset: int, shot: int, kept: bytes) -> None:
        """Keep what a picture looks like; goes with its asset."""
        self._db.write(
            "INSERT INTO likenesses (asset_id, shot_id, kept) VALUES (:asset, :shot, :kept)",
            asset=asset, shot=shot, kept=kept,
        )  # fmt: skip

    def since(self, last: int, front: int) -> Sequence[Row]:
        """The first 2000 that came after the likeness of id `last`: id, shot_id, the first `front` bytes of what was
        kept, and its size in bytes.
        """
        return self._db.rows(
            """SELECT id, shot_id, substr(kept, 1, :front) AS front, length(kept) AS size
               FROM likenesses WHERE id > :last ORDER BY id LIMIT :most""",
            last=last, front=front, most=AT_ONCE,
        )  # fmt: skip

    def kept(self, ids: Sequence[int]) -> Mapping[int, bytes]:
        """All that was kept of some, by id; of those that are still there."""
        rows = self._db.rows(
            "SELECT id, kept FROM likenesses WHERE id IN (SELECT value FROM json_each(:ids))", ids=json.dumps(list(ids))
        )
        return {row["id"]: row["kept"] for row in rows}
