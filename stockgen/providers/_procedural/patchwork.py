"""Jogakbo, Korean patchwork: scraps of ramie or silk sewn together, light falling through the double seams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.layers import lay
from stockgen.providers._procedural.palette import rgb

Rng = np.random.Generator
Box = tuple[float, float, float, float]  # left, top, right, bottom in √(width · height)
_SEAM = 0.0085  # half of a seam's width
_THREAD = 1 / 420


@dataclass(frozen=True, slots=True)
class Patch:
    """A scrap of cloth: its box in whole pixels, its colour (0…255), and for a pinwheel that of its other half."""

    left: int
    top: int
    right: int
    bottom: int
    colour: F32
    other: F32 | None
    rising: bool


def draw(drawing: Drawing) -> Iterator[F32]:
    """Bands of the picture, rows × width × 3, float32 0…255."""
    rng, unit = drawing.rng, float(np.sqrt(drawing.width * drawing.height))
    patches = _sewn(drawing, unit)
    warp, weft = (_threads(side, unit, rng) for side in (drawing.width, drawing.height))
    silk = drawing.variant in ("silk", "saekdong")
    strength = np.float32(0.022 if silk else 0.05)
    for top, bottom in drawing.bands():
        band = np.empty((bottom - top, drawing.width, 3), np.float32)
        for patch in patches:
            if patch.top < bottom and patch.bottom > top:
                _lay(band, patch, top, unit, drawing)
        cloth = 1 + strength * (warp[None] + weft[top:bottom, None])
        yield band * cloth[..., None].astype(np.float32)


def _threads(side: int, unit: float, rng: Rng) -> F32:
    """Light and dark of the threads along a side, about −1…1, the same at both ends."""
    count = max(2, round(side / max(2.0, _THREAD * unit)))
    own = rng.normal(0, 0.55, count)
    at = (np.arange(side) + 0.5) * (count / side)
    hollow = np.cos(2 * np.pi * at) * 0.6
    return np.asarray((own[at.astype(int) % count] - hollow).clip(-1.8, 1.8), np.float32)


def _lay(band: F32, patch: Patch, top: int, unit: float, drawing: Drawing) -> None:
    """Paint one patch into a band that begins at pixel row `top`."""
    first, last = max(top, patch.top), min(top + len(band), patch.bottom)
    left, right = max(0, patch.left), min(band.shape[1], patch.right)
    x = (np.arange(left, right, dtype=np.float32) + np.float32(0.5))[None]
    y = (np.arange(first, last, dtype=np.float32) + np.float32(0.5))[:, None]
    part = band[first - top : last - top, left:right]
    part[:] = patch.colour
    dx = np.minimum(x - patch.left, patch.right - x)
    dy = np.minimum(y - patch.top, patch.bottom - y)
    edge = np.minimum(dx, dy)
    if patch.other is not None:
        u, v = (x - patch.left) / (patch.right - patch.left), (y - patch.top) / (patch.bottom - patch.top)
        slope = (u - v if patch.rising else u + v - 1) * np.float32((patch.right - patch.left) * 0.7071)
        lay(part, patch.other, np.clip(slope + np.float32(0.5), 0, 1))
        edge = np.minimum(edge, np.abs(slope))
    if drawing.variant in ("silk", "saekdong"):
        sheen = (
            np.sin((x - patch.left) / (patch.right - patch.left) * np.float32(np.pi))
            if not patch.rising
            else np.sin((y - patch.top) / (patch.bottom - patch.top) * np.float32(np.pi))
        )
        part *= (np.float32(0.965) + np.float32(0.05) * sheen)[..., None]
    if drawing.variant == "saekdong":
        part *= (1 - np.float32(0.22) * np.exp(-dx / np.float32(0.0016 * unit)))[..., None]
        return
    seam = np.float32(_SEAM * unit)
    double = np.clip(seam - edge + np.float32(0.5), 0, 1)  # two layers of cloth let less light through
    part *= (1 - np.float32(0.13) * double - np.float32(0.16) * np.exp(-edge / np.float32(0.0011 * unit + 0.4)))[
        ..., None
    ]
    _stitch(part, x, y, dx, dy, seam, unit)


def _stitch(part: F32, x: F32, y: F32, dx: F32, dy: F32, seam: np.float32, unit: float) -> None:
    """A running stitch of pale thread along the inner edge of each seam."""
    long, thick = np.float32(0.0105 * unit), np.float32(max(0.00085 * unit, 0.35))
    for away, along, other in ((dx, y, dy), (dy, x, dx)):
        dash = np.clip(
            (np.float32(0.27) - np.abs(along / long - np.floor(along / long) - np.float32(0.5))) * long
            + np.float32(0.5),
            0,
            1,
        )
        line = np.clip(thick - np.abs(away - seam) + np.float32(0.5), 0, 1)
        lay(part, np.full(3, 250, np.float32), line * dash * (other > seam) * np.float32(0.55))


def _sewn(drawing: Drawing, unit: float) -> list[Patch]:
    rng = drawing.rng
    side = (drawing.width / unit, drawing.height / unit)
    match drawing.variant:
        case "saekdong":
            boxes = _stripes(side, rng)
        case "squares" | "pinwheel":
            boxes = _even(side, 0.105 if drawing.variant == "squares" else 0.145)
        case _:
            boxes = [*_split((0.0, 0.0, *side), rng, 0.34 if drawing.variant == "silk" else 0.26)]
    patches = _dyed(drawing, boxes, unit)
    if drawing.variant in ("ramie", "silk"):
        return _rolled(patches, drawing)
    return patches


def _rolled(patches: list[Patch], drawing: Drawing) -> list[Patch]:
    """The cloth rolled by chance: no seam runs along the picture's border, where it would show when it is repeated."""
    wide, high = drawing.width, drawing.height
    right, down = (int(side * drawing.rng.uniform(0.3, 0.7)) for side in (wide, high))
    rolled = []
    for patch in patches:
        for dx, dy in product((right, right - wide), (down, down - high)):
            box = (patch.left + dx, patch.top + dy, patch.right + dx, patch.bottom + dy)
            if box[0] < wide and box[1] < high and box[2] > 0 and box[3] > 0:
                rolled.append(replace(patch, left=box[0], top=box[1], right=box[2], bottom=box[3]))
    return rolled


def _dyed(drawing: Drawing, boxes: list[Box], unit: float) -> list[Patch]:
    """Give every patch a colour unlike its neighbours before it, now and then a little lighter or darker."""
    rng, lab = drawing.rng, drawing.lab
    odds = np.linspace(1.2, 0.8, len(lab))
    pixels = [tuple(round(value * unit) for value in box) for box in boxes]
    pixels = [
        (
            left,
            top,
            drawing.width if right > drawing.width - 2 else right,
            drawing.height if bottom > drawing.height - 2 else bottom,
        )
        for left, top, right, bottom in pixels
    ]
    chosen: list[int] = []
    patches = []
    for index, (left, top, right, bottom) in enumerate(pixels):
        taken = {
            chosen[other]
            for other, (l2, t2, r2, b2) in enumerate(pixels[:index])
            if (left in (r2, l2) or right in (l2, r2) or top in (b2, t2) or bottom in (t2, b2))
            and l2 <= right
            and r2 >= left
            and t2 <= bottom
            and b2 >= top
        }
        allowed = [each for each in range(len(lab)) if each not in taken] or [*range(len(lab))]
        share = odds[allowed] / odds[allowed].sum()
        chosen.append(int(rng.choice(allowed, p=share)))
        own = lab[chosen[-1]].copy()
        own[0] = np.clip(own[0] + rng.normal(0, 0.012), 0.08, 0.98)
        other = rgb(lab[rng.choice([each for each in range(len(lab)) if each != chosen[-1]])][None])[0]
        column, row = round(left / max(1, right - left)), round(top / max(1, bottom - top))
        patches.append(
            Patch(
                left,
                top,
                right,
                bottom,
                rgb(own[None])[0],
                other if drawing.variant == "pinwheel" else None,
                (column + row) % 2 == 0,
            )
        )
    return [patch for patch in patches if patch.right > patch.left and patch.bottom > patch.top]


def _split(box: Box, rng: Rng, largest: float) -> Iterator[Box]:
    """Cut a cloth in two again and again, across its longer side, until the pieces are small enough."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    if max(wide, high) < largest * rng.uniform(0.55, 1.15) or max(wide, high) < 0.09:
        yield box
        return
    at = rng.uniform(0.3, 0.7)
    if wide > high:
        cut = left + wide * at
        yield from _split((left, top, cut, bottom), rng, largest)
        yield from _split((cut, top, right, bottom), rng, largest)
    else:
        cut = top + high * at
        yield from _split((left, top, right, cut), rng, largest)
        yield from _split((left, cut, right, bottom), rng, largest)


def _even(side: tuple[float, float], size: float) -> list[Box]:
    """Squares, an even number along each side."""
    columns, rows = (max(2, 2 * round(each / size / 2)) for each in side)
    wide, high = side[0] / columns, side[1] / rows
    return [(c * wide, r * high, (c + 1) * wide, (r + 1) * high) for r in range(rows) for c in range(columns)]


def _stripes(side: tuple[float, float], rng: Rng) -> list[Box]:
    """Saekdong: bright stripes of several widths, as on the sleeves of a child's hanbok."""
    widths = rng.choice([0.028, 0.042, 0.042, 0.06], round(side[0] / 0.042))
    ends = np.concatenate([[0.0], np.cumsum(widths)])
    ends *= side[0] / ends[-1]
    return [(float(a), 0.0, float(b), side[1]) for a, b in pairwise(ends)]
