"""Smooth random fields, computed on a coarse grid and enlarged band by band.

What varies slowly (colour, light, direction) need not be computed for nine million pixels: a grid of a few
hundred cells a side, enlarged bicubically in float32, can't be told from it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

F32 = NDArray[np.float32]

_WAVES = 10  # plane waves in an octave of noise
_MARGIN = 4  # cells around the picture, so that enlarging and slopes have neighbours at the borders


class Grid:
    """A coarse grid over a picture of `width` × `height` pixels, at most `cells` cells along its longer side.

    `x`, `y`: coordinates of the cells' centres, rows × columns, in units of √(width · height) from the top
    left. `wide`, `high`: the picture's sides in that unit; `unit`: it in pixels; `step`: a cell in pixels.
    """

    def __init__(self, width: int, height: int, cells: int = 320) -> None:
        self.width, self.height = width, height
        self.step = max(1.0, max(width, height) / cells)
        self.unit = float(np.sqrt(width * height))
        self.wide, self.high = width / self.unit, height / self.unit
        self.y, self.x = np.meshgrid(self._centres(height), self._centres(width), indexing="ij")

    def _centres(self, pixels: int) -> F32:
        count = int(np.ceil(pixels / self.step)) + 2 * _MARGIN
        return ((np.arange(count) - _MARGIN + 0.5) * (self.step / self.unit)).astype(np.float32)

    def rows(self, values: F32, top: int, bottom: int) -> F32:
        """Enlarge `values` (as `x`, with any number of planes behind) for the pixel rows `top`…`bottom`."""
        if values.ndim == 3:
            planes = [self.rows(values[..., plane], top, bottom) for plane in range(values.shape[2])]
            return np.stack(planes, axis=-1)
        box = (
            _MARGIN,
            _MARGIN + top / self.step,
            _MARGIN + self.width / self.step,
            _MARGIN + bottom / self.step,
        )
        whole = Image.fromarray(np.ascontiguousarray(values, np.float32))
        return np.asarray(whole.resize((self.width, bottom - top), Image.Resampling.BICUBIC, box=box))

    def slopes(self, values: F32) -> tuple[F32, F32]:
        """Slopes of a field along x and y, per pixel of the picture."""
        down, right = np.gradient(values, np.float32(self.step))
        return np.asarray(right, np.float32), np.asarray(down, np.float32)


def smooth_noise(x: F32, y: F32, frequency: float, rng: np.random.Generator, octaves: int = 1) -> F32:
    """Random hills and hollows, about −0.8…0.8, about `frequency` of them per unit; octaves halve their size.

    A sum of plane waves in random directions: unlike lattice noise it favours no axis and has no kinks.
    """
    total = np.zeros_like(x)
    for octave in range(octaves):
        scale = 2 * np.pi * frequency * 2**octave
        strength = np.float32(0.29 * 0.5**octave * np.sqrt(2 / _WAVES))
        for angle in (np.arange(_WAVES) + rng.random(_WAVES)) * (2 * np.pi / _WAVES):
            size, phase = scale * rng.uniform(0.35, 0.95), rng.uniform(0, 2 * np.pi)
            wave = x * np.float32(np.cos(angle) * size) + y * np.float32(np.sin(angle) * size) + np.float32(phase)
            total += strength * np.sin(wave)
    return total


def smoothstep(low: float, high: float, t: F32) -> F32:
    """0 below `low`, 1 above `high`, a smooth S between."""
    f = np.clip((t - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(f * f * (3 - 2 * f), np.float32)
