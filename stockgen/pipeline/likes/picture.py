"""What of the picture itself is used: its colours, and a copy for models that look at pictures."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from stockgen.checks.likeness import planes
from stockgen.checks.view import on_white
from stockgen.data.colours import named
from stockgen.ledger import Row
from stockgen.pipeline.references import References

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SIDE = 1024  # pixels: what models that look at pictures read is smaller
QUALITY = 95
SMALL, SEEN = 256, 128  # pixels a side of which a file is decoded at least, and that are looked at for colours
OPAQUE = 250  # alpha
_UNREADABLE = (OSError, ValueError, SyntaxError)  # Pillow raises the last for a PNG that is broken
WHITE = 244  # level from which all of a pixel is the ground on which what has no background was laid
RIM, FEW = 2, 16  # pixels of the small copy: how wide its softened seam is, and that say something of a thing's colours


def colours_of(picture: Row, outbox: Path, *, cut: bool) -> tuple[str, ...]:
    """Names of its colours, those of most of it first; () where nothing of it is left. `cut`: it has no background."""
    pixels = _of_kept(picture["kept"], cut=cut) if picture["kept"] else None
    if pixels is None:
        pixels = _of_file(outbox / picture["path"])
    return named(pixels) if pixels is not None else ()


def copied(master: Path, references: Path) -> str:
    """Lay a copy of a picture, a JPEG of 1024 pixels at most, on white, among the references under the name of its
    content, durably; return that name, "" = the picture is gone or can't be read. Raises StorageFull, StorageLost.
    """
    from PIL import Image

    try:
        with Image.open(master) as picture:
            picture.draft("RGB", (SIDE, SIDE))
            picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
            small = on_white(picture).copy()
    except _UNREADABLE:  # not there, or no picture any more: its owner's to do with as they like
        return ""
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return References(references).store(out.getvalue(), master.name)


def _of_kept(kept: bytes, *, cut: bool) -> Floats | None:
    """The pixels, n × 3 levels of red, green and blue; None where an older version kept no small copy. `cut`: it was
    laid on white, which is left out with the seam at which its own colours run into that.
    """
    import numpy as np

    small = planes(kept)
    if small is None:
        return None
    light, blue, red = small - np.array([0, 128, 128], np.float32).reshape(3, 1, 1)
    # ITU-T T.871 (JFIF), section 7: the inverse of what likeness.py makes of red, green and blue.
    rgb = np.stack([light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue], axis=2)
    inside = _inside(rgb) if cut else np.ones(light.shape, bool)
    return np.asarray(np.clip(rgb[inside], 0, 255), np.float32)


def _inside(rgb: Floats) -> NDArray[np.bool_]:
    """Where something lies on white, without its rim; with it where that is all there is."""
    import numpy as np

    ground = (rgb >= WHITE).all(axis=2)
    rows = range(-RIM, RIM + 1)
    near = np.any([np.roll(ground, (down, right), (0, 1)) for down in rows for right in rows], axis=0)
    return np.asarray(~near if np.count_nonzero(~near) >= FEW else ~ground, np.bool_)


def _of_file(master: Path) -> Floats | None:
    """The same of what is opaque in a file; None where it is no picture any more."""
    import numpy as np
    from PIL import Image

    with suppress(*_UNREADABLE), Image.open(master) as picture:
        picture.draft("RGB", (SMALL, SMALL))
        small = picture.convert("RGBA").resize((SEEN, SEEN), Image.Resampling.NEAREST)
        levels = np.asarray(small, np.float32).reshape(-1, 4)
        return np.asarray(levels[levels[:, 3] >= OPAQUE, :3], np.float32)
    return None
