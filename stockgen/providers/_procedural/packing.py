"""Places for many things that don't touch each other, on a plane whose opposite sides meet."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from stockgen.providers._procedural.layers import F64

_CELLS = 220  # of the map of free room, along the longer side


def packed(side: tuple[float, float], radii: Iterable[float], gap: float, rng: np.random.Generator) -> F64:
    """Discs x, y, radius (n × 3) at least `gap` apart on a torus of size `side`: the given radii from large to small.

    A radius for which no room is left is passed over. Each disc is set at random where the map of free room, the
    distance from each cell to the nearest disc, allows it.
    """
    cell = max(side) / _CELLS
    columns, rows = max(1, round(side[0] / cell)), max(1, round(side[1] / cell))
    x = ((np.arange(columns) + 0.5) * side[0] / columns).astype(np.float32)
    y = ((np.arange(rows) + 0.5) * side[1] / rows).astype(np.float32)
    room = np.full((rows, columns), np.inf, np.float32)
    found: list[tuple[float, float, float]] = []
    failed = np.inf
    for radius in sorted(radii, reverse=True):
        if radius >= failed:
            continue
        free = np.flatnonzero(room >= radius + gap)
        if not free.size:
            failed = radius
            continue
        row, column = divmod(int(free[rng.integers(free.size)]), columns)
        px, py = float(x[column]), float(y[row])
        found.append((px, py, radius))
        dx, dy = np.abs(x - px), np.abs(y - py)
        dx, dy = np.minimum(dx, side[0] - dx), np.minimum(dy, side[1] - dy)
        np.minimum(room, np.hypot(dx[None], dy[:, None]) - np.float32(radius), out=room)
    return np.array(found).reshape(-1, 3)
