"""Flowing lines: tapered strokes along a smooth flow, or bundles of fine lines that twist like ribbons.

The strokes are not drawn one by one. The plane is bent by noise; in the bent plane they are straight, so
each pixel knows at once which stroke it is on, how far along, and how far from its middle. That gives even
spacing, exact antialiasing and the same cost however many lines there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stockgen.providers._procedural.blend import warped
from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.noise import Grid, smooth_noise
from stockgen.providers._procedural.palette import ramp, rgb
from stockgen.providers._procedural.ribbons import draw_ribbons

_HASHES = 4096  # random numbers that strokes look theirs up in; a power of two
_SHADES = 64


@dataclass(frozen=True, slots=True)
class Style:
    """How strokes look. `gap`: from one line to the next; `length` of a stroke; both in √(width · height).

    `thick`: share of the gap that a stroke fills at its middle; `bend`: how far the noise pushes;
    `missing`: share left out; `turn`: main direction in radians, None = any gentle slope; `roll`: shades from
    side to side.
    """

    gap: float
    length: float
    thick: float
    bend: float
    missing: float = 0.0
    turn: float | None = None
    roll: float = 0.0


_STYLES = {
    "fine": Style(gap=0.0095, length=0.75, thick=0.50, bend=0.42),
    "bold": Style(gap=0.034, length=0.95, thick=0.84, bend=0.40, roll=22),
    "swirl": Style(gap=0.017, length=0.60, thick=0.66, bend=0.18),
    "diagonal": Style(gap=0.019, length=0.80, thick=0.70, bend=0.26, turn=0.785, roll=16),
    "scattered": Style(gap=0.022, length=0.16, thick=0.44, bend=0.42, missing=0.35),
}


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    grid = Grid(drawing.width, drawing.height, 400)
    ground = rgb(_ground(grid, drawing.lab, drawing.rng))
    if drawing.variant == "ribbon":
        yield from draw_ribbons(drawing, grid, ground)
        return
    strokes = _Strokes(grid, _STYLES.get(drawing.variant, _STYLES["bold"]), drawing)
    for top, bottom in drawing.bands():
        yield strokes.over(grid.rows(ground, top, bottom), top, bottom)


def _ground(grid: Grid, lab: F32, rng: np.random.Generator) -> F32:
    """The first colour, leaning gently towards the second."""
    t = 0.32 + 0.5 * smooth_noise(grid.x, grid.y, 0.9, rng)
    return ramp(lab[:2], np.clip(t, 0, 0.75).astype(np.float32))


class _Strokes:
    def __init__(self, grid: Grid, style: Style, drawing: Drawing) -> None:
        rng = drawing.rng
        self._grid, self._style = grid, style
        along, across = _flow(grid, style, drawing.variant, rng)
        right, down = grid.slopes(across)
        self._along: F32 = along / np.float32(style.length)
        self._across: F32 = across / np.float32(style.gap)
        steep = np.maximum(np.hypot(right, down), np.float32(0.2 / grid.unit))
        self._pixels = np.asarray(np.float32(style.gap) / steep, np.float32)
        self._widest = np.float32(0.75 * style.thick * style.gap * grid.unit)
        self._tint = ((0.5 + 0.9 * smooth_noise(grid.x, grid.y, 1.1, rng)) * (_SHADES * 0.62)).astype(np.float32)
        self._shift = rng.random(_HASHES, np.float32)
        self._luck = rng.random(_HASHES, np.float32)
        self._own = (rng.random(_HASHES, np.float32) * np.float32(_SHADES * 0.38)).astype(np.float32)
        self._shades = rgb(ramp(drawing.lab[1:], np.linspace(0, 1, _SHADES, dtype=np.float32)))

    def over(self, ground: F32, top: int, bottom: int) -> F32:
        """Lay the strokes over a band of the ground."""
        across = self._grid.rows(self._across, top, bottom)
        along = self._grid.rows(self._along, top, bottom)
        line = np.floor(across)
        aside: F32 = across - line - np.float32(0.5)
        number = line.astype(np.int32)
        along = along + np.take(self._shift, (number * 61) & (_HASHES - 1))
        stroke: F32 = np.floor(along)
        part: F32 = along - stroke
        mark = (number * 977 + stroke.astype(np.int32) * 131) & (_HASHES - 1)
        pixels = self._grid.rows(self._pixels, top, bottom)
        cover = self._cover(np.abs(aside), part, np.take(self._luck, mark), pixels)
        shade = self._grid.rows(self._tint, top, bottom) + np.take(self._own, mark)
        shade += np.float32(self._style.roll) * aside
        colour = np.take(self._shades, np.clip(shade, 0, _SHADES - 1).astype(np.intp), axis=0)
        colour -= ground
        colour *= cover[..., None]
        colour += ground
        return colour

    def _cover(self, aside: F32, part: F32, luck: F32, pixels: F32) -> F32:
        """Share of each pixel that its stroke covers: `aside` and `part` are 0…1 of gap and length."""
        ends = np.minimum(part, 1 - part) * np.float32(6)
        taper = np.sqrt(np.clip(ends, 0, 1))
        missing = np.float32(self._style.missing)
        width = np.float32(self._style.thick / 2) * (np.float32(0.55) + np.float32(0.45) * luck) * taper
        width = np.minimum(width * pixels, self._widest)
        width = np.where(luck < missing, 0, width)
        return np.clip(width - aside * pixels + np.float32(0.5), 0, np.minimum(2 * width, 1))


def _flow(grid: Grid, style: Style, variant: str, rng: np.random.Generator) -> tuple[F32, F32]:
    """Along and across the flow, in units of √(width · height): the plane turned, bent, for swirls wound."""
    x, y = grid.x - np.float32(grid.wide / 2), grid.y - np.float32(grid.high / 2)
    if variant == "swirl":
        x, y = _wound(x, y, grid, rng)
    turn = rng.uniform(-0.35, 0.35) if style.turn is None else style.turn * rng.choice([-1, 1])
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    x, y = cos * x + sin * y, cos * y - sin * x
    return warped(x + 8, y + 8, rng, style.bend, 1.05)


def _wound(x: F32, y: F32, grid: Grid, rng: np.random.Generator) -> tuple[F32, F32]:
    for centre in rng.uniform(-0.42, 0.42, (3, 2)) * (grid.wide, grid.high):
        dx, dy = x - np.float32(centre[0]), y - np.float32(centre[1])
        angle = np.float32(rng.uniform(2.2, 3.4) * rng.choice([-1, 1])) * np.exp(-(dx**2 + dy**2) / np.float32(0.06))
        x = np.float32(centre[0]) + np.cos(angle) * dx - np.sin(angle) * dy
        y = np.float32(centre[1]) + np.sin(angle) * dx + np.cos(angle) * dy
    return x, y
