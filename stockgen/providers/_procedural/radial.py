"""Whirls, beams, rings and dots round one point, as on posters of the seventies and in comics.

There are no straight rays of two flat colours by turns: in red and white they are the flag of a war, which buyers in
Korea do not forgive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import Shape, bytes_of, filled, lay, looked_up, pixels, table
from stockgen.providers._procedural.noise import smoothstep
from stockgen.providers._procedural.palette import is_dark, line_of, ramp, rgb

Rng = np.random.Generator


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    yield from _PAINTERS.get(drawing.variant, _whirl)(drawing)


def _polar(drawing: Drawing, cx: float, cy: float, top: int, bottom: int) -> tuple[F32, F32]:
    """Distance in √(width · height) and angle −π…π of each pixel, seen from the middle of the rays."""
    x, y = pixels(drawing, top, bottom)
    return np.hypot(x - np.float32(cx), y - np.float32(cy)), np.arctan2(y - np.float32(cy), x - np.float32(cx))


def _sides(drawing: Drawing) -> tuple[float, float, float]:
    unit = float(np.sqrt(drawing.width * drawing.height))
    return drawing.width / unit, drawing.height / unit, unit


def _whirl(drawing: Drawing) -> Iterator[F32]:
    """Two colours by turns, wound round the middle."""
    wide, high, unit = _sides(drawing)
    rng = drawing.rng
    cx, cy = wide * rng.uniform(0.42, 0.58), high * rng.uniform(0.42, 0.58)
    count = int(rng.choice([10, 12, 14, 16]))
    twist = np.float32(rng.choice([-1, 1]) * rng.uniform(1.9, 3.0))
    one, two = _pair(drawing.lab, rng)
    phase = np.float32(rng.uniform(0, 1))
    for top, bottom in drawing.bands():
        far, angle = _polar(drawing, cx, cy, top, bottom)
        turn = (angle + twist * far) * np.float32(count / (2 * np.pi)) + phase
        inside = turn - np.floor(turn)
        edge = np.minimum(np.abs(inside - np.float32(0.5)), np.minimum(inside, 1 - inside))
        slant = np.sqrt(1 + (twist * far) ** 2)
        apart = edge * np.float32(2 * np.pi / count) * far * np.float32(unit) / slant
        cover = np.where(inside < np.float32(0.5), np.float32(0.5) + apart, np.float32(0.5) - apart)
        shade = np.clip(far / np.float32(0.75), 0, 1)
        band = looked_up(one, shade)
        lay(band, looked_up(two, shade), np.clip(cover, 0, 1))
        yield band


def _pair(lab: F32, rng: Rng) -> tuple[F32, F32]:
    """Two tables from the middle outwards, neighbours in the palette, so that rays stay calm."""
    kin = lab[:-1] if len(lab) > 4 else lab
    line = kin[np.argsort(kin[:, 0])]
    at = int(rng.integers(0, max(1, len(line) - 2)))
    strong, pale = line[at + 1 : at + 3] if is_dark(lab) else line[len(line) - 2 - at : len(line) - at]
    lighter = np.array([[0.035, 0, 0], [0, 0, 0], [-0.035, 0, 0]], np.float32)
    return table(pale + lighter, 512), table(strong + lighter, 512)


def _beams(drawing: Drawing) -> Iterator[F32]:
    """Soft beams of light of uneven width that fade on their way."""
    wide, high, _unit = _sides(drawing)
    rng = drawing.rng
    cx, cy = wide * rng.uniform(0.05, 0.95), -high * rng.uniform(0.05, 0.25)
    waves = [
        (int(rng.integers(*span)), rng.uniform(0, 7), size)
        for span, size in (((5, 9), 0.4), ((11, 19), 0.35), ((23, 41), 0.25))
    ]
    colours = table(line_of(drawing.lab))
    reach = np.float32(np.hypot(wide, high) * 1.05)
    for top, bottom in drawing.bands():
        far, angle = _polar(drawing, cx, cy, top, bottom)
        light = np.zeros_like(far)
        for often, phase, size in waves:
            light += np.float32(size) * np.sin(angle * np.float32(often) + np.float32(phase))
        fade = 1 - far / reach
        glow = smoothstep(-0.4, 0.8, light) * np.float32(0.34)
        shade = np.float32(0.12) + fade * (np.float32(0.72) + glow)
        yield looked_up(colours, shade.astype(np.float32))


def _rings(drawing: Drawing) -> Iterator[F32]:
    """Wide stripes of the palette bent round a corner, as on seventies' posters."""
    wide, high, unit = _sides(drawing)
    rng, lab = drawing.rng, drawing.lab
    right, low = rng.integers(0, 2, 2)
    cx, cy = wide * (0.5 + (right - 0.5) * rng.uniform(0.5, 0.9)), high * (0.5 + (low - 0.5) * rng.uniform(0.9, 1.2))
    order = np.concatenate([line_of(lab), lab[:1]])
    inks, plain = rgb(order), rgb(lab[:1])[0]
    step, first = rng.uniform(0.075, 0.095), rng.uniform(0.12, 0.2)
    for top, bottom in drawing.bands():
        far, _ = _polar(drawing, cx, cy, top, bottom)
        band = np.empty((*far.shape, 3), np.float32)
        band[:] = plain
        for index in range(len(order) - 1, -1, -1):
            rim = np.float32(first + step * (index + 1))
            lay(band, inks[index], np.clip((rim - far) * np.float32(unit) + np.float32(0.5), 0, 1))
        yield band


def _comic(drawing: Drawing) -> Iterator[F32]:
    """Speed lines: thin wedges that run in from the borders and leave the middle free."""
    wide, high, unit = _sides(drawing)
    rng, lab = drawing.rng, drawing.lab
    cx, cy, count = wide / 2, high / 2, 150
    starts = (0.27 + 0.2 * rng.random(count) ** 1.5).astype(np.float32)
    widths = rng.uniform(0.12, 0.46, count).astype(np.float32)
    kin = lab[1:-1] if len(lab) > 3 else lab[1:]
    gap = np.abs(kin[:, 0] - lab[0, 0])
    inks = rgb(kin[np.argsort(gap)[-2:]])
    ink = inks[rng.integers(0, 2, count)]
    ground = table(np.stack([lab[0], lab[0], lab[1]]))
    for top, bottom in drawing.bands():
        far, angle = _polar(drawing, cx, cy, top, bottom)
        oval = np.hypot(far * np.cos(angle) / np.float32(wide), far * np.sin(angle) / np.float32(high))
        turn = (angle + np.float32(np.pi)) * np.float32(count / (2 * np.pi) * (1 - 1e-6))
        wedge = np.minimum(turn.astype(np.int32), count - 1)
        start = starts[wedge]
        aside = np.abs(turn - wedge - np.float32(0.5)) * np.float32(2 * np.pi / count) * far * np.float32(unit)
        grown = np.clip((oval - start) / np.float32(0.45), 0, 1)
        half = widths[wedge] * grown * np.float32(2 * np.pi / count) * far * np.float32(unit)
        band = looked_up(ground, oval * np.float32(1.4))
        lay(band, ink[wedge], np.clip(half - aside + np.float32(0.5), 0, np.minimum(1, 2 * half)))
        yield band


def _seeds(drawing: Drawing) -> Iterator[F32]:
    """Dots set as a sunflower sets its seeds: each turned by the golden angle against the one before (Vogel, 1979)."""
    wide, high, unit = _sides(drawing)
    rng, lab = drawing.rng, drawing.lab
    cx, cy = wide * rng.uniform(0.3, 0.7), high * rng.uniform(0.3, 0.7)
    step = float(rng.uniform(0.0165, 0.02))
    reach = 1.05 * max(np.hypot(x - cx, y - cy) for x in (0, wide) for y in (0, high))
    number = np.arange(1, int((reach / step) ** 2))
    far, angle = step * np.sqrt(number), number * np.pi * (3 - 5**0.5)
    swell = 0.34 + 0.22 * np.sin(far * rng.uniform(6.5, 9) + rng.uniform(0, 7))
    x, y = cx + far * np.cos(angle), cy + far * np.sin(angle)
    inks = line_of(lab)
    inks = inks[np.abs(inks[:, 0] - lab[0, 0]) > 0.06]
    colours = rgb(ramp(inks, np.linspace(0, 1, 64, dtype=np.float32)[:: -1 if is_dark(lab) else 1]))
    which = (np.clip(far / (0.8 * reach), 0, 1) * 63).astype(int)
    ring = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    unit_disc = np.column_stack([np.cos(ring), np.sin(ring)])
    shapes = []
    for px, py, size, at in zip(x, y, swell * step, which, strict=True):
        if -size < px < wide + size and -size < py < high + size:
            colour = tuple(int(value) for value in np.rint(colours[at]))
            shapes.append(Shape((unit_disc * size + (px, py)) * unit, colour))
    yield from filled(drawing, shapes, bytes_of(lab[0]))


_PAINTERS: dict[str, Callable[[Drawing], Iterator[F32]]] = {
    "whirl": _whirl,
    "beams": _beams,
    "rings": _rings,
    "comic": _comic,
    "seeds": _seeds,
}
