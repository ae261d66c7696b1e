"""Titles by their pieces: how much of what two of them say is the same, for one against all.

An inverted index in memory: about 9 MB for 100,000 titles, and 3 ms to ask it. A piece counts the more, the fewer
titles have it.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

USUAL = 200  # titles that are taken as read before the first: so nothing counts as common in a small ledger
LONGER = 0.6  # of the larger title in what two are divided by; the rest is of the smaller one
_AGAIN = 1.1  # growth after which every title is weighed anew


class Titles:
    """Numbered from 0 in the order in which they were added. `weight` of a piece, however rare it is."""

    def __init__(self, weight: Callable[[str], float]) -> None:
        self._weight = weight
        self._having: dict[str, array[int]] = {}
        self._weights = array("f")
        self._weighed = 0  # how many there were when each was weighed

    def __len__(self) -> int:
        return len(self._weights)

    def add(self, pieces: Collection[str]) -> int:
        """Add a title; return its number."""
        number = len(self._weights)
        for piece in pieces:
            self._having.setdefault(piece, array("i")).append(number)
        self._weights.append(0.0 if self._grown else sum(map(self._worth, pieces)))
        return number

    def likeness(self, pieces: Collection[str]) -> Floats:
        """For every title 0 (nothing in common) to 1: the weight of what is in common, divided by a mean of both."""
        import numpy as np

        self._weigh()
        common = np.zeros(len(self), np.float32)
        for piece in pieces:
            if piece in self._having:
                common[np.frombuffer(self._having[piece], np.int32)] += self._worth(piece)
        own, others = sum(map(self._worth, pieces)), np.frombuffer(self._weights, np.float32)
        whole = LONGER * np.maximum(others, own) + (1 - LONGER) * np.minimum(others, own)
        return np.asarray(common / np.maximum(whole, 1e-6), np.float32)

    @property
    def _grown(self) -> bool:
        return len(self._weights) > self._weighed * _AGAIN

    def _worth(self, piece: str) -> float:
        titles = len(self._having.get(piece, ()))
        return self._weight(piece) * math.log((len(self._weights) + USUAL) / (titles + 1))

    def _weigh(self) -> None:
        """Weigh every title anew where they have become many more: what was rare may be so no longer."""
        import numpy as np

        if not self._grown:
            return
        weights = np.zeros(len(self), np.float32)
        for piece, titles in self._having.items():
            weights[np.frombuffer(titles, np.int32)] += self._worth(piece)
        self._weights, self._weighed = array("f", weights.tobytes()), len(self)
