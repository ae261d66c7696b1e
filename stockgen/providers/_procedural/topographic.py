"""Contour lines of a landscape, all of one width, as on a hiking map; the map goes on at every side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import lay, looked_up, table
from stockgen.providers._procedural.palette import is_dark, line_of, rgb
from stockgen.providers._procedural.torus import Torus

_SHADES = 64
_INDEX = 5  # every fifth line is a thick one, as on maps


@dataclass(frozen=True, slots=True)
class Style:
    """How the map looks. `levels`: lines in a hill's height; `thick`: half a line in √(width · height).

    `low`, `high`: frequencies of the hills; `tint`: how far the ground takes the height's colour; `stretch`: how much
    longer than high the hills are; `wobble`: how far they are bent.
    """

    levels: float
    thick: float
    low: float = 1.3
    high: float = 7.0
    tint: float = 0.0
    stretch: bool = False
    wobble: float = 0.05
    line: float = 1.0


_STYLES = {
    "fine": Style(levels=9.0, thick=0.00055),
    "bold": Style(levels=4.2, thick=0.0021, high=4.0),
    "tinted": Style(levels=3.6, thick=0.0006, low=1.7, high=7.0, tint=1.0, line=0.7),
    "islands": Style(levels=6.0, thick=0.0006, low=2.2, high=12.0, tint=0.75, wobble=0.07),
    "wood": Style(levels=8.0, thick=0.00085, low=1.0, high=3.5, stretch=True, wobble=0.02),
}


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    style = _STYLES.get(drawing.variant, _STYLES["fine"])
    torus, rng = Torus(drawing.width, drawing.height, 520), drawing.rng
    height = _heights(torus, style, rng)
    steep = torus.steepness(height)
    # On a summit the ground is nearly level: one line there would be a blot.
    steep = np.maximum(steep, np.float32(0.12 * style.levels / torus.unit))
    hue = np.float32(0.5) + np.float32(0.3) * torus.noise(rng, 1.0, 2.0)
    ink, ground = _inks(drawing.lab), table(line_of(drawing.lab), _SHADES * 16)
    plain = rgb(drawing.lab[:1])[0]
    for top, bottom in drawing.bands():
        level = torus.rows(height, top, bottom)
        band = np.empty((*level.shape, 3), np.float32)
        band[:] = plain
        if style.tint:
            lay(band, looked_up(ground, _stepped(level, style)), np.full_like(level, style.tint))
        cover = _lines(level, torus.rows(steep, top, bottom), np.float32(style.thick * torus.unit))
        lay(band, looked_up(ink, torus.rows(hue, top, bottom)), cover * np.float32(style.line))
        yield band


def _heights(torus: Torus, style: Style, rng: np.random.Generator) -> F32:
    """Heights in lines: whole numbers are where a line runs."""
    hills = torus.noise(rng, style.low, style.high, 2.2)
    if style.stretch:  # wood: long fibres with knots between them
        across = np.sin(2 * np.pi * np.rint(2 * torus.high) * torus.y / np.float32(torus.high))
        hills = np.float32(0.32) * hills + np.float32(0.9) * across.astype(np.float32)
        hills += np.float32(0.12) * torus.noise(rng, 3, 9, 1.2)
    bend = [np.float32(style.wobble) * torus.noise(rng, 1.4, 8, 1.8) for _ in range(2)]
    return torus.pushed(hills, *bend) * np.float32(style.levels) + np.float32(0.5)


def _stepped(level: F32, style: Style) -> F32:
    """0…1 for the tint between two lines, the same all over the step."""
    t = (np.floor(level) + np.float32(0.5)) / np.float32(style.levels)
    return np.float32(0.5) + t * np.float32(0.27)


def _lines(level: F32, steep: F32, thick: np.float32) -> F32:
    """Share of each pixel under a line: distance = difference in height over steepness."""
    near = np.rint(level)
    far = np.abs(level - near) / steep
    half = np.where(near % _INDEX == 0, thick * np.float32(1.9), thick)
    return np.clip(half - far + np.float32(0.5), 0, np.minimum(1, 2 * half))


def _inks(lab: F32) -> F32:
    """Colours of lines: those that stand out from the ground, the strong ones."""
    gap = np.abs(lab[1:, 0] - lab[0, 0])
    strong = lab[1:][gap > min(0.34, 0.75 * float(gap.max()))]
    order = np.argsort(strong[:, 0])
    strong = strong[order][::-1] if is_dark(lab) else strong[order]
    return table(strong if len(strong) > 1 else np.repeat(strong, 2, axis=0), _SHADES)
