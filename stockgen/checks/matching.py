"""Whether two pictures are one design, perhaps in other colours: how far one is a function of the other's colours.

A copy that was recoloured has at each place a colour that the original's colour there decides; another design has not.
The function is a polynomial of degree 3, fitted both ways, as grey is a function of colours and not the reverse. It is
asked of *details* only: what a place differs by from its surroundings, as in large most pictures are alike. It must
hold everywhere: another ornament in the same frame differs in some tiles, which the whole hardly shows; its finest
details and the directions of its edges differ most. Before that the place is improved by Gauss-Newton steps (Lucas &
Kanade 1981), as details must lie on each other exactly.
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
# What each counts of what is lacking: details, by the better function; where that holds worse; finest details; edges of
# what it makes; of what the other makes. That may lack much: a grey copy tells little of its original's colours.
_DETAILS, _WORSE, _FINEST, _EDGES, _BACK = 0.10, 0.07, 0.26, 0.25, 0.32
_MOST = 0.09  # that edges of the other may lack
_SCALE = 90.0  # so 6 lies between copies and other designs
# What is lacking counts less the more of its variance a picture shows unchanged: not at all less, and least.
_UNLIKE, _SAME, _LESS = 0.7, 0.85, 0.3
_HOPELESS = 0.35  # share of details that the best start explains: no copy had less
# Counts for each side that a crop would have to show beyond the picture; so little, in sides, is no matter.
_BEYOND, _NEARLY = 40.0, 0.008
_TILES = 4  # a side
_BUSY = 0.25  # of the mean of the details' variance; a tile of less is not asked
_WHOLE = (0.5, 0.5, 1.0, 1.0)  # place of a copy that was not cropped: tried always, as few are
_STEPS = 3
_LONGEST = 0.02  # of a side that one step may move
_STRETCH = (0.93, 1.075)  # share of a side that may be seen, a little beyond 95 %
_AROUND, _NEAR = 9, 5  # pixels a side of the surroundings; in fewer, soft pictures have only their finest details
_FAINT = 4.0  # levels²: details of less say nothing
_LEVELS = 64.0  # that make one unit of a polynomial
_RIDGE = 1e-4  # keeps a fit of few colours from running away
_DULL = 0.01  # of maps of edges: what is as faint as this has no direction that could differ


@dataclass(frozen=True, slots=True)
class _Overlap:
    """Where both pictures are seen, 3 × h × w each: `here` as it lies on `there`. `by`: the function of the colours of
    one that tells the other, which is `there` if `forth`; `details`: share of its details that this explains.
    """

    here: Floats
    there: Floats
    place: Place
    rows: slice
    columns: slice
    forth: bool
    by: Floats
    details: float

    @property
    def told(self) -> Floats:
        """The one that the function is to tell."""
        return self.there if self.forth else self.here


def distance(this: Floats, other: Floats, way: Way) -> float:
    """From 0, the same but for colours and cropping, to 32, nothing in common; of two small pictures, 3 × n × n."""
    import numpy as np

    other = np.ascontiguousarray(mirrored(other, way.mirror))
    places = {(*way.middle, *way.share), _WHOLE}
    starts = (_overlap(this, other, np.array(place), forth) for place in sorted(places) for forth in (True, False))
    first = seen = max(starts, key=lambda each: each.details)
    if first.details < _HOPELESS:
        return NOTHING_IN_COMMON
    for _ in range(_STEPS):
        seen = _overlap(this, other, _improved(seen, len(this[0])), seen.forth)
    best = max(first, seen, key=lambda each: each.details)
    back = _overlap(this, other, best.place, not best.forth)
    away = _lacking(best, back) * _SCALE * _weight(_unchanged(best))
    return float(np.clip(away + _BEYOND * max(0.0, _beyond(best.place) - _NEARLY), 0, NOTHING_IN_COMMON))


def _lacking(best: _Overlap, back: _Overlap) -> float:
    """What two functions, one each way, leave untold; 0 = nothing."""
    finest = _explained(best.told, best.by, _NEAR)
    lacking = _DETAILS * (1 - best.details) + _WORSE * (1 - _worse(best)) + _FINEST * (1 - finest)
    edges, other = (1 - _cosine(directions(each.told), directions(each.by)) for each in (best, back))
    return lacking + _EDGES * edges + _BACK * min(_MOST, other)


def _weight(unchanged: float) -> float:
    """Of what is lacking: fine lines lose much of their details when they are cropped, not their colours."""
    return 1 - (1 - _LESS) * min(1.0, max(0.0, (unchanged - _UNLIKE) / (_SAME - _UNLIKE)))


def _beyond(place: Place) -> float:
    """How far neither lies within the other, in sides: a crop shows nothing that was not there."""
    ends = [(place[axis] - place[axis + 2] / 2, place[axis] + place[axis + 2] / 2) for axis in (0, 1)]
    within = max(max(-low, high - 1) for low, high in ends)
    around = max(max(low, 1 - high) for low, high in ends)
    return float(max(0.0, min(within, around)))


def _overlap(this: Floats, other: Floats, place: Place, forth: bool) -> _Overlap:
    import numpy as np

    count = this.shape[-1]
    across, down = (resampled(count, place[axis] - place[axis + 2] / 2, place[axis + 2]) for axis in (0, 1))
    rows, columns = _covered(down), _covered(across)
    here, there = np.asarray(down[rows] @ this @ across[columns].T, np.float32), other[:, rows, columns]
    told, colours = (there, here) if forth else (here, there)
    by = _fitted(colours, told)
    return _Overlap(here, there, place, rows, columns, forth, by, _explained(told, by))


def _covered(weights: Floats) -> slice:
    import numpy as np

    inside = np.flatnonzero(weights.sum(axis=1) > 0.5)
    return slice(int(inside[0]), int(inside[-1]) + 1)


def _fitted(colours: Floats, wanted: Floats) -> Floats:
    """The function of `colours` that comes nearest to `wanted`."""
    import numpy as np

    terms = _terms(colours.reshape(3, -1))
    squares = terms @ terms.T
    squares[np.diag_indices(len(terms))] += _RIDGE * terms.shape[1]
    found = np.linalg.solve(squares, terms @ wanted.reshape(3, -1).T).astype(np.float32)
    return (found.T @ terms).reshape(wanted.shape)


def _terms(colours: Floats) -> Floats:
    """25 × n: 1, all products of one to three channels, and of one or two of the largest and the smallest of red,
    green and blue: turned hues bend where these change.
    """
    import numpy as np

    terms = np.empty((25, colours.shape[1]), np.float32)
    terms[0] = 1
    terms[1:4] = (colours - colours.mean(axis=1, keepdims=True)) / np.float32(_LEVELS)
    a, b, c = terms[1:4]
    np.multiply(a, terms[1:4], out=terms[4:7])
    np.multiply(b, terms[2:4], out=terms[7:9])
    np.multiply(c, c, out=terms[9])
    np.multiply(a, terms[4:10], out=terms[10:16])
    np.multiply(b, terms[7:10], out=terms[16:19])
    np.multiply(c, terms[9], out=terms[19])
    terms[20:22] = _ends(colours)
    np.multiply(terms[20], terms[20:22], out=terms[22:24])
    np.multiply(terms[21], terms[21], out=terms[24])
    return terms


def _ends(colours: Floats) -> Floats:
    """2 × n: the largest and the smallest of red, green and blue, in units of a polynomial, from their means."""
    import numpy as np

    light, blue, red = colours[0], colours[1] - 128, colours[2] - 128
    channels = np.stack([light + 1.402 * red, light - 0.3441 * blue - 0.7141 * red, light + 1.772 * blue])
    ends = np.stack([channels.max(axis=0), channels.min(axis=0)])
    return np.asarray((ends - ends.mean(axis=1, keepdims=True)) / np.float32(_LEVELS), np.float32)


def _explained(told: Floats, by: Floats, around: int = _AROUND) -> float:
    """Share of the details' variance."""
    left, whole = _details(told - by, around), _details(told, around)
    return 1 - float((left**2).sum(axis=0).mean()) / (float((whole**2).sum(axis=0).mean()) + _FAINT)


def _unchanged(seen: _Overlap) -> float:
    """Share of the variance that is the same in both: of a copy in its own colours nearly all, however pale it is."""
    differ = float(((seen.here - seen.there) ** 2).sum(axis=0).mean())
    whole = min(float(each.var(axis=(1, 2)).sum()) for each in (seen.here, seen.there))
    return 1 - differ / (whole + _FAINT)


def _worse(seen: _Overlap) -> float:
    """The same of the tile at the lower quartile, of those that have details."""
    import numpy as np

    left, whole = (_in_tiles((_details(each) ** 2).sum(axis=0)) for each in (seen.told - seen.by, seen.told))
    explained = 1 - left / (whole + _FAINT)
    busy = np.sort(explained[whole >= _BUSY * whole.mean()])
    return float(busy[len(busy) // 4])


def _in_tiles(plane: Floats) -> Floats:
    """The means of 4 × 4 tiles."""
    import numpy as np

    high, wide = plane.shape
    return np.asarray(_tiles(high) @ plane @ _tiles(wide).T, np.float32)


@cache
def _tiles(count: int) -> Floats:
    """4 × n: each row the mean of a quarter of n values."""
    import numpy as np

    of = np.arange(count) * _TILES // count == np.arange(_TILES)[:, None]
    return np.asarray(of / of.sum(axis=1, keepdims=True), np.float32)


def _details(planes: Floats, around: int = _AROUND) -> Floats:
    import numpy as np

    high, wide = planes.shape[-2:]
    return planes - np.asarray(_surroundings(high, around) @ planes @ _surroundings(wide, around).T, np.float32)


@cache
def _surroundings(count: int, around: int) -> Floats:
    """n × n: the mean of those near each of n values."""
    import numpy as np

    at = np.arange(count)
    near = abs(at[:, None] - at) <= around // 2
    return np.asarray(near / near.sum(axis=1, keepdims=True), np.float32)


def _improved(seen: _Overlap, count: int) -> Place:
    """The place after one Gauss-Newton step towards the least difference."""
    import numpy as np

    moving, goal = (seen.by, seen.there) if seen.forth else (seen.here, seen.by)
    down, across = np.gradient(moving, axis=(1, 2))
    x = ((np.arange(count)[seen.columns] + 0.5) / count - 0.5).astype(np.float32)
    y = ((np.arange(count)[seen.rows] + 0.5) / count - 0.5).astype(np.float32)[:, None]
    across, down = across * np.float32(count / seen.place[2]), down * np.float32(count / seen.place[3])
    slopes = np.stack([across, down, across * x, down * y]).reshape(4, -1)
    squares = slopes @ slopes.T
    squares[np.diag_indices(4)] += 1e-3 * np.trace(squares) / 4 + 1
    step = np.linalg.solve(squares, slopes @ (goal - moving).ravel())
    moved: Place = seen.place + np.clip(step, -_LONGEST, _LONGEST)
    moved[2:] = np.clip(moved[2:], *_STRETCH)
    return moved


def _cosine(one: Floats, other: Floats) -> float:
    """Of two maps of edges, their means taken away; near 1 where both have hardly any."""
    import numpy as np

    one, other = (each[:, 1:-1, 1:-1] for each in (one, other))  # at the rim a change is half seen
    one, other = (each - each.mean(axis=(1, 2), keepdims=True) for each in (one, other))
    dull = _DULL * one[0].size
    return float(((one * other).sum() + dull) / (np.linalg.norm(one) * np.linalg.norm(other) + dull))
