"""A picture and its matte → what was cut out, cropped to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stockgen.domain.errors import BadPicture

SEEN = 8  # of 255: less is nobody's outline


@dataclass(frozen=True, slots=True)
class Lifted:
    """`picture`: RGBA, cropped. `measures`: name → number."""

    picture: Image.Image
    measures: Mapping[str, float] = field(default_factory=dict)


def lifted(picture: Image.Image, matte: NDArray[np.uint8], margin: float) -> Lifted:
    """Given an RGB picture and how opaque each of its pixels is (height × width), return what is opaque, with `margin`
    of its longer side empty around it. Raises BadPicture where nothing is.
    """
    rows, columns = np.nonzero((matte >= SEEN).any(1))[0], np.nonzero((matte >= SEEN).any(0))[0]
    if not rows.size:
        raise BadPicture("cutout_nothing", model="")
    cut = Image.merge("RGBA", (*picture.convert("RGB").split(), Image.fromarray(matte)))
    left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    border = round(margin * max(right - left, bottom - top))
    shape = (right - left + 2 * border, bottom - top + 2 * border)
    cropped = Image.new("RGBA", shape)
    cropped.paste(cut.crop((left, top, right, bottom)), (border, border))
    return Lifted(cropped, {"covered": float((matte >= 128).mean())})
