"""Enlarging to an exact size, by a model where one is named, with transparency kept apart from colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stockgen.data.sizes import Crop
from stockgen.domain.protocols import Retouch
from stockgen.finishes import covering, lanczos
from stockgen.inference.upscaling import Upscaler

Numbers = NDArray[np.floating[Any]]
EPSILON = 1e-6  # of a weight: less is none


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
    weight = pixels[..., 3:] / 255.0
    near = _spread(pixels[..., :3] * weight, weight)
    return Image.fromarray(np.rint(np.where(weight > 0, pixels[..., :3], near)).clip(0, 255).astype(np.uint8))


def _spread(sums: Numbers, mass: Numbers) -> Numbers:
    """Colours everywhere, of colours × weight and of weights where there are any: means of ever larger squares fill the
    rest ("pull-push", Gortler et al., "The Lumigraph", 1996).
    """
    here = sums / np.maximum(mass, EPSILON)
    height, width, _ = sums.shape
    if max(height, width) == 1:
        return here
    near = _spread(_halved(sums), _halved(mass)).repeat(2, 0).repeat(2, 1)[:height, :width]
    filled: Numbers = np.where(mass > EPSILON, here, near)
    return filled


def _halved(values: Numbers) -> Numbers:
    """Sums of squares of two by two."""
    even = np.pad(values, [(0, values.shape[0] % 2), (0, values.shape[1] % 2), (0, 0)])
    return even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
