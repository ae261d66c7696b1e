"""What is done to a picture's pixels after it was made: plain functions named in a dict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from PIL import Image

Finish = Callable[[Image.Image, int, int], Image.Image]


def lanczos(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Enlarge to cover `width` × `height` pixels, keeping the picture's own shape; never shrink.

    A provider that already made it large enough is left alone: every resampling costs sharpness.
    """
    factor = max(width / picture.width, height / picture.height)
    if factor <= 1.0:
        return picture
    size = (max(width, round(picture.width * factor)), max(height, round(picture.height * factor)))
    return picture.resize(size, Image.Resampling.LANCZOS)


FINISHES: Mapping[str, Finish] = MappingProxyType({"lanczos": lanczos})
