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
        # Radii only fall: what is farther away than this is free for all that follow.
        reach = int((2 * radius + gap) / cell) + 2
        across, down = (np.arange(-min(reach, n // 2), min(reach, (n - 1) // 2) + 1) for n in (columns, rows))
        part = np.ix_((row + down) % rows, (column + across) % columns)
        far = np.hypot(across[None] * (side[0] / columns), down[:, None] * (side[1] / rows)) - radius
        room[part] = np.minimum(room[part], far)
    return np.array(found).reshape(-1, 3)
