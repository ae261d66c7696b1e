"""Enlarging to an exact size, by a model where one is named, with transparency kept apart from colours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from stockgen.data.sizes import Crop
from stockgen.domain.retouch import Retouch
from stockgen.finishes import covering, lanczos
from stockgen.finishes.fringe import spread
from stockgen.inference.upscaling import Upscaler


def needed(task: Retouch, width: int, height: int) -> tuple[int, int]:
    """The size that a picture of `width` × `height` must have after a task: its own where that is enough already."""
    if not task.cutout:
        return covering(width, height, *task.size)
    return crop(task).size(width, height)


def crop(task: Retouch) -> Crop:
    """What a task wants of something that it cuts out."""
    return Crop(task.margin, task.long_side, task.pixels)


def enlarged(
    picture: Image.Image, size: tuple[int, int], upscaler: Upscaler | None, beat: Callable[[], None] = lambda: None
) -> Image.Image:
    """`picture`, RGB or RGBA, in exactly `size`, which is its own or larger. Raises as `Upscaler.enlarged`."""
    if picture.size == size:
        return picture
    if upscaler is None:
        return lanczos(picture, *size)
    large = upscaler.enlarged(coloured(picture), beat)
    if large.size != size:
        large = large.resize(size, Image.Resampling.LANCZOS)
    if picture.mode == "RGBA":
        large.putalpha(picture.getchannel("A").resize(size, Image.Resampling.LANCZOS))
    return large


def coloured(picture: Image.Image) -> Image.Image:
    """RGB, where what is transparent has the colours around it: a model mixes what is near, and what lies below
    transparency is mostly black.
    """
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    pixels = np.asarray(picture).astype(np.float32)
    alpha = pixels[..., 3]
    near = spread(pixels[..., :3], alpha / np.float32(255.0))
    seen = np.where(alpha[..., None] > 0, pixels[..., :3], near)
    return Image.fromarray(np.rint(seen).clip(0, 255).astype(np.uint8))
