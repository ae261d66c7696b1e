"""Playful shapes of the eighties: dots, rings, zigzags, squiggles and triangles strewn over a plain ground."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import F64, Shape, bytes_of, filled, repeated
from stockgen.providers._procedural.packing import packed

Rng = np.random.Generator
Maker = Callable[[float, Rng], list[tuple[F64, float]]]  # outlines (radius 1) with line widths, 0 = filled


@dataclass(frozen=True, slots=True)
class Style:
    """`sizes`: radii of the shapes in √(width · height); `gap` between; `makers`: names of the shapes."""

    sizes: tuple[float, ...]
    count: int
    gap: float
    makers: tuple[str, ...]


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    style = _STYLES.get(drawing.variant, _STYLES["playful"])
    unit, rng = float(np.sqrt(drawing.width * drawing.height)), drawing.rng
    colours = [bytes_of(each) for each in _seen(drawing.lab)]
    places = packed((drawing.width / unit, drawing.height / unit), rng.choice(style.sizes, style.count), style.gap, rng)
    shapes: list[Shape] = []
    for x, y, radius in places:
        colour = colours[int(rng.integers(len(colours)))]
        maker = _MAKERS[style.makers[int(rng.integers(len(style.makers)))]]
        turn = rng.uniform(0, 2 * np.pi)
        spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        for outline, line in maker(radius * unit, rng):
            shapes.append(Shape(outline @ spin * radius * unit + (x * unit, y * unit), colour, line))
    yield from filled(drawing, repeated(shapes, drawing.width, drawing.height), bytes_of(drawing.lab[0]))


def _seen(lab: F32) -> F32:
    """The colours that are seen on the ground."""
    gap = np.linalg.norm(lab[1:] - lab[0], axis=1)
    return np.asarray(lab[1:][gap > min(0.08, 0.5 * float(gap.max()))], np.float32)


def _circle(steps: int = 72, start: float = 0.0, end: float = 2 * np.pi) -> F64:
    turn = np.linspace(start, end, steps)
    return np.column_stack([np.cos(turn), np.sin(turn)])


def _polygon(corners: int) -> F64:
    return _circle(corners + 1)


def _ring(size: float, _rng: Rng) -> list[tuple[F64, float]]:
    return [(_circle() * 0.8, size * 0.22)]


def _dots(_size: float, _rng: Rng) -> list[tuple[F64, float]]:
    """A little field of dots."""
    return [(_circle(24) * 0.12 + (x * 0.5, y * 0.5), 0.0) for x in (-1, 0, 1) for y in (-1, 0, 1)]


def _zigzag(size: float, _rng: Rng) -> list[tuple[F64, float]]:
    x = np.linspace(-0.9, 0.9, 7)
    return [(np.column_stack([x, np.where(np.arange(7) % 2, 0.26, -0.26)]), size * 0.17)]


def _squiggle(size: float, _rng: Rng) -> list[tuple[F64, float]]:
    x = np.linspace(-0.88, 0.88, 80)
    return [(np.column_stack([x, 0.3 * np.sin(x * np.pi * 2.3)]), size * 0.18)]


def _cross(size: float, _rng: Rng) -> list[tuple[F64, float]]:
    return [(np.array([[-0.75, 0.0], [0.75, 0.0]]), size * 0.26), (np.array([[0.0, -0.75], [0.0, 0.75]]), size * 0.26)]


def _bars(size: float, _rng: Rng) -> list[tuple[F64, float]]:
    return [(np.array([[-0.6, y], [0.6, y]]), size * 0.16) for y in (-0.45, 0.0, 0.45)]


def _half(_size: float, _rng: Rng) -> list[tuple[F64, float]]:
    return [(_circle(60, 0, np.pi) * 0.95 - (0, 0.4), 0.0)]


def _arc(size: float, _rng: Rng) -> list[tuple[F64, float]]:
    """A little rainbow."""
    return [(_circle(60, 0, np.pi) * radius - (0, 0.3), size * 0.15) for radius in (0.86, 0.52)]


def _star(_size: float, _rng: Rng) -> list[tuple[F64, float]]:
    turn = np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2, 0.45, 1.0)
    return [(np.column_stack([np.cos(turn), np.sin(turn)]) * reach[:, None], 0.0)]


def _flower(_size: float, _rng: Rng) -> list[tuple[F64, float]]:
    turn = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    reach = 0.72 + 0.26 * np.cos(5 * turn)
    return [(np.column_stack([np.cos(turn), np.sin(turn)]) * reach[:, None], 0.0)]


def _heart(_size: float, _rng: Rng) -> list[tuple[F64, float]]:
    t = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    x, y = np.sin(t) ** 3, -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16.5
    return [(np.column_stack([x, y]) * 0.92, 0.0)]


def _blob(_size: float, rng: Rng) -> list[tuple[F64, float]]:
    turn = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    reach = 0.78 + sum(rng.uniform(-0.12, 0.12) * np.cos(k * turn + rng.uniform(0, 7)) for k in (2, 3, 4))
    return [(np.column_stack([np.cos(turn), np.sin(turn)]) * np.asarray(reach)[:, None], 0.0)]


_MAKERS: dict[str, Maker] = {
    "disc": lambda _size, _rng: [(_circle() * 0.85, 0.0)],
    "square": lambda _size, _rng: [(_polygon(4) * 0.95, 0.0)],
    "triangle": lambda _size, _rng: [(_polygon(3) * 0.95, 0.0)],
    "frame": lambda size, _rng: [(_polygon(3) * 0.85, size * 0.17)],
    "stroke": lambda size, _rng: [(np.array([[-0.7, 0.0], [0.7, 0.0]]), size * 0.34)],
    "ring": _ring,
    "dots": _dots,
    "zigzag": _zigzag,
    "squiggle": _squiggle,
    "cross": _cross,
    "bars": _bars,
    "half": _half,
    "arc": _arc,
    "star": _star,
    "flower": _flower,
    "heart": _heart,
    "blob": _blob,
}
_STYLES = {
    "playful": Style(
        (0.075, 0.055, 0.04, 0.018),
        260,
        0.012,
        ("disc", "ring", "zigzag", "squiggle", "cross", "triangle", "frame", "half", "dots", "bars"),
    ),
    "sprinkle": Style((0.025, 0.031), 700, 0.013, ("stroke",)),
    "stars": Style((0.05, 0.032, 0.02, 0.012), 420, 0.012, ("star",)),
    "flowers": Style((0.062, 0.046, 0.03, 0.014), 320, 0.011, ("flower", "flower", "disc")),
    "hearts": Style((0.055, 0.042, 0.028, 0.016), 340, 0.012, ("heart",)),
    "blobs": Style((0.13, 0.09, 0.06, 0.025), 200, 0.02, ("blob", "blob", "disc", "ring")),
    "rainbows": Style((0.075, 0.055, 0.022), 240, 0.014, ("arc", "arc", "disc", "cross")),
}
