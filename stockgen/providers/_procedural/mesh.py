"""Soft mesh gradients: a few colours that flow into each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from stockgen.providers._procedural.blend import blobs, warped
from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.noise import Grid, smooth_noise, smoothstep
from stockgen.providers._procedural.palette import line_of, ramp, rgb, shaded

GRAIN = 9.0  # of 255: standard deviation of the visible grain


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    grid = Grid(drawing.width, drawing.height, 400)
    paint = _PAINTERS.get(drawing.variant, _blobs)
    colours = rgb(paint(grid, drawing.lab, drawing.rng))
    grain = drawing.rng.spawn(1)[0]  # of its own: the same grain wherever a band ends
    for top, bottom in drawing.bands():
        band = grid.rows(colours, top, bottom)
        yield _grained(band, grain) if drawing.variant == "grain" else band


def _grained(band: F32, rng: np.random.Generator) -> F32:
    grain = rng.standard_normal(band.shape[:2], np.float32) * np.float32(GRAIN)
    return band + grain[..., None]


def _warped(grid: Grid, rng: np.random.Generator, strength: float, frequency: float) -> tuple[F32, F32]:
    return warped(grid.x, grid.y, rng, strength, frequency)


def _blobs(grid: Grid, lab: F32, rng: np.random.Generator) -> F32:
    x, y = _warped(grid, rng, 0.34, 1.3)
    return blobs(x, y, (grid.wide, grid.high), lab, rng)


def _line(lab: F32, rng: np.random.Generator) -> F32:
    """Colours for a ramp: by lightness, so that neighbours are akin, either way round."""
    ordered = line_of(lab)
    start = int(rng.integers(0, 2))
    return ordered[start:] if rng.random() < 0.5 else ordered[start:][::-1]


def _diagonal(grid: Grid, lab: F32, rng: np.random.Generator) -> F32:
    x, y = _warped(grid, rng, 0.22, 1.1)
    angle = rng.uniform(0.45, 1.1) * rng.choice([-1, 1])
    along = np.float32(np.cos(angle)) * (x - grid.wide / 2) + np.float32(np.sin(angle)) * (y - grid.high / 2)
    reach = 0.5 * (grid.wide * abs(np.cos(angle)) + grid.high * abs(np.sin(angle)))
    return ramp(_line(lab, rng), along * np.float32(0.46 / reach) + np.float32(0.5))


def _glow(grid: Grid, lab: F32, rng: np.random.Generator) -> F32:
    x, y = _warped(grid, rng, 0.13, 1.2)
    far = np.sqrt(((x - grid.wide / 2) / grid.wide) ** 2 + ((y - grid.high / 2) / grid.high) ** 2)
    return ramp(line_of(lab)[::-1], (far * np.float32(1.38)) ** np.float32(1.15))


def _horizon(grid: Grid, lab: F32, rng: np.random.Generator) -> F32:
    wave = smooth_noise(grid.x * 0.6, grid.y, 1.1, rng, 2)
    t = grid.y * np.float32(1 / grid.high) + np.float32(0.16) * wave
    return ramp(_line(lab, rng), t * np.float32(0.96) + np.float32(0.02))


def _waves(grid: Grid, lab: F32, rng: np.random.Generator) -> F32:
    """Silk: a few broad folds lit from the side, their colour moving through the palette."""
    x, y = _warped(grid, rng, 0.42, 0.9)
    angle = rng.uniform(0.3, 1.2) * rng.choice([-1, 1])
    across = np.float32(np.sin(angle)) * x + np.float32(np.cos(angle)) * y
    phase = across * np.float32(rng.uniform(2.2, 3.4)) + np.float32(0.9) * smooth_noise(x, y, 0.8, rng)
    fold = phase - np.floor(phase)
    lit = smoothstep(0.0, 0.75, fold) * (1 - smoothstep(0.75, 1.0, fold))
    t = 0.5 + np.float32(0.75) * smooth_noise(x, y, 0.8, rng) + np.float32(0.34) * (lit - 0.5)
    colour = ramp(line_of(lab), t)
    return shaded(colour, np.float32(0.10) * (lit - np.float32(0.55)), lab)


def _corner(grid: Grid, lab: F32, rng: np.random.Generator) -> F32:
    x, y = _warped(grid, rng, 0.3, 1.2)
    right, low = rng.integers(0, 2, 2)
    dx, dy = (x - grid.wide * right) / grid.wide, (y - grid.high * low) / grid.high
    far = np.sqrt(dx**2 + dy**2)
    return ramp(line_of(lab)[::-1], far * np.float32(0.82))


_PAINTERS: dict[str, Callable[[Grid, F32, np.random.Generator], F32]] = {
    "diagonal": _diagonal,
    "glow": _glow,
    "horizon": _horizon,
    "waves": _waves,
    "corner": _corner,
}
