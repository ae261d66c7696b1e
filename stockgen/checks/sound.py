"""Is it a picture at all? Undecodable, not a number or of the wrong size is no picture."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from stockgen.domain.errors import BadPicture

_FLOATING = frozenset({"F"})


def decoded(raw: bytes, width: int, height: int) -> Image.Image:
    """Decode the raw picture that a provider left, whole. Raises BadPicture unless it is `width` × `height` pixels of
    finite numbers; the result is RGB, or RGBA where the provider drew transparency.
    """
    try:
        picture: Image.Image = Image.open(io.BytesIO(raw))
        picture.load()
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadPicture("undecodable", detail=str(error)[:120]) from error
    if picture.size != (width, height):
        raise BadPicture("wrong_size", found=f"{picture.width}x{picture.height}", wanted=f"{width}x{height}")
    if picture.mode in _FLOATING:
        _finite(picture)
    return picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")


def _finite(picture: Image.Image) -> None:
    import numpy as np

    if not np.isfinite(np.asarray(picture)).all():
        raise BadPicture("not_a_number")
