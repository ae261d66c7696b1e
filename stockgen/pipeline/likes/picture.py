"""What of the picture itself is used: its colours, and a copy for models that look at pictures."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from stockgen.checks.likeness import planes
from stockgen.checks.view import on_white
from stockgen.data.colours import named
from stockgen.files import translated, write_durably
from stockgen.ledger import Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SIDE = 1024  # pixels: what models that look at pictures read is smaller
QUALITY = 95
SMALL, SEEN = 256, 128  # pixels a side of which a file is decoded at least, and that are looked at for colours
OPAQUE = 250  # alpha
_UNREADABLE = (OSError, ValueError, SyntaxError)  # Pillow raises the last for a PNG that is broken
GROUND = "white"  # on which what has no background is laid


def colours_of(picture: Row, outbox: Path, *, cut: bool) -> tuple[str, ...]:
    """Names of its colours, those of most of it first; () where nothing of it is left. `cut`: it has no background, so
    what is kept of it lies on white, and its own colours run into that.
    """
    kept = _of_kept(picture["kept"]) if picture["kept"] else None
    if kept is not None and not cut:
        return named(kept)
    pixels = _of_file(outbox / picture["path"])
    if pixels is not None:
        return named(pixels)
    return named(kept, GROUND) if kept is not None else ()


def copied(master: Path, references: Path) -> str:
    """Lay a copy of a picture, a JPEG of 1024 pixels at most, on white, among the references under the name of its
    content, durably; return that name, "" = the picture is gone or can't be read. Raises StorageFull, StorageLost.
    """
    from PIL import Image

    try:
        with Image.open(master) as picture:
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))
            small = on_white(picture).copy()
            small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    except _UNREADABLE:  # not there, or no picture any more: its owner's to do with as they like
        return ""
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return _laid(out.getvalue(), references)


def _laid(data: bytes, references: Path) -> str:
    path = references / f"{hashlib.sha256(data).hexdigest()}.jpg"
    with translated(path):
        there = path.exists()
    if not there:
        write_durably(path, data)
    return path.name


def _of_kept(kept: bytes) -> Floats | None:
    """The pixels, n × 3 levels of red, green and blue; None where an older version kept no small copy."""
    import numpy as np

    small = planes(kept)
    if small is None:
        return None
    light, blue, red = (small - np.array([0, 128, 128], np.float32).reshape(3, 1, 1)).reshape(3, -1)
    # ITU-T T.871 (JFIF), section 7: the inverse of what likeness.py makes of red, green and blue.
    rgb = np.stack([light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue], axis=1)
    return np.asarray(np.clip(rgb, 0, 255), np.float32)


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
