"""How alike two pictures are, though one was recoloured, mirrored, cropped a little, resized or saved again.

A picture becomes two short vectors. *Tones*: the lowest 8 × 8 frequencies of its luminance (DCT-II). *Lines*: which way
its colours change at each place (the doubled angle of the structure tensor), in the same frequencies; a recolouring
moves no line. The angle between two vectors is told in bits: so many of 64 would differ in a hash of 64 random planes
(Charikar, "Similarity estimation techniques from rounding algorithms", 2002). Those that come near are compared once
more by a fine map of their *edges* (edges.py). How far apart pictures must be: docs/checks.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from stockgen.checks.edges import EDGES, edge_cosines, edges_of
from stockgen.checks.view import on_white

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Floats = NDArray[np.float32]

LOWEST = 8  # frequencies a side
TONES, LINES = LOWEST**2, 2 * LOWEST**2  # numbers of each vector
BITS = 64
COARSE = 2 * (TONES + LINES)  # bytes of both vectors, at the front of what is kept
KEPT = COARSE + EDGES  # bytes
_SIDE = 32  # pixels that the frequencies are taken of
_FINE = 128  # pixels that crops are cut from
_CROPS = (0.95, 0.975)
_PLACES = (0.0, 0.5, 1.0)
_NOTHING = 1e-6  # length of a vector without a direction
_FAINT = 4.0  # levels²: a change of less has no direction

# Each frequency counts times itself to this power: the slope that half of all backgrounds share must not outweigh all.
_POWER, _LINE_POWER = 0.5, 1.5
_FLATTER = 1.25  # so much more for smooth pictures, which differ in little else
_ROUGH = 0.3  # share of the tones in frequencies of 3 and more, above which a picture is not smooth
_ROUGH_BITS = 0.5  # rough pictures lie twice as far apart for the same likeness
_LINE_BITS = 0.7  # and lines further than tones

_FITS = 0.75  # cosine of edges that says neither way
_EDGE_BITS = 40  # that two pictures lie nearer for each 1.0 that their edges fit better


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a picture is searched by. `tones`: 4 × variants × 64: all four ways mirrored, the picture itself first, then
    crops of it and what it may be a crop of; `lines`: 4 × 128; `edges`: 1152 bytes.
    """

    tones: Floats
    lines: Floats
    edges: NDArray[np.int8]

    @property
    def kept(self) -> bytes:
        """What is kept of it: 64 tones and 128 lines, numbers of 16 bits, and its edges."""
        import numpy as np

        coarse = np.concatenate([self.tones[0, 0], self.lines[0]]).astype(np.float16)
        return coarse.tobytes() + self.edges.tobytes()

    @property
    def phash(self) -> int:
        """The signs of the tones as a signed integer of 64 bits, as SQLite keeps them: the usual perceptual hash."""
        import numpy as np

        return int(np.packbits(self.tones[0, 0] > 0).view(">i8")[0])


def likeness_of(picture: Image) -> Likeness:
    """Take it of a picture, in about 10 ms. Transparency is seen as on white."""
    from PIL import Image as Pictures

    seen = on_white(picture)
    fine = seen.resize((_FINE, _FINE), Pictures.Resampling.BILINEAR, reducing_gap=2.0)
    coarse = fine.resize((_SIDE, _SIDE), Pictures.Resampling.BILINEAR)
    return Likeness(_mirrored(_tones(fine)), _mirrored_lines(_lines(coarse)), edges_of(seen))


def unpacked(kept: bytes) -> tuple[Floats, Floats, NDArray[np.int8]]:
    """What was kept of n pictures, one after the other: tones n × 64, lines n × 128, edges n × 1152."""
    import numpy as np

    rows = np.frombuffer(kept, np.uint8).reshape(-1, KEPT)
    numbers = np.ascontiguousarray(rows[:, :COARSE]).view(np.float16).astype(np.float32)
    return numbers[:, :TONES], numbers[:, TONES:], rows[:, COARSE:].view(np.int8)


def corrected(away: Floats, this: Likeness, edges: NDArray[np.int8]) -> Floats:
    """Bits between a picture and n others, once more, now that their edges, n × 1152, are laid on each other; of two
    that fit well the better one has more below nothing.
    """
    import numpy as np

    further = (_FITS - edge_cosines(this.edges, edges)) * np.float32(_EDGE_BITS)
    return np.minimum(away + further, BITS)


def tone_bits(variants: Floats, others: Floats) -> Floats:
    """Bits of 64 between a picture's variants, v × 64, and n other pictures' tones, n × 64: the least of each."""
    import numpy as np

    rough = np.minimum(_roughness(variants[:1]), _roughness(others)) > _ROUGH
    plain = bits((variants @ others.T).max(axis=0)) * np.float32(_ROUGH_BITS)
    weights = np.maximum(_frequency(), 1).ravel() ** np.float32(_FLATTER)
    flatter = bits((unit(variants * weights) @ unit(others * weights).T).max(axis=0))
    return np.where(rough, np.minimum(plain, flatter), flatter)


def line_bits(cosines: Floats) -> Floats:
    """Bits of 64 by the cosines of lines."""
    return bits(cosines) * _LINE_BITS


def bits(cosines: Floats) -> Floats:
    """Angles in bits of 64."""
    import numpy as np

    return np.asarray(np.arccos(np.clip(cosines, -1, 1)) * (BITS / np.pi), np.float32)


def unit(vectors: Floats) -> Floats:
    """Rows of unit length; rows of nothing stay nothing, and are like no other."""
    import numpy as np

    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(np.where(length > _NOTHING, vectors / np.maximum(length, _NOTHING), 0), np.float32)


def _roughness(tones: Floats) -> Floats:
    """Share of high frequencies, of each row."""
    share: Floats = (tones**2)[:, _frequency().ravel() >= 3].sum(axis=1)
    return share


def _tones(fine: Image) -> Floats:
    """Variants × 8 × 8."""
    import numpy as np

    cut = np.stack([np.asarray(one, np.float32) for one in _crops(fine)])
    return unit(_frequencies(cut, _POWER).reshape(len(cut), -1)).reshape(-1, LOWEST, LOWEST)


def _crops(fine: Image) -> list[Image]:
    """The picture in grey at 32 pixels: whole, cropped, and continued at its edges, as it would look in what it
    was cropped from.
    """
    import numpy as np
    from PIL import Image as Pictures

    grey = fine.convert("L")
    margin = round(_FINE * (1 / min(_CROPS) - 1)) + 1
    wider = Pictures.fromarray(np.pad(np.asarray(grey), margin, "edge"))
    boxes = [(grey, 0.0, 0.0, float(_FINE))]
    for share in _CROPS:
        inside, around = _FINE * share, _FINE / share
        for x in _PLACES:
            for y in _PLACES:
                boxes.append((grey, (_FINE - inside) * x, (_FINE - inside) * y, inside))
                boxes.append((wider, margin - (around - _FINE) * x, margin - (around - _FINE) * y, around))
    return [
        one.resize((_SIDE, _SIDE), Pictures.Resampling.BILINEAR, box=(left, top, left + side, top + side))
        for one, left, top, side in boxes
    ]


def _lines(coarse: Image) -> Floats:
    """2 × 8 × 8: the frequencies of the doubled angle's cosine and sine, each weighed by how clear the direction is."""
    import numpy as np

    pixels = np.asarray(coarse, np.float32)
    columns, rows = np.diff(pixels, axis=1), np.diff(pixels, axis=0)
    across, down = (columns[:-1] + columns[1:]) / 2, (rows[:, :-1] + rows[:, 1:]) / 2
    xx, yy, xy = (np.pad(each.sum(axis=-1), (0, 1)) for each in (across * across, down * down, across * down))
    clear = xx + yy + _FAINT
    angles = np.stack([(xx - yy) / clear, 2 * xy / clear])
    whole = _frequencies(angles, _LINE_POWER, mean=1.0).reshape(1, -1)
    return unit(whole).reshape(2, LOWEST, LOWEST)


def _frequencies(planes: Floats, power: float, mean: float = 0.0) -> Floats:
    """The lowest 8 × 8 of n × 32 × 32, each times its frequency to `power`; the mean times `mean`."""
    import numpy as np

    cosines = _cosines()
    weights = _frequency() ** np.float32(power)
    weights[0, 0] = mean
    return np.asarray(cosines @ planes @ cosines.T * weights, np.float32)


def _frequency() -> Floats:
    """8 × 8: how often each of the lowest frequencies swings across the picture, twice."""
    import numpy as np

    at = np.arange(LOWEST, dtype=np.float32)
    return np.asarray(np.hypot(at[:, None], at[None]), np.float32)


@cache
def _cosines() -> Floats:
    """The first 8 rows of the orthonormal DCT-II of 32 values."""
    import numpy as np

    number, at = np.arange(LOWEST)[:, None], np.arange(_SIDE)[None]
    rows = np.cos(np.pi * (2 * at + 1) * number / (2 * _SIDE)) * np.sqrt(2 / _SIDE)
    rows[0] /= np.sqrt(2)
    return np.asarray(rows, np.float32)


def _mirrored(tones: Floats) -> Floats:
    """All four ways, 4 × n × 64."""
    import numpy as np

    return np.stack([(tones.reshape(-1, TONES) * signs) for signs in tone_signs()])


def _mirrored_lines(lines: Floats) -> Floats:
    """All four ways, 4 × 128."""
    return lines.reshape(1, LINES) * line_signs()


def tone_signs() -> Floats:
    """4 × 64: which tones, of odd frequencies, turn their sign if not mirrored, left to right, upside down, both."""
    import numpy as np

    odd = np.where(np.arange(LOWEST) % 2, -1.0, 1.0).astype(np.float32)
    across, down = np.tile(odd, LOWEST), np.repeat(odd, LOWEST)
    return np.stack([np.ones(TONES, np.float32), across, down, across * down])


def line_signs() -> Floats:
    """4 × 128: the same of lines; one mirror also turns the sign of the angle's sine."""
    import numpy as np

    sine = np.array([1, -1, -1, 1], np.float32)[:, None]
    return np.concatenate([tone_signs(), tone_signs() * sine], axis=1)
