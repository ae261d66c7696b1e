"""Planned shots follow the doors: on to whoever is open, and back to whoever has reopened."""

from __future__ import annotations

import json

from stockgen.ledger import Ledger
from stockgen.ledger.shots import shot_of
from stockgen.pipeline.chain import Chains
from stockgen.pipeline.closures import Closures

PORTION = 200  # shots that are looked at in one turn


class Passing:
    """Looks at all that may have to move after something was closed or opened, portion by portion."""

    def __init__(self, ledger: Ledger, closures: Closures) -> None:
        self._ledger, self._closures = ledger, closures
        self._changes = -1  # of closures, as they were when it was begun
        self._after: int | None = None  # the last shot that was looked at, None = all were

    @property
    def eager(self) -> bool:
        """Whether there is more to do at once."""
        return self._after is not None

    def step(self, chains: Chains, wall: float) -> None:
        """Look at the next portion. Raises StorageFull, StorageLost."""
        if self._closures.changes != self._changes:
            self._changes, self._after = self._closures.changes, 0
        if self._after is None:
            return
        rows = self._ledger.shots.movable(self._closures.shut, self._after, PORTION)
        with self._ledger.atomic():
            for row in rows:
                shot = shot_of(row)
                then, stack = chains.again(shot, json.loads(row["passed"]))
                if (then.action, then.chain_pos, then.not_before) != ("requeue", shot.chain_pos, 0.0):
                    self._ledger.claims.moved(shot.id, then, stack, wall)
        self._after = rows[-1]["id"] if rows else None
