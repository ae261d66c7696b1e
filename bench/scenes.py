"""Pictures made by code whose faults are known, for calibrating checks: sound ones, and the same ones spoiled."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from types import MappingProxyType
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from stockgen.data import Shelf
from stockgen.data.palettes import palettes
from stockgen.domain.protocols import Fit, Shot
from stockgen.lanes.spec import Setup, furnished
from stockgen.providers import procedural
from stockgen.providers._procedural import FAMILIES

Spoil = Callable[[Image.Image], Image.Image]
GRAIN = 1.5  # 8-bit levels, one standard deviation: what a good camera or an image model leaves
ANTIALIAS = 0.6  # pixels: sigma of a sharp picture's own edges


def scene(seed: int, side: int) -> Image.Image:
    """As a photograph: a sky, textured things of all sizes in front of it, some grain; sharp throughout."""
    rng = np.random.default_rng(seed)
    ground = Image.fromarray(_sky(side, rng)).convert("RGB")
    for size in rng.uniform(0.05, 0.5, 24) * side:
        x, y = rng.uniform(-0.1, 1.0, 2) * side
        mask = Image.new("L", ground.size)
        shape = ImageDraw.Draw(mask)
        corners = [(x + size * rng.uniform(), y + size * rng.uniform()) for _ in range(int(rng.integers(3, 7)))]
        if rng.uniform() < 0.5:
            shape.ellipse((x, y, x + size, y + size * rng.uniform(0.5, 1.5)), fill=255)
        else:
            shape.polygon(corners, fill=255)
        ground.paste(Image.fromarray(_texture(side, rng)), mask=mask)
    soft = np.asarray(ground.filter(ImageFilter.GaussianBlur(ANTIALIAS)), np.float32)
    return _grained(soft, GRAIN, rng)


def studio(seed: int, side: int) -> Image.Image:
    """Things on pure white, as in a studio; every other time of flat, bright colours, as drawings on white are."""
    rng = np.random.default_rng(seed)
    ground = Image.new("RGB", (side, side), "white")
    for size in rng.uniform(0.1, 0.4, 6) * side:
        x, y = rng.uniform(0.15, 0.5, 2) * side
        mask = Image.new("L", ground.size)
        ImageDraw.Draw(mask).ellipse((x, y, x + size, y + size * rng.uniform(0.5, 1.5)), fill=255)
        bright = Image.new("RGB", ground.size, tuple(rng.choice((0, 60, 128, 200, 255), 3).tolist()))
        ground.paste(bright if seed % 2 else Image.fromarray(_texture(side, rng)), mask=mask)
    return ground


def drawing(seed: int, side: int, family: str = "") -> Image.Image:
    """As the built-in provider draws it; `family` "" = the families in turn."""
    return drawn(seed, side, family or _in_turn(seed), "")[1]


def kind(seed: int) -> tuple[str, str]:
    """Family and variant of that drawing."""
    family = _in_turn(seed)
    return family, str(_fit(seed, 64, family, "").request["variant"])


def redrawn(seed: int, side: int) -> Image.Image:
    """The same drawing in the colours of another palette."""
    family, names = _in_turn(seed), sorted(palettes(Shelf()))
    own = str(_fit(seed, side, family, "").request["palette"])
    other = names[(names.index(own) + 1 + seed % (len(names) - 1)) % len(names)]
    return drawn(seed, side, family, palettes(Shelf())[other].en)[1]


def drawn(seed: int, side: int, family: str, words: str) -> tuple[str, Image.Image]:
    """A picture of the built-in provider, and the name of its variant. `words`: of the prompt, such as a palette's."""
    fit = _fit(seed, side, family, words)
    data = procedural._drawn(fit, lambda shot, step, steps: None)
    return str(fit.request["variant"]), Image.open(io.BytesIO(data)).convert("RGB")


def _in_turn(seed: int) -> str:
    return FAMILIES[seed % len(FAMILIES)]


def _fit(seed: int, side: int, family: str, words: str) -> Fit:
    shot = Shot(id=seed, job="", idea=0, prompt=words, seed=seed, width=side, height=side)
    return _provider(family).fit(shot)


@cache
def _provider(family: str) -> procedural.Procedural:
    tools = furnished(Setup(), time.monotonic)
    return procedural.build(procedural.Options(families=(family,)), tools)


# -- faults ----------------------------------------------------------------------------------------------------


def blurred(sigma: float) -> Spoil:
    """Out of focus by a Gaussian of `sigma` pixels."""
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(sigma))


def noisy(level: float) -> Spoil:
    """With noise of so many 8-bit levels."""
    return lambda picture: _grained(np.asarray(picture, np.float32), level, np.random.default_rng(7))


def saved(quality: int) -> Spoil:
    """Saved once as JPEG, with colour at half the size as most programs do."""
    return lambda picture: Image.open(io.BytesIO(jpeg(picture, quality))).convert("RGB")


def posterised(bits: int) -> Spoil:
    """With so few bits a channel; smooth slopes become stairs."""
    return lambda picture: ImageOps.posterize(picture.filter(ImageFilter.GaussianBlur(2)), bits)


def exposed(factor: float) -> Spoil:
    """Too bright: what exceeds white is lost."""
    return lambda picture: Image.eval(picture, lambda level: min(255, round(level * factor)))


def faded(levels: float) -> Spoil:
    """With so little contrast left: as many 8-bit levels between black and white."""
    return lambda picture: Image.eval(picture, lambda level: round(128 + (level / 255 - 0.5) * levels))


def framed(share: float) -> Spoil:
    """With a white frame of `share` of the shorter side."""
    return lambda picture: ImageOps.expand(picture, round(share * min(picture.size)), "white")


def jpeg(picture: Image.Image, quality: int) -> bytes:
    """The bytes of a JPEG."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def slope(seed: int, side: int) -> Image.Image:
    """A smooth slope of two or three colours with some grain, as backgrounds are."""
    rng = np.random.default_rng(seed)
    return _grained(_sky(side, rng).astype(np.float32), 1.0, rng)


# -- copies: what a contributor may hand in as another picture, and markets refuse ----------------------------------


def _hue(turn: int) -> Spoil:
    def turned(picture: Image.Image) -> Image.Image:
        hue, saturation, value = picture.convert("HSV").split()
        return Image.merge("HSV", (hue.point(lambda at: (at + turn) % 256), saturation, value)).convert("RGB")

    return turned


def _cut(share: float, x: float, y: float) -> Spoil:
    def cut(picture: Image.Image) -> Image.Image:
        width, height = (round(side * share) for side in picture.size)
        left, top = round((picture.width - width) * x), round((picture.height - height) * y)
        return picture.crop((left, top, left + width, top + height))

    return cut


def _tinted(*channels: float) -> Spoil:
    def tinted(picture: Image.Image) -> Image.Image:
        pixels = np.asarray(picture, np.float32) * np.array(channels, np.float32)
        return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))

    return tinted


CUTS = ((0.95, 0.5, 0.5), (0.95, 0, 0), (0.95, 1, 1), (0.95, 1, 0.3), (0.97, 0.2, 0.8), (0.985, 0, 1))
COPIES: Mapping[str, Mapping[str, Spoil]] = MappingProxyType({
    "re-encoded": {
        "JPEG 95": saved(95), "JPEG 60": saved(60),
        "half the size": lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
        "twice the size": lambda picture: picture.resize((picture.width * 2, picture.height * 2)),
    },
    "mirrored": {
        "left to right": ImageOps.mirror, "upside down": ImageOps.flip,
        "both": lambda picture: picture.transpose(Image.Transpose.ROTATE_180),
    },
    "cropped": {
        f"{share:.1%} of each side, at {x} {y}": _cut(share, x, y)
        for share, x, y in CUTS
    },
    "recoloured": {
        **{f"hue by {turn * 360 // 256}°": _hue(turn) for turn in (28, 64, 128, 192)},
        "channels exchanged": lambda picture: Image.merge("RGB", picture.split()[::-1]),
        "warmer": _tinted(1.1, 1.0, 0.75), "cooler": _tinted(0.7, 0.9, 1.15),
        "grey": lambda picture: picture.convert("L").convert("RGB"),
        "sepia": lambda picture: ImageOps.colorize(picture.convert("L"), "#201008", "#fff0d0"),
        "negative": ImageOps.invert,
    },
})  # fmt: skip


def mixed(picture: Image.Image, seed: int) -> Image.Image:
    """Cut at random to 95 to 100 hundredths of each side, mirrored or not, and saved as JPEG."""
    rng = Random(seed)
    cut = _cut(rng.uniform(0.95, 1.0), rng.random(), rng.random())(picture)
    return saved(rng.randint(60, 95))(ImageOps.mirror(cut) if rng.random() < 0.5 else cut)


# -- parts of scenes ---------------------------------------------------------------------------------------------


def _sky(side: int, rng: np.random.Generator) -> Any:
    corners = Image.fromarray(rng.integers(40, 230, (2, 2, 3), dtype=np.uint8))
    return np.asarray(corners.resize((side, side), Image.Resampling.BICUBIC))


def _texture(side: int, rng: np.random.Generator) -> Any:
    """Colour with clouds in it, down to single pixels; some things are rougher than others."""
    colour, rough = rng.uniform(20, 220, 3), rng.uniform(2, 30)
    total = np.zeros((side, side), np.float32)
    for octave in range(2, 10):
        cells = min(side, 2**octave)
        small = Image.fromarray(rng.standard_normal((cells, cells)).astype(np.float32))
        total += np.asarray(small.resize((side, side), Image.Resampling.BICUBIC)) * 0.7**octave
    total *= rough / total.std()
    return np.clip(colour + total[..., None], 0, 255).astype(np.uint8)


def _grained(pixels: Any, level: float, rng: np.random.Generator) -> Image.Image:
    noise = rng.standard_normal((*pixels.shape[:2], 1), np.float32) * level
    return Image.fromarray(np.clip(pixels + noise + 0.5, 0, 255).astype(np.uint8))
