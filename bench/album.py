"""Likenesses without a ledger, for measuring and trying how pictures are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stockgen.checks.index import Index, Known, Nearest
from stockgen.checks.likeness import COARSE, Likeness


class Album:
    """An index, and what it asks the ledger for."""

    def __init__(self) -> None:
        self._kept: dict[int, bytes] = {}
        self.index = Index(self._recall)

    def add(self, number: int, kept: bytes) -> None:
        """Add what was kept of the picture of that number."""
        self._kept[number] = kept
        self.index.add([Known(number, number, kept[:COARSE], len(kept))])

    def nearest(self, this: Likeness, number: int = -1) -> Nearest:
        """The most similar one of another number."""
        return self.index.nearest(this, number)

    def _recall(self, numbers: Sequence[int]) -> Mapping[int, bytes]:
        return {number: self._kept[number] for number in numbers if number in self._kept}
