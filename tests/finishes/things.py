"""Things with a known shape and known colours on a known ground, and mattes as models leave them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

FINE = 4  # times larger a shape is drawn, so that its edge is soft


@dataclass(frozen=True)
class Thing:
    """`shape`: opacity, 0 to 1; `colours`: RGB, also beyond the shape."""

    shape: NDArray[np.float32]
    colours: NDArray[np.float32]

    def on(self, ground: tuple[int, int, int], grain: float = 2.0, seed: int = 0) -> Image.Image:
        part = self.shape[..., None]
        seen = part * self.colours + (1 - part) * np.array(ground)
        seen += np.random.default_rng(seed).normal(0, grain, seen.shape)
        return Image.fromarray(np.rint(np.clip(seen, 0, 255)).astype(np.uint8))

    @property
    def matte(self) -> NDArray[np.uint8]:
        return np.rint(self.shape * 255).astype(np.uint8)


def thing(outline: str, colour: tuple[int, int, int] = (200, 40, 50), side: int = 512, seed: int = 0) -> Thing:
    """`outline`: the name of one of SHAPES. Its colour varies slowly, as that of real things does."""
    large = Image.new("L", (side * FINE, side * FINE), 0)
    SHAPES[outline](ImageDraw.Draw(large), side * FINE)
    shape = np.asarray(large.reduce(FINE), np.float32) / 255
    dots = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), np.uint8)
    spots = np.asarray(Image.fromarray(dots).resize((side, side), Image.Resampling.BICUBIC), np.float32)
    return Thing(shape, np.clip(np.array(colour) + (spots - 128) * 0.25, 0, 255).astype(np.float32))


def wider(matte: NDArray[np.uint8], pixels: int, soft: float = 1.0) -> NDArray[np.uint8]:
    """The matte of a model that sees an object too large, or too small where `pixels` is negative."""
    side = 2 * abs(pixels) + 1
    grown = Image.fromarray(matte).filter(ImageFilter.MaxFilter(side) if pixels > 0 else ImageFilter.MinFilter(side))
    return np.asarray(grown.filter(ImageFilter.GaussianBlur(soft)))


def _ball(pen: ImageDraw.ImageDraw, s: int) -> None:
    pen.ellipse((s * 0.2, s * 0.25, s * 0.8, s * 0.85), fill=255)


def _ring(pen: ImageDraw.ImageDraw, s: int) -> None:
    _ball(pen, s)
    pen.ellipse((s * 0.4, s * 0.45, s * 0.6, s * 0.65), fill=0)


def _cup(pen: ImageDraw.ImageDraw, s: int) -> None:
    pen.ellipse((s * 0.6, s * 0.4, s * 0.85, s * 0.7), fill=255)
    pen.ellipse((s * 0.65, s * 0.46, s * 0.79, s * 0.64), fill=0)
    pen.rounded_rectangle((s * 0.2, s * 0.3, s * 0.68, s * 0.8), s * 0.08, fill=255)


def _cherries(pen: ImageDraw.ImageDraw, s: int) -> None:
    for left in (0.2, 0.58):
        pen.ellipse((s * left, s * 0.55, s * (left + 0.22), s * 0.77), fill=255)
        pen.line((s * (left + 0.11), s * 0.58, s * 0.5, s * 0.2), fill=255, width=round(s * 0.008))


def _two(pen: ImageDraw.ImageDraw, s: int) -> None:
    for left in (0.1, 0.6):
        pen.ellipse((s * left, s * 0.4, s * (left + 0.28), s * 0.68), fill=255)


def _star(pen: ImageDraw.ImageDraw, s: int) -> None:
    turn = np.arange(20) * np.pi / 10
    reach = np.where(np.arange(20) % 2, 0.15, 0.38) * s
    pen.polygon([(s / 2 + r * np.cos(a), s / 2 + r * np.sin(a)) for a, r in zip(turn, reach, strict=True)], fill=255)


def _cut_off(pen: ImageDraw.ImageDraw, s: int) -> None:
    pen.ellipse((s * 0.3, s * 0.5, s * 0.8, s * 1.2), fill=255)


SHAPES = {"ball": _ball, "ring": _ring, "cup": _cup, "cherries": _cherries, "two": _two, "star": _star,
          "cut_off": _cut_off}  # fmt: skip
