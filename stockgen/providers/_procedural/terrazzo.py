"""Terrazzo: chips of stone of many sizes, cut and polished, in a floor that goes on at every side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import F64, Shape, bytes_of, filled, repeated
from stockgen.providers._procedural.packing import packed
from stockgen.providers._procedural.palette import rgb
from stockgen.providers._procedural.torus import Torus
from stockgen.providers._procedural.triangles import triangulate

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Style:
    """`largest`, `smallest` radius of a chip and the `gap` between two, in √(width · height).

    `count` tries; `skew`: the higher, the more small ones; `round`: 0 = sharp splinters, 1 = pebbles; `long`: how
    much longer than wide at most.
    """

    largest: float
    smallest: float
    gap: float
    count: int
    skew: float = 2.2
    round: float = 0.0
    long: float = 1.5


_STYLES = {
    "classic": Style(0.055, 0.006, 0.004, 1500),
    "fine": Style(0.022, 0.004, 0.003, 2600, skew=1.6),
    "bold": Style(0.115, 0.007, 0.007, 700, skew=1.5),
    "pebble": Style(0.06, 0.009, 0.005, 900, skew=1.7, round=1.0, long=1.35),
    "sparse": Style(0.042, 0.006, 0.032, 500, skew=1.2),
}


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    unit = float(np.sqrt(drawing.width * drawing.height))
    side = (drawing.width / unit, drawing.height / unit)
    if drawing.variant == "mosaic":
        polygons = [*_slabs(side, drawing.rng)]
    else:
        polygons = [*_chips(_STYLES.get(drawing.variant, _STYLES["classic"]), side, drawing.rng)]
    shapes = [
        Shape(points * unit, colour) for points, colour in zip(polygons, _colours(drawing, len(polygons)), strict=True)
    ]
    grit = Torus(drawing.width, drawing.height, 1400)
    speckle = grit.noise(drawing.rng, 90, 500, 0.2)
    whole = repeated(shapes, drawing.width, drawing.height)
    top = 0
    for band in filled(drawing, whole, bytes_of(drawing.lab[0])):
        rough = grit.rows(speckle, top, top + len(band))
        top += len(band)
        band *= (np.float32(0.985) + np.float32(0.008) * np.clip(rough, -3, 1.8))[..., None]
        yield band


def _colours(drawing: Drawing, count: int) -> list[tuple[int, ...]]:
    """One colour of the palette for each chip, none of them the ground's, each a little lighter or darker."""
    lab, rng = drawing.lab[1:], drawing.rng
    odds = np.linspace(1.3, 0.8, len(lab))
    own = lab[rng.choice(len(lab), count, p=odds / odds.sum())]
    own[:, 0] = np.clip(own[:, 0] + rng.normal(0, 0.018, count), 0.05, 0.98)
    return [tuple(each) for each in np.rint(rgb(own.astype(np.float32))).astype(int).tolist()]


def _chips(style: Style, side: tuple[float, float], rng: Rng) -> Iterator[F64]:
    share = rng.random(style.count) ** style.skew
    radii = style.smallest + (style.largest - style.smallest) * share
    for x, y, radius in packed(side, radii, style.gap, rng):
        yield _chip(float(radius), style, rng) + np.array([x, y])


def _chip(radius: float, style: Style, rng: Rng) -> F64:
    """A convex splinter: a few points round an ellipse, its corners cut off; a pebble is cut until it is round."""
    corners = int(rng.integers(4, 8)) + (2 if style.round else 0)
    angles = (np.arange(corners) + rng.uniform(-0.36, 0.36, corners)) * (2 * np.pi / corners)
    long = rng.uniform(1.0, style.long)
    points = np.column_stack([np.cos(angles), np.sin(angles) / long]) * radius * 1.12
    turn = rng.uniform(0, 2 * np.pi)
    points = points @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return _cut(points, 4 if style.round else 2, 0.25 if style.round else 0.1)


def _cut(points: F64, times: int, share: float) -> F64:
    """Corners cut off (Chaikin, 1974): `share` of either edge, again and again."""
    for _ in range(times):
        after = np.roll(points, -1, axis=0)
        points = np.stack([points + (after - points) * share, after - (after - points) * share], axis=1).reshape(-1, 2)
    return points


def _slabs(side: tuple[float, float], rng: Rng) -> Iterator[F64]:
    """Large broken pieces with narrow joints: the Voronoi cells of scattered points, shrunk a little."""
    count = 90
    discs = packed(side, rng.uniform(0.028, 0.05, count * 4), 0.004, rng)[:, :2]
    tiles = [discs + np.array([right * side[0], down * side[1]]) for down in (0, -1, 1) for right in (0, -1, 1)]
    near = np.concatenate(tiles)
    inside = np.logical_and(near > -0.35, near < np.array(side) + 0.35).all(axis=1)
    assert isinstance(inside, np.ndarray)
    own = np.flatnonzero(inside[: len(discs)])
    points = near[inside]
    corners = triangulate(points)
    centres = _circumcentres(points[corners])
    for index in own:
        around = centres[(corners == index).any(axis=1)]
        angle = np.arctan2(*(around - points[index]).T[::-1])
        cell = around[np.argsort(angle)]
        middle = cell.mean(axis=0)
        reach = np.median(np.linalg.norm(cell - middle, axis=1))
        yield _cut(middle + (cell - middle) * max(0.3, 1 - 0.0075 / reach), 3, 0.14)


def _circumcentres(corners: F64) -> F64:
    first = corners[:, 0]
    b, c = corners[:, 1] - first, corners[:, 2] - first
    double = 2 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    bb, cc = (b**2).sum(axis=1), (c**2).sum(axis=1)
    away = np.column_stack([c[:, 1] * bb - b[:, 1] * cc, b[:, 0] * cc - c[:, 0] * bb]) / double[:, None]
    return np.asarray(first + away, np.float64)
