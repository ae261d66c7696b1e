"""A matte as a model leaves it → the same without haze, specks and pinholes. Soft edges, glass and real holes stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockgen.finishes.regions import Floats, Mask, Regions, near, regions

HAZE, SOLID = 0.05, 0.95  # of opacity: less is nothing, more is all; between, it is stretched
SPECK = 0.003  # of what the object weighs: less is no part of it, but dirt
CRUMB = 0.0002  # unless it lies near: a drop, a petal; smaller ones are dirt there, too
NEAR = 0.02  # of the longer side
FAINT = 0.5  # a region that is nowhere more opaque than this is a shadow or a reflection
PINHOLE = 0.0002  # of what the object weighs: no hole of a thing is so small
HOLE = 0.005  # and none so small has the object's colour in it
UNLIKE = 30.0  # levels between a hole and the ground, from which on it is the object that is seen in it


@dataclass(frozen=True)
class Clean:
    """`alpha`: 0 to 1. `removed`: specks that were taken away; `closed`: holes."""

    alpha: Floats
    removed: int
    closed: int


def cleaned(matte: NDArray[np.uint8], seen: NDArray[np.uint8]) -> Clean:
    """Given how opaque each pixel is (height × width) and what is seen (… × RGB), return what is left of it."""
    first = np.asarray(np.clip((matte / np.float32(255) - HAZE) / (SOLID - HAZE), 0, 1), np.float32)
    first[first < 1 / 255] = 0
    alpha, removed = without_specks(first)
    closed = _pinholes(alpha, seen)
    return Clean(_where(closed.labels == 0, alpha, 1), removed, closed.count)


def without_specks(alpha: Floats) -> tuple[Floats, int]:
    """The heaviest region with whatever is large, or near and not too small; and how many others there were."""
    found = regions(alpha > 0)
    if found.count < 2:
        return alpha, 0
    weight = found.sums(alpha)
    weight[0] = 0
    main = np.arange(found.count + 1) == weight.argmax()
    share = weight / weight.max()
    beside = found.touched(near(found.those(main), round(NEAR * max(alpha.shape))))
    stays = ((share >= SPECK) | ((share >= CRUMB) & beside)) & found.touched(alpha >= FAINT) | main
    stays[0] = False
    return _where(found.those(stays), alpha, 0), int(found.count - stays.sum())


def _pinholes(alpha: Floats, seen: NDArray[np.uint8]) -> Regions:
    """Holes that are none: tiny ones, and small ones in which the ground is not seen. With their soft rims."""
    found = regions(alpha < 1)
    rim = np.zeros(alpha.shape, np.bool_)
    rim[[0, -1]], rim[:, [0, -1]] = True, True
    open_ = found.touched(rim)
    size, weight = found.sums(np.ones_like(alpha)), float(alpha.sum())
    lacking = found.sums(1 - alpha)  # what is missing of it: glass is large, but it lacks little
    small = (size < HOLE * weight) & ~open_
    small[0] = False
    off = _off_ground(alpha, seen, found)
    return _only(found, small & ((lacking < PINHOLE * weight) | (off >= UNLIKE)))


def _off_ground(alpha: Floats, seen: NDArray[np.uint8], holes: Regions) -> Floats:
    """How far the mean colour of each region's clear pixels is from that of the ground around, in levels; 0 where it
    has none, as glass.
    """
    clear = alpha < 0.5
    outside = (alpha <= 0) & ~holes.those(_small(holes, alpha))
    if not outside.any():
        return np.full(holes.count + 1, 255.0, np.float32)
    ground = seen[outside].mean(axis=0)
    count = holes.sums(clear.astype(np.float32))
    sums = [holes.sums(np.where(clear, seen[..., band], 0).astype(np.float32)) for band in range(3)]
    off = np.abs(np.stack(sums, axis=-1) / np.maximum(count, 1)[:, None] - ground).max(axis=-1)
    return np.asarray(np.where(count > 0, off, 0), np.float32)


def _small(found: Regions, alpha: Floats) -> NDArray[np.bool_]:
    return np.asarray(found.sums(np.ones_like(alpha)) < HOLE * alpha.sum())


def _where(these: Mask, alpha: Floats, otherwise: float) -> Floats:
    return np.asarray(np.where(these, alpha, np.float32(otherwise)), np.float32)


def _only(found: Regions, chosen: NDArray[np.bool_]) -> Regions:
    """The same with fewer regions."""
    numbers = np.where(chosen, np.cumsum(chosen), 0)
    return Regions(numbers[found.labels], int(chosen.sum()))


def parts(alpha: Floats, reach: int) -> Floats:
    """What each separate part weighs, the heaviest first; `reach` pixels of a gap separate nothing."""
    found = regions(near(alpha >= 0.1, reach))
    return np.asarray(np.sort(found.sums(alpha)[1:])[::-1], np.float32)


def frame(alpha: Floats) -> Mask:
    """The pixels along the four sides, one row each: 4 × the longer side, what is missing is not opaque."""
    length = max(alpha.shape)
    sides = [alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]]
    return np.stack([np.pad(side, (0, length - len(side))) for side in sides]) >= FAINT
