"""What is done to a picture's pixels after it was made: plain functions named in a dict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

Finish = Callable[["Image.Image", int, int], "Image.Image"]


def lanczos(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Enlarge to cover `width` × `height` pixels, keeping the picture's own shape; never shrink.

    A provider that already made it large enough is left alone: every resampling costs sharpness.
    """
    from PIL import Image

    size = covering(*picture.size, width, height)
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)


def covering(width: int, height: int, wanted_width: int, wanted_height: int) -> tuple[int, int]:
    """The smallest size of the same shape that covers what is wanted; its own where that is enough already."""
    factor = max(wanted_width / width, wanted_height / height)
    if factor <= 1.0:
        return width, height
    return max(wanted_width, round(width * factor)), max(wanted_height, round(height * factor))


FINISHES: Mapping[str, Finish] = MappingProxyType({"lanczos": lanczos})
