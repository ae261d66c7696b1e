"""Whether a finished picture is much like one that was ever finished here, whatever became of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockgen.checks.findings import Finding
from stockgen.ledger import Ledger

if TYPE_CHECKING:
    from stockgen.checks.index import Index
    from stockgen.checks.likeness import Likeness

SIMILAR = "similar"


class Alike:
    """Asked by the main loop only, before a picture gets its names: so of two that are finished at the same time the
    second is compared with the first.
    """

    def __init__(self, ledger: Ledger, distance: float) -> None:
        self._ledger = ledger
        self._distance = distance
        self._index: Index | None = None  # with it comes numpy, which a daemon at rest does not need
        self._read = 0

    def finding(self, this: Likeness, shot: int) -> tuple[Finding, str | None]:
        """How far the most similar picture of another shot is, 0 to 32, and its stem if that is too near."""
        nearest = self._current().nearest(this, shot)
        finding = Finding(SIMILAR, nearest.distance, self._distance, at_least=True)
        if finding.ok or nearest.shot is None:
            return finding, None
        return finding, str(self._ledger.assets.of_shot(nearest.shot)["stem"])

    def _current(self) -> Index:
        """The index, with what has been finished since it was asked last."""
        from stockgen.checks.index import Index, Known
        from stockgen.checks.likeness import COARSE

        if self._index is None:
            self._index = Index(self._ledger.likenesses.kept)
        while new := self._ledger.likenesses.since(self._read, COARSE):
            self._index.add(Known(row["id"], row["shot_id"], row["front"], row["size"]) for row in new)
            self._read = new[-1]["id"]
        return self._index
