"""Marble: polished stone with clouds and veins of several strengths; it goes on at every side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import lay, looked_up, table
from stockgen.providers._procedural.palette import is_dark, line_of, rgb
from stockgen.providers._procedural.torus import Torus

Rng = np.random.Generator
_STONE = ("veined", "gold", "breccia")  # the others are one ramp of colours, bent


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    torus = Torus(drawing.width, drawing.height, 900)
    yield from (_stone if drawing.variant in _STONE else _inks)(drawing, torus)


def _bend(torus: Torus, rng: Rng, strength: float, low: float, high: float) -> tuple[F32, F32]:
    return tuple(np.float32(strength) * torus.noise(rng, low, high, 1.9) for _ in range(2))  # type: ignore[return-value]


def _stone(drawing: Drawing, torus: Torus) -> Iterator[F32]:
    rng, lab = drawing.rng, drawing.lab
    colours = _slabs(lab)
    dx, dy = _bend(torus, rng, 0.075, 1.2, 40)
    cloud = torus.pushed(torus.noise(rng, 1.0, 60, 1.3), dx, dy)
    veins = []
    for vein in _VEINS[drawing.variant]:
        field = torus.pushed(torus.noise(rng, vein.low, vein.high, 2.1), dx, dy)  # the vein is its zero line
        veins.append((vein, field, torus.steepness(field)))
    ground = table(colours[:3])
    ink = rgb(np.stack([colours[3], lab[-1]]))
    for top, bottom in drawing.bands():
        tone = torus.rows(cloud, top, bottom)
        band = looked_up(ground, np.float32(0.42) + np.float32(0.2) * tone)
        for vein, field, slope in veins:
            far = np.abs(torus.rows(field, top, bottom)) / np.maximum(torus.rows(slope, top, bottom), 1e-5)
            thick = np.float32(vein.wide * torus.unit) * np.clip(np.float32(0.62) + np.float32(0.55) * tone, 0.12, 2)
            core = np.clip(thick - far + np.float32(0.5), 0, np.minimum(1, 2 * thick))
            halo = np.exp(-far / (thick * 7 + 1)) * np.float32(0.42)
            lay(
                band,
                ink[vein.ink],
                np.maximum(core, halo) * (vein.strength * np.clip(np.float32(0.86) + np.float32(0.3) * tone, 0.3, 1)),
            )
        yield band


@dataclass(frozen=True, slots=True)
class Vein:
    """Frequencies of the field whose zero line it is, half its width in √(width · height), strength 0…1.

    `ink`: 0 = the stone's own vein colour, 1 = the palette's accent.
    """

    low: float
    high: float
    wide: float
    strength: float
    ink: int = 0


_VEINS = {
    "veined": (Vein(1.6, 90, 0.0022, 0.62), Vein(2.6, 140, 0.0011, 0.42), Vein(5.0, 160, 0.0005, 0.28)),
    "gold": (Vein(1.4, 90, 0.0030, 0.95, 1), Vein(2.4, 120, 0.0012, 0.8, 1), Vein(4.0, 160, 0.0006, 0.3)),
    "breccia": (Vein(5.0, 60, 0.0034, 0.75), Vein(6.5, 120, 0.0013, 0.5, 1), Vein(9.0, 160, 0.0006, 0.35)),
}


def _slabs(lab: F32) -> F32:
    """Ground from its darkest to its lightest tone, and the colour of the veins."""
    steps = np.array([0.06, 0.0, -0.05] if is_dark(lab) else [-0.075, 0.0, 0.02], np.float32)
    ground = np.repeat(lab[:1], 3, axis=0)
    ground[:, 0] = np.clip(ground[:, 0] + steps, 0.05, 0.985)
    ground[0, 1:] = 0.6 * ground[0, 1:] + 0.4 * lab[1, 1:]
    far = lab[1:-1] if len(lab) > 3 else lab[1:]
    vein = far[np.argmax(np.abs(far[:, 0] - lab[0, 0]))]
    return np.concatenate([ground, vein[None]]).astype(np.float32)


def _inks(drawing: Drawing, torus: Torus) -> Iterator[F32]:
    rng = drawing.rng
    folds, strength, turns = _BENT[drawing.variant]
    field = torus.noise(rng, 1.3, 4.5, 1.6)
    for _ in range(folds):
        field = torus.pushed(field, *_bend(torus, rng, strength, 1.3, 9))
    fine = torus.pushed(torus.noise(rng, 8, 160, 1.0), *_bend(torus, rng, 0.05, 2, 30))
    line = line_of(drawing.lab)
    colours = table(np.concatenate([line, line[-2:0:-1], line[:1]]))  # there and back: no jump where it repeats
    for top, bottom in drawing.bands():
        t = torus.rows(field, top, bottom) * np.float32(turns)
        grain = torus.rows(fine, top, bottom)
        t += grain * np.float32(0.012)
        band = looked_up(colours, t - np.floor(t))
        if drawing.variant == "agate":
            rings = t * np.float32(9)
            ring = np.abs(rings - np.rint(rings)) * 2
            band += ((ring - np.float32(0.5)) * np.float32(15))[..., None]
        band += (grain * np.float32(1.6))[..., None]
        yield band


# how often it is folded, how far (in √(width · height)), and how many rounds of the palette lie in a hill
_BENT = {"swirled": (4, 0.075, 0.62), "smoky": (3, 0.07, 0.2), "agate": (2, 0.03, 0.42)}
