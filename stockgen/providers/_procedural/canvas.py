"""What every family is given, and how its bands become eight-bit pixels without banding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

BAND_PIXELS = 120_000  # a float32 plane of one band stays in a core's cache
DITHER = 1.2  # of 255: enough to survive a JPEG of quality 95, too little to be seen


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture to draw: size in pixels, variant, OKLab colours (n × 3, background first), randomness.

    `band`: pixels in a band; where it ends must not show.
    """

    width: int
    height: int
    variant: str
    lab: F32
    rng: np.random.Generator
    band: int = BAND_PIXELS

    def bands(self, times: int = 1) -> Iterator[tuple[int, int]]:
        """Pixel rows `top`, `bottom` of each band from top to bottom; `times` as high, but eight bands at least."""
        rows = max(1, min(times * self.band // self.width, self.height // 8))
        for top in range(0, self.height, rows):
            yield top, min(top + rows, self.height)


def collected(drawing: Drawing, bands: Iterator[F32 | U8], told: Callable[[int, int], None]) -> U8:
    """Collect bands into height × width × 3 uint8. Float bands (0…255) are dithered, uint8 bands kept.

    `told(percent, 100)` is called after every band; what it raises ends the drawing.
    """
    pixels = np.empty((drawing.height, drawing.width, 3), np.uint8)
    top = 0
    for band in bands:
        bottom = top + len(band)
        pixels[top:bottom] = band if band.dtype == np.uint8 else dithered(band, drawing.rng)
        top = bottom
        told(100 * top // drawing.height, 100)
    return pixels


def dithered(band: F32 | U8, rng: np.random.Generator) -> U8:
    """Round to eight bit with triangular noise, the same in all three channels, so that no steps show."""
    shape = band.shape[:2]
    noise = rng.random(shape, np.float32) - rng.random(shape, np.float32)
    noise *= np.float32(DITHER)
    noise += np.float32(0.5)
    return np.asarray(np.clip(band + noise[..., None], 0, 255), np.float32).astype(np.uint8)
