"""A model that somebody else runs: its name there, how long it is there, what it costs and which sizes it draws."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from stockgen.data.closed import Closed

WARN_DAYS = 14  # before a model's last day people are told


class Prices(Closed):
    """USD per million tokens, which is micro-dollars per token. `cached`: text that the service had read before; `out`:
    pictures; `words`: text that it writes, None = as `out`.
    """

    text: NonNegativeFloat = 0.0
    cached: NonNegativeFloat | None = None
    image: NonNegativeFloat = 0.0
    out: NonNegativeFloat = 0.0
    words: NonNegativeFloat | None = None


class FreeSizes(Closed):
    """Any width and height that are multiples of `multiple` pixels, within these bounds.

    `least`, `most`: pixels of the whole picture; `edge`: of a side at most; `ratio`: of the longer side to the shorter.
    `tokens`: quality → output tokens of a million pixels, at most.
    """

    multiple: PositiveInt
    least: PositiveInt
    most: PositiveInt
    edge: PositiveInt
    ratio: PositiveFloat
    tokens: Mapping[str, PositiveInt]


class ListedSizes(Closed):
    """Only these, as `1024x1024`. `tokens`: quality → output tokens of one picture of the largest, at most."""

    sizes: tuple[Annotated[str, Field(pattern=r"^[1-9]\d{0,4}x[1-9]\d{0,4}$")], ...]
    tokens: Mapping[str, PositiveInt]


class Resolution(Closed):
    """`side`: pixels of a square one, which those of other ratios have as many as, roughly. `tokens`: of one picture,
    at most.
    """

    side: PositiveInt
    tokens: PositiveInt


class RatioSizes(Closed):
    """A ratio, as `3:2`, and a resolution, as `2K`."""

    ratios: tuple[Annotated[str, Field(pattern=r"^[1-9]\d{0,2}:[1-9]\d{0,2}$")], ...]
    resolutions: Mapping[str, Resolution]


class Cloud(Closed):
    """What a service sells under the name `id`.

    `released`, `retires`: first and last day on which it is there, by its own announcement. `successor`: the model of
    the catalogue that takes its place. `transparent`: it draws without a background where it is asked to. `watermark`:
    what its pictures carry that can't be seen. `sources`: where `prices`, `sizes`, `dates` were read.
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
    def qualities(self) -> Collection[str]:
        """What it can be asked for; empty = there is no such thing."""
        priced = self.free or self.listed
        return priced.tokens.keys() if priced else ()

    @property
    def gone_for_good(self) -> bool:
        """Whether the entry stands only so that its name is understood."""
        return self.retires is not None and not (self.free or self.listed or self.ratios)

    def retired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.retires is not None and today > self.retires

    def leaving(self, today: date) -> bool:
        """Whether it is still there, but not for long."""
        return self.retires is not None and 0 <= (self.retires - today).days <= WARN_DAYS
