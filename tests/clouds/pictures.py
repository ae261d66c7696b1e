"""Pictures that a generator could have made: of any size, quick, each another, none that a check would send away."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from random import Random
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw

from tests.clouds import c2pa

THINGS = (18, 40)  # drawn on a ground
GROUND = (3, 6)  # cells a side of the ground's slopes
LIGHT = (36, 222)  # levels of a channel: nothing is clipped
QUALITY = 93
CUT = 0.38  # of the shorter side: radius of a thing on nothing

Point = tuple[float, float]
Draw = Callable[[ImageDraw.ImageDraw, Random, float, float], None]


def encoded(seed: int, size: tuple[int, int], kind: str, *, transparent: bool = False, signed: bool = False) -> bytes:
    """A picture of `seed` as the bytes of a file. `kind`: png, jpeg or webp. `transparent`: a thing on nothing, RGBA.
    `signed`: with a box of Content Credentials that is well formed and says nothing.
    """
    picture, file = drawn(seed, size, transparent=transparent), io.BytesIO()
    options = {"png": {"compress_level": 1}, "jpeg": {"quality": QUALITY}, "webp": {"quality": QUALITY, "method": 0}}
    picture.save(file, kind, **options[kind])
    return c2pa.signed(file.getvalue(), kind) if signed else file.getvalue()


def drawn(seed: int, size: tuple[int, int], *, transparent: bool = False) -> Image.Image:
    """RGB, or RGBA where `transparent`."""
    rng = Random(seed)
    picture = _ground(rng, size)
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"
    names = rng.sample(sorted(KINDS), 3)
    for number in range(rng.randint(*THINGS)):
        x, y = rng.uniform(-0.05, 1.05) * size[0], rng.uniform(-0.05, 1.05) * size[1]
        KINDS[names[number % len(names)]](pen, rng, x, y)
    if transparent:
        picture.putalpha(_cut(rng, size))
    return picture


def _ground(rng: Random, size: tuple[int, int]) -> Image.Image:
    """Slopes between a few colours."""
    across, down = rng.randint(*GROUND), rng.randint(*GROUND)
    cells = np.array([rng.randint(*LIGHT) for _ in range(across * down * 3)], np.uint8).reshape(down, across, 3)
    return Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)


def _cut(rng: Random, size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size)
    points = _star(rng, size[0] / 2, size[1] / 2, CUT * min(size), rng.randint(9, 15), 0.7)
    ImageDraw.Draw(mask).polygon(points, fill=255)
    return mask


def _colour(rng: Random) -> tuple[int, int, int]:
    return rng.randint(*LIGHT), rng.randint(*LIGHT), rng.randint(*LIGHT)


def _reach(pen: ImageDraw.ImageDraw, rng: Random, least: float, most: float) -> float:
    """Pixels: most things are small, some are large."""
    return (least + (most - least) * rng.random() ** 2) * float(min(pen.im.size))


def _star(rng: Random, x: float, y: float, reach: float, corners: int, inner: float) -> list[Point]:
    """Corners around a middle, each at another distance."""
    turn = rng.uniform(0, math.tau)
    found = []
    for number in range(corners):
        far, angle = reach * rng.uniform(inner, 1), turn + math.tau * number / corners
        found.append((x + far * math.cos(angle), y + far * math.sin(angle)))
    return found


def _blot(pen: ImageDraw.ImageDraw, rng: Random, x: float, y: float) -> None:
    pen.polygon(_star(rng, x, y, _reach(pen, rng, 0.04, 0.3), rng.randint(3, 9), 0.4), fill=_colour(rng))


def _disc(pen: ImageDraw.ImageDraw, rng: Random, x: float, y: float) -> None:
    wide, high = _reach(pen, rng, 0.03, 0.22), _reach(pen, rng, 0.03, 0.22)
    pen.ellipse((x - wide, y - high, x + wide, y + high), fill=_colour(rng))


def _rings(pen: ImageDraw.ImageDraw, rng: Random, x: float, y: float) -> None:
    reach, one, other = _reach(pen, rng, 0.06, 0.28), _colour(rng), _colour(rng)
    count = rng.randint(3, 7)
    for number in range(count, 0, -1):
        far = reach * number / count
        pen.ellipse((x - far, y - far, x + far, y + far), fill=one if number % 2 else other)


def _ray(pen: ImageDraw.ImageDraw, rng: Random, x: float, y: float) -> None:
    angle, long = rng.uniform(0, math.tau), _reach(pen, rng, 0.2, 1.2)
    end = (x + long * math.cos(angle), y + long * math.sin(angle))
    pen.line(((x, y), end), fill=_colour(rng), width=max(2, round(_reach(pen, rng, 0.006, 0.07))))


def _bow(pen: ImageDraw.ImageDraw, rng: Random, x: float, y: float) -> None:
    reach, start = _reach(pen, rng, 0.1, 0.45), rng.randint(0, 359)
    width = max(2, round(_reach(pen, rng, 0.01, 0.06)))
    pen.arc((x - reach, y - reach, x + reach, y + reach), start, start + rng.randint(60, 300), _colour(rng), width)


def _grid(pen: ImageDraw.ImageDraw, rng: Random, x: float, y: float) -> None:
    """Small boxes in rows."""
    step, colour = _reach(pen, rng, 0.03, 0.08), _colour(rng)
    share, rows, columns = rng.uniform(0.4, 0.8), rng.randint(1, 5), rng.randint(2, 6)
    for number in range(rows * columns):
        left, top = x + step * (number % columns), y + step * (number // columns)
        pen.rectangle((left, top, left + share * step, top + share * step), fill=colour)


def _wave(pen: ImageDraw.ImageDraw, rng: Random, x: float, y: float) -> None:
    long, high = _reach(pen, rng, 0.3, 1.0), _reach(pen, rng, 0.02, 0.12)
    turns, width = rng.uniform(0.7, 4), max(2, round(_reach(pen, rng, 0.008, 0.03)))
    steps = [number / 40 for number in range(41)]
    points = [(x + long * (at - 0.5), y + high * math.sin(turns * math.tau * at)) for at in steps]
    pen.line(points, fill=_colour(rng), width=width, joint="curve")


KINDS = MappingProxyType({
    "blot": _blot, "disc": _disc, "rings": _rings, "ray": _ray, "bow": _bow, "grid": _grid, "wave": _wave,
})  # fmt: skip
