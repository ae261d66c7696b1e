"""Pictures that jobs were given beside their words, as a model is shown them: upright, RGB."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockgen.domain.errors import BadPicture

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 89_478_485  # 270 MB as RGB; above that many Pillow takes it for a bomb (its Image.MAX_IMAGE_PIXELS)
LEAST, LONGEST = 64, 8  # pixels of a side, and times the other: what FLUX.2 looks at (diffusers' image processor)
MOST = 2048  # pixels of a side of a look: models look at a million pixels at most
KEYS = ("control", "like")  # of requests, each with the name of an `image`
BROKEN = (OSError, SyntaxError, ValueError, EOFError)  # what Pillow raises for files that are none, or half of one


def names(request: Any) -> Iterable[tuple[str, str]]:
    """(key, name in the references) of each picture that a request speaks of."""
    return [(key, request[key]["image"]) for key in KEYS if request.get(key)]


def shown(folder: Path | None, key: str, name: str, size: tuple[int, int]) -> Image:
    """A reference under a key of a request, `size`: what will be drawn. What says where things are gets that size; a
    look keeps its shape.

    Raises BadPicture `reference_gone`, `reference_large`, `reference_unreadable`, `reference_narrow`, each `exhausted`:
    another try finds the same.
    """
    file = (folder or Path()) / name
    if folder is None or not file.is_file():
        raise BadPicture("reference_gone", name=name, exhausted=True)
    return covering(opened(file), *size) if key == "control" else whole(opened(file), name)


def opened(file: Path, most: int = MAX_PIXELS) -> Image:
    """A picture of any mode as RGB, turned as its camera says, on white where it has no colour.

    `most`: pixels that it may have. Raises BadPicture.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as image:
            if image.width * image.height > most:
                size = f"{image.width}x{image.height}"
                raise BadPicture("reference_large", name=file.name, size=size, exhausted=True)
            return _rgb(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError as error:
        raise BadPicture("reference_large", name=file.name, size="-", exhausted=True) from error
    except BROKEN as error:
        raise BadPicture("reference_unreadable", name=file.name, detail=str(error)[:100], exhausted=True) from error


def whole(image: Image, name: str) -> Image:
    """All of `image`, with sides of MOST pixels at most. Raises BadPicture `reference_narrow`."""
    from PIL import Image as Pictures

    short, long = sorted(image.size)
    if short < LEAST or long > short * LONGEST:
        raise BadPicture("reference_narrow", name=name, size=f"{image.width}x{image.height}", exhausted=True)
    image.thumbnail((MOST, MOST), Pictures.Resampling.LANCZOS)
    return image


def covering(image: Image, width: int, height: int) -> Image:
    """The middle of `image` in the shape of `width` × `height`, resized to that."""
    from PIL import Image as Pictures
    from PIL import ImageOps

    if image.size == (width, height):
        return image
    return ImageOps.fit(image, (width, height), Pictures.Resampling.LANCZOS)


def _rgb(image: Image) -> Image:
    """Maps of depth come in 16 or 32 bits, whose range is their own: it is stretched over 8 bits."""
    from PIL import Image as Pictures

    if image.mode.startswith(("I", "F")):
        return _stretched(image).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    paper = Pictures.new("RGBA", clear.size, "white")
    return Pictures.alpha_composite(paper, clear).convert("RGB")


def _stretched(image: Image) -> Image:
    import numpy as np
    from PIL import Image as Pictures

    values = np.nan_to_num(np.asarray(image, dtype=np.float32))
    low, span = values.min(), max(float(np.ptp(values)), 1e-6)
    return Pictures.fromarray(((values - low) * (255 / span)).round().astype(np.uint8))
