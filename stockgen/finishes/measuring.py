"""Numbers about something that was cut out: what the checks of `stockgen/checks/cutout.py` are told.

- `empty`: the smaller of what is opaque and what is not, as a share of the drawn picture
- `touching`: how much of the side of the drawn picture that it covers most
- `several`: the second largest separate part, as a share of the largest
- `residue`: what lies away from all that is really opaque, as a share of all
- `islands`: separate pieces beside the largest one
- `halo`: levels (root of the channels' mean square) by which the edge is nearer to the ground's colour than what is
  inside, where it is worst
- `specks`, `holes`: how many were cleaned away
- `windows`: how many holes were opened that the matte had not
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stockgen.finishes.cleaning import Clean, frame, parts
from stockgen.finishes.fringe import CONTRAST, mixed, spread
from stockgen.finishes.regions import Floats, Mask, near, regions

SOLID = 0.5  # of opacity
AWAY = 12.0  # pixels of a picture of 1024 beyond which nothing soft belongs to an edge: hair is longer than it is wide
GAP = 2.0  # so wide a gap separates no parts: a stalk that is broken by a matte is whole
EDGE = 2.5  # so wide is the edge that may be seen as a halo
INSIDE = (6.0, 14.0)  # so far inside is what it is compared with
STRIP = 48  # so wide a strip of ground may be left
GRAIN = 8.0  # levels by which it is not all of one colour
TILE = 32  # a halo is seen where it goes along an edge for so many pixels
WORST = 0.9  # of these tiles: single ones may be of another colour


@dataclass(frozen=True)
class Cut:
    """What was cut out, with its surroundings: opacity 0 to 1, RGB, and the ground's RGB, 0 to 255."""

    alpha: Floats
    colours: Floats
    ground: Floats


def nothing(clean: Clean) -> Mapping[str, float]:
    """Of a picture of which nothing, or all, is opaque."""
    told = dict.fromkeys(("empty", "several", "residue", "islands", "halo"), 0.0)
    return told | {"touching": _touching(clean)} | _changes(clean)


def measures(clean: Clean, cut: Cut, unit: float) -> Mapping[str, float]:
    """All of them. `unit`: pixels of this picture for one of a picture whose longer side is 1024."""
    cover = float((clean.alpha >= SOLID).mean())
    large = parts(cut.alpha, max(1, round(GAP * unit)))
    return {
        "empty": min(cover, 1 - cover), "touching": _touching(clean),
        "several": float(large[1] / large[0]) if len(large) > 1 else 0.0,
        "residue": residue(cut.alpha, unit), "islands": float(regions(cut.alpha > 0).count - 1),
        "halo": halo(cut, unit), **_changes(clean),
    }  # fmt: skip


def _changes(clean: Clean) -> dict[str, float]:
    return {"specks": float(clean.removed), "holes": float(clean.closed), "windows": float(clean.opened)}


def residue(alpha: Floats, unit: float) -> float:
    """What is not really opaque and lies away from all that is: shadows, reflections, smears."""
    solid = alpha >= SOLID
    if not solid.any():
        return 0.0
    away = ~near(solid, max(3, round(AWAY * unit)))
    return float((alpha[away] > 0).sum() / solid.sum())


def halo(cut: Cut, unit: float) -> float:
    """Levels by which the edge, laid on anything, differs from the object towards the ground that it was drawn on."""
    clear = cut.alpha <= 0
    first, last = (max(1, round(each * unit)) for each in INSIDE)
    deep = ~near(clear, first) & near(clear, last)
    edge = near(clear, max(1, round(EDGE * unit))) & (cut.alpha > 0.1)
    if not deep.any() or not edge.any():
        return 0.0
    inside = spread(cut.colours, deep.astype(np.float32))
    share, length, mixture = mixed(cut.colours, cut.ground, inside)
    towards = np.maximum(np.where(mixture, (1 - share) * length, 0), _ground(cut, edge, unit)) / 3**0.5
    counted = np.where(edge & (towards + length >= CONTRAST[0]), cut.alpha, 0).astype(np.float32)
    return _worst(np.asarray(towards * counted, np.float32), counted, max(4, round(TILE * unit)))


def _ground(cut: Cut, edge: Mask, unit: float) -> Floats:
    """How many levels the object is away from an edge that has just the ground's colour: a whole strip of it was left,
    and what lies a little inside is still ground. 0 where the edge has another colour, or no other one is near.
    """
    like = np.abs(cut.colours - cut.ground).max(axis=-1) <= GRAIN
    other = (cut.alpha >= SOLID) & ~near(like & (cut.alpha > 0), 1)
    if not other.any():
        return np.zeros_like(cut.alpha)
    axis = spread(cut.colours, other.astype(np.float32)) - cut.ground
    found = edge & like & near(other, max(1, round(STRIP * unit)))
    return np.asarray(np.where(found, np.sqrt((axis**2).sum(-1)), 0), np.float32)


def _worst(values: Floats, counted: Floats, side: int) -> float:
    """The mean of the tiles that are nearly the worst; tiles of which little counts are not asked."""
    rows, columns = (length // side * side for length in values.shape)
    if not rows or not columns:
        return max(0.0, float(values.sum() / max(1.0, float(counted.sum()))))
    sums, many = (each[:rows, :columns].reshape(rows // side, side, -1, side).sum((1, 3)) for each in (values, counted))
    enough = many >= side / 8
    if not enough.any():
        return 0.0
    return max(0.0, float(np.quantile(sums[enough] / many[enough], WORST)))


def _touching(clean: Clean) -> float:
    sides = frame(clean.alpha)
    lengths = np.array([clean.alpha.shape[1]] * 2 + [clean.alpha.shape[0]] * 2)
    return float((sides.sum(axis=1) / lengths).max())
