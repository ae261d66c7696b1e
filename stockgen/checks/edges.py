"""Where a picture's colours change and which way, as the doubled angle of the structure tensor, weighed by how strong
the change is beside the picture's mean: a recolouring moves no edge.

The *spectrum* tells how often edges of each direction come back across and down the picture, wherever they lie:
mirroring does not change it, cropping a little hardly does. The numbers were calibrated: docs/checks.md.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Floats = NDArray[np.float32]

_FAINT = 4.0  # levels²: a change of less has no direction
_SIDE, _SOFT = 128, 1.0  # pixels that a spectrum is taken of; sigma that makes the dots of a halftone an even tone
_EVERY = 2  # of them in a cell's side
_OFTEN = (0, 1, 2, 4, 6, 9, 14, 22)  # times across, or down: the middles of the bands
SPECTRUM = 2 * len(_OFTEN) ** 2  # numbers
_POWER, _TILT = 0.25, 0.25  # of the power, as what is strong must not outweigh all; of the frequency, as most is low
_NOTHING = 1e-6


def directions(planes: Floats) -> Floats:
    """… × 2 × h × w of … × 3 × h × w: the doubled angle's cosine and sine, times its strength."""
    import numpy as np

    return _angles(*_tensor(np.asarray(planes)))


def spectrum_of(seen: Image) -> Floats:
    """The 128 numbers of an RGB picture, unit length; nothing where it has no edges."""
    import numpy as np
    from PIL import Image as Pictures
    from PIL import ImageFilter

    small = seen.resize((_SIDE, _SIDE), Pictures.Resampling.BILINEAR, reducing_gap=3.0)
    planes = np.asarray(small.filter(ImageFilter.GaussianBlur(_SOFT)), np.float32).transpose(2, 0, 1)
    cells = (_SIDE // _EVERY, _EVERY)
    angles = _angles(*(each.reshape(*cells, *cells).mean(axis=(1, 3)) for each in _tensor(planes)))
    window, bands = _window(), _bands()
    power = np.abs(np.fft.fft2((angles - angles.mean(axis=(1, 2), keepdims=True)) * window)) ** 2
    whole = (bands @ power @ bands.T) ** _POWER * np.maximum(np.hypot(*np.meshgrid(_OFTEN, _OFTEN)), 1) ** _TILT
    whole -= whole.mean()
    return np.asarray(whole.ravel() / max(float(np.linalg.norm(whole)), _NOTHING), np.float32)


def _tensor(planes: Floats) -> tuple[Floats, Floats, Floats]:
    """Squares and product of the changes across and down, of all channels together."""
    import numpy as np

    wide = np.pad(planes, [(0, 0)] * (planes.ndim - 2) + [(1, 1), (1, 1)], "edge")
    across = (wide[..., 1:-1, 2:] - wide[..., 1:-1, :-2]) / 2
    down = (wide[..., 2:, 1:-1] - wide[..., :-2, 1:-1]) / 2
    return (across * across).sum(axis=-3), (down * down).sum(axis=-3), (across * down).sum(axis=-3)


def _angles(xx: Floats, yy: Floats, xy: Floats) -> Floats:
    import numpy as np

    strong = xx + yy
    clear = strong + strong.mean(axis=(-1, -2), keepdims=True) + np.float32(_FAINT)
    return np.stack([(xx - yy) / clear, 2 * xy / clear], axis=-3)


@cache
def _window() -> Floats:
    """Falls to nothing at the rim, so that what is cut there counts little."""
    import numpy as np

    row = np.hanning(_SIDE // _EVERY + 2)[1:-1]
    return np.asarray(row[:, None] * row, np.float32)


@cache
def _bands() -> Floats:
    """8 × 64: each band's share of the frequencies, rising from the middle of the one before and falling to that of the
    one after; a frequency and its mirror image are one.
    """
    import numpy as np

    often = np.abs(np.fft.fftfreq(_SIDE // _EVERY, 1 / (_SIDE // _EVERY)))
    rows = np.stack([np.interp(often, _OFTEN, each, right=0) for each in np.eye(len(_OFTEN))])
    return np.asarray(rows / rows.sum(axis=1, keepdims=True), np.float32)
