"""Things whose shape and colours are known, on grounds as generated pictures have them; and mattes as models leave
them. For the checks of what is cut out, and their tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SEEN = 24.0  # levels, a tenth of the light, by which a thing's edge differs from its ground; less is hardly an edge
FALL = 0.03  # of its light a ground loses from top to bottom
FINE = 4  # times larger a shape is drawn, so that its edge is soft
Floats = NDArray[np.float32]
Matte = NDArray[np.uint8]
Colour = tuple[int, int, int]
GROUNDS: tuple[Colour, ...] = ((255, 255, 255), (240, 240, 238), (214, 226, 236), (196, 214, 190), (70, 78, 92))


@dataclass(frozen=True)
class Thing:
    """`shape`: opacity, 0 to 1; `colours`: RGB, also beyond the shape; both as they truly are."""

    shape: Floats
    colours: Floats

    def on(self, ground: Colour, grain: float = 2.0, seed: int = 0, shadow: float = 0.0) -> Image.Image:
        """Drawn on a ground that is a little darker at one end, with a `shadow` below, 0 to 1 of the light taken."""
        part, side = self.shape[..., None], self.shape.shape[0]
        fall = _fall(side) - shadow * shade(self.shape)
        seen = part * self.colours + (1 - part) * np.array(ground, np.float32) * fall[..., None]
        seen = seen + np.random.default_rng(seed).normal(0, grain, seen.shape)
        return Image.fromarray(np.rint(np.clip(seen, 0, 255)).astype(np.uint8))

    @property
    def matte(self) -> Matte:
        """The matte of a model that makes no mistake."""
        return np.rint(self.shape * 255).astype(np.uint8)

    @property
    def picture(self) -> Image.Image:
        """What a provider with transparency of its own draws; black where nothing is."""
        shown = np.where(self.shape[..., None] > 0, self.colours, 0)
        return Image.fromarray(np.dstack([shown, self.shape * 255]).round().astype(np.uint8))


def _fall(side: int) -> Floats:
    return np.asarray(1 - FALL * np.linspace(0, 1, side, dtype=np.float32)[:, None], np.float32)


def ground_for(one: Thing, number: int) -> Colour:
    """The first of GROUNDS, from `number` on, on which nearly the whole outline can be seen well. A white border on
    white paper has no shape that anybody could tell from the picture, and one on light grey hardly any.
    """
    inside = Image.fromarray(one.matte).filter(ImageFilter.MinFilter(9))
    edge = (one.matte > 250) & (np.asarray(inside) < 250)
    for ground in (GROUNDS[(number + more) % len(GROUNDS)] for more in range(len(GROUNDS))):
        levels = np.array(ground, np.float32) * _fall(one.matte.shape[0])[..., None]
        if (np.abs(one.colours - levels).max(axis=-1) >= SEEN)[edge].mean() >= 0.95:
            return ground
    raise ValueError("a thing that can be seen on no ground")


def painted(one: Thing, colour: Colour, flat: bool = True) -> Thing:
    """With 16 dots on it that are no holes, where lace has its holes; not `flat`: they fade as gloss does."""
    side = one.shape.shape[0]
    large = Image.new("L", (side * FINE, side * FINE))
    pen = ImageDraw.Draw(large)
    for x, y in _dots(side * FINE):
        pen.ellipse((x, y, x + side * FINE * 0.03, y + side * FINE * 0.03), fill=255)
    dots = large.reduce(FINE) if flat else large.reduce(FINE).filter(ImageFilter.GaussianBlur(side / 100))
    part = np.asarray(dots, np.float32)[..., None] / 255
    colours = part * np.array(colour) + (1 - part) * one.colours
    return replace(one, colours=np.asarray(colours, np.float32))


def thing(outline: str, colour: Colour = (200, 40, 50), side: int = 512, seed: int = 0) -> Thing:
    """`outline`: the name of one of SHAPES. Its colour varies slowly, as that of real things does."""
    large = Image.new("L", (side * FINE, side * FINE), 0)
    SHAPES[outline](ImageDraw.Draw(large), side * FINE)
    shape = np.asarray(large.reduce(FINE), np.float32) / 255
    dots = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), np.uint8)
    spots = np.asarray(Image.fromarray(dots).resize((side, side), Image.Resampling.BICUBIC), np.float32)
    return Thing(shape, np.clip(np.array(colour) + (spots - 128) * 0.25, 0, 255).astype(np.float32))


def outlined(one: Thing, colour: Colour, width: int) -> Thing:
    """With a line along its inner edge, as drawings have a dark one and stickers a white one."""
    inside = np.asarray(Image.fromarray(one.matte).filter(ImageFilter.MinFilter(2 * width + 1)), np.float32)[..., None]
    return replace(one, colours=np.asarray(np.where(inside > 127, one.colours, np.array(colour)), np.float32))


def glass(one: Thing, opaque: float = 0.4) -> Thing:
    """Clear but for its rim."""
    inside = Image.fromarray(one.matte).filter(ImageFilter.MinFilter(15)).filter(ImageFilter.GaussianBlur(3))
    clear = np.asarray(inside, np.float32) / 255
    return replace(one, shape=np.asarray(one.shape * (1 - (1 - opaque) * clear), np.float32))


def any_thing(seed: int, side: int = 512) -> Thing:
    """One whole thing of some shape, colour and finish."""
    rng = np.random.default_rng(seed)
    names = [name for name in SHAPES if name not in ("two", "cut_off")]
    red, green, blue = (int(level) for level in rng.integers(20, 236, 3))
    one = thing(str(rng.choice(names)), (red, green, blue), side, seed)
    finish = seed % 4
    if finish == 1:
        return outlined(one, (30, 26, 40), max(2, side // 256))
    if finish == 2 and one.shape.mean() > 0.1:
        return outlined(one, (250, 250, 250), side // 40)
    return one


# -- mattes ----------------------------------------------------------------------------------------------------------


def wider(matte: Matte, pixels: int, soft: float = 1.0) -> Matte:
    """Of a model that sees an object too large, or too small where `pixels` is negative."""
    side = 2 * abs(pixels) + 1
    grown = Image.fromarray(matte).filter(ImageFilter.MaxFilter(side) if pixels > 0 else ImageFilter.MinFilter(side))
    return np.asarray(grown.filter(ImageFilter.GaussianBlur(soft)))


def specked(matte: Matte, seed: int, count: int = 30) -> Matte:
    """With specks of 1 to 3 pixels where nothing is, and as many pinholes."""
    rng, found = np.random.default_rng(seed), matte.copy()
    for level, places in ((255, np.argwhere(matte == 0)), (0, np.argwhere(matte == 255))):
        for row, column in places[rng.integers(0, len(places), count)]:
            size = int(rng.integers(1, 4))
            found[row : row + size, column : column + size] = level
    return found


def hazy(matte: Matte, opaque: float) -> Matte:
    """With a veil over all that is clear."""
    return np.maximum(matte, np.uint8(opaque * 255))


def shaded(matte: Matte, opaque: float) -> Matte:
    """With the shadow taken for a part of the thing."""
    return np.maximum(matte, (shade(matte / np.float32(255)) * opaque * 255).astype(np.uint8))


def shade(shape: Floats) -> Floats:
    """Where the shadow of a thing that stands on something falls, 0 to 1."""
    rows, columns = np.nonzero(shape.max(1) > 0.5)[0], np.nonzero(shape.max(0) > 0.5)[0]
    side = shape.shape[0]
    bottom, left, right = float(rows[-1]), float(columns[0]), float(columns[-1])
    dark = Image.new("L", (side, side))
    box = (left, bottom - side * 0.05, right + side * 0.08, min(side - 2.0, bottom + side * 0.07))
    ImageDraw.Draw(dark).ellipse(box, fill=255)
    return np.asarray(dark.filter(ImageFilter.GaussianBlur(side / 60)), np.float32) / 255


# -- shapes ----------------------------------------------------------------------------------------------------------


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


def _star(pen: ImageDraw.ImageDraw, s: int) -> None:
    turn = np.arange(20) * np.pi / 10
    reach = np.where(np.arange(20) % 2, 0.15, 0.38) * s
    pen.polygon([(s / 2 + r * np.cos(a), s / 2 + r * np.sin(a)) for a, r in zip(turn, reach, strict=True)], fill=255)


def _leaf(pen: ImageDraw.ImageDraw, s: int) -> None:
    turn = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    reach = s * (0.3 + 0.06 * np.abs(np.sin(turn * 3.5)) + 0.012 * np.sin(turn * 40))
    pen.polygon([(s / 2 + r * np.cos(a), s * 0.45 + r * np.sin(a) * 0.8) for a, r in zip(turn, reach, strict=True)],
                fill=255)  # fmt: skip
    pen.line((s * 0.5, s * 0.6, s * 0.53, s * 0.92), fill=255, width=round(s * 0.012))


def _lace(pen: ImageDraw.ImageDraw, s: int) -> None:
    _ball(pen, s)
    for x, y in _dots(s):
        pen.ellipse((x, y, x + s * 0.03, y + s * 0.03), fill=0)


def _dots(s: int) -> list[tuple[float, float]]:
    return [(s * (0.36 + 0.09 * column), s * (0.42 + 0.09 * row)) for row in range(4) for column in range(4)]


def _hairy(pen: ImageDraw.ImageDraw, s: int) -> None:
    pen.ellipse((s * 0.3, s * 0.32, s * 0.7, s * 0.72), fill=255)
    for turn in np.linspace(0, 2 * np.pi, 150):
        reach = 0.24 + 0.03 * np.sin(turn * 17)
        end = (s * (0.5 + reach * np.cos(turn)), s * (0.52 + reach * np.sin(turn)))
        pen.line((s * 0.5, s * 0.52, *end), fill=255, width=max(1, round(s * 0.003)))


def _two(pen: ImageDraw.ImageDraw, s: int) -> None:
    for left in (0.1, 0.6):
        pen.ellipse((s * left, s * 0.4, s * (left + 0.28), s * 0.68), fill=255)


def _cut_off(pen: ImageDraw.ImageDraw, s: int) -> None:
    pen.ellipse((s * 0.3, s * 0.5, s * 0.8, s * 1.2), fill=255)


SHAPES: Mapping[str, Callable[[ImageDraw.ImageDraw, int], None]] = MappingProxyType({
    "ball": _ball, "ring": _ring, "cup": _cup, "cherries": _cherries, "star": _star, "leaf": _leaf, "lace": _lace,
    "hairy": _hairy, "two": _two, "cut_off": _cut_off,
})  # fmt: skip
