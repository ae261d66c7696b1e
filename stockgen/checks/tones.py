"""Checks of tones and of the frame: flat, clipped, border. A reduced picture is enough for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockgen.checks.findings import Finding
from stockgen.checks.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLACK, _WHITE = 2, 253  # 8-bit levels of all three channels, beyond which no detail is left
_GROUND = 0.6  # share of the rim: a studio's white or black ground is meant
_BURNT = 0.4  # share of what is not white: scenes three and four times too bright have 0.46 and more
_DARK = 16  # levels: bars are as good as black, or as good as white
_SAME = 3.0  # levels: standard deviation within a row of a frame
_OTHER = 8.0  # levels by which the picture's edge differs from the frame
_DEEP = 6  # a frame is at most this part of a side; more is a ground
_MOST = 0.7  # share of that edge's pixels


def flat(view: View, spread: float) -> Finding:
    """A picture of one colour sells nowhere: the widest channel must span at least `spread` 8-bit levels.

    Measured between the 1st and the 99th hundredth, so that single pixels don't count.
    """
    spans = []
    for band in view.small.split():
        counts = band.histogram()
        spans.append(_level(counts, 0.99) - _level(counts, 0.01))
    return Finding("flat", float(max(spans)), spread, at_least=True)


def clipped(view: View, share: float) -> Finding:
    """At most `share` of the pixels may be pure black or pure white: there is nothing to see in them.

    A ground of either that fills most of the rim is meant, and does not count; but white does where what is left of
    the picture is burnt as well.
    """
    import numpy as np

    pixels = np.asarray(view.small)
    black, white = pixels.max(axis=-1) <= _BLACK, pixels.min(axis=-1) >= _WHITE
    lost = 0.0 if _is_ground(black) else float(black.mean())
    if not _is_ground(white) or _burnt(pixels, ~white) >= _BURNT:
        lost += float(white.mean())
    return Finding("clipped", lost, share, at_least=False)


def _is_ground(these: NDArray[np.bool_]) -> bool:
    """Whether these pixels are most of the rim."""
    import numpy as np

    return bool(np.concatenate([these[0], these[-1], these[:, 0], these[:, -1]]).mean() >= _GROUND)


def _burnt(pixels: NDArray[np.uint8], among: NDArray[np.bool_]) -> float:
    """The share of some pixels in which a channel is at its end while others go on: there the light was too much.

    A flat colour with a channel at its end, as drawings have, goes on nowhere.
    """
    import numpy as np

    goes_on = (np.diff(pixels.astype(np.int16), axis=1) != 0).any(axis=-1)
    ended = (pixels.max(axis=-1) >= _WHITE) & among
    both = ended[:, :-1] & ended[:, 1:] & goes_on
    return float(both.sum() / max(1, among[:, :-1].sum()))


def framed(view: View, width: float) -> Finding:
    """A frame of one colour, or bars of black or white on two opposite sides, at most `width` of the shorter side wide.

    A frame ends all at once: the line beside it is of other colours nearly everywhere. A ground does not.
    """
    import numpy as np

    pixels = np.asarray(view.small, np.float32)
    ways = (pixels, pixels.swapaxes(0, 1))
    pairs = [min(_thickness(way), _thickness(way[::-1])) for way in ways]
    bars = [pair for pair, way in zip(pairs, ways, strict=True) if _barren(way)]
    found = max([min(pairs), *bars])
    return Finding("framed", found / min(pixels.shape[:2]), width, at_least=False)


def _thickness(pixels: NDArray[np.float32]) -> int:
    """How many rows from the top are a frame's; 0 where it has none."""
    colour = pixels[0].mean(axis=0)
    half = pixels[: max(2, len(pixels) // _DEEP)]
    alike = (_spread(half) <= _SAME) & (abs(half.mean(axis=1) - colour).max(axis=-1) <= _SAME)
    rows = int(alike.argmin()) if not alike.all() else 0
    if rows == 0:
        return 0
    inside = pixels[min(rows + 1, len(half) - 1)]  # the row between may be mixed of both by the reduction
    differs = (abs(inside - colour).max(axis=-1) >= _OTHER).mean()
    return rows if differs >= _MOST else 0


def _spread(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The largest standard deviation of the three channels within each row."""
    deviations: NDArray[np.float32] = rows.std(axis=1).max(axis=-1)
    return deviations


def _barren(pixels: NDArray[np.float32]) -> bool:
    """Whether the first and the last row are of the same black or white."""
    ends = (pixels[0].mean(), pixels[-1].mean())
    return bool(max(ends) <= _DARK or min(ends) >= 255 - _DARK)


def _level(counts: list[int], share: float) -> int:
    """The 8-bit level below which `share` of the pixels lie."""
    wanted, seen = share * sum(counts), 0
    for level, count in enumerate(counts):
        seen += count
        if seen >= wanted:
            return level
    return 255
