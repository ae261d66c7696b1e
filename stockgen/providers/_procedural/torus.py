"""Random fields that go on at the opposite side: what is drawn from them can be laid beside itself without a seam.

Like `Grid` they live on a coarse grid that is enlarged band by band; but its cells divide the picture evenly, and
its noise is made of waves that fit the picture a whole number of times (its inverse Fourier transform), so that any
number of octaves costs the same.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from stockgen.providers._procedural.canvas import F32

_MARGIN = 4  # cells that are repeated around the picture, so that enlarging has neighbours at the borders


class Torus:
    """A grid over a picture of `width` × `height` pixels, at most `cells` along its longer side.

    `x`, `y`: coordinates of the cells' centres in units of √(width · height); `wide`, `high`: the picture's sides
    in that unit; `unit`: it in pixels; `shape`: rows and columns.
    """

    def __init__(self, width: int, height: int, cells: int = 400) -> None:
        self.width, self.height = width, height
        self.unit = float(np.sqrt(width * height))
        self.wide, self.high = width / self.unit, height / self.unit
        step = max(1.0, max(width, height) / cells)
        self.shape = max(1, round(height / step)), max(1, round(width / step))
        self._down, self._right = height / self.shape[0], width / self.shape[1]  # pixels of a cell
        self.y, self.x = np.meshgrid(
            (np.arange(self.shape[0], dtype=np.float32) + 0.5) * np.float32(self.high / self.shape[0]),
            (np.arange(self.shape[1], dtype=np.float32) + 0.5) * np.float32(self.wide / self.shape[1]),
            indexing="ij",
        )

    def noise(self, rng: np.random.Generator, low: float, high: float, fall: float = 1.6) -> F32:
        """Hills of mean 0 and deviation 1: `low`…`high` of them per unit, the small ones weaker by `fall`."""
        rows, columns = self.shape
        fy = np.fft.fftfreq(rows, self.high / rows)[:, None]
        fx = np.fft.rfftfreq(columns, self.wide / columns)[None]
        often = np.hypot(fx, fy)
        least = 1.01 * max(1 / self.wide, 1 / self.high)  # at least one whole wave must fit
        band = np.where((often > 0) & (often <= max(high, least)) & (often >= min(low, high) * 0.6), 1.0, 0.0)
        power = band * np.maximum(often, low) ** -(fall + 0.5)
        waves = rng.standard_normal(power.shape) + 1j * rng.standard_normal(power.shape)
        field = np.fft.irfft2(waves * power, (rows, columns))
        return np.asarray(field / max(float(field.std()), 1e-12), np.float32)

    def pushed(self, values: F32, dx: F32, dy: F32) -> F32:
        """`values` seen through a pane that shifts what lies behind it by `dx`, `dy` units (bilinear)."""
        rows, columns = self.shape
        x = np.arange(columns, dtype=np.float32)[None] + dx * np.float32(columns / self.wide)
        y = np.arange(rows, dtype=np.float32)[:, None] + dy * np.float32(rows / self.high)
        left, upper = np.floor(x), np.floor(y)
        fx, fy = x - left, y - upper
        c0, r0 = left.astype(np.int32) % columns, upper.astype(np.int32) % rows
        c1, r1 = (c0 + 1) % columns, (r0 + 1) % rows
        above = values[r0, c0] * (1 - fx) + values[r0, c1] * fx
        below = values[r1, c0] * (1 - fx) + values[r1, c1] * fx
        return np.asarray(above * (1 - fy) + below * fy, np.float32)

    def rows(self, values: F32, top: int, bottom: int) -> F32:
        """Enlarge `values` (with any number of planes behind) for the pixel rows `top`…`bottom`."""
        if values.ndim == 3:
            planes = [self.rows(values[..., plane], top, bottom) for plane in range(values.shape[2])]
            return np.stack(planes, axis=-1)
        first = int(np.floor(top / self._down)) - _MARGIN
        last = int(np.ceil(bottom / self._down)) + _MARGIN
        part = values.take(range(first, last), axis=0, mode="wrap")
        part = np.pad(part, ((0, 0), (_MARGIN, _MARGIN)), mode="wrap")
        box = (
            _MARGIN,
            top / self._down - first,
            _MARGIN + self.shape[1],
            bottom / self._down - first,
        )
        whole = Image.fromarray(np.ascontiguousarray(part, np.float32))
        return np.asarray(whole.resize((self.width, bottom - top), Image.Resampling.BICUBIC, box=box))

    def steepness(self, values: F32) -> F32:
        """How fast a field rises, per pixel of the picture."""
        right = (np.roll(values, -1, 1) - np.roll(values, 1, 1)) * np.float32(0.5 / self._right)
        down = (np.roll(values, -1, 0) - np.roll(values, 1, 0)) * np.float32(0.5 / self._down)
        return np.asarray(np.hypot(right, down), np.float32)
