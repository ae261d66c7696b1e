"""Pixels → the bytes of a file as stock sites want it: sRGB profile, 300 dpi; JPEG 4:4:4, or PNG with transparency."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from PIL import Image, ImageCms

DPI = 300
FAST = 1  # of 9; more would take five times as long for a few hundredths of the size
SMALLER = ((9, 8), (6, 7), (6, 6), (6, 5))  # level of compression, bits of a colour: what is tried where size matters
SQUARE, LIGHT, DARK = 12, 255, 225  # pixels and levels of the board that is seen through small pictures


def jpeg(picture: Image.Image, quality: int, most: int = 0) -> bytes:
    """Encode as baseline JPEG of `quality` 1–100 without chroma subsampling. Transparency is laid on white. `most`:
    bytes of a PNG, which loses nothing else.
    """
    del most
    out = io.BytesIO()
    _on_white(picture).save(
        out, "JPEG", quality=quality, subsampling=0, dpi=(DPI, DPI), icc_profile=srgb(), comment=""
    )  # else Pillow writes that of the file it was decoded from
    return out.getvalue()


def png(picture: Image.Image, quality: int, most: int = 0) -> bytes:
    """Encode as PNG, with transparency where there is any; `quality` is a JPEG's, nothing is lost here.

    `most`: bytes that it may have, 0 = any number. One that has more is pressed harder, then loses the finest steps of
    its colours, which nobody sees; at last it is as small as it can be made so, whatever that is.
    """
    data = _png(picture, FAST)
    for level, bits in SMALLER if most else ():
        if len(data) <= most:
            break
        data = _png(_coarser(picture, bits), level)
    return data


def _png(picture: Image.Image, level: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=level, dpi=(DPI, DPI), icc_profile=srgb())
    return out.getvalue()


def _coarser(picture: Image.Image, bits: int) -> Image.Image:
    """With so many bits of each colour, rounded to the nearest; opacity stays as it is."""
    if bits == 8:
        return picture
    step = 1 << (8 - bits)
    steps = [min(255, (level + step // 2) // step * step) for level in range(256)]
    alike = list(range(256))
    bands = len(picture.getbands())
    return picture.point(steps * min(3, bands) + alike * (bands - 3 if bands > 3 else 0))


Encoder = Callable[[Image.Image, int, int], bytes]
ENCODERS: Mapping[str, Encoder] = MappingProxyType({"jpg": jpeg, "png": png})  # by the ending of the file


def thumbnail(picture: Image.Image, side: int) -> bytes:
    """A small JPEG whose longer side is `side` pixels, for contact sheets."""
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    small = on_board(small)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    return out.getvalue()


def on_board(picture: Image.Image) -> Image.Image:
    """RGB; what is transparent shows a light board of squares, on which white edges are seen as well as dark ones."""
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    wide, high = (-(-length // SQUARE) for length in picture.size)
    board = Image.new("L", (wide, high))
    board.putdata([LIGHT if (at % wide + at // wide) % 2 else DARK for at in range(wide * high)])
    ground = board.resize((wide * SQUARE, high * SQUARE), Image.Resampling.NEAREST).crop((0, 0, *picture.size))
    return Image.alpha_composite(ground.convert("RGBA"), picture).convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


@cache
def srgb() -> bytes:
    """The sRGB profile. Its date is fixed, because equal pictures must be equal bytes on any day."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # ICC.1 §7.2.8: 2000-01-01 00:00:00
    return bytes(profile)
