"""A matte as a model leaves it → the same without haze, specks and pinholes. Soft edges, glass and real holes stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockgen.finishes.ground import BLUR, ground
from stockgen.finishes.holes import left_out, pinholes
from stockgen.finishes.regions import SIDE, Floats, Mask, box, near, regions
from stockgen.finishes.windows import opened

HAZE, SOLID = 0.05, 0.95  # of opacity: less is nothing, more is all; between, it is stretched
SPECK = 0.003  # of what the object weighs: less is no part of it, but dirt
CRUMB = 0.0002  # unless it lies near: a drop, a petal; smaller ones are dirt there, too
NEAR = 0.02  # of the longer side
FAINT = 0.5  # a region that is nowhere more opaque than this is a shadow or a reflection


@dataclass(frozen=True)
class Clean:
    """`alpha`: 0 to 1. `removed`: specks that were taken away; `closed`: holes; `opened`: windows."""

    alpha: Floats
    removed: int
    closed: int
    opened: int


def cleaned(matte: NDArray[np.uint8], seen: NDArray[np.uint8], *, drawn_on: bool = True) -> Clean:
    """Given how opaque each pixel is (height × width) and what is seen (… × RGB), return what is left of it.
    `drawn_on`: whether it was drawn on a ground, of which the colours tell something.
    """
    alpha, removed = without_specks(_stretched(matte))
    gaps = regions(alpha < 1)
    open_ = gaps.touched(_rim(alpha.shape))
    outside, part, unit = gaps.those(open_) & (alpha <= 0), box(alpha, BLUR), max(alpha.shape) / SIDE
    plain = ground(seen, outside, part, unit) if drawn_on else None
    shut = pinholes(alpha, seen, gaps)
    if plain is not None:
        shut |= left_out(alpha[part], plain, gaps.within(part))
    shut &= ~open_
    shut[0] = False
    alpha = _where(gaps.those(~shut), alpha, 1)
    found = 0
    if plain is not None:
        alpha[part], found = opened(alpha[part], matte[part], plain, outside[part], unit)
    return Clean(alpha, removed, int(shut.sum()), found)


def _stretched(matte: NDArray[np.uint8]) -> Floats:
    alpha = np.asarray(np.clip((matte / np.float32(255) - HAZE) / (SOLID - HAZE), 0, 1), np.float32)
    alpha[alpha < 1 / 255] = 0
    return alpha


def _rim(shape: tuple[int, ...]) -> Mask:
    found = np.zeros(shape, np.bool_)
    found[[0, -1]], found[:, [0, -1]] = True, True
    return found


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


def _where(these: Mask, alpha: Floats, otherwise: float) -> Floats:
    return np.asarray(np.where(these, alpha, np.float32(otherwise)), np.float32)


def parts(alpha: Floats, reach: int) -> Floats:
    """What each separate part weighs, the heaviest first; `reach` pixels of a gap separate nothing."""
    found = regions(near(alpha >= 0.1, reach))
    return np.asarray(np.sort(found.sums(alpha)[1:])[::-1], np.float32)


def frame(alpha: Floats) -> Mask:
    """The pixels along the four sides, one row each: 4 × the longer side, what is missing is not opaque."""
    length = max(alpha.shape)
    sides = [alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]]
    return np.stack([np.pad(side, (0, length - len(side))) for side in sides]) >= FAINT
