"""Tensors → raw bytes in the spool, or the finding that they are no picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stockgen.files import fsync_dir, write_new


def is_finite(tensor: Any) -> bool:
    """Whether all numbers are numbers. After a conversion to 8 bits nobody could tell: NaN becomes black."""
    import torch

    return bool(torch.isfinite(tensor).all())


def saved(picture: Any, shot: int, spool: Path) -> Path:
    """Write a picture (3 × height × width, -1 to 1) as a binary PPM (Netpbm P6), fsynced.

    3 MB for a million pixels, ten times quicker to write and to read than PNG. Raises StorageFull, StorageLost.
    """
    import torch

    levels = ((picture.float() / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
    pixels = levels.permute(1, 2, 0).cpu().contiguous().numpy()
    height, width, _ = pixels.shape
    path = spool / f"{shot}.ppm"
    path.unlink(missing_ok=True)  # what an earlier try of this batch left
    write_new(path, b"".join((b"P6\n%d %d\n255\n" % (width, height), pixels.data)))
    fsync_dir(spool)
    return path
