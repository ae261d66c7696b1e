"""What finished pictures look like, for whoever compares them."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.ledger.connection import Connection, Row


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

    def since(self, last: int) -> Sequence[Row]:
        """All that came after the likeness of id `last`: id, shot_id, kept."""
        return self._db.rows("SELECT id, shot_id, kept FROM likenesses WHERE id > :last ORDER BY id", last=last)
