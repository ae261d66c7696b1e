"""Pictures to measure with: as detailed as a photograph, drawn once."""

from __future__ import annotations

import io
from functools import cache

SIDE = 1024  # pixels; what SDXL and FLUX draw
KINDS = 4  # different pictures; more would only cost memory
OCTAVES = 8
GRAIN = 2.0  # 8-bit levels, one standard deviation: film grain; without it JPEG files are smaller than real ones


@cache
def painted(side: int, kind: int) -> bytes:
    """A square PNG of clouds in three channels with some grain, the same for the same numbers."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(kind)
    total = np.zeros((side, side, 3), np.float32)
    for octave in range(OCTAVES):
        cells = min(side, 2 ** (octave + 2))
        small = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        total += np.asarray(small.resize((side, side), Image.Resampling.BICUBIC), np.float32) * 0.55**octave
    total = (total - total.min()) / (total.max() - total.min()) * 255
    total += rng.normal(0.0, GRAIN, total.shape)
    out = io.BytesIO()
    Image.fromarray(total.clip(0, 255).astype(np.uint8)).save(out, "PNG", compress_level=1)
    return out.getvalue()
