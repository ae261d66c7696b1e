"""What was cut out, made fit for sale: a clean edge, the object's own colours, a tight crop, and numbers about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stockgen.finishes.cleaning import cleaned, without_specks
from stockgen.finishes.fringe import around, spread, trimmed, unmixed, weights
from stockgen.finishes.measuring import Cut, measures, nothing
from stockgen.finishes.regions import SIDE, Floats, box, near

AROUND = 0.06  # of the longer side: so much of the ground is looked at besides
KEPT = 32  # pixels around the object that have its neighbours' colours below their transparency; beyond, one colour


@dataclass(frozen=True, slots=True)
class Lifted:
    """`picture`: RGBA, cropped. `measures`: name → number, see `stockgen/finishes/measuring.py`."""

    picture: Image.Image
    measures: Mapping[str, float]


def lifted(picture: Image.Image, matte: NDArray[np.uint8], margin: float) -> Lifted:
    """Given a picture and how opaque each of its pixels is (height × width, 255 = wholly), return what is opaque.

    `picture` is RGB with its ground, of which the edge's colours are freed; or RGBA from a provider that draws without
    one: then `matte` is its alpha, and colours are taken as they are. `margin`: share of the crop's longer side that
    stays empty around. Where nothing or all is opaque, the picture comes back whole: a person must see what it was.

    Raises ValueError where the two are not of one size, or `margin` is not from 0 to below ½.
    """
    if matte.shape != (picture.height, picture.width) or not 0 <= margin < 0.5:
        raise ValueError(f"a matte of {matte.shape} for {picture.size}, margin {margin}")
    clean = cleaned(matte, np.asarray(picture.convert("RGB")), drawn_on=picture.mode == "RGB")
    if not clean.alpha.any() or clean.alpha.min() >= 1:
        return Lifted(picture.convert("RGBA"), nothing(clean))
    unit = max(matte.shape) / SIDE
    rows, columns = box(clean.alpha, round(AROUND * max(matte.shape)))
    cut = _coloured(
        picture.crop((columns.start, rows.start, columns.stop, rows.stop)), clean.alpha[rows, columns], unit
    )
    return Lifted(_cropped(cut, margin, unit), measures(clean, cut, unit))


def _coloured(picture: Image.Image, alpha: Floats, unit: float) -> Cut:
    """The object's colours and its edge. What lies under full transparency is coloured, too: whoever resamples it would
    mix it in.
    """
    seen = np.asarray(picture.convert("RGB"), np.float32)
    clear, deep = around(alpha, unit)
    ground = spread(seen, clear.astype(np.float32))
    if picture.mode == "RGBA":
        inside = spread(seen, weights(alpha, deep))
        return Cut(alpha, np.where(alpha[..., None] > 0, seen, inside), np.full_like(seen, 255.0))
    inside = spread(seen, weights(alpha, deep))
    alpha = without_specks(trimmed(alpha, seen, ground, inside, deep, unit))[0]
    return Cut(alpha, unmixed(alpha, seen, ground, inside), ground)


def _cropped(cut: Cut, margin: float, unit: float) -> Image.Image:
    """The object with an empty border, of which nothing is ever more than `margin`."""
    opaque = np.rint(cut.alpha * 255).astype(np.uint8)
    rows, columns = box(opaque, 0)
    long_side = max(rows.stop - rows.start, columns.stop - columns.start)
    border = int(margin * long_side / (1 - 2 * margin))
    around = [(border, border), (border, border)]
    colours = np.pad(_calm(cut, opaque, unit)[rows, columns], [*around, (0, 0)], "edge")
    return Image.fromarray(np.dstack([colours, np.pad(opaque[rows, columns], around)]))


def _calm(cut: Cut, opaque: NDArray[np.uint8], unit: float) -> NDArray[np.uint8]:
    """The colours, but a single one far from the object: nobody sees it, and a file of it is small."""
    colours = np.rint(cut.colours)
    far = ~near(opaque > 0, round(KEPT * unit))
    colours[far] = np.rint(cut.colours[opaque > 0].mean(axis=0))
    return np.asarray(colours, np.uint8)
