"""Low-poly facets: a triangulation of a gentle relief, lit from one side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockgen.providers._procedural.blend import blobs, warped
from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.noise import smooth_noise
from stockgen.providers._procedural.palette import is_dark, line_of, ramp, rgb, shaded
from stockgen.providers._procedural.triangles import triangulate

F64 = NDArray[np.float64]

# All lengths in units of √(width · height), so that a picture looks the same at every size.
_EDGE = {"fine": 0.05, "bold": 0.135, "crystal": 0.085, "mountains": 0.06, "radial": 0.075}
_RELIEF = {"fine": 0.10, "bold": 0.26, "crystal": 0.34, "mountains": 0.16}
_RIDGES = 4


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    unit = float(np.sqrt(drawing.width * drawing.height))
    side = (drawing.width / unit, drawing.height / unit)
    ridges = _ridges(side, drawing.rng)
    points = _points(drawing, side, ridges)
    corners = points[triangulate(points)]
    lab = _coloured(drawing, corners, side, ridges)
    yield from _filled(drawing, corners * unit, rgb(lab))


def _points(drawing: Drawing, side: tuple[float, float], ridges: list[_Ridge]) -> F64:
    edge, rng = _EDGE.get(drawing.variant, 0.08), drawing.rng
    if drawing.variant == "radial":
        return _rings(side, edge, rng)
    if drawing.variant in ("crystal", "diagonal"):
        return _shards(side, edge, rng)
    points = _jittered((-0.25, -0.25), (side[0] + 0.25, side[1] + 0.25), edge, rng)
    return _along_ridges(points, side, ridges, edge) if drawing.variant == "mountains" else points


def _jittered(low: tuple[float, float], high: tuple[float, float], edge: float, rng: np.random.Generator) -> F64:
    """Points of a triangular lattice, each pushed aside by up to two fifths of its distance to the next."""
    y, x = np.mgrid[low[1] : high[1] : edge * 0.87, low[0] : high[0] : edge]
    x[1::2] += edge / 2
    return np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-0.4, 0.4, (x.size, 2)) * edge


def _shards(side: tuple[float, float], edge: float, rng: np.random.Generator) -> F64:
    """Facets drawn out along one slanting direction."""
    reach = (side[0] + side[1]) * 0.75
    points = _jittered((-reach / 2.4, -reach), (reach / 2.4, reach), edge, rng) * [2.2, 0.9]
    angle = rng.uniform(0.5, 1.0) * rng.choice([-1, 1])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(points @ turn.T + np.array(side) / 2, np.float64)


def _rings(side: tuple[float, float], edge: float, rng: np.random.Generator) -> F64:
    """Facets that grow outwards from a point near the middle."""
    centre = np.array(side) * rng.uniform(0.38, 0.62, 2)
    spokes, growth, far = 18, 1.3, side[0] + side[1]
    rings: list[F64] = []
    radius = edge
    while radius < far:
        angles = (np.arange(spokes) + 0.5 * (len(rings) % 2)) * (2 * np.pi / spokes)
        angles = angles + rng.uniform(-0.3, 0.3, spokes) * (2 * np.pi / spokes)
        radii = radius * rng.uniform(0.9, 1.1, spokes)
        rings.append(centre + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None])
        radius *= growth
    return np.concatenate([centre[None], *rings])


@dataclass(frozen=True, slots=True)
class _Ridge:
    """A chain of mountains: peaks (x, height of the foot line above which they rise) with straight slopes."""

    foot: float
    peaks: F64
    heights: F64
    slopes: F64

    def top(self, x: F64) -> F64:
        """Height of the skyline at `x`, measured downwards from the top of the picture."""
        return np.asarray(self.foot - self._rise(x).max(axis=0), np.float64)

    def facing(self, x: F64) -> F64:
        """1 left of the peak that forms the skyline at `x`, the sunny side; −1 right of it."""
        return np.asarray(np.sign(self.peaks[self._rise(x).argmax(axis=0)] - x), np.float64)

    def _rise(self, x: F64) -> F64:
        return self.heights[:, None] - self.slopes[:, None] * np.abs(x[None] - self.peaks[:, None])


def _ridges(side: tuple[float, float], rng: np.random.Generator) -> list[_Ridge]:
    """Mountain chains, the farthest first."""
    chains = []
    for depth in range(_RIDGES):
        count = max(3, round(side[0] * (4.5 - 0.5 * depth)))
        peaks = (np.arange(count + 2) - 0.5 + rng.uniform(-0.35, 0.35, count + 2)) * side[0] / count
        heights = side[1] * rng.uniform(0.06, 0.34, count + 2) * (1 - 0.13 * depth)
        foot = side[1] * (0.56 + 0.17 * depth)
        chains.append(_Ridge(foot, peaks, heights, rng.uniform(0.55, 1.15, count + 2)))
    return chains


def _along_ridges(points: F64, side: tuple[float, float], ridges: list[_Ridge], edge: float) -> F64:
    """Points near a skyline give way to points on it, so that edges follow it."""
    on = [points[:0]]
    for ridge in ridges:
        x = np.union1d(np.arange(-0.25, side[0] + 0.25, edge * 0.5), ridge.peaks)
        points = points[np.abs(points[:, 1] - ridge.top(points[:, 0])) > edge * 0.45]
        on = [each[np.abs(each[:, 1] - ridge.top(each[:, 0])) > edge * 0.2] for each in on]
        on.append(np.column_stack([x, ridge.top(x)]))
    return np.concatenate([points, *on])


def _coloured(drawing: Drawing, corners: F64, side: tuple[float, float], ridges: list[_Ridge]) -> F32:
    """OKLab of every facet: the colour of its place, brightened or darkened by how it faces the light."""
    rng, lab = drawing.rng, drawing.lab
    middle = corners.mean(axis=1)
    x, y = middle[:, 0].astype(np.float32), middle[:, 1].astype(np.float32)
    lit = _facing(corners, _RELIEF.get(drawing.variant, 0.18), rng)
    if drawing.variant == "mountains":
        colour, sunny = _landscape(middle, lab, side, ridges)
        lit = np.where(sunny == 0, lit * 0.35, lit * 0.7 + 0.05 * sunny)
    elif drawing.variant == "radial":
        colour = _from_centre(x, y, lab, side, rng)
    elif drawing.variant == "diagonal":
        colour = _slanting(x, y, lab, side, rng)
    else:
        colour = blobs(*warped(x, y, rng, 0.2, 1.2), side, lab, rng)
    return shaded(colour, lit.astype(np.float32), lab)


def _facing(corners: F64, relief: float, rng: np.random.Generator) -> F32:
    """How much lighter a facet is: its normal against a light from above left, about −0.1…0.1."""
    flat = corners.reshape(-1, 2)
    z = smooth_noise(flat[:, 0].astype(np.float32), flat[:, 1].astype(np.float32), 3.2, rng, 3) * relief
    raised = np.column_stack([flat, z]).reshape(-1, 3, 3)
    normal = np.cross(raised[:, 1] - raised[:, 0], raised[:, 2] - raised[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) * np.where(normal[:, 2:] < 0, -1, 1)
    light = np.array([-0.55, -0.6, 0.58])
    shade = normal @ (light / np.linalg.norm(light))
    own = rng.normal(0, 0.008, len(shade))
    return np.asarray(0.22 * (shade - np.median(shade)) + own, np.float32)


def _landscape(middle: F64, lab: F32, side: tuple[float, float], ridges: list[_Ridge]) -> tuple[F32, F32]:
    """A sky, and ridges that grow stronger in colour the nearer they are; with how the sun falls on them."""
    x, y = middle[:, 0], middle[:, 1]
    behind = np.stack([y > ridge.top(x) for ridge in ridges]).sum(axis=0)
    line = line_of(lab)[::-1]
    down = (y / side[1]).astype(np.float32)
    sky = ramp(line[:2], 0.8 - 1.1 * down)
    ground = ramp(line[1:], (behind / np.float32(_RIDGES)) - 0.1 + 0.12 * down)
    sunny = np.choose(behind, [np.zeros_like(x), *(ridge.facing(x) for ridge in ridges)]).astype(np.float32)
    return np.where((behind > 0)[:, None], ground, sky).astype(np.float32), sunny


def _from_centre(x: F32, y: F32, lab: F32, side: tuple[float, float], rng: np.random.Generator) -> F32:
    far = np.hypot((x - side[0] / 2) / side[0], (y - side[1] / 2) / side[1])
    line = line_of(lab)[::-1]
    swing = np.float32(0.2) * smooth_noise(x, y, 1.4, rng)
    return ramp(line[1:] if is_dark(lab) else line[:-1], far * np.float32(1.35) + swing)


def _slanting(x: F32, y: F32, lab: F32, side: tuple[float, float], rng: np.random.Generator) -> F32:
    turned = x / side[0] if rng.random() < 0.5 else 1 - x / side[0]
    t = (turned + y / side[1]) / 2 + np.float32(0.22) * smooth_noise(x, y, 1.3, rng)
    line = line_of(lab)
    return ramp(line if rng.random() < 0.5 else line[::-1], t.astype(np.float32))


def _filled(drawing: Drawing, corners: F64, colours: F32) -> Iterator[F32]:
    """Paint facets band by band; edges are antialiased by the distance to them, overlaps weighed out."""
    facets = _Facets(corners, colours, drawing.rng)
    for top, bottom in drawing.bands():
        total = np.zeros((bottom - top, drawing.width, 3), np.float32)
        weight = np.full((bottom - top, drawing.width), 1e-6, np.float32)
        for index in facets.touching(top, bottom, drawing.width):
            facets.add(index, top, total, weight)
        yield total / weight[..., None]


class _Facets:
    """Triangles ready to be painted: half-planes, boxes, colours and a soft slope of light inside each."""

    def __init__(self, corners: F64, colours: F32, rng: np.random.Generator) -> None:
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        turn = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        corners = np.where((turn < 0)[:, None, None], corners[:, ::-1], corners)
        edge = np.roll(corners, -1, axis=1) - corners
        normal = np.stack([-edge[..., 1], edge[..., 0]], axis=-1)
        normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9)
        offset = 0.5 - (normal * (corners - 0.5)).sum(axis=-1)  # pixel centres lie half a pixel inside
        self._planes = np.concatenate([normal, offset[..., None]], axis=-1).astype(np.float32)
        self._low = np.floor(corners.min(axis=1) - 1).astype(int)
        self._high = np.ceil(corners.max(axis=1) + 1).astype(int)
        self._colours = colours
        self._slopes = self._sloping(corners, rng)

    @staticmethod
    def _sloping(corners: F64, rng: np.random.Generator) -> F32:
        """Per facet a, b, c of `1 + a·x + b·y + c`: a few per cent lighter towards one side."""
        angle = rng.uniform(0, 2 * np.pi, len(corners))
        size = np.ptp(corners, axis=1).max(axis=1)
        strength = rng.uniform(0.02, 0.09, len(corners)) / size
        a, b = np.cos(angle) * strength, np.sin(angle) * strength
        middle = corners.mean(axis=1)
        return np.column_stack([a, b, 1 - a * middle[:, 0] - b * middle[:, 1]]).astype(np.float32)

    def touching(self, top: int, bottom: int, width: int) -> NDArray[np.int64]:
        """Indices of the facets that reach into the pixel rows `top`…`bottom`."""
        inside = (self._high[:, 1] > top) & (self._low[:, 1] < bottom)
        return np.flatnonzero(inside & (self._high[:, 0] > 0) & (self._low[:, 0] < width))

    def add(self, index: int, top: int, total: F32, weight: F32) -> None:
        """Paint one facet into a band that begins at pixel row `top`."""
        left, upper = max(0, self._low[index, 0]), max(top, self._low[index, 1])
        right, lower = (
            min(weight.shape[1], self._high[index, 0]),
            min(top + len(weight), self._high[index, 1]),
        )
        x, y = np.arange(left, right, dtype=np.float32), np.arange(upper, lower, dtype=np.float32)[:, None]
        cover: F32 | None = None
        for a, b, c in self._planes[index]:
            plane = (a * x) + (b * y + c)
            cover = plane if cover is None else np.minimum(cover, plane, out=cover)
        assert cover is not None
        np.clip(cover, 0, 1, out=cover)
        part = np.s_[upper - top : lower - top, left:right]
        weight[part] += cover
        a, b, c = self._slopes[index]
        cover *= (a * x) + (b * y + c)
        total[part] += cover[..., None] * self._colours[index]
