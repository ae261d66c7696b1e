"""How colours lie over each other: tables of colours, cover, and shapes that Pillow fills at four times the size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from stockgen.providers._procedural.canvas import F32, Drawing
from stockgen.providers._procedural.palette import ramp, rgb

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
FINER = 4  # sixteen samples a pixel, box filtered: seventeen steps at an edge
HIGHER = 4  # times as high bands: each shape is painted anew in every band that it reaches into


def table(lab: F32, steps: int = 2048) -> F32:
    """sRGB values (0…255, not rounded) of a smooth ramp through OKLab colours, to be looked up."""
    return rgb(ramp(lab, np.linspace(0, 1, steps, dtype=np.float32)))


def looked_up(colours: F32, t: F32) -> F32:
    """The colours of a table at `t` (0…1, cut), the shape of `t` × 3."""
    last = len(colours) - 1
    return np.take(colours, (np.clip(t, 0, 1) * np.float32(last) + np.float32(0.5)).astype(np.int32), axis=0)


def lay(band: F32, colour: F32, cover: F32) -> None:
    """Lay a colour (or a picture) over a band, in place; `cover` 0…1 for each pixel."""
    band += (colour - band) * cover[..., None]


def covered(distance: F32) -> F32:
    """Share of a pixel inside a shape whose edge is `distance` pixels away, negative inside."""
    return np.asarray(np.clip(np.float32(0.5) - distance, 0, 1), np.float32)


def pixels(drawing: Drawing, top: int, bottom: int) -> tuple[F32, F32]:
    """Pixel centres of a band in units of √(width · height): x as a row, y as a column."""
    unit = np.float32(1 / np.sqrt(drawing.width * drawing.height))
    x = (np.arange(drawing.width, dtype=np.float32) + np.float32(0.5))[None] * unit
    y = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5))[:, None] * unit
    return x, y


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled polygon, or with `line` a stroke of that width: points n × 2 and width in pixels, colour 0…255."""

    points: F64
    colour: tuple[int, ...]
    line: float = 0.0


def repeated(shapes: Sequence[Shape], width: int, height: int) -> list[Shape]:
    """The shapes, and their copies at the opposite sides where they reach over a border."""
    found = []
    for shape in shapes:
        left, upper = (shape.points.min(axis=0) - shape.line - 1).tolist()
        right, lower = (shape.points.max(axis=0) + shape.line + 1).tolist()
        for aside in [0, *([width] if left < 0 else []), *([-width] if right > width else [])]:
            for down in [0, *([height] if upper < 0 else []), *([-height] if lower > height else [])]:
                moved = shape.points + np.array([aside, down]) if aside or down else shape.points
                found.append(Shape(moved, shape.colour, shape.line))
    return found


def filled(drawing: Drawing, shapes: Sequence[Shape], ground: tuple[int, ...]) -> Iterator[F32]:
    """Bands with the shapes painted in their order over one colour; with four components: alpha, premultiplied."""
    tops = np.array([shape.points[:, 1].min() - shape.line for shape in shapes])
    ends = np.array([shape.points[:, 1].max() + shape.line for shape in shapes])
    for top, bottom in drawing.bands(HIGHER):
        size = (drawing.width * FINER, (bottom - top) * FINER)
        # CMYK is Pillow's mode of four plain channels: reduced without regard to alpha, the mean is premultiplied.
        large = Image.new("RGB" if len(ground) == 3 else "CMYK", size, ground)
        brush = ImageDraw.Draw(large)
        for index in np.flatnonzero((ends > top - 1) & (tops < bottom + 1)).tolist():
            _paint(brush, shapes[index], top)
        yield np.asarray(large.reduce(FINER), np.float32)


def _paint(brush: ImageDraw.ImageDraw, shape: Shape, top: int) -> None:
    # Pillow cuts coordinates to whole numbers, towards zero: unrounded, a shape would jump where a band begins in it.
    at: I64 = np.rint(shape.points * FINER).astype(np.int64) - np.array([0, top * FINER])
    flat = [tuple(point) for point in at.tolist()]
    if not shape.line:
        brush.polygon(flat, fill=shape.colour)
        return
    wide = max(1, round(shape.line * FINER))
    brush.line(flat, fill=shape.colour, width=wide, joint="curve" if _gaping(at, wide) else None)
    if flat[0] == flat[-1]:
        return
    for x, y in (flat[0], flat[-1]):
        brush.ellipse((x - wide // 2, y - wide // 2, x + wide // 2, y + wide // 2), fill=shape.colour)


def _gaping(points: I64, wide: int) -> bool:
    """Whether the outer side of a stroke would gape at its corners if they were not rounded (which is slow)."""
    along = np.diff(points, axis=0)
    along = along[along.any(axis=1)]
    turn = np.diff(np.unwrap(np.arctan2(along[:, 1], along[:, 0])))
    return bool(turn.size and np.abs(turn).max() * wide / 2 > 1.2)


def bytes_of(lab: F32) -> tuple[int, ...]:
    """One OKLab colour as three integers 0…255."""
    return tuple(int(value) for value in np.rint(rgb(lab[None])[0]))
