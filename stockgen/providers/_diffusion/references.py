"""Pictures that a request names, as a pipeline takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stockgen.domain.errors import Unfit

LEAST = 64  # pixels of a side, and LONGEST times its width or height: what FLUX.2 looks at (diffusers' image processor)
LONGEST = 8


def reference(folder: Path | None, name: str) -> Any:
    """The picture `name` of `folder`, upright, in RGB, white where nothing is in it; of its own size.

    Raises Unfit where it is not there, is no picture, or is smaller or narrower than any pipeline looks at.
    """
    from PIL import Image, ImageOps

    if folder is None:
        raise Unfit("unfit_reference", image=name)
    try:
        with Image.open(folder / name) as opened:
            found = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unfit("unfit_reference", image=name) from error
    short, long = sorted(found.size)
    if short < LEAST or long > short * LONGEST:
        raise Unfit("unfit_reference", image=name)
    white = Image.new("RGBA", found.size, "white")
    return Image.alpha_composite(white, found).convert("RGB")
