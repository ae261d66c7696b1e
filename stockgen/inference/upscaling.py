"""A model that enlarges, asked tile by tile: memory is that of a tile, whatever the picture's size.

Neighbouring tiles overlap, and of each only the middle is used, where the model has seen all around: then the result is
the untiled one, as long as the model looks no further than `CONTEXT` pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stockgen.domain.errors import NotConfigured
from stockgen.inference.sessions import opened, translated
from stockgen.inference.words import Tool

Pixels = NDArray[np.uint8]  # height × width × 3

CONTEXT = 32  # pixels around a tile's middle; Real-ESRGAN's own program takes 10
TILE = 256  # pixels of a side, where the model takes any: a ×4 model then makes 1024, in about a gigabyte
TRIED = 64  # pixels of a side, of the picture that a model is tried with
KINDS = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


@dataclass(frozen=True, slots=True)
class Span:
    """A tile along one side: it is read from `start`; what lies from `begin` to `end` of the picture is used of it."""

    start: int
    begin: int
    end: int


def spans(length: int, tile: int, context: int, multiple: int = 1) -> list[Span]:
    """Tiles that cover `length` pixels, about evenly spaced; each has `context` pixels around what is used of it, but
    at the picture's edges, and begins at a multiple of `multiple`, as `length` and `tile` are. One that is longer than
    the picture begins at its edge.
    """
    if length <= tile:
        return [Span(0, 0, length)]
    count = math.ceil((length - 2 * context) / (tile - 2 * context - multiple + 1))
    starts = [number * (length - tile) // (count - 1) // multiple * multiple for number in range(count)]
    seams = [(one + tile + other) // 2 for one, other in pairwise(starts)]
    return [Span(*one) for one in zip(starts, [0, *seams], [*seams, length], strict=True)]


class Upscaler:
    """One model, loaded. Raises NotConfigured where its file is none that enlarges RGB, OutOfMemory."""

    def __init__(self, tool: Tool, tile: int = TILE, context: int = CONTEXT) -> None:
        self.tool = tool
        self._session = opened(tool.path, tool.name)
        self._input, self._kind, fixed = _input(self._session, tool.name)
        self._context = context
        self._tile = fixed or (_upwards(tile, tool.multiple), _upwards(tile, tool.multiple))
        self._fixed = bool(fixed)

    def enlarged(self, picture: Image.Image, beat: Callable[[], None] = lambda: None) -> Image.Image:
        """An RGB picture, `scale` times as large; `beat` after each tile. Raises NotConfigured, OutOfMemory."""
        scale, multiple = self.tool.scale, self.tool.multiple
        pixels = _padded(np.asarray(picture.convert("RGB")), multiple)
        height, width, _ = pixels.shape
        large = np.empty((height * scale, width * scale, 3), np.uint8)
        for down, across in self._tiles(height, width):
            made = self._asked(pixels, down, across)
            large[_used(down, scale), _used(across, scale)] = made[_within(down, scale), _within(across, scale)]
            beat()
        return Image.fromarray(large[: picture.height * scale, : picture.width * scale])

    def _tiles(self, height: int, width: int) -> Iterator[tuple[Span, Span]]:
        tall, wide = self._tile
        multiple = self.tool.multiple
        for down in spans(height, tall, min(self._context, tall // 4), multiple):
            for across in spans(width, wide, min(self._context, wide // 4), multiple):
                yield down, across

    def _asked(self, pixels: Pixels, down: Span, across: Span) -> Pixels:
        """What the model makes of one tile, its margin included."""
        tall, wide = self._tile
        part: Pixels = pixels[down.start : down.start + tall, across.start : across.start + wide]
        if self._fixed:
            part = np.pad(part, [(0, tall - part.shape[0]), (0, wide - part.shape[1]), (0, 0)], "edge")
        given = (part.astype(np.float32) / 255.0).transpose(2, 0, 1)[None].astype(self._kind)
        with translated(self.tool.name):
            made = self._session.run(None, {self._input: given})[0]
        expected = (1, 3, part.shape[0] * self.tool.scale, part.shape[1] * self.tool.scale)
        if made.shape != expected:
            raise NotConfigured("onnx_unfit", model=self.tool.name, found=str(made.shape), wanted=str(expected))
        bright = np.nan_to_num(made[0].astype(np.float32), nan=0.0)
        return np.asarray(np.rint(np.clip(bright, 0.0, 1.0) * 255.0), np.uint8).transpose(1, 2, 0)


def scale_of(session: Any, name: str, multiple: int = 1) -> int:
    """How many times as large a model makes a picture, found by asking it. `multiple`: the roundest sides that it is
    asked for. Raises NotConfigured where it is no such model, or takes only rounder ones; OutOfMemory.
    """
    given, kind, fixed = _input(session, name)
    height, width = fixed or (TRIED + multiple, TRIED + multiple)
    with translated(name):
        made = session.run(None, {given: np.full((1, 3, height, width), 0.5, kind)})[0]
    shape: tuple[int, ...] = getattr(made, "shape", ())
    scale = shape[2] // height if len(shape) == 4 else 0
    if scale < 1 or shape != (1, 3, height * scale, width * scale):
        raise NotConfigured("onnx_unfit", model=name, found=str(shape), wanted=f"(1, 3, {height}·n, {width}·n)")
    return int(scale)


def _input(session: Any, name: str) -> tuple[str, Any, tuple[int, int] | None]:
    """Name, type and, where it takes only one, the height and width of a model's input."""
    given = session.get_inputs()
    shape = given[0].shape if len(given) == 1 else []
    colours = len(shape) == 4 and (shape[1] in (3, None) or isinstance(shape[1], str))
    if not colours or given[0].type not in KINDS:
        found = ", ".join(f"{one.type} {one.shape}" for one in given)
        raise NotConfigured("onnx_unfit", model=name, found=found, wanted="tensor(float) [1, 3, height, width]")
    sides = [side for side in shape[2:] if isinstance(side, int) and side > 0]
    return given[0].name, KINDS[given[0].type], (sides[0], sides[1]) if len(sides) == 2 else None


def _padded(pixels: Pixels, multiple: int) -> Pixels:
    """With its last row and column repeated until the sides are multiples."""
    height, width, _ = pixels.shape
    more = [(0, _upwards(height, multiple) - height), (0, _upwards(width, multiple) - width), (0, 0)]
    return np.pad(pixels, more, "edge")


def _upwards(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple


def _used(span: Span, scale: int) -> slice:
    """Of the large picture."""
    return slice(span.begin * scale, span.end * scale)


def _within(span: Span, scale: int) -> slice:
    """Of what was made of the tile."""
    return slice((span.begin - span.start) * scale, (span.end - span.start) * scale)
