"""All earlier ideas side by side: titles, and vectors where there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stockgen.domain.words import Language
from stockgen.pipeline.novelty.rule import nearness
from stockgen.pipeline.novelty.titles import Titles
from stockgen.pipeline.novelty.vectors import Vectors
from stockgen.pipeline.novelty.words import Vocabulary


@dataclass(frozen=True, slots=True)
class Near:
    """An idea by its number on the shelf. `by`: how much nearer than allowed, 0 and above (rule.py)."""

    number: int
    by: float


class Shelf:
    """Ideas are numbered from 0 in the order in which they were added. `dims`: length of vectors, 0 = there are none.
    For one thread at a time.
    """

    def __init__(self, dims: int) -> None:
        self._words = Vocabulary()
        self._titles = Titles(self._words.weight)
        self._vectors = Vectors(dims) if dims else None

    def add(self, titles: Sequence[Mapping[Language, str]]) -> range:
        """Add ideas by their titles (`en`, `ko`); return their numbers."""
        before = len(self._titles)
        for pieces in self._words.pieces(titles):
            self._titles.add(pieces)
        return range(before, len(self._titles))

    def put(self, number: int, vector: bytes) -> None:
        """An idea's vector; b"" = it has none."""
        if self._vectors and vector:
            self._vectors.put(number, vector)

    def near(self, title: Mapping[Language, str], vector: bytes, most: int) -> list[Near]:
        """Up to `most` ideas that one of this title and vector (b"" = none) is too near to, the nearest first."""
        import numpy as np

        if not len(self._titles):
            return []
        words = self._titles.likeness(self._words.pieces([title])[0])
        by = (
            nearness(words, *self._vectors.cosines(vector, len(words))) if self._vectors and vector else nearness(words)
        )
        close = np.flatnonzero(by >= 0)
        ordered = close[np.argsort(-by[close], kind="stable")][:most]
        return [Near(int(number), float(by[number])) for number in ordered]
