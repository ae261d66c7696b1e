"""Where a picture's edges lie and which way they run, finely: tells designs of one kind from copies of one design.

A map of 24 × 24 cells holds the doubled angle of the structure tensor (cosine, sine), weighed by how strong the edge
is beside the picture's mean: a recolouring moves no edge. Two maps are laid on each other in all ways that a copy may
have been mirrored and cropped. The numbers were calibrated: docs/checks.md.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Floats = NDArray[np.float32]

CELLS = 24  # a side
EDGES = 2 * CELLS**2  # numbers of a map, one byte each
_PIXELS = 3  # of a cell's side
_SOFT = 1.2  # pixels: sigma that makes the dots of a halftone an even tone
_FAINT = 4.0  # levels²: a change of less has no direction
_SCALE = 63  # of a byte: what is left when the mean is gone lies within ±2
_CROPS = (0.95, 0.975)
_PLACES = (0.0, 0.25, 0.5, 0.75, 1.0)
_NOTHING = 1e-6


def edges_of(seen: Image) -> NDArray[np.int8]:
    """The map of an RGB picture: 1152 bytes, its mean removed."""
    import numpy as np
    from PIL import Image as Pictures
    from PIL import ImageFilter

    side = CELLS * _PIXELS + 1  # changes lie between pixels
    small = seen.resize((side, side), Pictures.Resampling.BILINEAR, reducing_gap=3.0)
    pixels = np.asarray(small.filter(ImageFilter.GaussianBlur(_SOFT)), np.float32)
    columns, rows = np.diff(pixels, axis=1), np.diff(pixels, axis=0)
    across, down = (columns[:-1] + columns[1:]) / 2, (rows[:, :-1] + rows[:, 1:]) / 2
    xx, yy, xy = (_in_cells(each.sum(axis=-1)) for each in (across * across, down * down, across * down))
    strong = xx + yy
    angles = np.stack([xx - yy, 2 * xy]) / (strong + strong.mean() + _FAINT)
    angles -= angles.mean(axis=(1, 2), keepdims=True)
    return np.asarray(np.rint(angles * _SCALE), np.int8).ravel()


def edge_cosines(edges: NDArray[np.int8], others: NDArray[np.int8]) -> Floats:
    """How well a map fits each of n others, n × 1152: the best cosine of all ways to lay it on them, −1…1."""
    import numpy as np

    laid, where = _laid(edges.reshape(2, CELLS, CELLS).astype(np.float32))
    known = others.T.astype(np.float32)
    seen = np.sqrt(np.maximum(where @ (known[: CELLS**2] ** 2 + known[CELLS**2 :] ** 2), _NOTHING))
    return np.asarray((laid @ known / seen).max(axis=0), np.float32)


def _in_cells(plane: Floats) -> Floats:
    means: Floats = plane.reshape(CELLS, _PIXELS, CELLS, _PIXELS).mean(axis=(1, 3))
    return means


def _laid(edges: Floats) -> tuple[Floats, Floats]:
    """The map as it lies on what it may be a copy of, ways × 1152, unit length; the cells it covers, ways × 576."""
    import numpy as np

    down, across = _ways()
    covers = down.sum(axis=2)[:, :, None] * across.sum(axis=2)[:, None]
    laid = down[:, None] @ edges @ across.transpose(0, 2, 1)[:, None]
    means = laid.sum(axis=(2, 3)) / covers.sum(axis=(1, 2))[:, None]
    laid -= means[:, :, None, None] * covers[:, None]
    laid /= np.maximum(np.sqrt((laid**2).sum(axis=(1, 2, 3), keepdims=True)), _NOTHING)
    turned = laid * np.array([1, -1], np.float32)[:, None, None]  # one mirror turns the sign of the angle's sine
    whole: Floats = np.stack([laid, turned[..., ::-1], turned[..., ::-1, :], laid[..., ::-1, ::-1]])
    parts: Floats = np.stack([covers, covers[..., ::-1], covers[:, ::-1], covers[:, ::-1, ::-1]])
    return np.reshape(whole, (-1, EDGES)), np.reshape(parts, (-1, CELLS**2))


@cache
def _ways() -> tuple[Floats, Floats]:
    """Rows and columns of each way to crop, and to lie in what it was cropped from: two of ways × 24 × 24."""
    import numpy as np

    boxes = [(0.0, 0.0, 1.0)]
    for share, x, y in product(_CROPS, _PLACES, _PLACES):
        boxes.append(((1 - share) * x, (1 - share) * y, share))
        boxes.append(((1 - 1 / share) * x, (1 - 1 / share) * y, 1 / share))
    return (
        np.stack([_resampled(top, share) for _, top, share in boxes]),
        np.stack([_resampled(left, share) for left, _, share in boxes]),
    )


def _resampled(start: float, share: float) -> Floats:
    """24 × 24 weights that stretch `share` of a row of cells, from `start`, over the whole; outside is nothing."""
    import numpy as np

    at = start * CELLS + (np.arange(CELLS) + 0.5) * share - 0.5
    inside = (at >= -0.5) & (at <= CELLS - 0.5)
    clipped = np.clip(at, 0, CELLS - 1)
    low = np.minimum(np.floor(clipped).astype(int), CELLS - 2)
    weights = np.zeros((CELLS, CELLS), np.float32)
    weights[np.arange(CELLS), low] = (1 - clipped + low) * inside
    weights[np.arange(CELLS), low + 1] = (clipped - low) * inside
    return weights
