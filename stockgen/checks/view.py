"""A picture as checks look at it: reduced where that is enough, in a few tiles at full size where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

SMALL = 256  # pixels of the shorter side, about
TILE = 128  # pixels a side
LEAST = 8  # pixels of a tile
ACROSS = 4  # tiles in a row and in a column at most
LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601, as in JPEG


@dataclass(frozen=True)
class View:
    """The picture as its provider drew it, before it is enlarged. Transparency is seen as on white."""

    picture: Image

    @cached_property
    def small(self) -> Image:
        """RGB, reduced by a whole number to a shorter side of 256 to 511 pixels."""
        return on_white(self.picture).reduce(max(1, min(self.picture.size) // SMALL))

    @cached_property
    def quarters(self) -> NDArray[np.uint8]:
        """RGB of the picture's quarters, 4 × height × width × 3: of so many pixels only that a side has 128 to 255.

        They are left out, not averaged: steps between neighbours stay as steep as they are.
        """
        import numpy as np

        each = max(1, min(self.picture.size) // SMALL)
        width, height = (max(1, side // each // 2) for side in self.picture.size)
        box = (0, 0, min(2 * width * each, self.picture.width), min(2 * height * each, self.picture.height))
        sparse = np.asarray(on_white(self.picture.resize((2 * width, 2 * height), 0, box)))
        return sparse.reshape(2, height, 2, width, 3).swapaxes(1, 2).reshape(4, height, width, 3)

    @cached_property
    def colours(self) -> NDArray[np.uint8]:
        """RGB at full size: n × 128 × 128 × 3, spread over the picture, their corners on multiples of 8.

        A picture that is smaller has one tile, which is as large as the picture.
        """
        import numpy as np

        picture = self.picture
        if min(picture.size) < LEAST:  # no grain of dust is a picture, but no check may break over one
            picture = picture.resize((max(LEAST, picture.width), max(LEAST, picture.height)), 0)
        width, height = picture.size
        high, wide = min(TILE, height), min(TILE, width)
        corners = [(top, left) for top in _starts(height, high) for left in _starts(width, wide)]
        crops = [picture.crop((left, top, left + wide, top + high)) for top, left in corners]
        return np.stack([np.asarray(on_white(one)) for one in crops])

    @cached_property
    def tiles(self) -> NDArray[np.float32]:
        """The same in luminance, 0…255."""
        import numpy as np

        return np.asarray(self.colours @ np.array(LUMINANCE, np.float32), np.float32)


def on_white(picture: Image) -> Image:
    """RGB; what is transparent is laid on white."""
    if picture.mode != "RGBA":
        return picture.convert("RGB") if picture.mode != "RGB" else picture
    from PIL import Image as Pictures

    return Pictures.alpha_composite(Pictures.new("RGBA", picture.size, "white"), picture).convert("RGB")


def _starts(length: int, tile: int) -> list[int]:
    """Where tiles begin along a side: multiples of 8, evenly spread."""
    count = max(1, min(ACROSS, length // tile))
    return sorted({(length - tile) * (2 * number + 1) // (2 * count) // 8 * 8 for number in range(count)})
