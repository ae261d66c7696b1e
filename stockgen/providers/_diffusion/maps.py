"""Whether a picture that is called a map of depth or of a pose looks like one: a photograph tells nothing of either."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stockgen.providers._diffusion.looking import BROKEN

SIDE = 64  # pixels of a side that are looked at: whether it is grey, or mostly black, shows in few
QUICK = 8_000_000  # pixels of a picture that must be read whole: more would take half a second
GREY = 16  # levels of 255 by which the colours of a pixel differ on the average: a map of depth has none
BLACK, DARK = 40, 0.5  # levels up to which a pixel is black, and the share of such: a map of a pose is drawn on black


def doubtful(file: Path, kind: str) -> bool:
    """Whether `file` is obviously no map of that `kind`; what can't be read, or not quickly, is not doubted."""
    if kind not in ("depth", "pose") or not file.is_file():
        return False
    pixels = _small(file)
    if pixels is None:
        return False
    high, low = pixels.max(axis=2).astype(int), pixels.min(axis=2).astype(int)
    if kind == "depth":
        return bool((high - low).mean() > GREY)
    return bool((high <= BLACK).mean() < DARK)


def _small(file: Path) -> Any | None:
    """A few pixels of a picture as height × width × 3; a JPEG is decoded small, which takes milliseconds."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(file) as image:
            image.draft("RGB", (SIDE, SIDE))
            if image.width * image.height > QUICK or image.mode.startswith(("I", "F")):
                return None
            return np.asarray(image.convert("RGB").resize((SIDE, SIDE)))
    except (*BROKEN, Image.DecompressionBombError):
        return None  # whoever draws by it says what is wrong with it
