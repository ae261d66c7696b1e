"""Connected regions of a mask, and what lies near what: numpy alone. Masks are height × width of bool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Box = tuple[slice, slice]
SIDE = 1024  # pixels of the longer side for which distances are given


@dataclass(frozen=True)
class Regions:
    """`labels`: height × width, 0 = in none, else 1 … `count`; pixels that touch at a corner are connected."""

    labels: Ints
    count: int

    def sums(self, values: Floats) -> Floats:
        """What `values` (height × width) add up to in each region; number 0 is what lies in none."""
        flat = np.bincount(self.labels.ravel(), values.ravel(), minlength=self.count + 1)
        return flat.astype(np.float32)

    def sizes(self) -> Floats:
        """How many pixels each region has; number 0 is what lies in none."""
        return np.bincount(self.labels.ravel(), minlength=self.count + 1).astype(np.float32)

    def means(self, values: Floats) -> Floats:
        """The mean of `values` in each region, 0 where there is none."""
        return np.asarray(self.sums(values) / np.maximum(self.sizes(), 1), np.float32)

    def those(self, chosen: NDArray[np.bool_]) -> Mask:
        """The pixels of the regions for which `chosen` (`count` + 1 long) is true."""
        return np.asarray(chosen[self.labels])

    def touched(self, mask: Mask) -> NDArray[np.bool_]:
        """Which regions have a pixel in `mask`; number 0 never has."""
        found = np.zeros(self.count + 1, np.bool_)
        found[np.unique(self.labels[mask])] = True
        found[0] = False
        return found

    def only(self, chosen: NDArray[np.bool_]) -> Regions:
        """Those for which `chosen` is true, numbered anew."""
        numbers = np.where(chosen, np.cumsum(chosen), 0)
        return Regions(numbers[self.labels], int(chosen.sum()))

    def within(self, box: Box) -> Regions:
        """What of them lies there; their numbers stay."""
        return Regions(self.labels[box], self.count)


def regions(mask: Mask) -> Regions:
    """The connected regions of `mask`: runs of its rows, joined where they touch those of the next row."""
    height, width = mask.shape
    edges = np.diff(np.pad(mask, [(0, 0), (1, 1)]).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    root = _joined(len(rows), *_touching(rows, starts, ends, width))
    names, of_run = np.unique(root, return_inverse=True)
    labels = np.zeros(height * width, np.int64)
    labels[mask.ravel()] = np.repeat(of_run + 1, ends - starts)
    return Regions(labels.reshape(height, width), len(names))


def _touching(rows: Ints, starts: Ints, ends: Ints, width: int) -> tuple[Ints, Ints]:
    """Pairs of runs that touch, the second one row below the first. `ends` are behind the last pixel."""
    wide = width + 2  # so that no run reaches into the keys of the next row
    below = (rows + 1) * wide
    first = np.searchsorted(rows * wide + ends, below + starts, "left")
    behind = np.searchsorted(rows * wide + starts, below + ends, "right")
    many = np.maximum(behind - first, 0)
    upper = np.repeat(np.arange(len(rows)), many)
    within = np.arange(len(upper)) - np.repeat(np.cumsum(many) - many, many)
    return upper, first[upper] + within


def _joined(count: int, one: Ints, other: Ints) -> Ints:
    """The lowest number of each one's group: larger roots are hung below smaller ones until all pairs agree."""
    root = np.arange(count)
    while True:
        a, b = root[one], root[other]
        if (a == b).all():
            return root
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while (root != root[root]).any():
            root = root[root]


def summed(values: NDArray[np.bool_] | Floats, reach: int) -> Floats:
    """What `values` add up to in the square that reaches `reach` pixels to each side."""
    padded = np.pad(values.astype(np.float64), [(reach + 1, reach)] * 2)
    whole = padded.cumsum(0).cumsum(1)
    side = 2 * reach + 1
    found = whole[side:, side:] - whole[:-side, side:] - whole[side:, :-side] + whole[:-side, :-side]
    return np.asarray(found, np.float32)


def near(mask: Mask, reach: int) -> Mask:
    """What is at most `reach` pixels from `mask`, across, down and diagonally; `mask` itself included."""
    if reach == 1:  # much the quickest way
        tall = mask.copy()
        tall[1:] |= mask[:-1]
        tall[:-1] |= mask[1:]
        wide = tall.copy()
        wide[:, 1:] |= tall[:, :-1]
        wide[:, :-1] |= tall[:, 1:]
        return wide
    return np.asarray(summed(mask, reach) > 0.5) if reach > 0 else mask


def box(there: NDArray[np.generic], more: int) -> Box:
    """Rows and columns of all that is not 0, and `more` pixels around as far as there are any; of nothing, none."""
    if not there.any():
        return slice(0, 0), slice(0, 0)
    found = []
    for axis, length in ((1, there.shape[0]), (0, there.shape[1])):
        lines = np.nonzero(there.any(axis=axis))[0]
        found.append(slice(max(0, int(lines[0]) - more), min(length, int(lines[-1]) + 1 + more)))
    return found[0], found[1]
