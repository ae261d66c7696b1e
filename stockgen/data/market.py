"""What one marketplace demands: a YAML file in `markets/`, read into frozen, closed models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from stockgen.data import Shelf
from stockgen.data.closed import Bilingual, Closed, parsed
from stockgen.domain.words import Kind, Language, Look

Format = Literal["jpeg", "png"]
Column = Literal["file", "title", "keywords", "category", "empty"]


class PixelLimits(Closed):
    """Megapixels are 1,000,000 pixels; `long_side` in pixels, 0 = no such limit."""

    min_megapixels: PositiveFloat
    max_megapixels: PositiveFloat
    min_long_side: NonNegativeInt = 0
    max_long_side: NonNegativeInt = 0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_megapixels > self.max_megapixels:
            raise ValueError("min_megapixels is above max_megapixels")
        if self.max_long_side and self.min_long_side > self.max_long_side:
            raise ValueError("min_long_side is above max_long_side")
        return self

    def take(self, width: int, height: int) -> bool:
        """Whether a picture of `width` × `height` pixels is within all limits."""
        megapixels, long_side = width * height / 1e6, max(width, height)
        return (
            self.min_megapixels <= megapixels <= self.max_megapixels
            and self.min_long_side <= long_side
            and (not self.max_long_side or long_side <= self.max_long_side)
        )


class TitleRules(Closed):
    """Words are matched whole and in any case; characters are matched as they stand."""

    max_chars: PositiveInt
    forbidden_chars: str = ""
    forbidden_words: tuple[str, ...] = ()

    def forbidden_in(self, title: str) -> tuple[str, ...]:
        """The characters and words of `title` that this market refuses, in the order of the rules."""
        chars = tuple(char for char in self.forbidden_chars if char in title)
        return chars + tuple(word for word in self.forbidden_words if _has_word(title, word))


class KeywordRules(Closed):
    """How many keywords a picture must and may have; forbidden words as for titles."""

    min: NonNegativeInt
    max: PositiveInt
    separator: str = ", "
    forbidden_words: tuple[str, ...] = ()

    def allows(self, keyword: str) -> bool:
        """Whether this market takes `keyword`."""
        return not any(_has_word(keyword, word) for word in self.forbidden_words)


class CsvForm(Closed):
    """The table that is uploaded beside the pictures. `columns`: header -> what stands in it, in order."""

    columns: Mapping[str, Column]
    delimiter: str = ","
    newline: str = "\r\n"
    encoding: str = "utf-8"
    bom: bool = False
    max_rows: PositiveInt
    max_bytes: PositiveInt
    max_file_chars: PositiveInt  # of a picture's name in the table, with its extension


class When(Closed):
    """Which pictures a click belongs to; an empty list = any."""

    look: tuple[Look, ...] = ()
    kind: tuple[Kind, ...] = ()

    def holds(self, look: Look, kind: Kind) -> bool:
        """Whether a picture of this look and kind is meant."""
        return (not self.look or look in self.look) and (not self.kind or kind in self.kind)


class Click(Closed):
    """Something that a person ticks in the market's web page; `id` names it in a basket's folder."""

    id: str = Field(pattern=r"^[a-z0-9]+$")
    when: When = When()
    say: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many pictures a market may get in seven days, and how many go into one basket."""

    per_week: int
    basket: int


class Market(Closed):
    """One marketplace. `formats`: the kinds of picture that it takes -> their file format.

    `categories`: name of the master list -> what the market's table wants. `max_bytes`: of a picture.
    `per_motif`: pictures of one motif at most; `per_week`, `basket`: pictures, defaults for config.yaml.
    `steps`: what to do by hand, in order; their places are `{pictures}` (folder), `{csv}` (file), `{count}`
    and `{clicks}` (what each click of the basket says, one a line).
    """

    name: str
    titles: Bilingual
    aliases: tuple[str, ...] = ()
    accepts_ai: bool
    closed_reason: Bilingual | None = None
    verified_at: date
    sources: tuple[str, ...] = Field(min_length=1)
    formats: Mapping[Kind, Format]
    pixels: PixelLimits
    max_bytes: PositiveInt
    language: Language
    title: TitleRules
    keywords: KeywordRules
    categories: Mapping[str, str | int]
    per_motif: PositiveInt
    per_week: PositiveInt
    basket: PositiveInt
    csv: CsvForm
    clicks: tuple[Click, ...] = ()
    steps: tuple[Bilingual, ...] = ()

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if not self.accepts_ai and self.closed_reason is None:
            raise ValueError("accepts_ai: false needs a closed_reason")
        return self

    def quota(self, per_week: int | None, basket: int | None) -> Quota:
        """The contributor's own numbers, and the market's where they are None."""
        return Quota(
            per_week=self.per_week if per_week is None else per_week, basket=self.basket if basket is None else basket
        )

    def clicks_for(self, look: Look, kind: Kind) -> tuple[Click, ...]:
        """What must be ticked for a picture of this look and kind; equal clicks share a basket."""
        return tuple(click for click in self.clicks if click.when.holds(look, kind))


def load_markets(shelf: Shelf) -> dict[str, Market]:
    """All markets by name, which is the name of their file. Raises ConfigError naming file and key."""
    return {
        name: parsed(Market, f"markets/{name}.yaml", {**shelf.load("markets", name), "name": name})
        for name in shelf.names("markets")
    }


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None
