"""Edges of any picture, white on black, one pixel wide: what a model is shown as a canny control picture.

Canny's detector (A Computational Approach to Edge Detection, 1986): smooth, take the gradient, keep what is the most
across an edge, and of that what is strong or hangs together with something strong.
"""

from __future__ import annotations

from typing import Any

SIGMA = 1.4  # pixels of the smoothing: Canny's own example, and that of most textbooks
RADIUS = 4  # of its kernel: beyond three sigmas nothing is left
WEAK = 0.4  # of the strong threshold: Canny's paper recommends a ratio between two and three to one
LEAST = 24.0  # levels of 255 that a step must have at least: what is fainter is noise and grain of paper
MANY = 0.06  # share of pixels that may be strong, and half as many again weak: a photograph's grass is not all outline
LEVELS = 20  # levels of 255 from black or white at which a pixel still counts as that
BICOLOUR, DARK = 0.9, 0.6  # shares of a ready map's pixels that are black or white, and that are black


def edges(picture: Any) -> Any:
    """The edges of `picture` (height × width × 3, uint8) as height × width, uint8: 0, or 255 where there is one."""
    import numpy as np

    strengths, sectors = _steepest(picture)
    thin = _thinned(strengths, sectors)
    strong, weak = _thresholds(thin)
    return (_linked(thin >= strong, thin >= weak) * np.uint8(255)).astype(np.uint8)


def is_ready(picture: Any) -> bool:
    """Whether `picture` (height × width × 3, uint8) is a map of edges: almost only black and white, mostly black."""
    import numpy as np

    low, high = picture.min(axis=2), picture.max(axis=2)
    dark, light = high <= LEVELS, low >= 255 - LEVELS
    return bool(np.mean(dark | light) >= BICOLOUR and np.mean(dark) >= DARK and light.any())


def _steepest(picture: Any) -> tuple[Any, Any]:
    """At each pixel the gradient of the colour channel in which it is steepest: two colours may be equally light."""
    import numpy as np

    strengths, sectors = _gradient(_smooth(picture[:, :, 0].astype(np.float32)))
    for channel in range(1, picture.shape[2]):
        other, theirs = _gradient(_smooth(picture[:, :, channel].astype(np.float32)))
        steeper = other > strengths
        strengths[steeper], sectors[steeper] = other[steeper], theirs[steeper]
    return strengths, sectors


def _smooth(channel: Any) -> Any:
    """A Gaussian, first along rows and then along columns."""
    import numpy as np

    kernel = np.exp(-(np.arange(-RADIUS, RADIUS + 1, dtype=np.float32) ** 2) / (2 * SIGMA**2))
    kernel /= kernel.sum()
    for axis in (0, 1):
        wide = np.pad(channel, [(RADIUS, RADIUS) if one == axis else (0, 0) for one in (0, 1)], mode="edge")
        length = channel.shape[axis]
        channel = sum(weight * wide.take(range(at, at + length), axis=axis) for at, weight in enumerate(kernel))
    return channel


def _gradient(channel: Any) -> tuple[Any, Any]:
    """By Sobel: how steep it is, in levels across the two pixels around; and the direction as one of four sectors: 0
    across, 1 falling, 2 down, 3 rising.
    """
    import numpy as np

    wide = np.pad(channel, 1, mode="edge")
    rows = wide[:-2] + 2 * wide[1:-1] + wide[2:]
    columns = wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]
    across, down = (rows[:, 2:] - rows[:, :-2]) / 4, (columns[2:] - columns[:-2]) / 4
    angles = np.arctan2(down, across)
    return np.hypot(across, down), np.round(angles / (np.pi / 4)).astype(np.int8) % 4


def _thinned(strengths: Any, sectors: Any) -> Any:
    """Only what is the most in the direction of its gradient; of two that are equal, the one that comes first."""
    import numpy as np

    wide = np.pad(strengths, 1)
    height, width = strengths.shape
    kept = np.zeros_like(strengths)
    for sector, (y, x) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        ahead = wide[1 + y : 1 + y + height, 1 + x : 1 + x + width]
        behind = wide[1 - y : 1 - y + height, 1 - x : 1 - x + width]
        most = (sectors == sector) & (strengths > behind) & (strengths >= ahead)
        kept[most] = strengths[most]
    return kept


def _thresholds(thin: Any) -> tuple[float, float]:
    """What counts as strong, and as weak: at least a step of LEAST levels, at most MANY of the pixels.

    A step of so many levels is spread by the smoothing: its steepest slope is step ÷ (sigma × √(2π)) a pixel, and the
    gradient is taken over two pixels.
    """
    import numpy as np

    least = LEAST * 2 / (SIGMA * (2 * np.pi) ** 0.5)
    many, more = np.quantile(thin, [1 - MANY, 1 - 1.5 * MANY])
    strong = max(float(many), least)
    return strong, max(strong * WEAK, float(more))


def _linked(strong: Any, weak: Any) -> Any:
    """What is strong, and what is weak and touches it, directly or through others that are weak."""
    import numpy as np

    height, width = weak.shape
    count = int(weak.sum())
    wide = np.zeros((height + 2, width + 2), dtype=np.int32)
    wide[1:-1, 1:-1][weak] = np.arange(1, count + 1, dtype=np.int32)
    own = wide[1:-1, 1:-1]
    beside = [wide[1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in ((0, 1), (1, -1), (1, 0), (1, 1))]
    pairs = [(own[both], other[both]) for other in beside for both in [(own > 0) & (other > 0)]]
    roots = _roots(count, *(np.concatenate(ends) for ends in zip(*pairs, strict=True)))
    good = np.zeros(count + 1, dtype=bool)
    good[roots[own[strong & weak]]] = True
    return good[roots[own]]


def _roots(count: int, one: Any, other: Any) -> Any:
    """For each of the ids from 0 to `count` the least that it hangs together with; `one`, `other`: neighbours.

    Roots are lowered to those of their neighbours, and each id jumps to the root of its root: a line of n pixels takes
    about log n rounds, not n.
    """
    import numpy as np

    roots = np.arange(count + 1, dtype=np.int32)
    while (roots[one] != roots[other]).any():
        low = np.minimum(roots[one], roots[other])
        np.minimum.at(roots, roots[one], low)
        np.minimum.at(roots, roots[other], low)
        while (roots[roots] != roots).any():
            roots = roots[roots]
    return roots
