"""Waves: hills of colour behind each other, fine lines that swell, rings on water."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import lay, looked_up, pixels, table
from stockgen.providers._procedural.noise import Grid, smooth_noise, smoothstep
from stockgen.providers._procedural.palette import akin, is_dark, line_of, rgb

F64 = NDArray[np.float64]
Rng = np.random.Generator


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    yield from _PAINTERS.get(drawing.variant, _layered)(drawing)


def _crests(drawing: Drawing, count: int, high: float, periods: tuple[float, ...]) -> list[tuple[F32, F32]]:
    """Per wave, far to near: height of the crest for each column in pixels from the top, and its slope."""
    rng, unit = drawing.rng, float(np.sqrt(drawing.width * drawing.height))
    x = (np.arange(drawing.width) + 0.5) / unit
    first, last = 0.16, 0.93
    found = []
    for depth in range(count):
        base = first + (last - first) * depth / max(1, count - 1)
        crest = np.full_like(x, base * drawing.height / unit)
        for period, share in zip(periods, (0.62, 0.28, 0.10), strict=False):
            swing = 2 * np.pi * x / (period * rng.uniform(0.8, 1.25)) + rng.uniform(0, 2 * np.pi)
            crest += share * high * np.sin(swing)
        crest *= unit
        found.append((crest.astype(np.float32), np.gradient(crest).astype(np.float32)))
    return found


def _layered(drawing: Drawing) -> Iterator[F32]:
    """Broad waves, each lighter at its crest, with a soft shadow on the one behind."""
    dunes = drawing.variant == "dunes"
    crests = _crests(
        drawing, 5 if dunes else 8, 0.12 if dunes else 0.075, (1.5, 0.8, 0.5) if dunes else (0.9, 0.55, 0.3)
    )
    unit = float(np.sqrt(drawing.width * drawing.height))
    line = line_of(drawing.lab)
    colours = table(line if is_dark(drawing.lab) == (drawing.rng.random() < 0.25) else line[::-1])
    deep, shade = np.float32((0.34 if dunes else 0.2) * unit), np.float32(0.03 * unit)
    step = np.float32(1 / (len(crests) + 1))
    dark = np.float32(0.10)
    for top, bottom in drawing.bands():
        rows = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5))[:, None]
        sky = np.clip(rows / np.float32(drawing.height * 0.35), 0, 1) * step * np.float32(0.6)
        band = looked_up(colours, np.broadcast_to(sky, (bottom - top, drawing.width)))
        for depth, (crest, slope) in enumerate(crests, start=1):
            if crest.min() - 4 * shade > bottom:
                continue
            if depth < len(crests) and crests[depth][0].max() + 2 < top:
                continue  # wholly behind the next one
            below = (rows - crest) / np.sqrt(1 + slope * slope)
            band *= (1 - dark * np.exp(np.minimum(below, 0) / shade))[..., None]
            t = np.float32(depth) * step + (np.clip(below / deep, 0, 1) - np.float32(0.55)) * step * np.float32(1.1)
            lay(band, looked_up(colours, t), np.clip(below + np.float32(0.5), 0, 1))
        yield band


def _striped(drawing: Drawing) -> Iterator[F32]:
    """Waves behind each other, each filled with lines that follow its crest."""
    crests = _crests(drawing, 9, 0.06, (0.85, 0.45, 0.3))
    unit = float(np.sqrt(drawing.width * drawing.height))
    lab, rng = drawing.lab, drawing.rng
    order = 1 + rng.permutation(len(lab) - 1)
    inks = rgb(lab)
    gap, half = np.float32(0.019 * unit), np.float32(0.0052 * unit)
    for top, bottom in drawing.bands():
        rows = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5))[:, None]
        band = np.empty((bottom - top, drawing.width, 3), np.float32)
        band[:] = inks[0]
        for depth, (crest, slope) in enumerate(crests):
            if crest.min() > bottom + 2 or (depth + 1 < len(crests) and crests[depth + 1][0].max() + 2 < top):
                continue
            below = (rows - crest) / np.sqrt(1 + slope * slope)
            whole = np.clip(below + np.float32(0.5), 0, 1)
            lay(band, inks[0], whole)
            apart = np.abs(below - gap * np.rint(below / gap))
            stripe = np.clip(half - apart + np.float32(0.5), 0, 1) * whole
            stripe *= 1 - smoothstep(3.4, 4.4, below / gap) * np.float32(0.85)
            lay(band, inks[order[depth % len(order)]], stripe)
        yield band


def _lines(drawing: Drawing) -> Iterator[F32]:
    """Many thin lines one below the other that swell together, like a drawn mountain range of sound."""
    grid, rng = Grid(drawing.width, drawing.height, 500), drawing.rng
    count = 38
    swell = np.float32(0.62) * smooth_noise(grid.x, grid.y * 0.6, 1.9, rng, 2)
    edge = np.clip(np.sin(np.pi * np.clip(grid.x / grid.wide, 0, 1)), 0, 1) ** np.float32(0.8)
    level = (grid.y / grid.high + swell * edge * np.float32(0.42)) * np.float32(count)
    steep = np.maximum(np.hypot(*grid.slopes(level)), np.float32(0.08 * count / grid.unit))
    ink = table(_strong(drawing.lab), 256)
    plain = rgb(drawing.lab[:1])[0]
    half = np.float32(0.0011 * grid.unit)
    for top, bottom in drawing.bands():
        at = grid.rows(level, top, bottom)
        far = np.abs(at - np.rint(at)) / grid.rows(steep, top, bottom)
        band = np.empty((*at.shape, 3), np.float32)
        band[:] = plain
        cover = np.asarray(np.clip(half - far + np.float32(0.5), 0, min(1.0, float(2 * half))), np.float32)
        lay(band, looked_up(ink, at / np.float32(count)), cover)
        yield band


def _ripples(drawing: Drawing) -> Iterator[F32]:
    """Rings of two drops on water, crossing each other, lit from the side."""
    rng = drawing.rng
    unit = float(np.sqrt(drawing.width * drawing.height))
    wide, high = drawing.width / unit, drawing.height / unit
    drops = [
        (wide * rng.uniform(*px), high * rng.uniform(0.2, 0.8), rng.uniform(0.055, 0.085))
        for px in ((0.05, 0.4), (0.6, 0.95))
    ]
    colours = table(akin(drawing.lab, 4)[::-1])
    for top, bottom in drawing.bands():
        x, y = pixels(drawing, top, bottom)
        light = np.zeros((bottom - top, drawing.width), np.float32)
        for cx, cy, period in drops:
            dx, dy = x - np.float32(cx), y - np.float32(cy)
            far = np.hypot(dx, dy) + np.float32(1e-4)
            facing = (dx * np.float32(0.6) + dy * np.float32(0.8)) / far * np.float32(0.45) + np.float32(0.55)
            light += np.sin(far * np.float32(2 * np.pi / period)) * facing * np.exp(-far * np.float32(0.9))
        shade = np.float32(0.62) + np.float32(0.26) * light - (y / np.float32(high)) * np.float32(0.16)
        yield looked_up(colours, shade)


def _glowing(drawing: Drawing) -> Iterator[F32]:
    """Bright threads that swing together, each with a glow; the ground is the palette's deepest colour."""
    rng, lab = drawing.rng, drawing.lab
    unit = float(np.sqrt(drawing.width * drawing.height))
    x = (np.arange(drawing.width) + 0.5) / unit
    wide, high = drawing.width / unit, drawing.height / unit
    ordered = lab[np.argsort(lab[:, 0])]
    deep, inks = rgb(ordered[:1])[0], rgb(ordered[2:])
    phase = rng.uniform(0, 2 * np.pi, 3)
    threads = []
    for number in range(26):
        s = number / 25
        swing = np.sin(2 * np.pi * x / (wide * 0.95) + phase[0] + 1.5 * s) * (0.17 + 0.1 * s)
        swing += np.sin(2 * np.pi * x / (wide * 0.52) + phase[1] - 2.3 * s) * 0.075
        crest = (high * (0.47 + 0.1 * (s - 0.5)) + swing * high) * unit
        threads.append(
            (crest.astype(np.float32), np.gradient(crest).astype(np.float32), inks[int(s * (len(inks) - 1) + 0.5)])
        )
    half, glow = np.float32(max(0.0008 * unit, 0.4)), np.float32(0.012 * unit)
    for top, bottom in drawing.bands():
        rows = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5))[:, None]
        band = np.empty((bottom - top, drawing.width, 3), np.float32)
        band[:] = deep
        for crest, slope, ink in threads:
            if crest.min() - 6 * glow > bottom or crest.max() + 6 * glow < top:
                continue
            far = np.abs(rows - crest) / np.sqrt(1 + slope * slope)
            lay(
                band,
                ink,
                np.maximum(
                    np.clip(half - far + np.float32(0.5), 0, 1) * np.float32(0.9), np.exp(-far / glow) * np.float32(0.1)
                ),
            )
        yield band


def _strong(lab: F32) -> F32:
    """The colours that stand out from the ground, in the palette's order."""
    gap = np.abs(lab[1:, 0] - lab[0, 0])
    strong = lab[1:][gap > min(0.25, 0.6 * float(gap.max()))]
    return strong if len(strong) > 1 else np.repeat(strong, 2, axis=0)


_PAINTERS: dict[str, Callable[[Drawing], Iterator[F32]]] = {
    "layered": _layered,
    "dunes": _layered,
    "striped": _striped,
    "lines": _lines,
    "ripples": _ripples,
    "glowing": _glowing,
}
