"""Bundles of fine lines that widen, narrow and twist like a ribbon."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.noise import Grid, smoothstep
from stockgen.providers._procedural.palette import ramp, rgb

_SHADES = 128
_THICK = 0.0008  # half of a line's thickness, in √(width · height): 4.8 pixels of 3000


def draw_ribbons(drawing: Drawing, grid: Grid, ground: F32) -> Iterator[F32]:
    """Bands of the picture: four ribbons over `ground` (on `grid`, 0…255)."""
    ribbons = [_Ribbon(drawing, depth) for depth in range(4)]
    for top, bottom in drawing.bands():
        band = grid.rows(ground, top, bottom)
        for ribbon in ribbons:
            ribbon.over(band, top)
        yield band


class _Ribbon:
    """Line k runs at height `base(x) + k · spread(x)`; where `spread` passes zero, the ribbon twists."""

    def __init__(self, drawing: Drawing, depth: int) -> None:
        rng = drawing.rng
        unit = float(np.sqrt(drawing.width * drawing.height))
        x = (np.arange(drawing.width, dtype=np.float64) + 0.5) / unit
        wide, high = drawing.width / unit, drawing.height / unit
        self._lines = int(rng.integers(16, 25))
        base = high * (0.2 + 0.2 * depth + rng.uniform(-0.06, 0.06)) + _swing(x, wide, 0.17 * high, rng)
        spread = _swing(x, wide, 0.26 * high, rng) / self._lines
        self._base, self._spread = base * unit, spread * unit
        self._base_slope, self._spread_slope = np.gradient(self._base), np.gradient(self._spread)
        self._thick = np.float32(max(_THICK * unit, 0.45))
        self._strength = np.float32(0.7 + 0.1 * depth)
        ends = rng.permutation(np.arange(1, len(drawing.lab)))[:3]
        self._shades = rgb(ramp(drawing.lab[ends], np.linspace(0, 1, _SHADES, dtype=np.float32)))

    def over(self, band: F32, top: int) -> None:
        """Draw this ribbon into a band that begins at pixel row `top`."""
        rows = np.arange(top, top + len(band), dtype=np.float64)[:, None] + 0.5
        half = np.abs(self._spread) * (self._lines + 0.5) + 2
        near = np.flatnonzero((self._base + half > top) & (self._base - half < top + len(band)))
        if not near.size:
            return
        cut = np.s_[near[0] : near[-1] + 1]
        spread = self._spread[cut]
        safe = np.where(np.abs(spread) < 1e-3, 1e-3, spread)
        line = ((rows - self._base[cut]) / safe).astype(np.float32)
        slope = (self._base_slope[cut] + line * self._spread_slope[cut].astype(np.float32)).astype(np.float32)
        dense = np.sqrt(1 + slope * slope) / np.abs(safe).astype(np.float32)
        cover = self._cover(line, dense)
        shade = np.clip((line / np.float32(self._lines) + 1) * np.float32(_SHADES / 2), 0, _SHADES - 1)
        colour = np.take(self._shades, shade.astype(np.intp), axis=0)
        band[:, cut] += (colour - band[:, cut]) * cover[..., None]

    def _cover(self, line: F32, dense: F32) -> F32:
        """Share of each pixel that lines cover; `dense`: lines per pixel; where many, they melt to a tone."""
        apart = np.abs(line - np.rint(line)) / dense
        single = np.clip(self._thick - apart + np.float32(0.5), 0, np.minimum(2 * self._thick, 1))
        tone = np.clip(2 * self._thick * dense, 0, 1)
        melt = smoothstep(0.25, 0.6, dense)
        edge = np.abs(line) * np.float32(1 / self._lines)
        fade = 1 - smoothstep(0.55, 1.0, edge) * np.float32(0.75)
        fade *= np.clip((np.float32(self._lines + 0.5) - np.abs(line)) / np.maximum(dense, 1e-6) + 0.5, 0, 1)
        return np.asarray((single + melt * (tone - single)) * fade * self._strength, np.float32)


def _swing(
    x: np.ndarray[tuple[int], np.dtype[np.float64]], wide: float, size: float, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A slow wave of three periods that don't fit each other, `size` high."""
    total = np.zeros_like(x)
    for period, share in ((1.7, 0.6), (0.95, 0.3), (0.6, 0.1)):
        total += share * np.sin(2 * np.pi * x / (wide * period * rng.uniform(0.85, 1.2)) + rng.uniform(0, 2 * np.pi))
    return total * size
