"""How one picture lies on another that it may be a copy of: mirrored, cropped to 95 %, or what that was cropped from.

Edges are laid on each other in all ways, roughly; a recolouring moves none. matching.py goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

CELLS = 32  # a side, of the map of edges: the checks of a gingham are still told apart
_CROPS = ((0.95, (0.0, 0.25, 0.5, 0.75, 1.0)), (0.975, (0.0, 0.5, 1.0)))  # share of a side, where it may lie
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Way:
    """How a picture lies on another: which way that is mirrored; the middle of what is seen of the picture and how much
    that is, across and down, in shares of its sides. More than 1 = the other shows more than the picture.
    """

    mirror: int
    middle: tuple[float, float]
    share: tuple[float, float]


def lay(edges: Floats, others: Floats) -> tuple[Floats, list[list[Way]]]:
    """A map, 2 × 32 × 32, on each of n others: the best cosines, −1…1, n × 4, and ways, of each of the 4 mirrors."""
    import numpy as np

    laid, covers = _laid(edges)
    known = np.concatenate([mirrored_edges(others, mirror) for mirror in range(4)]).reshape(-1, 2 * CELLS**2).T
    known -= known.mean(axis=0)
    seen = np.sqrt(np.maximum(covers @ (known[: CELLS**2] ** 2 + known[CELLS**2 :] ** 2), _NOTHING))
    cosines = laid @ known / seen
    best = cosines.argmax(axis=0).reshape(4, -1).T
    ways = [[_way(mirror, int(box)) for mirror, box in enumerate(boxes)] for boxes in best]
    return np.asarray(cosines.max(axis=0).reshape(4, -1).T, np.float32), ways


def _way(mirror: int, box: int) -> Way:
    (top, high), (left, wide) = _boxes()[box]
    return Way(mirror, (left + wide / 2, top + high / 2), (wide, high))


def mirrored(planes: Floats, mirror: int) -> Floats:
    """… × h × w: 0 as it is, 1 left to right, 2 upside down, 3 both."""
    return planes[..., :: -1 if mirror & 2 else 1, :: -1 if mirror & 1 else 1]


def mirrored_edges(edges: Floats, mirror: int) -> Floats:
    """… × 2 × h × w: one mirror also turns the sign of the angle's sine."""
    import numpy as np

    signs = np.array([1, -1 if mirror in (1, 2) else 1], np.float32)
    return mirrored(edges, mirror) * signs[:, None, None]


def resampled(count: int, start: float, share: float) -> Floats:
    """n × n weights that stretch `share` of a row of n values, from `start`, over the whole; outside is nothing."""
    import numpy as np

    at = start * count + (np.arange(count) + 0.5) * share - 0.5
    inside = (at >= -0.5 - _NOTHING) & (at <= count - 0.5 + _NOTHING)
    clipped = np.clip(at, 0, count - 1)
    low = np.minimum(clipped.astype(int), count - 2)
    weights = np.zeros((count, count), np.float32)
    weights[np.arange(count), low] = (1 - clipped + low) * inside
    weights[np.arange(count), low + 1] = (clipped - low) * inside
    return weights


def in_cells(edges: Floats) -> Floats:
    """… × 32 × 32 of … × n × n: n may be more or less."""
    import numpy as np

    means = _means(edges.shape[-1])
    return np.asarray(means @ edges @ means.T, np.float32)


@cache
def _means(count: int) -> Floats:
    """32 × n: how much of each of n values lies in each cell."""
    import numpy as np

    ends = np.arange(CELLS + 1) * count / CELLS
    low, high = np.arange(count), np.arange(count) + 1
    shared = np.minimum(ends[1:, None], high) - np.maximum(ends[:-1, None], low)
    return np.asarray(np.maximum(shared, 0) * CELLS / count, np.float32)


def _laid(edges: Floats) -> tuple[Floats, Floats]:
    """The map as it lies on what it may be a copy of, ways × 2048, unit length; the cells it covers, ways × 1024."""
    import numpy as np

    down, across = _ways()
    covers = down.sum(axis=2)[:, :, None] * across.sum(axis=2)[:, None]
    laid = np.asarray(down[:, None] @ edges @ across.transpose(0, 2, 1)[:, None], np.float32)
    means = laid.sum(axis=(2, 3)) / covers.sum(axis=(1, 2))[:, None]
    laid -= means[:, :, None, None] * covers[:, None]
    laid /= np.maximum(np.sqrt((laid**2).sum(axis=(1, 2, 3), keepdims=True)), np.float32(_NOTHING))
    return laid.reshape(-1, 2 * CELLS**2), covers.reshape(-1, CELLS**2)


@cache
def _boxes() -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Start and share, down and across, of each way to crop, and to lie in what it was cropped from."""
    crops: list[tuple[float, float]] = [(0.0, 1.0)]
    wider: list[tuple[float, float]] = [(0.0, 1.0)]
    for share, places in _CROPS:
        crops += [((1 - share) * place, share) for place in places]
        wider += [((1 - 1 / share) * place, 1 / share) for place in places]
    return [*product(crops, crops), *product(wider, wider)]


@cache
def _ways() -> tuple[Floats, Floats]:
    """Rows and columns of each: two of ways × 32 × 32."""
    import numpy as np

    return (
        np.stack([resampled(CELLS, *down) for down, _ in _boxes()]),
        np.stack([resampled(CELLS, *across) for _, across in _boxes()]),
    )
