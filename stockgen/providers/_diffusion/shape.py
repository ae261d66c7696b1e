"""The size that a model really draws: its own number of pixels in the shape that was asked for."""

from __future__ import annotations

from stockgen.data.catalog import Drawing
from stockgen.domain.errors import Unfit

SLACK = 0.12  # how far the number of pixels may be from the native one, for a shape that is nearer to the wanted


def native(width: int, height: int, drawing: Drawing) -> tuple[int, int]:
    """The width and height in pixels that a model draws for a picture of `width` × `height`.

    Nearest in shape, then in the number of pixels it was trained for. Raises Unfit for a shape that is wider or
    taller than it can draw.
    """
    if width <= 0 or height <= 0:
        raise Unfit("unfit_shape", width=width, height=height)
    ratio, step = width / height, drawing.multiple
    sizes = [
        (wide, high)
        for wide in range(_up(drawing.least, step), drawing.most + 1, step)
        for high in _heights(wide, ratio, drawing)
    ]
    if not sizes:
        raise Unfit("unfit_shape", width=width, height=height)
    return min(sizes, key=lambda size: (round(_off(size, ratio), 3), abs(size[0] * size[1] / drawing.pixels - 1)))


def _heights(wide: int, ratio: float, drawing: Drawing) -> list[int]:
    step = drawing.multiple
    near = {step * int(wide / ratio / step), step * (int(wide / ratio / step) + 1)}
    return [
        high
        for high in sorted(near)
        if drawing.least <= high <= drawing.most
        and abs(wide * high / drawing.pixels - 1) <= SLACK
        and _off((wide, high), ratio) < SLACK
    ]


def _off(size: tuple[int, int], ratio: float) -> float:
    shape = size[0] / size[1]
    return max(shape / ratio, ratio / shape) - 1


def _up(pixels: int, step: int) -> int:
    return -(-pixels // step) * step
