"""Motifs of a pattern's cell, as signed distances: exact antialiasing at every size.

Coordinates: x 0…1 across the cell, y 0…`tall` downwards; distances in the same unit, negative inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Slot = tuple[int, int, int]  # whose colour: cells to the right, cells down, part of that cell
Shape = tuple[Slot, F32]

_A = 3**-0.5  # side of a cube's face where its hexagon is 1 wide


@dataclass(frozen=True, slots=True)
class Motif:
    """`shapes(x, y)` are painted in this order over part 0; `tiles` lie side by side instead."""

    shapes: Callable[[F32, F32], list[Shape]]
    tiles: bool = False


def shares(motif: Motif, high: int, wide: int, tall: float, turn: int) -> tuple[list[Slot], F32]:
    """How much of each pixel belongs to which slot: slots, and high · wide × slots, each row with the sum 1.

    `turn`: quarter turns of the motif, for square cells.
    """
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32) + np.float32(0.5)
    x, y = x / np.float32(wide), y / np.float32(high) * np.float32(tall)
    for _ in range(turn):
        x, y = y, 1 - x
    found: dict[Slot, F32] = {} if motif.tiles else {(0, 0, 0): np.ones_like(x)}
    for slot, distance in motif.shapes(x, y):
        cover = np.clip(np.float32(0.5) - distance * np.float32(wide), 0, 1)
        if not motif.tiles:
            for below in found.values():
                below *= 1 - cover
        found[slot] = found.get(slot, np.float32(0)) + cover
    stacked = np.stack(list(found.values()), axis=-1).reshape(high * wide, len(found))
    return list(found), (stacked / np.maximum(stacked.sum(axis=1, keepdims=True), 1e-6)).astype(np.float32)


def _own(*distances: F32) -> list[Shape]:
    return [((0, 0, part), distance) for part, distance in enumerate(distances, start=1)]


def _disc(x: F32, y: F32, cx: float, cy: float, radius: float) -> F32:
    return np.asarray(np.hypot(x - np.float32(cx), y - np.float32(cy)) - np.float32(radius), np.float32)


def _quarter(x: F32, y: F32) -> list[Shape]:
    return _own(_disc(x, y, 0, 0, 1), _disc(x, y, 0, 0, 0.5))


def _rings(x: F32, y: F32) -> list[Shape]:
    return _own(*(_disc(x, y, 0, 0, radius) for radius in (1, 0.75, 0.5, 0.25)))


def _leaf(x: F32, y: F32) -> list[Shape]:
    return _own(np.maximum(_disc(x, y, 0, 0, 1), _disc(x, y, 1, 1, 1)))


def _arches(x: F32, y: F32) -> list[Shape]:
    return _own(*(_disc(x, y, 0.5, 1, radius) for radius in (0.5, 0.34, 0.18)))


def _half(x: F32, y: F32) -> list[Shape]:
    whole = _disc(x, y, 0.5, 0.5, 0.5)
    return _own(whole, np.maximum(whole, x - np.float32(0.5)))


def _bullseye(x: F32, y: F32) -> list[Shape]:
    return _own(*(_disc(x, y, 0.5, 0.5, radius) for radius in (0.42, 0.27, 0.12)))


def _petals(x: F32, y: F32) -> list[Shape]:
    u, v = np.abs(2 * x - 1), np.abs(2 * y - 1)
    leaf = np.maximum(_disc(u, v, 1, 0, 1), _disc(u, v, 0, 1, 1)) * np.float32(0.5)
    return _own(leaf)


def _triangle(x: F32, y: F32) -> list[Shape]:
    return _own((x + y - 1) * np.float32(2**-0.5))


def _hourglass(x: F32, y: F32) -> list[Shape]:
    return _own((np.abs(x - np.float32(0.5)) - np.abs(y - np.float32(0.5))) * np.float32(2**-0.5))


def _nested(x: F32, y: F32) -> list[Shape]:
    slope = (x + y) * np.float32(2**-0.5)
    return _own(*(slope - np.float32(reach * 2**-0.5) for reach in (1, 2 / 3, 1 / 3)))


def _bars(x: F32, y: F32) -> list[Shape]:
    return _own(np.abs((y * 3) % 1 - np.float32(0.5)) / 3 - np.float32(1 / 12))


def _dots(x: F32, y: F32) -> list[Shape]:
    shapes = _own(_disc(x, y, 0.5, 0.5, 0.27), _disc(x, y, 0.5, 0.5, 0.13))
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        shapes += [((dx, dy, 3), _disc(x, y, dx, dy, 0.27)), ((dx, dy, 4), _disc(x, y, dx, dy, 0.13))]
    return shapes


def _chevron(x: F32, y: F32) -> list[Shape]:
    level = y + np.abs(x - np.float32(0.5))  # 0…1.5: three stripes of a half, the last one the next cell's first
    bands = [(np.abs(level - np.float32(0.25 + at / 2)) - np.float32(0.25)) * np.float32(2**-0.5) for at in range(3)]
    return [((0, at // 2, at % 2), band) for at, band in enumerate(bands)]


def _star(x: F32, y: F32) -> list[Shape]:
    u, v = np.abs(x - np.float32(0.5)), np.abs(y - np.float32(0.5))
    upright, slanted = np.maximum(u, v), (u + v) * np.float32(2**-0.5)
    star = np.minimum(upright, slanted)
    corner = (1 - u - v) * np.float32(2**-0.5)  # distance to the diamond round the cell's corner
    rings = (star - np.float32(reach) for reach in (0.3535, 0.305, 0.19))
    octagon = np.maximum(upright, slanted) - np.float32(0.13)
    return [((0, 0, 5), corner - np.float32(0.15)), *_own(*rings, octagon)]


def _scallop(x: F32, y: F32) -> list[Shape]:
    """Scales of four rings, each row half a scale aside and in front of the row above; a cell is 1 × 0.5."""
    rows = ((0.5, 0.0, 0, -1, 0), (0.0, 0.25, 0, 0, 4), (1.0, 0.25, 1, 0, 4), (0.5, 0.5, 0, 0, 0))
    front = ((0.0, 0.75, 0, 1, 4), (1.0, 0.75, 1, 1, 4))
    return [
        ((dx, dy, first + ring), _disc(x, y, cx, cy, radius))
        for cx, cy, dx, dy, first in rows + front
        for ring, radius in enumerate((0.5, 0.465, 0.33, 0.19))
    ]


def _cube(x: F32, y: F32) -> list[Shape]:
    """Two rows of cubes, the second half a cube aside; a cell is 1 × √3."""
    above = ((0.0, -_A / 2, 0, -1, 3), (1.0, -_A / 2, 1, -1, 3))
    below = ((0.0, 2.5 * _A, 0, 0, 3), (1.0, 2.5 * _A, 1, 0, 3))
    shapes: list[Shape] = []
    for cx, cy, dx, dy, first in ((0.5, _A, 0, 0, 0), *above, *below):
        u, v = x - np.float32(cx), y - np.float32(cy)
        side = np.abs(u)
        under = (v + side * np.float32(_A)) * np.float32(0.75**0.5)  # below the V that parts the top from the sides
        over = (-v - np.float32(_A) + side * np.float32(_A)) * np.float32(0.75**0.5)
        foot = (v + side * np.float32(_A) - np.float32(_A)) * np.float32(0.75**0.5)
        face = np.maximum.reduce([-under, foot, side - np.float32(0.5)])
        shapes += [((dx, dy, first), np.maximum(under, over))]
        shapes += [((dx, dy, first + 1), np.maximum(face, u)), ((dx, dy, first + 2), np.maximum(face, -u))]
    return shapes


MOTIFS: dict[str, Motif] = {
    "quarter": Motif(_quarter),
    "rings": Motif(_rings),
    "leaf": Motif(_leaf),
    "arches": Motif(_arches),
    "half": Motif(_half),
    "bullseye": Motif(_bullseye),
    "petals": Motif(_petals),
    "triangle": Motif(_triangle),
    "hourglass": Motif(_hourglass),
    "nested": Motif(_nested),
    "bars": Motif(_bars),
    "dots": Motif(_dots),
    "chevron": Motif(_chevron, tiles=True),
    "star": Motif(_star),
    "scallop": Motif(_scallop),
    "cube": Motif(_cube, tiles=True),
}

WHOLE = frozenset({"dots", "chevron", "star", "scallop", "cube"})  # go on in the next cell: all cells or none
