"""What one marketplace demands: a YAML file in `markets/`, read into frozen, closed models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, NonNegativeInt, PositiveInt, Tag, model_validator

from stockgen.data import Shelf
from stockgen.data.closed import Bilingual, Closed, data_fault, parsed
from stockgen.data.market_rules import Addition, KeywordRules, PixelLimits, Refusal, TextRules, When
from stockgen.data.seasons import Region
from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Idea, Kind, Language, Look, Remark, Tier

STALE_AFTER = 180  # days; markets change their rules about once a year

Format = Literal["jpeg", "png"]
Column = Literal[
    "file", "stem", "title", "description", "keywords", "category", "category_2", "category_3", "content_type", "tier",
    "prompt", "model", "empty",
]  # fmt: skip


def _names(value: Any) -> Any:
    """One category or several → several, as the table writes them."""
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(str(one) for one in listed)


class Fixed(Closed):
    """A column in which the same stands for every picture."""

    text: str


def _fixed_or_not(value: Any) -> str:
    return "fixed" if isinstance(value, Mapping | Fixed) else "of_picture"


Content = Annotated[Annotated[Column, Tag("of_picture")] | Annotated[Fixed, Tag("fixed")], Discriminator(_fixed_or_not)]


class CsvForm(Closed):
    """The table that is uploaded beside the pictures. `columns`: header -> what stands in it, in order.

    `quote`: what stands in quotes beside what must (RFC 4180): nothing, all rows, or the header too. `max_rows`,
    `max_bytes`: 0 = no such limit is known. `max_file_chars`: of a picture's name in the table, with its extension.
    """

    columns: Mapping[str, Content] = Field(min_length=1)
    delimiter: Literal[",", ";", "\t"] = ","
    quote: Literal["needed", "rows", "all"] = "needed"
    newline: Literal["\r\n", "\n"] = "\r\n"
    encoding: Literal["utf-8"] = "utf-8"
    bom: bool = False
    max_rows: NonNegativeInt = 0
    max_bytes: NonNegativeInt = 0
    max_file_chars: PositiveInt = 30

    def has(self, column: Column) -> bool:
        """Whether this stands in some column."""
        return column in self.columns.values()


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


class Named(Closed):
    """A marketplace, and how it may be called in a job file. `verified_at`: when its rules were looked up."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")  # of folders and files, among them CSV files without spaces
    titles: Bilingual
    aliases: tuple[str, ...] = ()
    verified_at: date
    sources: tuple[str, ...] = Field(min_length=1)

    @property
    def words(self) -> tuple[str, ...]:
        """All its names."""
        return (self.name, self.titles.en, self.titles.ko, *self.aliases)


class ClosedMarket(Named):
    """One that takes no generated pictures; it is known so that its name can be answered."""

    accepts_ai: Literal[False]
    closed_reason: Bilingual


class Market(Named):
    """One that takes them. `formats`: the kinds of picture that it takes -> their file format.

    `pixels`: limits, `pixels_of` those of single kinds. `margin`: how much of its longer side may stay empty around
    what is cut out, None = nothing is said. `min_bytes`, `max_bytes`: of a picture. `categories`: name of
    the master list -> what the market's table wants, `max_categories` at most; `category_add` takes the last places.
    `content_types`, `tiers`: what stands in those columns; `tier`: the one that a picture gets unless its job or
    config.yaml says otherwise. `refuses`: what it does not take besides. `per_motif`: pictures of one motif at most;
    `per_week`, `basket`: pictures, defaults for config.yaml. `lead_weeks`: how long before a day pictures for it should
    be uploaded; `buyers`: where those live who buy them, none = everywhere. `steps`: what to do by hand, in order; with
    the places `{pictures}` (folder), `{csv}` (file), `{count}` and `{clicks}` (what each click of the basket says, one
    a line).
    """

    accepts_ai: Literal[True]
    closed_reason: Bilingual | None = None
    formats: Mapping[Kind, Format]
    pixels: PixelLimits
    pixels_of: Mapping[Kind, PixelLimits] = {}
    margin: float | None = Field(default=None, ge=0, lt=0.5)
    min_bytes: NonNegativeInt = 0
    max_bytes: PositiveInt
    language: Language
    title: TextRules
    description: TextRules | None = None
    keywords: KeywordRules
    categories: Mapping[str, Annotated[tuple[str, ...], BeforeValidator(_names)]] = {}
    max_categories: PositiveInt = 1
    category_add: tuple[Addition, ...] = ()
    content_types: Mapping[Kind, str] = {}
    tiers: Mapping[Tier, str] = {}
    tier: Tier = "Premium"
    refuses: tuple[Refusal, ...] = ()
    per_motif: PositiveInt
    per_week: PositiveInt
    basket: PositiveInt
    lead_weeks: PositiveInt = 8
    buyers: tuple[Region, ...] = ()
    csv: CsvForm
    clicks: tuple[Click, ...] = ()
    steps: tuple[Bilingual, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.csv.has("description") and self.description is None:
            raise ValueError("a column says description, and there are no rules for one")
        if self.csv.has("content_type") and not self.formats.keys() <= self.content_types.keys():
            raise ValueError("a column says content_type, and content_types lacks kinds of formats")
        if self.csv.has("tier") and set(self.tiers) != {"Premium", "Standard"}:
            raise ValueError("a column says tier, and tiers needs Premium and Standard")
        if self.csv.has("category") and not self.categories:
            raise ValueError("a column says category, and there are no categories")
        return self

    def limits(self, kind: Kind) -> PixelLimits:
        """How large a picture of this kind must and may be."""
        return self.pixels_of.get(kind, self.pixels)

    def quota(self, per_week: int | None, basket: int | None) -> Quota:
        """The contributor's own numbers, and the market's where they are None."""
        return Quota(
            per_week=self.per_week if per_week is None else per_week, basket=self.basket if basket is None else basket
        )

    def clicks_for(self, look: Look, kind: Kind, idea: Idea | None = None) -> tuple[Click, ...]:
        """What must be ticked for a picture of this look, kind and idea, each once; equal clicks share a basket.

        They come without their `when`, because pictures of different kinds may need the same.
        """
        asked = {click.id: click for click in self.clicks if click.when.holds(look, kind, idea)}
        return tuple(Click(id=name, say=click.say) for name, click in asked.items())

    def refusal(self, look: Look, kind: Kind, idea: Idea) -> Bilingual | None:
        """Why this market does not take a picture of this look, kind and idea; None = it does."""
        return next((one.say for one in self.refuses if one.when.holds(look, kind, idea)), None)


def stale(market: Market, today: date) -> Remark | None:
    """What is told of rules that nobody has compared with the market's own pages for 180 days; None = fresh ones."""
    days = (today - market.verified_at).days
    if days <= STALE_AFTER:
        return None
    return Remark("market.stale", facts={"market": market.name, "date": market.verified_at.isoformat(), "days": days})


def load_markets(shelf: Shelf) -> dict[str, Market]:
    """All markets that take generated pictures, by name, which is the name of their file. Raises as `load_all`."""
    return load_all(shelf)[0]


def load_all(shelf: Shelf) -> tuple[dict[str, Market], dict[str, ClosedMarket]]:
    """The markets that take generated pictures, and those that do not. Raises ConfigError naming file and key."""
    open_: dict[str, Market] = {}
    closed: dict[str, ClosedMarket] = {}
    for name in shelf.names("markets"):
        file, data = f"markets/{name}.yaml", {**shelf.load("markets", name), "name": name}
        if data.get("accepts_ai") is False:
            closed[name] = parsed(ClosedMarket, file, dict(_of_closed(data)))
        else:
            open_[name] = parsed(Market, file, data)
    _told_apart({**open_, **closed})
    return open_, closed


def _of_closed(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is asked of a closed market: the rest may stand there, because it was open once, but slips are found."""
    for key, value in data.items():
        if key in ClosedMarket.model_fields or key not in Market.model_fields:
            yield key, value


def _told_apart(markets: Mapping[str, Named]) -> None:
    """Raises ConfigError where one word means two markets."""
    first: dict[str, str] = {}
    told = []
    for name, market in markets.items():
        for word in {re.sub(r"[\s_-]", "", word.casefold()) for word in market.words}:
            if first.setdefault(word, name) != name:
                told.append(data_fault(f"markets/{name}.yaml", "aliases", f"{word} is {first[word]} already"))
    if told:
        raise ConfigError("config_faults", told, path="markets")
