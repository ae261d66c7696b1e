"""Pixels → the bytes of a file as stock sites want it: sRGB profile, 300 dpi; JPEG 4:4:4, or PNG with transparency."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from PIL import Image, ImageCms

DPI = 300
FAST = 1  # of 9; more would take five times as long for a few hundredths of the size


def jpeg(picture: Image.Image, quality: int) -> bytes:
    """Encode as baseline JPEG of `quality` 1–100 without chroma subsampling. Transparency is laid on white."""
    out = io.BytesIO()
    _on_white(picture).save(
        out, "JPEG", quality=quality, subsampling=0, dpi=(DPI, DPI), icc_profile=srgb(), comment=""
    )  # else Pillow writes that of the file it was decoded from
    return out.getvalue()


def png(picture: Image.Image, quality: int) -> bytes:
    """Encode as PNG, with transparency where there is any; `quality` is a JPEG's, nothing is lost here."""
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=FAST, dpi=(DPI, DPI), icc_profile=srgb())
    return out.getvalue()


Encoder = Callable[[Image.Image, int], bytes]
ENCODERS: Mapping[str, Encoder] = MappingProxyType({"jpg": jpeg, "png": png})  # by the ending of the file


def thumbnail(picture: Image.Image, side: int) -> bytes:
    """A small JPEG whose longer side is `side` pixels, for contact sheets."""
    small = _on_white(picture).copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    return out.getvalue()


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
