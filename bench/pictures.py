"""Pictures to measure with: as detailed as a photograph, drawn once."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from stockgen.domain.words import Language
from stockgen.metadata.words import Metadata

SIDE = 1024  # pixels; what SDXL and FLUX draw
KINDS = 4  # different pictures: one, turned
OCTAVES = 8
TAGS = ("hills", "valley", "dawn", "light", "trees", "sky", "field", "morning", "meadow")
SPAN = 0.5  # about what is left of the clouds' contrast when they are brought to 8 bits
GRAIN = 2.0  # 8-bit levels, one standard deviation: film grain; without it JPEG files are smaller than real ones


@cache
def painted(side: int, kind: int) -> bytes:
    """A square PNG of clouds in three channels with some grain, the same for the same numbers; `kind` 0 to 3."""
    import numpy as np
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.rot90(_clouds(side), kind))).save(out, "PNG", compress_level=1)
    return out.getvalue()


@cache
def _clouds(side: int) -> Any:
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    total = rng.standard_normal((side, side, 3), np.float32) * GRAIN / SPAN
    for octave in range(OCTAVES):
        cells = min(side, 2 ** (octave + 2))
        small = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        total += np.asarray(small.resize((side, side), Image.Resampling.BICUBIC), np.float32) * 0.55**octave
    return ((total - total.min()) / (total.max() - total.min()) * 255).astype(np.uint8)


def described() -> Metadata:
    """As many words as a sold picture has, in both languages."""
    hill: dict[Language, str] = {"en": "Misty hills at dawn with soft light over the valley", "ko": "새벽안개 낀 언덕"}
    tags = tuple(f"{one} {other}" for one in ("misty", "green", "calm", "wide", "soft") for other in TAGS)
    return Metadata(
        title=hill, description=hill, keywords=tags, default_language="en", source_type="trainedAlgorithmicMedia",
        tool="stockgen", created="2026-01-01T00:00:00.000Z", system="paced", creator="Kim Minji", copyright="Kim Minji",
    )  # fmt: skip
