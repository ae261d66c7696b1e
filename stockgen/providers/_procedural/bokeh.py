"""Bokeh: lights out of focus, near ones large and faint, far ones small and bright."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from stockgen.providers._procedural.blend import blobs, warped
from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import lay
from stockgen.providers._procedural.noise import Grid, smoothstep
from stockgen.providers._procedural.palette import rgb

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Light:
    """One light out of focus: centre, radius and the softness of its edge in pixels, colour, opacity, turn."""

    x: float
    y: float
    radius: float
    soft: float
    colour: F32
    opacity: float
    turn: float


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    grid, rng, lab = Grid(drawing.width, drawing.height, 300), drawing.rng, drawing.lab
    kin = lab[:-1] if len(lab) > 4 else lab
    deep = kin[np.argsort(kin[:, 0])][:3]
    x, y = warped(grid.x, grid.y, rng, 0.3, 1.1)
    dusk = blobs(x, y, (grid.wide, grid.high), deep, rng)
    dusk[..., 0] -= np.float32(0.16) * np.hypot(grid.x / grid.wide - 0.5, grid.y / grid.high - 0.5).astype(np.float32)
    ground = rgb(dusk)
    lights = _lights(drawing, lab[np.argsort(lab[:, 0])])
    distance = {"hexagon": _hexagon, "heart": _heart}.get(drawing.variant, _disc)
    for top, bottom in drawing.bands():
        band = grid.rows(ground, top, bottom)
        for light in lights:
            _shine(band, light, top, distance)
        yield band


def _lights(drawing: Drawing, ordered: F32) -> list[Light]:
    """Large and faint ones first, small and bright ones over them."""
    rng, unit = drawing.rng, float(np.sqrt(drawing.width * drawing.height))
    count = {"sparkling": 230, "large": 38, "hexagon": 70}.get(drawing.variant, 95)
    size = {"sparkling": 0.62, "large": 2.0, "heart": 1.3, "hexagon": 1.45}.get(drawing.variant, 1.12)
    places = _PLACES.get(drawing.variant, _anywhere)(count, rng)
    pale = np.concatenate([ordered[len(ordered) // 3 :], ordered[-2:]])
    lights = []
    for (px, py), depth in zip(places, np.sort(rng.random(count))[::-1], strict=True):
        radius = unit * size * (0.012 + 0.085 * depth**1.7) * rng.uniform(0.8, 1.25)
        lab = pale[rng.integers(len(pale))].copy()
        lab[0] = min(0.985, lab[0] + 0.05 + 0.13 * (1 - depth))
        lights.append(
            Light(
                px * drawing.width,
                py * drawing.height,
                radius,
                max(1.0, radius * (0.03 + 0.28 * abs(depth - 0.25) * rng.uniform(0.3, 1.2))),
                rgb(lab[None])[0],
                rng.uniform(0.08, 0.34) + 0.5 * (1 - depth) ** 3 * rng.random(),
                rng.uniform(-0.35, 0.35),
            )
        )
    return lights


def _anywhere(count: int, rng: Rng) -> F32:
    return rng.uniform(-0.04, 1.04, (count, 2)).astype(np.float32)


def _rising(count: int, rng: Rng) -> F32:
    """Many below, few above: room for words."""
    return np.column_stack([rng.uniform(-0.03, 1.03, count), 1.05 - rng.random(count) ** 1.7]).astype(np.float32)


def _diagonal(count: int, rng: Rng) -> F32:
    """A milky way from corner to corner."""
    along = rng.uniform(-0.1, 1.1, count)
    aside = rng.normal(0, 0.13, count)
    up = rng.choice([-1, 1])
    return np.column_stack([along + aside * 0.4, 0.5 + up * (along - 0.5) + aside]).astype(np.float32)


def _shine(band: F32, light: Light, top: int, distance: Callable[[F32, F32, float], F32]) -> None:
    """Lay one light over a band that begins at pixel row `top`: even inside, a brighter rim, a soft edge."""
    reach = light.radius * 1.2 + light.soft + 1
    upper, lower = max(top, int(light.y - reach)), min(top + len(band), int(light.y + reach) + 1)
    left, right = max(0, int(light.x - reach)), min(band.shape[1], int(light.x + reach) + 1)
    if upper >= lower or left >= right:
        return
    x = np.arange(left, right, dtype=np.float32)[None] + np.float32(0.5 - light.x)
    y = np.arange(upper, lower, dtype=np.float32)[:, None] + np.float32(0.5 - light.y)
    cos, sin = np.float32(np.cos(light.turn)), np.float32(np.sin(light.turn))
    away = distance(x * cos + y * sin, y * cos - x * sin, light.radius)
    inside = 1 - smoothstep(-light.soft, light.soft, away)
    rim = np.exp(-(((away + np.float32(light.soft)) / np.float32(0.05 * light.radius + light.soft)) ** 2))
    fall = np.clip(1 + away / np.float32(light.radius), 0, 1)  # 0 in the middle, 1 at the rim
    cover = inside * (np.float32(0.72) + np.float32(0.25) * fall + np.float32(0.32) * rim) * np.float32(light.opacity)
    lay(band[upper - top : lower - top, left:right], light.colour, np.minimum(cover, 0.96))


def _disc(x: F32, y: F32, radius: float) -> F32:
    return np.hypot(x, y) - np.float32(radius)


def _hexagon(x: F32, y: F32, radius: float) -> F32:
    """The six blades of a lens, slightly bulging."""
    u, v = np.abs(x), np.abs(y)
    flat = np.maximum(u * np.float32(0.75**0.5) + v * np.float32(0.5), v)
    return np.asarray(np.float32(0.8) * flat + np.float32(0.2) * np.hypot(x, y) - np.float32(0.9 * radius), np.float32)


def _heart(x: F32, y: F32, radius: float) -> F32:
    """A square on its corner and two discs on its upper sides."""
    half = np.float32(radius * 0.62)
    u, v = (x - y) * np.float32(0.5**0.5), (x + y) * np.float32(0.5**0.5)
    v = v - np.float32(radius * 0.12)
    u = u + np.float32(radius * 0.12)
    square = np.maximum(np.abs(u), np.abs(v)) - half
    discs = np.minimum(np.hypot(u - half, v), np.hypot(u, v + half)) - half
    return np.asarray(np.minimum(square, discs), np.float32)


_PLACES: dict[str, Callable[[int, Rng], F32]] = {"rising": _rising, "sparkling": _diagonal, "heart": _rising}
