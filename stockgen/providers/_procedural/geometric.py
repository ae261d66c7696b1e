"""Seamless geometric patterns: motifs in a grid of cells, wrapped round at all four sides.

A motif is painted once per size as *shares*: how much of each pixel belongs to which of its colour slots. A
cell is then one matrix product with its own colours, in linear light.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from stockgen.providers._procedural.canvas import F32, U8, Drawing
from stockgen.providers._procedural.motifs import MOTIFS, WHOLE, Slot, shares
from stockgen.providers._procedural.palette import coded, linear, shaded

_CODES = 65536  # steps of linear light; the darkest step of sRGB is twenty of them
_PARTS = 9  # colours that a cell may need
_CUBE_FACES = (0.07, -0.05, -0.15)  # how much lighter: top, left, right

Rng = np.random.Generator
Scheme = Callable[[int, int, F32, Rng], F32]


def draw(drawing: Drawing) -> Iterator[U8]:
    """Bands of the picture, rows × width × 3, uint8: flat colours need no dither."""
    layout = _LAYOUTS.get(drawing.variant, _LAYOUTS["mixed"])
    cells = _Cells(drawing, layout)
    for row in range(cells.rows):
        strip = cells.strip(row)
        yield from np.array_split(strip, max(1, -(-8 // cells.rows)))


class _Cells:
    """Which motif, turned how, in which colours, stands in which cell."""

    def __init__(self, drawing: Drawing, layout: Layout) -> None:
        rng, unit = drawing.rng, float(np.sqrt(drawing.width * drawing.height))
        count = int(rng.integers(*layout.across))
        columns = max(1, round(drawing.width / unit * count))
        self.rows = max(1, round(drawing.height / unit * count / layout.tall))
        self._x = np.rint(np.linspace(0, drawing.width, columns + 1)).astype(int)
        self._y = np.rint(np.linspace(0, drawing.height, self.rows + 1)).astype(int)
        used = rng.permutation(layout.motifs)[: layout.kinds]
        self._motifs = used[rng.integers(0, len(used), (self.rows, columns))]
        self._turns = rng.integers(0, 4 if layout.turns else 1, (self.rows, columns))
        self._tall = layout.tall
        self._colours = linear(layout.scheme(self.rows, columns, drawing.lab, rng))
        self._cache: dict[tuple[str, int, int, int], tuple[list[Slot], F32]] = {}
        self._codes = np.rint(coded(np.linspace(0, 1, _CODES, dtype=np.float32))).astype(np.uint8)

    def strip(self, row: int) -> U8:
        """One row of cells, height × width × 3."""
        return np.concatenate([self._cell(row, column) for column in range(len(self._x) - 1)], axis=1)

    def _cell(self, row: int, column: int) -> U8:
        high, wide = int(self._y[row + 1] - self._y[row]), int(self._x[column + 1] - self._x[column])
        key = (str(self._motifs[row, column]), int(self._turns[row, column]), high, wide)
        if key not in self._cache:
            self._cache[key] = shares(MOTIFS[key[0]], high, wide, self._tall, key[1])
        slots, parts = self._cache[key]
        rows, columns = self._colours.shape[:2]
        colours = np.stack([self._colours[(row + dy) % rows, (column + dx) % columns, at] for dx, dy, at in slots])
        light = parts @ colours
        codes = (light * np.float32(_CODES - 1) + np.float32(0.5)).astype(np.uint16)
        return np.asarray(self._codes[codes]).reshape(high, wide, 3)


def _free(rows: int, columns: int, lab: F32, rng: Rng) -> F32:
    """Every cell its own colours, no two alike within it; the ground mostly the palette's background."""
    keys = rng.random((rows, columns, len(lab)))
    keys[..., 0] -= np.where(rng.random((rows, columns)) < 0.5, 1.0, -0.4)
    order = np.argsort(keys, axis=-1)
    return np.asarray(lab[order[..., np.arange(_PARTS) % len(lab)]], np.float32)


def _calm(rows: int, columns: int, lab: F32, rng: Rng) -> F32:
    """One ground everywhere, every other part of a colour of its own."""
    chosen = 1 + rng.integers(0, len(lab) - 1, (rows, columns, _PARTS))
    chosen[..., 2::2] = (chosen[..., 1:-1:2] + rng.integers(0, len(lab) - 1, chosen[..., 2::2].shape)) % len(lab)
    chosen[..., 0] = 0
    return np.asarray(lab[chosen], np.float32)


def _ringed(rows: int, columns: int, lab: F32, rng: Rng) -> F32:
    """Scales: a thin rim of the background, then three colours that follow each other in the palette."""
    chosen = np.zeros((rows, columns, _PARTS), int)
    for first in (0, 4):
        start = rng.integers(0, len(lab) - 1, (rows, columns))
        for ring in (1, 2, 3):
            chosen[..., first + ring] = 1 + (start + ring) % (len(lab) - 1)
    return np.asarray(lab[chosen], np.float32)


def _cubed(rows: int, columns: int, lab: F32, rng: Rng) -> F32:
    """Cubes: one colour each, its three faces lit from above left."""
    colours = np.zeros((rows, columns, _PARTS, 3), np.float32)
    for first in (0, 3):
        own = lab[rng.integers(0, len(lab), (rows, columns))]
        for face, lighter in enumerate(_CUBE_FACES):
            lift = np.full((rows, columns), lighter, np.float32)
            colours[:, :, first + face] = shaded(own, lift, lab)
    return colours


def _striped(rows: int, columns: int, lab: F32, rng: Rng) -> F32:
    """Stripes: one colour from left to right, never that of the stripe above, at the wrap either."""
    count = 2 * rows
    steps = rng.integers(1, len(lab), count)
    chosen = np.cumsum(steps) % len(lab)
    if chosen[-1] == chosen[0] or chosen[-1] == chosen[-2]:
        chosen[-1] = next(each for each in range(len(lab)) if each not in (chosen[0], chosen[-2]))
    colours = np.zeros((rows, columns, _PARTS, 3), np.float32)
    colours[:, :, :2] = lab[chosen].reshape(rows, 1, 2, 3)
    return colours


def _woven(rows: int, columns: int, lab: F32, rng: Rng) -> F32:
    """Stars: ground, rims and middles the same everywhere, only the stars' own colour changes among three."""
    order = np.concatenate([[0], 1 + rng.permutation(len(lab) - 1)])
    chosen = np.broadcast_to(order[np.arange(_PARTS) % len(lab)], (rows, columns, _PARTS)).copy()
    chosen[..., 2] = rng.choice(order[2:5], (rows, columns))
    return np.asarray(lab[chosen], np.float32)


@dataclass(frozen=True, slots=True)
class Layout:
    """A pattern: its motifs (`kinds` of them in one picture) and how cells are coloured.

    `across`: cells in √(width · height), least and most; `tall`: a cell's height / width; `turns`: motifs are
    turned at random.
    """

    motifs: tuple[str, ...]
    across: tuple[int, int]
    scheme: Scheme
    tall: float = 1.0
    turns: bool = False
    kinds: int = 9


_LAYOUTS = {
    "quarter": Layout(("quarter", "leaf", "rings", "arches"), (7, 11), _free, turns=True, kinds=3),
    "scallop": Layout(("scallop",), (5, 9), _ringed, tall=0.5),
    "triangle": Layout(("triangle", "hourglass", "nested"), (8, 13), _free, turns=True, kinds=2),
    "cube": Layout(("cube",), (6, 10), _cubed, tall=3**0.5),
    "dots": Layout(("dots",), (7, 12), _calm),
    "chevron": Layout(("chevron",), (7, 12), _striped),
    "star": Layout(("star",), (6, 9), _woven),
    "mixed": Layout(tuple(sorted(MOTIFS.keys() - WHOLE)), (6, 9), _free, turns=True, kinds=7),
}
