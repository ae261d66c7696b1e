"""Watercolour: transparent pigment on rough paper, darker where a wash dried last, gathered in the paper's hollows.

Colours lie over each other as glazes do: each takes away its share of the light (Beer and Lambert), so the paper
shines through and two glazes are darker than one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.noise import smoothstep
from stockgen.providers._procedural.palette import akin, is_dark, rgb
from stockgen.providers._procedural.torus import Torus

Rng = np.random.Generator
_PAPER_WHITE = 0.55  # how far the palette's lightest colour is thinned to paper, at least
_PAPER_LIGHT = 0.92  # OKLab lightness of paper, at least
_TOOTH = 0.10  # how much more pigment lies in a hollow of the paper


@dataclass(frozen=True, slots=True)
class Wash:
    """One wash on the grid: `inside` (0 at its edge, positive within, in height), its `slope` per pixel, `load`.

    `load`: how much pigment lies where, about 1; `colour`: OKLab of a load of 1 on white paper; `first`, `last`:
    the pixel rows that it reaches.
    """

    inside: F32
    slope: F32
    load: F32
    colour: F32
    rim: float
    first: float
    last: float


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    torus = Torus(drawing.width, drawing.height, 560)
    washes = _PAINTERS.get(drawing.variant, _washed)(drawing, torus)
    kin = drawing.lab[:-1]  # paper tinted by the accent would grey every wash
    paper_lab = kin[np.argmax(kin[:, 0])].copy()
    light = min(float(paper_lab[0]), _PAPER_LIGHT)
    white = max(_PAPER_WHITE, (_PAPER_LIGHT - light) / (0.985 - light))
    paper_lab[0] += (0.985 - paper_lab[0]) * white
    paper_lab[1:] *= 1 - white
    paper = rgb(paper_lab[None])[0]
    takes = np.stack([-np.log(np.clip(rgb(wash.colour[None])[0] / paper, 0.02, 1)) for wash in washes])
    tooth = Torus(drawing.width, drawing.height, 1500)
    hollows = tooth.noise(drawing.rng, 80, 420, 0.5)
    for top, bottom in drawing.bands():
        rough = np.clip(tooth.rows(hollows, top, bottom), -2.5, 2.5)
        density = np.zeros((bottom - top, drawing.width, 3), np.float32)
        for wash, take in zip(washes, takes.astype(np.float32), strict=True):
            if wash.last < top or wash.first > bottom:
                continue
            density += _pigment(torus, wash, rough, top, bottom)[..., None] * take
        density *= (1 + np.float32(_TOOTH) * rough)[..., None]
        yield np.exp(-density) * paper * (1 + np.float32(0.011) * rough)[..., None]


def _pigment(torus: Torus, wash: Wash, rough: F32, top: int, bottom: int) -> F32:
    """Load of pigment for each pixel: ragged at the edge, a dark line just inside it."""
    inside = torus.rows(wash.inside, top, bottom)
    far = inside / np.maximum(torus.rows(wash.slope, top, bottom), 1e-6) + rough * np.float32(0.9)
    cover = np.clip(far * np.float32(0.6) + np.float32(0.5), 0, 1)
    width = np.float32(0.0032 * torus.unit)
    rim = np.exp(-np.maximum(far, 0) / width) * np.float32(wash.rim)
    rim += np.exp(-np.maximum(far, 0) / (width * 6)) * np.float32(wash.rim * 0.4)
    load = np.maximum(torus.rows(wash.load, top, bottom), 0)
    return np.asarray(cover * (load + rim * cover), np.float32)


def _wash(torus: Torus, inside: F32, load: F32, colour: F32, rim: float = 0.5) -> Wash:
    slope = torus.steepness(inside)
    wet = np.flatnonzero(((inside > -4 * slope) & (load > 0.004)).any(axis=1))
    cell = torus.height / torus.shape[0]
    first, last = (wet[0] - 2, wet[-1] + 3) if wet.size else (0, 0)
    return Wash(inside, slope, load.astype(np.float32), colour, rim, first * cell, last * cell)


def _whole(torus: Torus) -> F32:
    """No edge within the picture."""
    return np.full(torus.shape, 9.0, np.float32)


def _strong(lab: F32) -> F32:
    """Pigments: the palette without its lightest colour, soft ones first, or strong ones where the ground is dark."""
    kin = lab[:-1] if is_dark(lab) else lab
    ordered = kin[np.argsort(-kin[:, 0])]
    pigments = ordered[1:] if len(ordered) > 3 else ordered
    return pigments[::-1] if is_dark(lab) else pigments


def _mottled(torus: Torus, rng: Rng, low: float = 1.5) -> F32:
    """Uneven pigment, as it settles in a wet wash."""
    dx, dy = (np.float32(0.06) * torus.noise(rng, 2, 30, 1.5) for _ in range(2))
    return torus.pushed(torus.noise(rng, low, 60, 1.35), dx, dy)


def _blooms(torus: Torus, rng: Rng, count: int) -> F32:
    """Backruns: water that ran back into a drying wash leaves a pale middle and a dark ragged rim, −1…1."""
    total = np.zeros(torus.shape, np.float32)
    ragged = torus.noise(rng, 5, 70, 1.1)
    for _ in range(count):
        px, py = rng.uniform(0, torus.wide), rng.uniform(0, torus.high)
        size = rng.uniform(0.07, 0.2)
        dx, dy = np.abs(torus.x - np.float32(px)), np.abs(torus.y - np.float32(py))
        dx, dy = np.minimum(dx, torus.wide - dx), np.minimum(dy, torus.high - dy)
        far = np.hypot(dx, dy) / np.float32(size) - 1 + np.float32(0.17) * ragged
        rim = np.exp(-np.abs(far) / np.float32(0.035)) * (far < 0) + np.exp(-np.abs(far) / np.float32(0.012)) * (
            far >= 0
        )
        total += np.float32(0.55) * rim - np.float32(0.6) * (1 - smoothstep(-0.9, 0.0, far)) * (far < 0)
    return total


def _washed(drawing: Drawing, torus: Torus) -> list[Wash]:
    """Colours that ran into each other all over the sheet; with many backruns for `blooming`."""
    rng, pigments = drawing.rng, akin(drawing.lab)
    blooming = drawing.variant == "blooming"
    bloom = _blooms(torus, rng, 16) if blooming else _blooms(torus, rng, 3) * np.float32(0.5)
    washes = []
    for number, colour in enumerate(pigments):
        load = (np.float32(0.42 if number else 0.62) + np.float32(0.22) * _mottled(torus, rng, 1.2)) * (1 + bloom)
        inside = _whole(torus)
        if number and not blooming:  # later glazes leave dried edges behind
            inside = np.float32(0.5) + torus.noise(rng, 1.0, 40, 1.9)
        washes.append(_wash(torus, inside, load, colour, 0.3))
    return washes


def _stain(drawing: Drawing, torus: Torus) -> list[Wash]:
    """One large stain on white paper, room for words in it, and a few drops around."""
    rng, pigments = drawing.rng, akin(drawing.lab)
    x = np.abs(torus.x / torus.wide - 0.5) * 2
    y = np.abs(torus.y / torus.high - 0.5) * 2
    box = (x**3 + y**3) ** np.float32(1 / 3)
    ragged = torus.noise(rng, 1.6, 50, 1.7)
    edge = np.float32(0.78) - box + np.float32(0.075) * ragged
    drops = _drops(torus, rng, 16)
    bloom = _blooms(torus, rng, 5)
    calm = np.float32(0.55) + np.float32(0.45) * smoothstep(0.1, 0.8, box)
    washes = []
    for number, colour in enumerate(pigments):
        load = (
            (np.float32(0.55 - 0.1 * number) + np.float32(0.3) * _mottled(torus, rng))
            * calm
            * (1 + np.float32(0.6) * bloom)
        )
        inside = edge - np.float32(0.035 * number) * (1 + torus.noise(rng, 1.5, 20, 1.6))
        washes.append(
            _wash(torus, np.maximum(inside, drops) if number == 0 else inside, load, colour, 0.5 / (1 + number))
        )
    return washes


def _drops(torus: Torus, rng: Rng, count: int) -> F32:
    found = np.full(torus.shape, -9.0, np.float32)
    for _ in range(count):
        angle, size = rng.uniform(0, 2 * np.pi), 0.003 + 0.012 * rng.random() ** 2
        px, py = 0.5 + 0.46 * np.cos(angle), 0.5 + 0.46 * np.sin(angle)
        far = np.hypot(torus.x - np.float32(px * torus.wide), torus.y - np.float32(py * torus.high))
        found = np.maximum(found, np.float32(size) - far)
    return found


def _ombre(drawing: Drawing, torus: Torus) -> list[Wash]:
    """Strong above, thinned with more and more water further down."""
    rng, pigments = drawing.rng, akin(drawing.lab)
    down = torus.y / np.float32(torus.high)
    if rng.random() < 0.5:
        down = 1 - down
    streak = np.float32(0.16) * torus.noise(rng, 1.4, 40, 1.5)
    bloom = 1 + np.float32(0.4) * _blooms(torus, rng, 4)
    washes = []
    for number, colour in enumerate(pigments):
        fade = 1 - smoothstep(0.05, 0.85 - 0.2 * number, down + streak)
        load = fade * (np.float32(0.8 - 0.12 * number) + np.float32(0.16) * _mottled(torus, rng)) * bloom
        washes.append(_wash(torus, _whole(torus), load, colour))
    return washes


def _hills(drawing: Drawing, torus: Torus) -> list[Wash]:
    """Misty mountains behind each other: each strong at its ridge and lost in mist at its foot."""
    rng, lab = drawing.rng, drawing.lab
    pigments = _strong(lab[:-1] if len(lab) > 4 else lab)
    pigments = pigments[np.argsort(-pigments[:, 0])]  # the farther, the paler
    sky = np.clip(0.3 - 0.35 * torus.y / torus.high, 0, 1) + np.float32(0.05) * _mottled(torus, rng)
    washes = [_wash(torus, _whole(torus), sky, pigments[0])]
    x = torus.x[0].astype(np.float64)
    settled = [_mottled(torus, rng) for _ in range(2)]
    for depth in range(5):
        ridge = torus.high * (0.34 + 0.135 * depth) + np.zeros_like(x)
        for often, size in ((1.3, 0.055), (2.9, 0.03), (6.5, 0.013), (15, 0.005), (37, 0.002)):
            ridge -= (
                size * (1 + 0.12 * depth) * np.sin(2 * np.pi * often * x * rng.uniform(0.8, 1.2) + rng.uniform(0, 7))
            )
        below = torus.y - ridge.astype(np.float32)[None]
        mist = np.exp(-np.maximum(below, 0) / np.float32(0.13 + 0.03 * depth))
        load = mist * np.float32(0.4 + 0.15 * depth) * (1 + np.float32(0.25) * settled[depth % 2])
        washes.append(_wash(torus, below.astype(np.float32), load, pigments[min(depth, len(pigments) - 1)], 0.12))
    return washes


def _spots(drawing: Drawing, torus: Torus) -> list[Wash]:
    """Round glazes laid over each other, wet on dry."""
    rng, pigments = drawing.rng, _strong(drawing.lab)
    washes = []
    settled = [_mottled(torus, rng, 2.5) for _ in range(3)]
    for number in range(10):
        px, py = rng.uniform(0, torus.wide), rng.uniform(0, torus.high)
        size = rng.uniform(0.12, 0.25)
        dx, dy = np.abs(torus.x - np.float32(px)), np.abs(torus.y - np.float32(py))
        dx, dy = np.minimum(dx, torus.wide - dx), np.minimum(dy, torus.high - dy)
        inside = np.float32(size) - np.hypot(dx, dy) + np.float32(0.011) * torus.noise(rng, 2.5, 50, 1.6)
        load = np.float32(0.42) + np.float32(0.15) * settled[number % 3]
        washes.append(_wash(torus, inside, load, pigments[number % len(pigments)], 0.32))
    return washes


_PAINTERS: dict[str, Callable[[Drawing, Torus], list[Wash]]] = {
    "wash": _washed,
    "blooming": _washed,
    "stain": _stain,
    "ombre": _ombre,
    "hills": _hills,
    "spots": _spots,
}
