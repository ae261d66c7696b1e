"""Checks of detail: blur, noise, banding, JPEG artefacts. They need pixels at full size, and look at tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockgen.checks.findings import Finding
from stockgen.checks.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_REACH = 32  # pixels a side of the squares in which edges are looked for
_CONTRAST = 24.0  # levels within such a square: less is no edge
_EDGES = 0.01  # share of the squares that must have an edge; else there is nothing that could be sharp
_SHARPEST = 0.1  # share of the edges that are asked: a photograph may be sharp in its subject only
_SMOOTHING = 0.5  # pixels²: what smoothing adds to sigma²
_PEAK = (2 * 3.141592653589793) ** 0.5  # a step of height c, blurred by sigma, climbs c / (sigma · √2π) at most
_IMMERKAER = 6.0  # norm of the mask below
_MEDIAN = 0.6745  # median of |x| for a normal x of deviation 1
_QUIET = 0.25  # share of the squares, the quietest, that tell noise from texture
_GRID = 8  # pixels of a JPEG block
_STEP = 30.0  # levels: larger steps are the picture's own
_LARGE = 0.95  # of the steps of a phase: they grow with what the JPEG lost, larger ones are the picture's own
_LEAST = 200  # differences that a phase of the grid must have
_EDGE = 6  # of the differences that are kept, number 6 is column 8 less column 7
_UNSEEN = 0.25  # levels: nobody sees less, so a drawing without any noise is not measured more finely
_STEEP = 20  # levels of a step at most: more is a drawing's own edge
_EVEN = 0.5  # share of equal neighbours in a tile of stairs
_CONTOUR = 0.004  # share of steps: half an edge of the tile is a contour
_OTHERS = 0.1  # of the stairs: steps that are none
_LEVELS = 3  # stairs have: two make one edge
_ONE_SIZE = 0.8  # share of the steps that are of one size, give or take one level


def blurred(view: View, width: float) -> Finding:
    """The sharpest edges may be at most `width` pixels wide (sigma of a Gaussian that would have made them so).

    What has no edges is not blurred: nothing could be sharp, and 0 is told. What is soft on purpose can't be told from
    what is out of focus: backgrounds are not asked.
    """
    import numpy as np

    tiles = _smoothed(_smoothed(view.tiles).swapaxes(1, 2))  # else noise would look like the steepest of edges
    rise = _squares(np.hypot(*_slopes(tiles))).max(axis=-1)
    lines = _squares(tiles[:, :-1, :-1])
    span = lines.max(axis=-1) - lines.min(axis=-1)
    edges = span >= _CONTRAST
    if edges.mean() < _EDGES:
        return Finding("blurred", 0.0, width, at_least=False)
    sigma = span[edges] / (np.maximum(rise[edges], 1e-3) * _PEAK)
    found = float(np.quantile(sigma, _SHARPEST))
    return Finding("blurred", max(0.0, found**2 - _SMOOTHING) ** 0.5, width, at_least=False)


def noisy(view: View, level: float) -> Finding:
    """Noise of at most `level` 8-bit levels, one standard deviation (Immerkær, "Fast noise variance estimation", 1996).

    Taken from the quietest quarter of the picture: noise is everywhere, texture is not.
    """
    import numpy as np

    tiles = view.tiles
    across = tiles[:, :, :-2] - 2 * tiles[:, :, 1:-1] + tiles[:, :, 2:]
    mask = across[:, :-2] - 2 * across[:, 1:-1] + across[:, 2:]
    each = np.median(np.abs(_squares(mask)), axis=-1) / (_MEDIAN * _IMMERKAER)
    return Finding("noisy", float(np.quantile(each, _QUIET)), level, at_least=False)


def artefacts(view: View, excess: float) -> Finding:
    """Blocks of a JPEG that was saved too small: large steps at the edges of 8 × 8 pixels may exceed those in between
    by the share `excess` at most.
    """
    import numpy as np

    tiles = view.tiles[::2]  # half of them are enough: a JPEG is one everywhere
    found = max(_blocks(tiles), _blocks(np.swapaxes(tiles, 1, 2)))
    return Finding("artefacts", found, excess, at_least=False)


def banded(view: View, share: float) -> Finding:
    """At most `share` of the picture may be stairs where a slope was meant.

    A tile is stairs where most neighbours are equal and the others differ all by one size, 2 to 20 levels, over three
    levels or more: a slope with grain has many steps of one level, a drawing's own edges are of all sizes. Quarters of
    the picture are asked like tiles, of every so-manieth pixel: of wide stairs a tile sees one step or none.
    """
    return Finding("banded", max(_banded(view.colours), _banded(view.quarters)), share, at_least=False)


def _banded(tiles: NDArray[np.uint8]) -> float:
    """The share of these tiles that are stairs; n × height × width × RGB."""
    import numpy as np

    green = tiles[..., 1].astype(np.int16)
    found = np.maximum(_stairs(np.diff(green, axis=2)), _stairs(np.diff(green, axis=1))) & (_levels(green) >= _LEVELS)
    return float(found.mean())


def _smoothed(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each column with its neighbours, 1 : 2 : 1."""
    import numpy as np

    return np.asarray((tiles[:, :, :-2] + 2 * tiles[:, :, 1:-1] + tiles[:, :, 2:]) / 4, np.float32)


def _slopes(tiles: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Differences to the right and downwards, of equal shape."""
    return tiles[:, :-1, 1:] - tiles[:, :-1, :-1], tiles[:, 1:, :-1] - tiles[:, :-1, :-1]


def _squares(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squares of 32 pixels a side, one row of values each; what is left over at the ends is not looked at."""
    count, high, wide = tiles.shape
    side = min(_REACH, high, wide)
    rows, columns = high // side, wide // side
    cut = tiles[:, : rows * side, : columns * side].reshape(count, rows, side, columns, side)
    return cut.swapaxes(2, 3).reshape(-1, side * side)


def _blocks(tiles: NDArray[np.float32]) -> float:
    """By what share columns step more at the edges of an 8-pixel grid than elsewhere."""
    import numpy as np

    # what a column steps beyond the slope on both of its sides
    bend = np.abs(tiles[:, :, 2:-1] - tiles[:, :, 1:-2] - (tiles[:, :, 3:] - tiles[:, :, :-3]) / 3)
    small = [phase[phase < _STEP] for phase in (bend[:, :, start::_GRID] for start in range(_GRID))]
    if min(phase.size for phase in small) < _LEAST:
        return 0.0
    large = np.array([_quantile(phase) for phase in small]) + _UNSEEN
    return float(max(0.0, large[_EDGE] / np.delete(large, _EDGE).max() - 1))


def _stairs(steps: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Which tiles are stairs, by the steps between neighbours: n × height × width."""
    import numpy as np

    size = np.minimum(np.abs(steps.reshape(len(steps), -1)), _STEEP + 1)
    counts = np.stack([np.bincount(tile, minlength=_STEEP + 2) for tile in size])
    stairs = counts[:, 2:-1].sum(axis=1)
    others = counts[:, 1] + counts[:, -1]  # of one level, and steeper ones
    one_size = (counts[:, 2:-2] + counts[:, 3:-1]).max(axis=1)
    even = counts[:, 0] >= _EVEN * size.shape[1]
    clear = (stairs >= _CONTOUR * size.shape[1]) & (others <= _OTHERS * stairs) & (one_size >= _ONE_SIZE * stairs)
    return np.asarray(even & clear)


def _levels(tiles: NDArray[np.int16]) -> NDArray[np.int_]:
    """How many levels fill a hundredth of each tile or more."""
    import numpy as np

    size = tiles[0].size
    return np.array([(np.bincount(tile.ravel(), minlength=256) >= size / 100).sum() for tile in tiles])


def _quantile(values: NDArray[np.float32]) -> float:
    """The 95th hundredth, without sorting all."""
    import numpy as np

    at = int(_LARGE * (values.size - 1))
    return float(np.partition(values, at)[at])
