"""Pixels → the bytes of a JPEG as stock sites want it: 4:4:4, sRGB profile, 300 dpi."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageCms

DPI = 300


def jpeg(picture: Image.Image, quality: int) -> bytes:
    """Encode as baseline JPEG of `quality` 1–100 without chroma subsampling. Transparency is laid on white."""
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, subsampling=0, dpi=(DPI, DPI), icc_profile=srgb())
    return out.getvalue()


def thumbnail(picture: Image.Image, side: int) -> bytes:
    """A small JPEG whose longer side is `side` pixels, for contact sheets."""
    small = picture.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    return out.getvalue()


@cache
def srgb() -> bytes:
    """The sRGB profile. Its date is fixed, because equal pictures must be equal bytes on any day."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # ICC.1 §7.2.8: 2000-01-01 00:00:00
    return bytes(profile)
