"""Cut paper: sheets of card laid over each other, each with a hole cut in it and a shadow under its edge."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import lay
from stockgen.providers._procedural.noise import Grid, smooth_noise
from stockgen.providers._procedural.palette import line_of, ramp, rgb
from stockgen.providers._procedural.torus import Torus

Rng = np.random.Generator
_SHADOW = 0.34  # how much light a shadow takes at the edge
_REACH = 0.030  # how far it falls, in √(width · height)


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    grid, rng = Grid(drawing.width, drawing.height, 520), drawing.rng
    field = _FIELDS.get(drawing.variant, _canyon)(grid, rng)
    sheets = 7
    level = (field * np.float32(sheets)).astype(np.float32)
    steep = np.maximum(np.hypot(*grid.slopes(level)), np.float32(0.5 / grid.unit))
    # The light comes from above left: what lies there, higher up, throws the shadow.
    shift = max(1, round(_REACH * 0.3 * grid.unit / grid.step))
    above = np.roll(level, (shift, shift), (0, 1))
    colours = _cards(drawing.lab, sheets, rng)
    fibre = Torus(drawing.width, drawing.height, 1200)
    fibres = fibre.noise(rng, 60, 420, 0.5)
    for top, bottom in drawing.bands():
        here, slope = grid.rows(level, top, bottom), grid.rows(steep, top, bottom)
        shade = grid.rows(above, top, bottom)
        band = np.empty((*here.shape, 3), np.float32)
        band[:] = colours[0]
        for sheet in range(1, sheets):
            far = (here - np.float32(sheet)) / slope  # pixels inside the sheet
            if float(far.max()) < -4 * _REACH * grid.unit:
                break
            fall = np.minimum((shade - np.float32(sheet)) / slope, 0)
            band *= (1 - np.float32(_SHADOW) * np.exp(fall / np.float32(_REACH * 0.4 * grid.unit)))[..., None]
            lay(band, colours[sheet], np.clip(far + np.float32(0.5), 0, 1))
            rim = np.exp(-np.abs(far - np.float32(1.2)) / np.float32(0.0011 * grid.unit + 0.3)) * (far > 0)
            band += (rim * np.float32(9))[..., None]
        band *= (1 + np.float32(0.007) * fibre.rows(fibres, top, bottom))[..., None]
        yield band


def _cards(lab: F32, sheets: int, rng: Rng) -> F32:
    """One colour a sheet, the lowest first: from deep to pale, or the other way."""
    line = line_of(lab)
    cards = ramp(line, np.linspace(0, 1, sheets, dtype=np.float32))
    return rgb(cards if rng.random() < 0.7 else cards[::-1])


def _canyon(grid: Grid, rng: Rng) -> F32:
    """Winding valleys."""
    return np.float32(0.56) + np.float32(0.75) * smooth_noise(grid.x, grid.y, 1.25, rng, 2)


def _tunnel(grid: Grid, rng: Rng) -> F32:
    """A hole through all sheets with calm room in the middle."""
    far = np.hypot((grid.x / grid.wide - 0.5) * np.float32(1.15), (grid.y / grid.high - 0.5) * np.float32(1.15))
    angle = np.arctan2(grid.y / grid.high - 0.5, grid.x / grid.wide - 0.5)
    wobble = np.zeros_like(far)
    for waves in (3, 5, 8):
        wobble += np.cos(waves * angle + rng.uniform(0, 7)) / np.float32(waves * 7)
    twist = np.float32(0.10) * smooth_noise(grid.x, grid.y, 1.3, rng)
    hole = far.astype(np.float32) * np.float32(1.75) - np.float32(0.22)
    ragged = wobble * np.minimum(far * 5, 1)
    return np.asarray(hole + ragged + twist, np.float32)


def _corners(grid: Grid, rng: Rng) -> F32:
    """Sheets stacked into two opposite corners, the middle open."""
    side = rng.choice([-1, 1])
    t = (grid.x / grid.wide - 0.5) * np.float32(side) + (grid.y / grid.high - 0.5)
    wave = np.float32(0.2) * smooth_noise(grid.x, grid.y, 1.6, rng, 2)
    return np.abs(t).astype(np.float32) * np.float32(1.25) - np.float32(0.12) + wave


def _hills(grid: Grid, rng: Rng) -> F32:
    """Rolling hills, one before the other."""
    down = grid.y / np.float32(grid.high)
    wave = np.float32(0.21) * smooth_noise(grid.x, grid.y * 0.45, 1.5, rng, 2)
    return down * np.float32(1.15) - np.float32(0.12) + wave


def _blossom(grid: Grid, rng: Rng) -> F32:
    """A flower of petals cut through all sheets, each sheet's turned a little."""
    x = (grid.x - grid.wide * rng.uniform(0.42, 0.58)) / np.float32(0.62)
    y = (grid.y - grid.high * rng.uniform(0.42, 0.58)) / np.float32(0.62)
    far, angle = np.hypot(x, y), np.arctan2(y, x)
    petals = int(rng.choice([5, 6, 8]))
    twist = np.cos(petals * (angle + far * np.float32(rng.choice([-0.9, 0.9]))))
    ragged = far - np.float32(0.12) * twist * np.minimum(far * 2, 1)
    return np.asarray(ragged * np.float32(1.2) - np.float32(0.04), np.float32)


_FIELDS: dict[str, Callable[[Grid, Rng], F32]] = {
    "canyon": _canyon,
    "tunnel": _tunnel,
    "corner": _corners,
    "hills": _hills,
    "blossom": _blossom,
}
