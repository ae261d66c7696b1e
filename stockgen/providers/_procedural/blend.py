"""Fields of colour: how the colours of a palette lie over a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stockgen.providers._procedural.noise import smooth_noise

F32 = NDArray[np.float32]
Side = tuple[float, float]  # width, height of the picture, in the unit of x and y


def warped(x: F32, y: F32, rng: np.random.Generator, strength: float, frequency: float) -> tuple[F32, F32]:
    """Coordinates pushed about by noise, `strength` units at most: straight becomes flowing."""
    dx, dy = (smooth_noise(x, y, frequency, rng, 2) for _ in range(2))
    return x + np.float32(strength) * dx, y + np.float32(strength) * dy


def blobs(x: F32, y: F32, side: Side, lab: F32, rng: np.random.Generator) -> F32:
    """Seven to ten clouds of colour that melt into each other, in OKLab; the shape of `x` × 3.

    Where opposite hues meet, half of the chroma that their mean loses is given back: no grey between them.
    """
    count = int(rng.integers(7, 11))
    total, weight, chroma = np.zeros((*x.shape, 3), np.float32), np.zeros_like(x), np.zeros_like(x)
    for (px, py), colour in zip(_apart(count, side, rng), _shares(lab, count, rng), strict=True):
        reach = np.float32(rng.uniform(0.03, 0.08))
        near = ((x - px) ** 2 + (y - py) ** 2 + reach) ** np.float32(-2.5)
        total += near[..., None] * colour
        weight += near
        chroma += near * np.hypot(colour[1], colour[2])
    mixed = total / weight[..., None]
    kept = np.hypot(mixed[..., 1], mixed[..., 2]) * weight + np.float32(1e-6)
    mixed[..., 1:] *= np.minimum(np.sqrt(chroma / kept), 1.7)[..., None]
    return np.asarray(mixed, np.float32)


def _apart(count: int, side: Side, rng: np.random.Generator) -> F32:
    """Points far from each other: of each ten candidates the one farthest from the others is taken."""
    low, high = np.array(side) * -0.1, np.array(side) * 1.1
    points = [rng.uniform(low, high)]
    while len(points) < count:
        tries = rng.uniform(low, high, (10, 2))
        gaps = np.linalg.norm(tries[:, None] - np.array(points)[None], axis=2).min(axis=1)
        points.append(tries[int(gaps.argmax())])
    return np.array(points, np.float32)


def _shares(lab: F32, count: int, rng: np.random.Generator) -> F32:
    """Which colour each cloud has: every colour once, then soft ones oftener than the accent."""
    odds = np.linspace(1.6, 0.5, len(lab))
    extra = rng.choice(len(lab), max(0, count - len(lab)), p=odds / odds.sum())
    return np.asarray(lab[rng.permutation(np.concatenate([np.arange(len(lab)), extra])[:count])], np.float32)
