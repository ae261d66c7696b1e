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
    picture = _loaded(raw, (width, height))
    if picture.mode in _FLOATING:
        _finite(picture)
    return _coloured(picture)


def opened(data: bytes) -> Image.Image:
    """Decode a picture of any size, whole, as RGB or RGBA. Raises BadPicture."""
    return _coloured(_loaded(data))


def _loaded(data: bytes, size: tuple[int, int] | None = None) -> Image.Image:
    """`size`: what it must be; looked at before a pixel is decoded, because a small file may hold enormous ones."""
    try:
        picture: Image.Image = Image.open(io.BytesIO(data))
        if size is not None and picture.size != size:
            wanted = f"{size[0]}x{size[1]}"
            raise BadPicture("wrong_size", found=f"{picture.width}x{picture.height}", wanted=wanted)
        picture.load()
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadPicture("undecodable", detail=str(error)[:120]) from error
    return picture


def _coloured(picture: Image.Image) -> Image.Image:
    return picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")


def _finite(picture: Image.Image) -> None:
    import numpy as np

    if not np.isfinite(np.asarray(picture)).all():
        raise BadPicture("not_a_number")
