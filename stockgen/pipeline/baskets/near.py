"""Motifs whose pictures look alike are one. A picture's hash is a signed 64-bit number (`assets.phash`), NULL = it has
none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from stockgen.ledger import Row

DISTANCE = 6  # bits that differ at most between two pictures that look alike
# One band more than bits may differ: two such hashes are the same in at least one of them.
EDGES = (0, 9, 18, 27, 36, 45, 54, 64)
MASK = (1 << 64) - 1


def merged(rows: Iterable[Row]) -> Callable[[int], int]:
    """Given pictures (rows of `motif_id`, `phash`), return what makes of a motif the one that it is counted as."""
    older: dict[int, int] = {}

    def counted_as(motif: int) -> int:
        while motif in older:
            motif = older[motif]
        return motif

    buckets: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for row in rows:
        if row["phash"] is None:
            continue
        phash = row["phash"] & MASK
        bands = [(low, (phash & (1 << high) - 1) >> low) for low, high in pairwise(EDGES)]
        for other, motif in (one for band in bands for one in buckets.get(band, ())):
            if (other ^ phash).bit_count() <= DISTANCE:
                one, two = sorted((counted_as(motif), counted_as(row["motif_id"])))
                if one != two:
                    older[two] = one
        for band in bands:
            buckets.setdefault(band, []).append((phash, row["motif_id"]))
    return counted_as
