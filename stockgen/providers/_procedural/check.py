"""Checked cloth: threads of two directions over each other, in a sett that repeats at every side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.palette import rgb

Rng = np.random.Generator
Stripe = tuple[float, int]  # width, index of its colour
_THREAD = 1 / 300  # of √(width · height): a thread's thickness


@dataclass(frozen=True, slots=True)
class Sett:
    """The order of stripes and how often it repeats along √(width · height); `twill`: over two, under two."""

    stripes: Sequence[Stripe]
    across: float
    twill: bool = True


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    rng, lab = drawing.rng, drawing.lab
    sett = _sett(drawing.variant, lab, rng)
    colours = rgb(lab)
    unit = float(np.sqrt(drawing.width * drawing.height))
    warp = _stripes(sett, colours, drawing.width, unit)
    weft = _stripes(sett, colours, drawing.height, unit)
    down, right = (_threads(side, unit) for side in (drawing.height, drawing.width))
    slub_x, slub_y = (_slubs(side, rng) for side in (drawing.width, drawing.height))
    columns = np.arange(drawing.width, dtype=np.float32) + np.float32(0.5)
    for top, bottom in drawing.bands():
        rows = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5))[:, None]
        u, v = columns[None] * np.float32(right / drawing.width), rows * np.float32(down / drawing.height)
        over = _over(u, v, sett.twill)
        # The upper thread catches the light along its middle and sinks in where it dives under.
        round_x, round_y = np.abs(u - np.floor(u) - np.float32(0.5)), np.abs(v - np.floor(v) - np.float32(0.5))
        light = 1 - np.float32(0.16) * (over * round_x + (1 - over) * round_y) * 2
        light = light * (1 + over * slub_x[None] + (1 - over) * slub_y[top:bottom, None])
        band = weft[top:bottom, None] + (warp[None] - weft[top:bottom, None]) * over[..., None]
        yield band * (light * np.float32(1.035))[..., None]


def _over(u: F32, v: F32, twill: bool) -> F32:
    """1 where the warp lies above, 0 where the weft does; a soft step between."""
    if twill:
        place = (np.floor(u) - np.floor(v)) % 4
        return (place < 2).astype(np.float32)
    return ((np.floor(u) + np.floor(v)) % 2).astype(np.float32)


def _threads(side: int, unit: float) -> int:
    """Threads along a side: a multiple of four, so that the weave goes on at the opposite side."""
    thick = max(2.0, _THREAD * unit)
    return max(4, 4 * round(side / thick / 4))


def _slubs(side: int, rng: Rng) -> F32:
    """Threads are not all of one strength: a little lighter or darker each."""
    return (rng.standard_normal(side).astype(np.float32) * np.float32(0.012)).clip(-0.03, 0.03)


def _stripes(sett: Sett, colours: F32, side: int, unit: float) -> F32:
    """Colour of each thread along a side: the sett a whole number of times, edges blended by their share."""
    times = max(1, round(side / unit * sett.across))
    widths = np.array([wide for wide, _ in sett.stripes])
    ends = np.concatenate([[0.0], np.cumsum(widths) / widths.sum()])
    period = side / times
    at = np.arange(side)
    total = np.zeros((side, 3), np.float32)
    for number, (_, colour) in enumerate(sett.stripes):
        share = np.zeros(side)
        for turn in range(times):
            low, high = (turn + ends[number]) * period, (turn + ends[number + 1]) * period
            share += np.clip(np.minimum(at + 1, high) - np.maximum(at, low), 0, 1)
        total += share[:, None].astype(np.float32) * colours[colour]
    return total


def _mirrored(half: Sequence[Stripe]) -> list[Stripe]:
    """A sett is read to its end and back again."""
    return [*half, *half[-2:0:-1]]


def _sett(variant: str, lab: F32, rng: Rng) -> Sett:
    last = len(lab) - 1
    strong = 1 + int(np.argmax(np.abs(lab[1:, 0] - lab[0, 0])))
    others = [each for each in range(1, len(lab)) if each != strong]
    one, two, three = (int(each) for each in rng.permutation(others)[:3])
    match variant:
        case "gingham":
            return Sett([(1, 0), (1, int(rng.choice(range(2, len(lab)))))], rng.uniform(9, 15), twill=False)
        case "buffalo":
            return Sett([(1, strong), (1, one)], rng.uniform(3.2, 4.6))
        case "windowpane":
            thin = [(0.34, strong), (0.55, 0), (0.18, one)]
            return Sett([(8, 0), *_mirrored(thin)], rng.uniform(4, 6), twill=False)
        case "madras":
            stripes = [(float(rng.uniform(0.5, 4.5)), int(each)) for each in rng.integers(0, len(lab), 12)]
            stripes = [each for at, each in enumerate(stripes) if at == 0 or each[1] != stripes[at - 1][1]]
            return Sett(stripes, rng.uniform(1.9, 2.6), twill=False)
        case _:
            half = [
                (5.0, one),
                (0.5, last),
                (2.2, one),
                (3.4, strong),
                (0.5, 0),
                (1.1, strong),
                (2.6, two),
                (0.4, three),
                (3.2, two),
            ]
            return Sett(_mirrored(half), rng.uniform(2.4, 3.6))
