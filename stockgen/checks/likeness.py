"""How alike two pictures are, though one was recoloured, mirrored, cropped a little, resized or saved again.

Two short vectors of a picture find what it may be a copy of among all that are known. *Tones*: the lowest 8 × 8
frequencies of its luminance (DCT-II); their signs are the usual perceptual hash. *Spectrum*: how often its edges come
back (edges.py). What they find is laid on the picture (laying.py) and compared with it (matching.py) by a *small* copy:
64 × 64 pixels. How far apart pictures must be: docs/checks.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from stockgen.checks.edges import SPECTRUM, directions, spectrum_of
from stockgen.checks.laying import in_cells
from stockgen.checks.view import on_white

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Floats = NDArray[np.float32]

LOWEST = 8  # frequencies a side
TONES = LOWEST**2  # numbers
COARSE = 2 * (TONES + SPECTRUM)  # bytes of both vectors, at the front of what is kept
SIDE = 64  # pixels of the small copy
PIXELS = 3 * SIDE**2  # bytes
SMALL = 2 * 2 * 3 + PIXELS  # bytes: the lowest level and the span of each plane in front
KEPT = COARSE + SMALL  # bytes
_SOFT = 0.9  # pixels of the small copy: sigma without which fine dots make moiré, that differs with each crop
_MIDDLE = 128  # level of no colour
_FINEST = 0.01  # levels: a plane of less is of one level
_FREQUENCIES_OF = 32  # pixels a side

# An older version kept 1536 bytes: tones, 128 numbers that are no longer compared, a map of edges of 2 × 24 × 24.
_OLD_CELLS = 24
# One between kept, behind both vectors, whole levels, and colour at half the size.
_HALVED = SIDE**2 + 2 * (SIDE // 2) ** 2  # bytes

# Each frequency counts times itself to this power: the slope that half of all backgrounds share must not outweigh all.
_POWER = 0.5
_NOTHING = 1e-6  # length of a vector without a direction


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a picture is known by. `tones` 64 and `spectrum` 128 numbers, unit length; `small` 12,300 bytes, YCbCr."""

    tones: Floats
    spectrum: Floats
    small: NDArray[np.uint8]

    @property
    def kept(self) -> bytes:
        """What is kept of it: both vectors, numbers of 16 bits, and the small copy."""
        import numpy as np

        return np.concatenate([self.tones, self.spectrum]).astype(np.float16).tobytes() + self.small.tobytes()

    @property
    def phash(self) -> int:
        """The signs of the tones as a signed integer of 64 bits, as SQLite keeps them: the usual perceptual hash."""
        import numpy as np

        return int(np.packbits(self.tones > 0).view(">i8")[0])


def likeness_of(picture: Image) -> Likeness:
    """Take it of a picture, in about 10 ms. Transparency is seen as on white."""
    seen = on_white(picture)
    return Likeness(_tones(seen), spectrum_of(seen), _small(seen))


def likeness_from(kept: bytes) -> Likeness:
    """The inverse of `Likeness.kept`."""
    import numpy as np

    tones, spectra = coarse(kept[:COARSE], np.array([len(kept)], np.float32))
    return Likeness(tones[0], spectra[0], np.frombuffer(kept, np.uint8)[COARSE:])


def coarse(kept: bytes, sizes: Floats) -> tuple[Floats, Floats]:
    """Tones, n × 64, and spectra, n × 128, of the first 384 bytes of what was kept of each of n pictures, one after the
    other. `sizes`: bytes kept of each; what was kept by an older version has no spectrum, which is like no other.
    """
    import numpy as np

    numbers = np.frombuffer(kept, np.float16).reshape(-1, TONES + SPECTRUM).astype(np.float32)
    return numbers[:, :TONES], numbers[:, TONES:] * (sizes >= COARSE + _HALVED)[:, None]


def planes(kept: bytes) -> Floats | None:
    """The small copy, 3 × 64 × 64; None where an older version kept none."""
    import numpy as np

    if len(kept) - COARSE < _HALVED:
        return None
    return unpacked(np.frombuffer(kept, np.uint8)[COARSE:])


def edges(kept: bytes) -> Floats:
    """The map of edges of laying.py, 2 × 32 × 32, whichever version kept it."""
    import numpy as np

    small = planes(kept)
    if small is not None:
        return in_cells(directions(small))
    return in_cells(np.frombuffer(kept, np.int8)[COARSE:].reshape(2, _OLD_CELLS, _OLD_CELLS).astype(np.float32))


def unpacked(small: NDArray[np.uint8]) -> Floats:
    """3 × 64 × 64 levels of the bytes of a small copy, whichever version kept it."""
    import numpy as np

    if len(small) == SMALL:
        lowest, spans = small[:-PIXELS].copy().view(np.float16).astype(np.float32).reshape(2, 3, 1, 1)
        return np.asarray(lowest + small[-PIXELS:].reshape(3, SIDE, SIDE) * (spans / np.float32(255)), np.float32)
    light, colour = small[: SIDE**2].reshape(1, SIDE, SIDE), small[SIDE**2 :].reshape(2, SIDE // 2, SIDE // 2)
    return np.concatenate([light.astype(np.float32), _between() @ colour @ _between().T])


@cache
def _between() -> Floats:
    """64 × 32: in straight lines from one value to the next; steps would be taken for details."""
    import numpy as np

    at = (np.arange(SIDE) - 0.5) / 2
    rows = [np.interp(at, np.arange(SIDE // 2), each) for each in np.eye(SIDE // 2)]
    return np.asarray(np.stack(rows, axis=1), np.float32)


def _small(seen: Image) -> NDArray[np.uint8]:
    """Each plane is stretched to all 256 levels: in whole levels the lines of a pale picture would drown."""
    import numpy as np
    from PIL import Image as Pictures

    double = seen.resize((2 * SIDE, 2 * SIDE), Pictures.Resampling.BILINEAR, reducing_gap=3.0)
    pixels = np.asarray(double, np.float32).transpose(2, 0, 1)
    planes = np.tensordot(_ycc(), _softened() @ pixels @ _softened().T, 1)
    planes[1:] += _MIDDLE
    lowest = planes.min(axis=(1, 2), keepdims=True).astype(np.float16)
    spans = np.ptp(planes, axis=(1, 2), keepdims=True).astype(np.float16)
    levels = np.rint((planes - lowest) * (255 / np.maximum(spans, np.float32(_FINEST))))
    return np.concatenate(
        [lowest.view(np.uint8).ravel(), spans.view(np.uint8).ravel(), np.clip(levels, 0, 255).astype(np.uint8).ravel()]
    )


@cache
def _softened() -> Floats:
    """64 × 128: values made soft, then each two made one; at the rim the last goes on."""
    import numpy as np

    at, reach = np.arange(2 * SIDE), np.arange(-SIDE, 3 * SIDE)
    near = np.exp(-(((at[:, None] - reach) / (2 * _SOFT)) ** 2) / 2)
    inside = np.clip(reach, 0, 2 * SIDE - 1)[:, None] == at
    weights = near @ inside / near.sum(axis=1, keepdims=True)
    return np.asarray(weights.reshape(SIDE, 2, -1).mean(axis=1), np.float32)


@cache
def _ycc() -> Floats:
    """Luminance and two colour differences, as in JPEG, of red, green and blue."""
    import numpy as np

    return np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]], np.float32)


def _tones(seen: Image) -> Floats:
    import numpy as np
    from PIL import Image as Pictures

    side = (_FREQUENCIES_OF, _FREQUENCIES_OF)
    grey = seen.resize(side, Pictures.Resampling.BILINEAR, reducing_gap=3.0).convert("L")
    at = np.arange(LOWEST)
    weights = np.hypot(at[:, None], at) ** _POWER
    found = (_cosines() @ np.asarray(grey, np.float32) @ _cosines().T * weights).ravel()
    return np.asarray(found / max(float(np.linalg.norm(found)), _NOTHING), np.float32)


@cache
def _cosines() -> Floats:
    """The first 8 rows of the orthonormal DCT-II of 32 values."""
    import numpy as np

    number, at = np.arange(LOWEST)[:, None], np.arange(_FREQUENCIES_OF)[None]
    rows = np.cos(np.pi * (2 * at + 1) * number / (2 * _FREQUENCIES_OF)) * np.sqrt(2 / _FREQUENCIES_OF)
    rows[0] /= np.sqrt(2)
    return np.asarray(rows, np.float32)
