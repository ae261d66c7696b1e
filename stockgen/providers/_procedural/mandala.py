"""Mandalas: wreaths of petals round one point, each wreath set between the petals of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import F64, Shape, bytes_of, filled, repeated
from stockgen.providers._procedural.palette import is_dark

Rng = np.random.Generator
Colour = tuple[int, ...]
_LINE = 0.0017  # an outline's width in √(width · height)


@dataclass(frozen=True, slots=True)
class Mandala:
    """Centre, radius and outline in pixels, petals in a wreath, and colours: `ink` of lines, `fills` by turns."""

    x: float
    y: float
    radius: float
    fold: int
    line: float
    ink: Colour
    fills: tuple[Colour, ...]

    def at(self, radius: F64, angle: F64) -> F64:
        """Pixels of points given by radius (of 1) and angle."""
        far = radius * self.radius
        return np.column_stack([self.x + far * np.cos(angle), self.y + far * np.sin(angle)])

    def turned(self, points: F64, angle: float) -> F64:
        """Points of this mandala turned round its centre."""
        cos, sin, middle = np.cos(angle), np.sin(angle), (self.x, self.y)
        return np.asarray((points - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle, np.float64)


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    yield from _tiled(drawing) if drawing.variant == "tile" else _painted(drawing, _mandalas(drawing))


def _painted(drawing: Drawing, mandalas: list[Mandala]) -> Iterator[F32]:
    shapes = [shape for mandala in mandalas for shape in _drawn(mandala, drawing.rng, drawing.variant)]
    if drawing.variant == "tile":
        shapes = repeated(shapes, drawing.width, drawing.height)
    yield from filled(drawing, shapes, bytes_of(drawing.lab[0]))


def _tiled(drawing: Drawing) -> Iterator[F32]:
    """One cell with a mandala in its middle and parts of a small one in its corners, laid out over the picture."""
    unit = float(np.sqrt(drawing.width * drawing.height))
    edges = [
        np.rint(np.linspace(0, side, max(1, round(side / unit * 3)) + 1)).astype(int)
        for side in (drawing.width, drawing.height)
    ]
    wide, high = (int(np.diff(each).max()) for each in edges)
    cell = replace(drawing, width=wide, height=high)
    ink, fills = _colours(drawing.lab, drawing.variant, drawing.rng)
    line = max(0.5, 0.75 * _LINE * unit)
    size = 0.5 * min(wide, high)
    large = Mandala(wide / 2, high / 2, size, 12, line, ink, fills)
    one = np.concatenate([*_painted(cell, [large, Mandala(0, 0, size * 0.42, 8, line, ink, fills)])])
    for top, bottom in pairwise(edges[1]):
        # Cells differ by a pixel where the picture can't be divided evenly: the last row or column is left out.
        strip = np.concatenate([one[: bottom - top, : right - left] for left, right in pairwise(edges[0])], axis=1)
        yield from np.array_split(strip, 8)


def _mandalas(drawing: Drawing) -> list[Mandala]:
    wide, high, rng = drawing.width, drawing.height, drawing.rng
    unit, small = float(np.sqrt(wide * high)), min(wide, high)
    ink, fills = _colours(drawing.lab, drawing.variant, rng)
    fold = int(rng.choice([10, 12, 16]))

    def one(x: float, y: float, radius: float, petals: int = fold, line: float = 1.0) -> Mandala:
        return Mandala(x, y, radius, petals, max(0.6, _LINE * unit * line), ink, fills)

    match drawing.variant:
        case "corner":
            down, right = rng.integers(0, 2, 2)
            far = one(wide * (1 - right), high * (1 - down), 0.36 * unit)
            return [one(wide * right, high * down, 0.62 * unit), far]
        case "half":
            return [one(wide / 2, high * 1.02, 0.7 * min(wide * 0.72, high), 20)]
        case _:
            return [one(wide / 2, high / 2, 0.485 * small, 24 if drawing.variant == "lace" else fold)]


def _colours(lab: F32, variant: str, rng: Rng) -> tuple[Colour, tuple[Colour, ...]]:
    """The outlines' colour, the strongest against the ground; and the fills, which for lace are hints of colour."""
    kin = lab[1:]
    gap = np.abs(kin[:, 0] - lab[0, 0])
    ink = bytes_of(kin[np.argmax(gap)])
    if variant == "lace":
        tint = lab[0] + (lab[1] - lab[0]) * np.float32(0.5 if is_dark(lab) else 0.45)
        return ink, (bytes_of(lab[0]), bytes_of(tint))
    order = np.argsort(gap)[: max(2, len(kin) - 1)]  # all but the ink, soft ones first
    start = int(rng.integers(len(order)))
    return ink, (*(bytes_of(kin[each]) for each in np.roll(order, start)), bytes_of(lab[0]))


def _drawn(mandala: Mandala, luck: Rng, variant: str) -> Iterator[Shape]:
    """All shapes from the outermost wreath to the heart."""
    names = _SHAPES["star" if variant == "star" else "lotus"]
    outer, number = 1.0, 0
    while outer > 0.14:
        deep = luck.uniform(0.13, 0.21) * (0.55 + 0.45 * outer)
        petals = mandala.fold * (2 if number == 0 and mandala.fold < 20 else 1)
        profile = _PROFILES[names[int(luck.integers(len(names)))]]
        yield from _wreath(mandala, outer, outer - deep, petals, profile, number)
        outer -= deep * luck.uniform(0.66, 0.8)
        number += 1
        if number % 2 == 0 and outer > 0.2:
            yield from _beads(mandala, outer, number)
            outer -= 0.022
    yield from _heart(mandala, outer, number)


def _wreath(
    mandala: Mandala, outer: float, inner: float, petals: int, profile: Callable[[F64], F64], number: int
) -> Iterator[Shape]:
    """Petals side by side round a disc of their own colour, each with a smaller petal and a bead inside."""
    fills = mandala.fills
    own, within = fills[number % len(fills)], fills[(number + 2) % len(fills)]
    low = inner - 0.03
    half = np.pi / petals
    large = _petal(mandala, half, low, outer, profile)
    small = _petal(mandala, half * 0.62, low, low + (outer - low) * 0.67, profile)
    bead = _ring(mandala, low + (outer - low) * 0.42, 0.0, half * low * 0.16)
    parts = ((large, own), (small, within), (bead, fills[(number + 1) % len(fills)]))
    for index in range(petals):
        angle = (2 * index + number % 2) * half - np.pi / 2
        for outline, fill in parts:
            placed = mandala.turned(outline, angle)
            yield Shape(placed, fill)
            yield Shape(placed, mandala.ink, mandala.line)
    disc = mandala.at(np.full(240, low + 0.012), np.linspace(0, 2 * np.pi, 240, endpoint=False))
    yield Shape(disc, fills[(number + 1) % len(fills)])
    yield Shape(np.concatenate([disc, disc[:1]]), mandala.ink, mandala.line)


def _petal(mandala: Mandala, half: float, low: float, high: float, profile: Callable[[F64], F64]) -> F64:
    """Closed outline of a petal from radius `low` to `high`; `profile`: its half width (0…1) along its length (0…1)."""
    along = (1 - np.cos(np.linspace(0, np.pi, 30))) / 2
    aside = profile(along) * half * 0.97
    radius, angle = low + (high - low) * along, np.concatenate([aside, -aside[::-1], aside[:1]])
    return mandala.at(np.concatenate([radius, radius[::-1], radius[:1]]), angle)


def _ring(mandala: Mandala, radius: float, angle: float, size: float) -> F64:
    turn = np.linspace(0, 2 * np.pi, 25)
    middle = mandala.at(np.array([radius]), np.array([angle]))[0]
    ring = np.column_stack([np.cos(turn), np.sin(turn)]) * size * mandala.radius
    return np.asarray(middle + ring, np.float64)


def _beads(mandala: Mandala, radius: float, number: int) -> Iterator[Shape]:
    """A string of pearls."""
    disc = mandala.at(np.full(240, radius + 0.014), np.linspace(0, 2 * np.pi, 240, endpoint=False))
    yield Shape(disc, mandala.ink)
    count = mandala.fold * max(2, round(radius * 5))
    size = min(0.008, 0.36 * np.pi * radius * 2 / count)
    for index in range(count):
        yield Shape(
            _ring(mandala, radius, 2 * np.pi * (index + 0.5) / count, size), mandala.fills[number % len(mandala.fills)]
        )
    inner = mandala.at(np.full(240, radius - 0.014), np.linspace(0, 2 * np.pi, 240, endpoint=False))
    yield Shape(inner, mandala.fills[(number + 1) % len(mandala.fills)])
    yield Shape(np.concatenate([inner, inner[:1]]), mandala.ink, mandala.line)


def _heart(mandala: Mandala, outer: float, number: int) -> Iterator[Shape]:
    for step, share in enumerate((0.75, 0.5, 0.24)):
        disc = mandala.at(np.full(120, outer * share), np.linspace(0, 2 * np.pi, 120, endpoint=False))
        yield Shape(disc, mandala.fills[(number + step) % len(mandala.fills)])
        yield Shape(np.concatenate([disc, disc[:1]]), mandala.ink, mandala.line)


_PROFILES: dict[str, Callable[[F64], F64]] = {
    "lotus": lambda t: np.minimum(1, 1.25 * np.sin(np.pi * t**0.62) ** 0.6),
    "leaf": lambda t: np.sin(np.pi * t) ** 0.85,
    "scallop": lambda t: np.sqrt(np.clip(1 - t**2.4, 0, 1)),
    "drop": lambda t: np.sin(np.pi * t**1.7) ** 0.7 * 0.95,
    "ogee": lambda t: np.clip(np.cos(np.pi * t / 2) ** 0.8 + 0.18 * np.sin(np.pi * t * 2), 0, 1),
    "spear": lambda t: (1 - t) ** 0.9,
    "kite": lambda t: np.where(t < 0.35, 0.35 + 0.65 * t / 0.35, (1 - t) / 0.65),
}
_SHAPES = {"lotus": ("lotus", "leaf", "scallop", "drop", "ogee"), "star": ("spear", "kite", "ogee")}
