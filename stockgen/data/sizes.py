"""How large a picture must be so that all markets of an order take it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from stockgen.data.market import Market
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import Kind, Remark, Size

# The safest common image: 6–25 MP and at least 2,500 pixels on the long side. The strictest sites are 123RF
# (6 MP, blog.123rf.com/how-to-upload-photos-or-illustrations) and Miricanvas (2,500 pixels); 2026-11-23.
SAFE_MEGAPIXELS = 6.0
SAFE_LONG_SIDE = 2500

# Elements: Adobe Stock's 4 MP (assumed of PNG) and Miricanvas's 1,500 pixels on the long side; 2026-11-23.
SAFE_CROP_MEGAPIXELS = 4.0
SAFE_CROP_SIDE = 1500
MARGIN = 0.01  # of the longer side: Miricanvas asks for a tight crop, and nobody for more room
MOST_ENLARGED = 4.0  # times: models that enlarge are made for this, and beyond nothing is seen of what was drawn

# 3:2 is a camera's own shape, which all photo sites call standard; a single element is drawn on a square.
DEFAULT_RATIO: Mapping[Kind, float] = MappingProxyType(
    {"background": 3 / 2, "illustration": 3 / 2, "photo": 3 / 2, "element": 1.0}
)


def smallest(markets: Collection[Market], ratio: float, kind: Kind = "background") -> tuple[int, int]:
    """The smallest width × height in pixels of `ratio` (width / height) that is safe and all `markets` take.

    What a market asks of pictures of this `kind` counts; a market that has no pictures of it is not asked.

    Both numbers are even, because JPEG halves the resolution of colours. Raises JobFileError where the
    markets exclude each other at this ratio, ValueError for a ratio that is not positive.
    """
    if not ratio > 0 or math.isinf(ratio):
        raise ValueError(f"ratio must be positive, not {ratio}")
    asked = [market for market in markets if kind in market.formats]
    limits = [market.limits(kind) for market in asked]
    megapixels = max([SAFE_MEGAPIXELS, *(one.min_megapixels for one in limits)])
    long_side = max([SAFE_LONG_SIDE, *(one.min_long_side for one in limits)])
    short_side = max([0, *(one.min_short_side for one in limits)])
    width = max(math.sqrt(megapixels * 1e6 * ratio), long_side * min(1.0, ratio), short_side * max(1.0, ratio))
    size = _even(width), _even(width / ratio)
    refusing = [market.name for market in asked if not market.limits(kind).take(*size)]
    if refusing:
        facts = {"width": size[0], "height": size[1], "markets": refusing}
        raise JobFileError("no_common_size", [Remark("error.no_common_size", facts=facts)], **facts)
    return size


@dataclass(frozen=True, slots=True)
class Crop:
    """What is wanted of a thing that is cut out: `margin` around it at most, as a share of its longer side; `long_side`
    and `pixels` of the crop at least.
    """

    margin: float
    long_side: int
    pixels: int

    def to_json(self) -> dict[str, Any]:
        """Plain data; `Crop(**data)` is the inverse."""
        return {"margin": self.margin, "long_side": self.long_side, "pixels": self.pixels}

    def factor(self, width: int, height: int) -> float:
        """How many times as long the sides of a crop of `width` × `height` pixels must be; 1 where it is enough."""
        return max(1.0, self.long_side / max(width, height), math.sqrt(self.pixels / (width * height)))

    def size(self, width: int, height: int) -> tuple[int, int]:
        """How large a crop of `width` × `height` pixels is made: as is asked, but never more than `MOST_ENLARGED` times
        as long.
        """
        factor = min(MOST_ENLARGED, self.factor(width, height))
        return (width, height) if factor <= 1.0 else (_up(width * factor), _up(height * factor))


def cropped(markets: Collection[Market], size: Size, kind: Kind = "element") -> Crop:
    """What all `markets` ask of a crop. Its shape is the thing's own, so of a `size` in pixels the longer side counts.

    Where nothing is asked, it is what any of the markets that take elements would take.
    """
    asked = [market for market in markets if kind in market.formats]
    limits = [market.limits(kind) for market in asked]
    given = max(size.width, size.height)
    free = not asked and not given
    megapixels = max([SAFE_CROP_MEGAPIXELS * free, *(one.min_megapixels for one in limits)])
    long_side = max([SAFE_CROP_SIDE * free, given, *(one.min_long_side for one in limits)])
    margin = min([MARGIN, *(market.margin for market in asked if market.margin is not None)])
    return Crop(margin, long_side, round(megapixels * 1e6))


def target(size: Size, kind: Kind, markets: Collection[Market]) -> tuple[int, int]:
    """The width and height in pixels that an order's wish for a size means.

    Pixels that were given are kept; a ratio, or else the kind's usual one, is made as large as `markets`
    demand. Raises JobFileError as `smallest`.
    """
    if size.width and size.height:
        return size.width, size.height
    return smallest(markets, size.ratio or DEFAULT_RATIO[kind], kind)


def _up(pixels: float) -> int:
    return math.ceil(round(pixels, 6))  # as below


def _even(pixels: float) -> int:
    # A hair below a whole even number is that number: sqrt of floats must not cost two more pixels.
    return 2 * math.ceil(round(pixels / 2, 6))
