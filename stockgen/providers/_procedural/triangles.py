"""Delaunay triangulation by Bowyer and Watson (1981): fast enough for the thousand points of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


def triangulate(points: F64) -> I64:
    """Triangles over `points` (n × 2, no two the same), as m × 3 indices, all of one turning direction."""
    count = len(points)
    middle, span = points.mean(axis=0), float(np.ptp(points)) or 1.0
    outer = middle + span * np.array([[-40.0, -40.0], [40.0, -40.0], [0.0, 60.0]])
    every = np.concatenate([points, outer])
    corners: I64 = np.array([[count, count + 1, count + 2]], np.int64)
    circles = _circles(every[corners])
    for index in range(count):
        inside = ((circles[:, :2] - every[index]) ** 2).sum(axis=1) < circles[:, 2]
        rim = _rim(corners[inside])
        added = np.column_stack([rim, np.full(len(rim), index)])
        corners = np.concatenate([corners[~inside], added])
        circles = np.concatenate([circles[~inside], _circles(every[added])])
    return corners[(corners < count).all(axis=1)]


def _rim(corners: I64) -> I64:
    """Directed outer edges of a group of triangles: those whose reverse is not there."""
    edges = {(int(t[at]), int(t[(at + 1) % 3])) for t in corners for at in range(3)}
    return np.array([edge for edge in sorted(edges) if edge[::-1] not in edges], np.int64).reshape(-1, 2)


def _circles(corners: F64) -> F64:
    """Centre x, y and squared radius of the circle through each triangle's corners."""
    first = corners[:, 0]
    b, c = corners[:, 1] - first, corners[:, 2] - first
    double = 2 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    double = np.where(double == 0, 1e-12, double)
    bb, cc = (b**2).sum(axis=1), (c**2).sum(axis=1)
    x = (c[:, 1] * bb - b[:, 1] * cc) / double
    y = (b[:, 0] * cc - c[:, 0] * bb) / double
    return np.column_stack([first[:, 0] + x, first[:, 1] + y, x**2 + y**2])
