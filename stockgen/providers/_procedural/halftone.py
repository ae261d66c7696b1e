"""Halftone: a printer's screen of dots or lines that swell where the picture is strong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import lay, looked_up, pixels, table
from stockgen.providers._procedural.noise import Grid, smooth_noise, smoothstep
from stockgen.providers._procedural.palette import is_dark, ramp, rgb

Rng = np.random.Generator
_GAP = 0.0155  # from one dot to the next, in √(width · height)
_LARGEST = 0.70  # a dot's radius in gaps: above 0.5 neighbours melt together


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    grid, rng = Grid(drawing.width, drawing.height, 400), drawing.rng
    tone = _TONES.get(drawing.variant, _fade)(grid, rng)
    ground = rgb(_ground(grid, drawing.lab, rng))
    ink = table(_inks(drawing.lab), 256)
    tint = np.float32(0.5) + np.float32(0.75) * smooth_noise(grid.x, grid.y, 0.8, rng)
    angle = float(np.deg2rad(rng.choice([15, 30, 45])))
    gap = _GAP * (1.7 if drawing.variant == "large" else 1.0)
    for top, bottom in drawing.bands():
        band = grid.rows(ground, top, bottom)
        strength = np.clip(grid.rows(tone, top, bottom), 0, 1)
        x, y = pixels(drawing, top, bottom)
        cover = _screen(drawing.variant, x, y, angle, gap, strength, grid.unit)
        lay(band, looked_up(ink, grid.rows(tint, top, bottom)), cover)
        yield band


def _screen(variant: str, x: F32, y: F32, angle: float, gap: float, strength: F32, unit: float) -> F32:
    """Share of each pixel under ink."""
    cos, sin = np.float32(np.cos(angle) / gap), np.float32(np.sin(angle) / gap)
    u, v = x * cos + y * sin, y * cos - x * sin
    aside, along = u - np.rint(u), v - np.rint(v)
    scale = np.float32(gap * unit)
    if variant == "engraved":
        half = strength * np.float32(0.46)
        far = (np.abs(along) - half) * scale
    elif variant == "diamond":
        half = np.sqrt(strength) * np.float32(0.72)
        far = (np.abs(aside) + np.abs(along) - half) * (scale * np.float32(2**-0.5))
    else:
        half = np.sqrt(strength) * np.float32(_LARGEST)
        far = (np.hypot(aside, along) - half) * scale
    # A dot smaller than a pixel is a paler pixel.
    return np.asarray(np.clip(np.float32(0.5) - far, 0, 1) * np.clip(half * scale * 2, 0, 1), np.float32)


def _ground(grid: Grid, lab: F32, rng: Rng) -> F32:
    t = np.float32(0.3) + np.float32(0.4) * smooth_noise(grid.x, grid.y, 0.7, rng)
    return ramp(lab[:2], np.clip(t, 0, 0.6))


def _inks(lab: F32) -> F32:
    """The colours farthest in lightness from the ground, the accent not among them: two inks that are akin."""
    kin = lab[1:-1] if len(lab) > 3 else lab[1:]
    order = np.argsort(np.abs(kin[:, 0] - lab[0, 0]))[-2:]
    inks = kin[np.sort(order)]
    return inks if is_dark(lab) else inks[::-1]


def _fade(grid: Grid, rng: Rng) -> F32:
    """Strong at one corner, gone at the opposite third."""
    right, low = rng.choice([-1, 1], 2)
    t = (right * (grid.x / grid.wide - np.float32(0.5)) + low * (grid.y / grid.high - np.float32(0.5))) / 2
    wave = np.float32(0.09) * smooth_noise(grid.x, grid.y, 1.4, rng, 2)
    return smoothstep(-0.12, 0.5, t + wave) ** np.float32(0.9)


def _radial(grid: Grid, rng: Rng) -> F32:
    cx, cy = rng.uniform(0.42, 0.58, 2)
    far = np.hypot((grid.x / grid.wide - np.float32(cx)), (grid.y / grid.high - np.float32(cy)))
    return 1 - smoothstep(0.08, 0.52, far) if rng.random() < 0.5 else smoothstep(0.22, 0.72, far)


def _wavy(grid: Grid, rng: Rng) -> F32:
    """Hills of light rolling through, as on a cloth."""
    bent = grid.y + np.float32(0.24) * smooth_noise(grid.x, grid.y, 1.0, rng, 2) + grid.x * np.float32(0.35)
    wave = np.sin(bent * np.float32(2 * np.pi * rng.uniform(2.0, 2.8)))
    return np.asarray(np.float32(0.5) + np.float32(0.46) * wave, np.float32)


def _relief(grid: Grid, rng: Rng) -> F32:
    """Soft folds that never run out of ink nor drown in it, as an engraver shades."""
    fold = np.float32(2.6) * smooth_noise(grid.x, grid.y, 0.9, rng, 2) + grid.x * np.float32(0.6)
    return np.float32(0.48) + np.float32(0.38) * np.sin(fold * np.float32(2 * np.pi * 0.9))


def _sides(grid: Grid, rng: Rng) -> F32:
    """Strong at the upper and lower border, calm in the middle."""
    wave = np.float32(0.09) * smooth_noise(grid.x, grid.y, 1.3, rng, 2)
    return smoothstep(0.2, 0.58, np.abs(grid.y / grid.high - np.float32(0.5)) + wave)


_TONES: dict[str, Callable[[Grid, Rng], F32]] = {
    "fading": _fade,
    "radial": _radial,
    "wavy": _wavy,
    "engraved": _relief,
    "diamond": _radial,
    "large": _sides,
}
