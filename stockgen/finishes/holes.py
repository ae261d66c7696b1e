"""Gaps in a matte that are no holes of a thing. `gaps`: regions that are not wholly opaque, with their soft rims."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stockgen.finishes.ground import Ground
from stockgen.finishes.regions import Floats, Regions

Chosen = NDArray[np.bool_]  # one for each region

PINHOLE = 0.0002  # of what the object weighs: no hole of a thing is so small
HOLE = 0.005  # and none so small has the object's colour in it
UNLIKE = 30.0  # levels between a hole and the ground, from which on it is the object that is seen in it
OTHER = 16.0  # where the ground is plain, and known so much better: levels, from which on a pixel is no ground
MOST = 0.75  # of a gap's pixels
CLEAR = 0.1  # of opacity: what has more was seen by the model, as glass


def pinholes(alpha: Floats, seen: NDArray[np.uint8], gaps: Regions) -> Chosen:
    """Tiny ones, and small ones in which the ground is not seen."""
    weight = float(alpha.sum())
    lacking = gaps.sums(1 - alpha)  # what is missing of it: glass is large, but it lacks little
    small = gaps.sizes() < HOLE * weight
    return small & ((lacking < PINHOLE * weight) | (_off_ground(alpha, seen, gaps, small) >= UNLIKE))


def left_out(alpha: Floats, ground: Ground, gaps: Regions) -> Chosen:
    """Those that show anything but the plain ground, lit or in shadow: the pale inside of a drawing's dark line."""
    other = gaps.means(ground.unlike(OTHER).astype(np.float32)) >= MOST
    return other & (gaps.means(alpha) < CLEAR)


def _off_ground(alpha: Floats, seen: NDArray[np.uint8], gaps: Regions, small: Chosen) -> Floats:
    """How far the mean colour of each region's clear pixels is from that of the ground around, in levels; 0 where it
    has none, as glass.
    """
    clear = alpha < 0.5
    outside = (alpha <= 0) & ~gaps.those(small)
    if not outside.any():
        return np.full(gaps.count + 1, 255.0, np.float32)
    ground = seen[outside].mean(axis=0)
    count = gaps.sums(clear.astype(np.float32))
    sums = [gaps.sums(np.where(clear, seen[..., band], 0).astype(np.float32)) for band in range(3)]
    off = np.abs(np.stack(sums, axis=-1) / np.maximum(count, 1)[:, None] - ground).max(axis=-1)
    return np.asarray(np.where(count > 0, off, 0), np.float32)
