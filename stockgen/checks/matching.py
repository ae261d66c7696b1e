"""Whether two pictures are one design, perhaps in other colours: how far one is a function of the other's colours.

A copy that was recoloured has at each place a colour that the original's colour there decides; another design has not.
The function is a polynomial of degree 3, fitted both ways, as grey is a function of colours and not the reverse. It is
asked of *details* only: what a place differs by from its surroundings, as in large most pictures are alike. Before that
the place is improved by Gauss-Newton steps (Lucas & Kanade 1981), as details must lie on each other exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from stockgen.checks.edges import directions
from stockgen.checks.laying import Way, mirrored, resampled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Place = NDArray[np.float64]  # the middle and the share of a Way

NOTHING_IN_COMMON = 32.0
_DETAILS, _EDGES = 2 / 3, 1 / 3  # what each counts
_SCALE = 29.0  # of what is lacking: so 6 lies between copies and other designs
_STEPS = 2
_LONGEST = 0.02  # of a side that one step may move
_STRETCH = (0.93, 1.075)  # share of a side that may be seen, a little beyond 95 %
_AROUND = 5  # pixels a side of the surroundings
_FAINT = 4.0  # levels²: details of less say nothing
_LEVELS = 64.0  # that make one unit of a polynomial
_RIDGE = 1e-4  # keeps a fit of few colours from running away
_NOTHING = 1e-6


def distance_by_edges(cosine: float) -> float:
    """The same of pictures whose details were not compared, as if they had none in common."""
    return (1 - _EDGES * max(0.0, cosine)) * _SCALE


@dataclass(frozen=True, slots=True)
class _Overlap:
    """Where both pictures are seen, 3 × h × w each: `here` as it lies on `there`."""

    here: Floats
    there: Floats
    rows: slice
    columns: slice

    def details(self, forth: bool) -> float:
        """Share of the details of the one that the other's colours explain; `forth`: those of `there`."""
        told, by = (self.there, self.here) if forth else (self.here, self.there)
        return _explained(told, _fitted(by, told))


def distance(this: Floats, other: Floats, way: Way) -> float:
    """From 0, the same but for colours and cropping, to 32, nothing in common; of two small pictures, 3 × n × n."""
    import numpy as np

    other = np.ascontiguousarray(mirrored(other, way.mirror))
    place = np.array([*way.middle, *way.share])
    first = last = _overlap(this, other, place)
    details, forth = max((first.details(forth), forth) for forth in (True, False))
    for _ in range(_STEPS):
        place = _improved(last, forth, place, len(this[0]))
        last = _overlap(this, other, place)
    improved = max(last.details(forth) for forth in (True, False))
    best = last if improved > details else first
    edges = _cosine(directions(best.here), directions(best.there))
    alike = _DETAILS * max(details, improved) + _EDGES * edges
    return float(np.clip((1 - alike) * _SCALE, 0, NOTHING_IN_COMMON))


def _overlap(this: Floats, other: Floats, place: Place) -> _Overlap:
    import numpy as np

    count = this.shape[-1]
    across, down = (resampled(count, place[axis] - place[axis + 2] / 2, place[axis + 2]) for axis in (0, 1))
    rows, columns = _covered(down), _covered(across)
    here = np.asarray(down[rows] @ this @ across[columns].T, np.float32)
    return _Overlap(here, other[:, rows, columns], rows, columns)


def _covered(weights: Floats) -> slice:
    import numpy as np

    inside = np.flatnonzero(weights.sum(axis=1) > 0.5)
    return slice(int(inside[0]), int(inside[-1]) + 1)


def _fitted(colours: Floats, wanted: Floats) -> Floats:
    """The function of `colours` that comes nearest to `wanted`."""
    import numpy as np

    flat = colours.reshape(3, -1)
    colour = (flat - flat.mean(axis=1, keepdims=True)) / np.float32(_LEVELS)
    terms = np.concatenate([np.ones_like(colour[:1]), *_powers(colour)])
    squares = terms @ terms.T
    squares[np.diag_indices(len(terms))] += _RIDGE * terms.shape[1]
    found = np.linalg.solve(squares, terms @ wanted.reshape(3, -1).T)
    return np.asarray((found.T @ terms).reshape(wanted.shape), np.float32)


def _powers(colour: Floats) -> list[Floats]:
    """All products of one, two and three channels: 3, 6 and 10 rows."""
    import numpy as np

    a, b, c = colour
    twice = np.stack([a * a, a * b, a * c, b * b, b * c, c * c])
    return [colour, twice, a * twice, b * twice[3:], (c * twice[5])[None]]


def _explained(told: Floats, by: Floats) -> float:
    """Share of the details' variance."""
    left, whole = _details(told - by), _details(told)
    return 1 - float((left**2).sum(axis=0).mean()) / (float((whole**2).sum(axis=0).mean()) + _FAINT)


def _details(planes: Floats) -> Floats:
    import numpy as np

    high, wide = planes.shape[-2:]
    return planes - np.asarray(_surroundings(high) @ planes @ _surroundings(wide).T, np.float32)


@cache
def _surroundings(count: int) -> Floats:
    """n × n: the mean of those near each of n values."""
    import numpy as np

    at = np.arange(count)
    near = abs(at[:, None] - at) <= _AROUND // 2
    return np.asarray(near / near.sum(axis=1, keepdims=True), np.float32)


def _improved(seen: _Overlap, forth: bool, place: Place, count: int) -> Place:
    """The place after one Gauss-Newton step towards the least difference."""
    import numpy as np

    moving = _fitted(seen.here, seen.there) if forth else seen.here
    left = (seen.there if forth else _fitted(seen.there, seen.here)) - moving
    down, across = np.gradient(moving, axis=(1, 2))
    x = ((np.arange(count)[seen.columns] + 0.5) / count - 0.5).astype(np.float32)
    y = ((np.arange(count)[seen.rows] + 0.5) / count - 0.5).astype(np.float32)[:, None]
    across, down = across * np.float32(count / place[2]), down * np.float32(count / place[3])
    slopes = np.stack([across, down, across * x, down * y]).reshape(4, -1)
    squares = slopes @ slopes.T
    squares[np.diag_indices(4)] += 1e-3 * np.trace(squares) / 4 + 1
    step = np.linalg.solve(squares, slopes @ left.ravel())
    moved: Place = place + np.clip(step, -_LONGEST, _LONGEST)
    moved[2:] = np.clip(moved[2:], *_STRETCH)
    return moved


def _cosine(one: Floats, other: Floats) -> float:
    """Of two maps of edges, their means taken away."""
    import numpy as np

    one, other = (each[:, 1:-1, 1:-1] for each in (one, other))  # at the rim a change is half seen
    one, other = (each - each.mean(axis=(1, 2), keepdims=True) for each in (one, other))
    return float((one * other).sum() / max(_NOTHING, float(np.linalg.norm(one) * np.linalg.norm(other))))
