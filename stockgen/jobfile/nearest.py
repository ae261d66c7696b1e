"""The known name that somebody meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_EDIT = 10
_SWAP = 9  # the commonest slip: `modle` is `model`, though `mode` is one edit away as well
_LONGEST = 40


def nearest(word: str, names: Iterable[str]) -> str:
    """The name nearest to `word`, or "" where none is near: one slip for each three letters, one at least.

    Hangul is compared letter by letter (NFD), not by syllables. Equal distances: the first of `names`.
    """
    wanted = unicodedata.normalize("NFD", word[: _LONGEST + 1].casefold())
    limit = _EDIT * max(1, len(wanted) // 3)
    best, best_cost = "", limit + 1
    for name in names if 1 < len(wanted) <= _LONGEST * 3 else ():
        given = unicodedata.normalize("NFD", name.casefold())
        if abs(len(given) - len(wanted)) * _EDIT < best_cost:
            cost = distance(wanted, given)
            best, best_cost = (name, cost) if cost < best_cost else (best, best_cost)
    return best


def distance(left: str, right: str) -> int:
    """Damerau-Levenshtein distance (optimal string alignment): 10 for an edit, 9 for a swap of neighbours."""
    before: list[int] = []
    above = [_EDIT * column for column in range(len(right) + 1)]
    for row, one in enumerate(left, 1):
        here = [_EDIT * row]
        for column, other in enumerate(right, 1):
            cost = min(above[column] + _EDIT, here[-1] + _EDIT, above[column - 1] + _EDIT * (one != other))
            if row > 1 and column > 1 and one == right[column - 2] and left[row - 2] == other and one != other:
                cost = min(cost, before[column - 2] + _SWAP)
            here.append(cost)
        before, above = above, here
    return above[-1]
