"""Gradients with grain: rings of light, ribbed glass, soft orbs, as on record covers and posters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from stockgen.providers._procedural.blend import blobs, warped
from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import lay, looked_up, pixels, table
from stockgen.providers._procedural.noise import Grid, smooth_noise, smoothstep
from stockgen.providers._procedural.palette import line_of, rgb

Rng = np.random.Generator
GRAIN = 8.5  # of 255: deviation of the grain


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    grain = drawing.rng.spawn(1)[0]
    for band in _PAINTERS.get(drawing.variant, _aura)(drawing):
        speck = grain.standard_normal(band.shape[:2], np.float32)
        # Film has less grain in its whites and blacks; and no pixel is driven out of range.
        room = np.minimum(band.mean(axis=2), 255 - band.mean(axis=2)) * np.float32(1 / 60)
        band += (speck * (np.float32(GRAIN) * np.clip(room, 0.25, 1)))[..., None]
        yield band


def _aura(drawing: Drawing) -> Iterator[F32]:
    """Rings of colour that glow out from a point, edgeless."""
    grid, rng = Grid(drawing.width, drawing.height, 400), drawing.rng
    x, y = warped(grid.x, grid.y, rng, 0.1, 0.9)
    cx, cy = grid.wide * rng.uniform(0.4, 0.6), grid.high * rng.uniform(0.42, 0.62)
    far = np.hypot(x - np.float32(cx), (y - np.float32(cy)) * np.float32(rng.uniform(0.85, 1.25)))
    line = line_of(drawing.lab)[:: rng.choice([-1, 1])]
    rings = np.concatenate([line, line[-2::-1]])
    colours = looked_up(table(rings), far * np.float32(1.15))
    for top, bottom in drawing.bands():
        yield grid.rows(colours, top, bottom)


def _fluted(drawing: Drawing) -> Iterator[F32]:
    """A mesh gradient behind ribbed glass: every rib shows the whole neighbourhood squeezed."""
    grid, rng = Grid(drawing.width, drawing.height, 400), drawing.rng
    x, y = warped(grid.x, grid.y, rng, 0.32, 1.2)
    picture = rgb(blobs(x, y, (grid.wide, grid.high), drawing.lab, rng))
    ribs = int(rng.integers(11, 22))
    at = (np.arange(drawing.width, dtype=np.float32) + np.float32(0.5)) * np.float32(ribs / drawing.width)
    inside = at - np.floor(at)
    seen = (np.floor(at) + np.float32(0.5) + (inside - np.float32(0.5)) * np.float32(3.2)) * np.float32(
        drawing.width / ribs
    )
    column = np.clip(seen, 0, drawing.width - 1)
    left = np.minimum(column.astype(np.int32), drawing.width - 2)
    part = (column - left.astype(np.float32))[None, :, None]
    edge = np.minimum(inside, 1 - inside) * np.float32(drawing.width / ribs)
    light = np.float32(9) * (np.float32(0.5) - inside) - np.float32(16) * np.exp(
        -edge / np.float32(0.002 * grid.unit + 0.5)
    )
    for top, bottom in drawing.bands():
        band = grid.rows(picture, top, bottom)
        yield band[:, left] * (1 - part) + band[:, left + 1] * part + light[None, :, None]


def _orb(drawing: Drawing) -> Iterator[F32]:
    """A ball of light on a plain ground, shaded to one side, its far edge melting away."""
    rng, unit = drawing.rng, float(np.sqrt(drawing.width * drawing.height))
    wide, high = drawing.width / unit, drawing.height / unit
    radius = np.float32(rng.uniform(0.29, 0.35))
    cx, cy = np.float32(wide * rng.uniform(0.42, 0.58)), np.float32(high * rng.uniform(0.44, 0.56))
    angle = rng.uniform(0, 2 * np.pi)
    ax, ay = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    line = line_of(drawing.lab)
    inner = table(line[::-1] if rng.random() < 0.5 else line)
    ground = table(drawing.lab[:2])
    for top, bottom in drawing.bands():
        x, y = pixels(drawing, top, bottom)
        dx, dy = (x - cx) / radius, (y - cy) / radius
        far, along = np.hypot(dx, dy), dx * ax + dy * ay
        glow = (
            np.exp(-np.maximum(far - 1, 0) * np.float32(3.0))
            * np.float32(0.8)
            * (np.float32(0.5) - np.float32(0.5) * along / (far + 1))
        )
        band = looked_up(ground, glow)
        t = np.float32(0.5) + np.float32(0.42) * along + np.float32(0.1) * (far * far - 1)
        soft = np.float32(0.006) + np.float32(0.5) * smoothstep(-0.2, 1.0, along)
        lay(band, looked_up(inner, t), 1 - smoothstep(0.0, 1.0, (far - 1) / soft + np.float32(0.5)))
        yield band


def _arches(drawing: Drawing) -> Iterator[F32]:
    """Wide arches inside each other, each fading along its way."""
    rng, unit = drawing.rng, float(np.sqrt(drawing.width * drawing.height))
    wide, high = drawing.width / unit, drawing.height / unit
    cx, cy = np.float32(wide * rng.uniform(0.35, 0.65)), np.float32(high * rng.uniform(0.98, 1.08))
    step = np.float32(rng.uniform(0.13, 0.17))
    colours = table(line_of(drawing.lab))
    shift = np.float32(rng.uniform(0.12, 0.22))
    for top, bottom in drawing.bands():
        x, y = pixels(drawing, top, bottom)
        far = np.hypot(x - cx, y - cy) / step
        ring = np.floor(far)
        inside = far - ring
        t = np.float32(0.96) - np.float32(0.085) * ring - shift * (1 - inside)
        blur = np.float32(1.5 / (step * unit))
        before = np.float32(0.96) - np.float32(0.085) * (ring - 1)
        mix = np.clip(inside / blur, 0, 1)
        yield looked_up(colours, before + (t - before) * mix)


def _beams(drawing: Drawing) -> Iterator[F32]:
    """Slanting folds of light, sharp on one side and soft on the other."""
    grid, rng = Grid(drawing.width, drawing.height, 300), drawing.rng
    angle = rng.uniform(0.5, 1.0) * rng.choice([-1, 1])
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    often = np.float32(rng.uniform(2.6, 4.0))
    drift = np.float32(0.5) + np.float32(0.5) * smooth_noise(grid.x, grid.y, 0.8, rng)
    colours = table(line_of(drawing.lab))
    for top, bottom in drawing.bands():
        x, y = pixels(drawing, top, bottom)
        at = (x * cos + y * sin) * often
        fold = at - np.floor(at)
        blur = np.float32(1.5) * often / np.float32(grid.unit)
        saw = np.minimum(fold, (1 - fold) / blur)
        yield looked_up(colours, grid.rows(drift, top, bottom) * np.float32(0.6) + saw * np.float32(0.42))


def _dawn(drawing: Drawing) -> Iterator[F32]:
    """Half a sun over a horizon, its light fading upwards and mirrored below."""
    rng, unit = drawing.rng, float(np.sqrt(drawing.width * drawing.height))
    wide, high = drawing.width / unit, drawing.height / unit
    level, radius = np.float32(high * rng.uniform(0.62, 0.7)), np.float32(rng.uniform(0.2, 0.26))
    cx = np.float32(wide * rng.uniform(0.4, 0.6))
    colours = table(line_of(drawing.lab))
    for top, bottom in drawing.bands():
        x, y = pixels(drawing, top, bottom)
        up = level - y
        sky = np.float32(0.8) - np.float32(0.95) * np.abs(up) ** np.float32(0.8)
        far = np.hypot(x - cx, up)
        sky = np.broadcast_to(sky, far.shape) + np.float32(0.2) * np.exp(-far * np.float32(3.2))
        sun = np.clip((radius - far) * np.float32(unit) + np.float32(0.5), 0, 1)
        sun *= np.clip(up * np.float32(unit) + np.float32(0.5), 0, 1)
        inside = np.float32(0.98) - np.float32(0.5) * np.clip(1 - up / radius, 0, 1)
        below = np.clip(-up * np.float32(unit) + np.float32(0.5), 0, 1)
        band = looked_up(colours, sky - below * np.float32(0.16))
        lay(band, looked_up(colours, np.broadcast_to(inside, far.shape)), sun)
        yield band


_PAINTERS: dict[str, Callable[[Drawing], Iterator[F32]]] = {
    "aura": _aura,
    "fluted": _fluted,
    "orb": _orb,
    "arches": _arches,
    "beams": _beams,
    "dawn": _dawn,
}
