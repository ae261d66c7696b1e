"""A model that somebody else runs: its name there, how long it is there, what it costs and which sizes it draws."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import ceil
from typing import Annotated, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from stockgen.data.closed import Closed

WARN_DAYS = 14  # before a model is switched off people are told
Pixels = Annotated[str, Field(pattern=r"^[1-9]\d{0,4}x[1-9]\d{0,4}$")]  # as `1024x768`
SQUARE = 1024  # pixels along a square picture for which `RatioSizes.pixels` are given


class Prices(Closed):
    """USD per million tokens, which is micro-dollars per token. `cached`: text that the service had read before; `out`:
    what it draws; `words`: what it writes or thinks, None = the same price.
    """

    text: NonNegativeFloat = 0.0
    cached: NonNegativeFloat | None = None
    image: NonNegativeFloat = 0.0
    out: NonNegativeFloat = 0.0
    words: NonNegativeFloat | None = None


class FreeSizes(Closed):
    """Any width and height that are multiples of `multiple` pixels, within these bounds.

    `least`, `most`: pixels of the whole picture; `edge`: of a side at most; `ratio`: of the longer side to the shorter.
    `grid`: quality → cells along the longer side, by which the service counts; `margin`: what a quote adds to that.
    """

    multiple: PositiveInt
    least: PositiveInt
    most: PositiveInt
    edge: PositiveInt
    ratio: PositiveFloat
    grid: Mapping[str, PositiveInt]
    margin: float = Field(default=1.25, ge=1)

    def tokens(self, width: int, height: int, quality: str) -> int:
        """Output tokens of a picture of so many pixels, at most. Raises KeyError for a quality that is not in `grid`.

        The formula is that of the service's own calculator, read out in its forum: cells of the longer side × of the
        shorter × (2 + millions of pixels) / 4.
        """
        longer = self.grid[quality]
        shorter = int(longer * min(width, height) / max(width, height) + 0.5)
        return ceil(longer * shorter * (2_000_000 + width * height) / 4_000_000 * self.margin)


class ListedSizes(Closed):
    """Only these, as `1024x1024`. `tokens`: quality → output tokens of one picture of the largest, at most."""

    sizes: tuple[Pixels, ...]
    tokens: Mapping[str, PositiveInt]


class Resolution(Closed):
    """`side`: pixels along a square one. `tokens`: of one picture of any ratio, at most."""

    side: PositiveInt
    tokens: PositiveInt


class RatioSizes(Closed):
    """A ratio, as `3:2`, and a resolution, as `2K`. `pixels`: ratio → `1264x848`, what comes where a square one has
    1024 along a side; others have as many times more as their `side`.
    """

    ratios: tuple[Annotated[str, Field(pattern=r"^[1-9]\d{0,2}:[1-9]\d{0,2}$")], ...]
    resolutions: Mapping[str, Resolution]
    pixels: Mapping[str, Pixels] = {}

    def size(self, ratio: str, resolution: str) -> tuple[int, int]:
        """Width and height of what comes. Raises KeyError for a ratio whose pixels are not known."""
        width, _, height = self.pixels[ratio].partition("x")
        side = self.resolutions[resolution].side
        return int(width) * side // SQUARE, int(height) * side // SQUARE


class Cloud(Closed):
    """What a service sells under the name `id`.

    `released`, `retires`: the days on which it is switched on and off, by its own announcement. `successor`: the model
    of the catalogue that takes its place from that day on. `transparent`: it draws without a background where it is
    asked to. `watermark`: what its pictures carry that can't be seen. `sources`: where `prices`, `tokens`, `sizes`,
    `dates` were read.
    """

    id: str
    released: date | None = None
    retires: date | None = None
    successor: str = ""
    prices: Prices = Prices()
    free: FreeSizes | None = None
    listed: ListedSizes | None = None
    ratios: RatioSizes | None = None
    transparent: bool = False
    watermark: str = ""
    sources: Mapping[str, str] = {}

    @model_validator(mode="after")
    def _one_kind_of_sizes(self) -> Self:
        if not self.gone_for_good and sum(one is not None for one in (self.free, self.listed, self.ratios)) != 1:
            raise ValueError("exactly one of `free`, `listed`, `ratios` says which sizes it draws")
        return self

    @property
    def qualities(self) -> tuple[str, ...]:
        """Those that it is asked for, the cheapest first; none = it knows no such thing."""
        if self.free:
            return tuple(self.free.grid)
        return tuple(self.listed.tokens) if self.listed else ()

    @property
    def gone_for_good(self) -> bool:
        """Whether the entry stands only so that its name is understood."""
        return self.retires is not None and not (self.free or self.listed or self.ratios)

    def retired(self, today: date) -> bool:
        """Whether it is switched off: from the announced day on, so that nobody waits for its first refusal."""
        return self.retires is not None and today >= self.retires

    def leaving(self, today: date) -> bool:
        """Whether it is still there, but not for long."""
        return self.retires is not None and 0 < (self.retires - today).days <= WARN_DAYS
