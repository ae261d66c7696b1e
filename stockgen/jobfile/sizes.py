"""`size`: `WxH`, `W:H`, or a word for a shape or for a screen or paper that everybody knows."""

from __future__ import annotations

import re

from stockgen.domain.words import Size
from stockgen.jobfile.field import Field, allowed, text_of, wrong
from stockgen.jobfile.known import Known
from stockgen.jobfile.names import lookup, names
from stockgen.jobfile.nearest import nearest

LEAST, MOST = 64, 10_000  # pixels of one side
SHAPES = {"square": 1.0, "wide": 16 / 9, "tall": 9 / 16}
_PIXELS = re.compile(r"([0-9]{1,6})\s*[xX×*]\s*([0-9]{1,6})\s*(?:px)?")
_RATIO = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,4})?)\s*:\s*([0-9]{1,5}(?:\.[0-9]{1,4})?)")


def size(field: Field, _known: Known) -> Size:
    """Each side 64 … 10,000 pixels, or a ratio that such sides can have. Raises JobFileError."""
    text = text_of(field)
    given = text.value.strip()
    named = lookup(names().values["size"], given)
    if named in SHAPES:
        return Size(ratio=SHAPES[named])
    given = named or given
    if (pixels := _PIXELS.fullmatch(given)) and all(LEAST <= int(side) <= MOST for side in pixels.groups()):
        return Size(width=int(pixels[1]), height=int(pixels[2]))
    if (ratio := _RATIO.fullmatch(given)) and float(ratio[1]) and float(ratio[2]):
        wide = float(ratio[1]) / float(ratio[2])
        if LEAST / MOST <= wide <= MOST / LEAST:
            return Size(ratio=wide)
    raise wrong(field, text, allowed("size", low=LEAST, high=MOST), nearest(text.value.strip(), names().values["size"]))
