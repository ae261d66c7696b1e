"""The plain ground that a thing was drawn on: told by what is seen around the thing, and continued behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from stockgen.finishes.regions import Box, Floats, Ints, Mask, near

APART = 12.0  # pixels of a picture of 1024 from a matte's edge, beyond which no colours of the thing are mixed in
STEP = 8  # every so manieth pixel across and down is enough to fit by
LEAST = 64  # such pixels are needed
FRAME = 0.5  # of the picture's sides must be ground: then it is seen on both sides of whatever it is continued behind
ROUNDS = 6  # of fitting: each without what lay far off the one before, as shadows do
FAR = 3.0  # standard deviations
SAME = 0.7  # of what lies around must be of it; the rest may be shadows
GRAIN = 6.0  # levels, one standard deviation: more is no plain ground
BLUR = 2  # pixels to each side over which grain is averaged away
SQUARE = tuple(product(range(-BLUR, BLUR + 1), repeat=2))
FREE = 1.5  # times what such a mean is off in 95 of 100 places: more is something else …
STRAY = (3.0, 6.0)  # … but at least and at most so many levels
SHADE = 0.5  # of the ground's light: so much may a shadow take


@dataclass(frozen=True)
class Ground:
    """`level`: its RGB at each pixel (height × width × 3), also behind the thing. `raw`: what is seen, less that;
    `off`: the same without grain. `grain`: one standard deviation of each channel. `stray`: so far is `off` from 0
    where nothing but ground is seen. All in levels.
    """

    level: Floats
    raw: Floats
    off: Floats
    grain: Floats
    stray: Floats

    def like(self) -> Mask:
        """What looks like it."""
        return np.asarray((np.abs(self.off) <= self.stray).all(axis=-1))

    def unlike(self, levels: float) -> Mask:
        """What is off by more than `levels`, and not because a shadow lies there."""
        light = (self.off * self.level).sum(-1) / np.maximum((self.level**2).sum(-1), 1.0)
        shade = np.clip(light, -SHADE, 0)[..., None] * self.level
        return np.asarray(np.abs(self.off - shade).max(axis=-1) > levels)


def ground(seen: NDArray[np.uint8], outside: Mask, box: Box, unit: float) -> Ground | None:
    """The ground of a picture (height × width × RGB) that is seen `outside` of a thing, continued in a `box` around it;
    None where it is not plain: a scene, a pattern, or too little of it to tell. `unit`: pixels for one of a picture
    whose longer side is 1024.
    """
    frame = np.concatenate([outside[0], outside[-1], outside[:, 0], outside[:, -1]])
    rows, columns = _places(outside, unit)
    if frame.mean() < FRAME or len(rows) < LEAST:
        return None
    around = _around(seen, rows, columns)
    fit, kept = _fitted(_terms(rows, columns, outside.shape), around[:, len(SQUARE) // 2])
    rest = around - (_terms(rows, columns, outside.shape) @ fit)[:, None]
    off, grain = rest.mean(axis=1), _spread(rest[kept].reshape(-1, 3))
    stray = np.clip(FREE * np.quantile(np.abs(off[kept]), 0.95, axis=0), *STRAY).astype(np.float32)
    if grain.max() > GRAIN or (np.abs(off) <= stray).all(axis=-1).mean() < SAME:
        return None
    level = _surface(fit, outside.shape, box)
    raw = np.asarray(seen[box] - level, np.float32)
    return Ground(level, raw, _blurred(raw), grain, stray)


def _places(outside: Mask, unit: float) -> tuple[Ints, Ints]:
    """Rows and columns of some pixels that are well outside."""
    coarse = outside[BLUR:-BLUR:STEP, BLUR:-BLUR:STEP]
    rows, columns = np.nonzero(~near(~coarse, math.ceil(APART * unit / STEP)))
    return rows * STEP + BLUR, columns * STEP + BLUR


def _around(seen: NDArray[np.uint8], rows: Ints, columns: Ints) -> Floats:
    """What is seen in the square around each of these pixels: places × pixels × RGB."""
    return np.stack([seen[rows + down, columns + across] for down, across in SQUARE], axis=1).astype(np.float32)


def _fitted(terms: Floats, colours: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Six numbers for each channel, of a surface that may slope and bend once, as light and lenses make it; and which
    places it fits.
    """
    kept: NDArray[np.bool_] = np.ones(len(terms), np.bool_)
    for _ in range(ROUNDS):
        fit = np.linalg.lstsq(terms[kept], colours[kept], rcond=None)[0]
        rest = np.asarray(colours - terms @ fit, np.float32)
        kept = np.asarray((np.abs(rest) <= FAR * np.maximum(_spread(rest[kept]), 1.0)).all(axis=-1))
    return np.asarray(fit, np.float32), kept


def _terms(rows: Ints, columns: Ints, shape: tuple[int, ...]) -> Floats:
    down, across = (2 * at / length - 1 for at, length in zip((rows, columns), shape, strict=True))
    return np.stack([np.ones(len(rows)), across, down, across**2, across * down, down**2], axis=-1).astype(np.float32)


def _surface(fit: Floats, shape: tuple[int, ...], box: Box) -> Floats:
    down, across = (
        (2 * np.arange(part.start, part.stop) / length - 1).astype(np.float32)
        for part, length in zip(box, shape, strict=True)
    )
    flat, right, below, wide, cross, tall = fit
    along = flat + across[:, None] * right + (across**2)[:, None] * wide
    sideways = down[:, None] * below + (down**2)[:, None] * tall
    turned = (down[:, None] * across)[..., None] * cross
    return np.asarray(along[None] + sideways[:, None] + turned, np.float32)


def _spread(values: Floats) -> Floats:
    """One standard deviation of each channel, by the middle of the distances: a few that are far off don't count."""
    return np.asarray(1.4826 * np.median(np.abs(values), axis=0), np.float32)


def _blurred(values: Floats) -> Floats:
    """Means of squares that reach BLUR pixels to each side."""
    side = 2 * BLUR + 1
    for axis in (0, 1):
        wide = np.pad(values, [(BLUR, BLUR) if each == axis else (0, 0) for each in range(3)], "edge")
        length = values.shape[axis]
        parts = [wide[at : at + length] if axis == 0 else wide[:, at : at + length] for at in range(side)]
        values = sum(parts[1:], parts[0]) / np.float32(side)
    return values
