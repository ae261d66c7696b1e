"""One market's words for one picture: cut and cleaned to what that market takes, and the table that they stand in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from stockgen.data.market import Column, Fixed, Market
from stockgen.data.market_rules import FORMULA_START, WordRules
from stockgen.data.vocabulary import DEFAULT_CATEGORY
from stockgen.domain.words import Idea, Kind, Language, Look, Remark, Tier

_QUOTING = {"needed": csv.QUOTE_MINIMAL, "rows": csv.QUOTE_ALL, "all": csv.QUOTE_ALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a market is told of a picture beside its idea.

    `kind`: `element` for whatever was cut out. `tier` "" = the market's own. `model`: a title for people. `prompt` ""
    = the idea's own.
    """

    kind: Kind = "background"
    look: Look = "diffusion"
    tier: Tier | str = ""
    model: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """What a market is told about one picture. `file` is its name in the basket; what is not asked is empty.

    `own_title`, `keywords`: the picture's own words, by which pictures are compared; `before`, `after`: keywords that
    the market wants beside them.
    """

    file: str
    title: str
    keywords: tuple[str, ...]
    own_title: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    description: str = ""
    categories: tuple[str, ...] = ()
    content_type: str = ""
    tier: str = ""
    model: str = ""
    prompt: str = ""

    @property
    def all_keywords(self) -> tuple[str, ...]:
        """Keywords as the market gets them."""
        return (*self.before, *self.keywords, *self.after)


USUAL = About()


def worded(idea: Idea, market: Market, file: str, *, about: About = USUAL) -> Worded:
    """The idea in the market's language, within its limits."""
    drawn = about.look == "drawn"  # by a program: there is no model to name, and no prompt that one was told
    own, title = _title(idea, market, about)
    before, after = market.keywords.added(about.look, about.kind)
    return Worded(
        file=file,
        title=title,
        own_title=own,
        keywords=_keywords(idea, market, (*before, *after)),
        before=tuple(before),
        after=tuple(after),
        description=_description(idea, market, about),
        categories=_categories(idea, market, about),
        content_type=market.content_types.get(about.kind, ""),
        tier=next((said for tier, said in market.tiers.items() if tier == (about.tier or market.tier)), ""),
        model="" if drawn else WordRules().cleaned(about.model),
        prompt="" if drawn else WordRules().cleaned(about.prompt or idea.prompt),
    )


def refusal(idea: Idea, said: Worded, market: Market, language: Language, *, about: About = USUAL) -> Remark | None:
    """Why this market would refuse the picture for what it shows or how it is called; None = it takes it.

    `language`: the one that people are spoken to in.
    """
    why = market.refusal(about.look, about.kind, idea)
    if why is not None:
        return Remark("basket.refused", facts={"why": why.said(language)})
    if len(said.file) > market.csv.max_file_chars:
        return Remark("basket.long_name", facts={"most": market.csv.max_file_chars})
    if len(said.title) < max(1, market.title.min_chars):
        return Remark("basket.no_title", facts={"least": max(1, market.title.min_chars)})
    if market.description and len(said.description) < market.description.min_chars:
        return Remark("basket.short_description", facts={"least": market.description.min_chars})
    if len(said.all_keywords) < market.keywords.min:
        return Remark("basket.few_keywords", facts={"least": market.keywords.min})
    forbidden = market.title.forbidden_in(said.own_title)
    return Remark("basket.title_word", facts={"words": list(forbidden)}) if forbidden else None


def table(rows: Sequence[Worded], market: Market) -> bytes:
    """The market's CSV, byte for byte as it wants it."""
    return b"".join([_head(market), *(_line(row, market) for row in rows)])


def fitting(rows: Sequence[Worded], market: Market) -> int:
    """How many of the first `rows` fit into one table of this market; at least one where there is any."""
    most, size = market.csv.max_rows or len(rows), len(_head(market))
    for count, row in enumerate(rows[:most]):
        size += len(_line(row, market))
        if market.csv.max_bytes and size > market.csv.max_bytes:
            return max(1, count)
    return min(most, len(rows))


# -- words -----------------------------------------------------------------------------------------------------


def _title(idea: Idea, market: Market, about: About) -> tuple[str, str]:
    """The picture's own title, and the one that the market gets."""
    rules = market.title
    first, last = rules.added(about.look, about.kind)
    room = rules.max_chars - sum(len(text) + 1 for text in (*first, *last))
    own = ""
    for language in rules.languages or (market.language,):
        text = rules.cleaned(idea.title.get(language, ""))
        longer = f"{own} {text}".strip()
        if text.casefold() not in own.casefold() and (not own or len(longer) <= room):
            own = longer
    own = _cut(own, room)
    return own, " ".join([*first, _inner(own, idea) if first else own, *last]) if own else ""


def _description(idea: Idea, market: Market, about: About) -> str:
    rules = market.description
    if rules is None:
        return ""
    first, last = rules.added(about.look, about.kind)
    room = rules.max_chars - sum(len(text) + 1 for text in (*first, *last))
    languages = rules.languages or (market.language,)
    own = " ".join(filter(None, (rules.cleaned(idea.description.get(language, "")) for language in languages)))
    if len(own) < rules.min_chars:  # a short sentence gets the title before it
        titles = [rules.cleaned(idea.title.get(language, "")) for language in languages]
        own = " ".join(filter(None, [*(f"{title}." for title in titles if title), own]))
    return " ".join([*first, _cut(own, room), *last]) if own else ""


def _keywords(idea: Idea, market: Market, added: Sequence[str]) -> tuple[str, ...]:
    """Keywords of all languages, each once in any case: the share of each, then whoever has more."""
    rules, room = market.keywords, market.keywords.max - len(added)
    taken = {word.casefold() for word in added}
    shares: dict[Language, int] = dict(rules.languages) or {market.language: room}
    usable = {one: list(_new(rules.usable(idea.tags.get(one, ())), taken)) for one in shares}
    shared = [word for one, share in shares.items() for word in usable[one][:share]]
    spare = [word for one, share in shares.items() for word in usable[one][share:]]
    missing = max(0, room - len(shared))
    if not missing or not spare:
        return tuple(shared[:room])
    kept = {*shared, *spare[:missing]}  # beside the others of their language, not behind the last one
    return tuple(word for one in shares for word in usable[one] if word in kept)


def _new(words: Iterable[str], taken: set[str]) -> Iterator[str]:
    for word in words:
        if word.casefold() not in taken:
            taken.add(word.casefold())
            yield word


def _categories(idea: Idea, market: Market, about: About) -> tuple[str, ...]:
    added = [one.text for one in market.category_add if one.when.holds(about.look, about.kind)]
    own = market.categories.get(idea.category) or market.categories.get(DEFAULT_CATEGORY, ())
    return (*own[: market.max_categories - len(added)], *added)


def _inner(title: str, idea: Idea) -> str:
    """A title with other words before it: its first word gets small where the idea itself writes it small."""
    head = title.split(" ", 1)[0]
    small = {word for text in (idea.prompt, *idea.tags.get("en", ())) for word in text.replace(",", " ").split()}
    return head.lower() + title[len(head) :] if head.lower() in small else title


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where there are any."""
    if len(text) <= limit:
        return text
    head = text[: limit + 1]
    return (head.rsplit(" ", 1)[0] if " " in head else text[:limit]).rstrip(" -'(,.;:")


# -- table -----------------------------------------------------------------------------------------------------


def _head(market: Market) -> bytes:
    quoting = csv.QUOTE_ALL if market.csv.quote == "all" else csv.QUOTE_MINIMAL
    text = _written(list(market.csv.columns), market, quoting)
    return (("\ufeff" if market.csv.bom else "") + text).encode(market.csv.encoding)


def _line(row: Worded, market: Market) -> bytes:
    cells = [_cell(row, column, market) for column in market.csv.columns.values()]
    return _written(cells, market, _QUOTING[market.csv.quote]).encode(market.csv.encoding)


def _written(cells: Sequence[str], market: Market, quoting: int) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=market.csv.delimiter, lineterminator=market.csv.newline, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(cells)
    return out.getvalue()


def _cell(row: Worded, column: Column | Fixed, market: Market) -> str:
    if isinstance(column, Fixed):
        return column.text
    numbered = dict(zip(("category", "category_2", "category_3"), row.categories, strict=False))
    cells = {
        "file": row.file,
        "stem": PurePath(row.file).stem,
        "title": _harmless(row.title),
        "description": _harmless(row.description),
        "keywords": _harmless(market.keywords.separator.join(row.all_keywords)),
        "content_type": row.content_type,
        "tier": row.tier,
        "prompt": _harmless(row.prompt),
        "model": _harmless(row.model),
    }
    return cells.get(column) or numbered.get(column, "")


def _harmless(text: str) -> str:
    """One line that no spreadsheet takes for a formula: the sign goes; an apostrophe before it would be sold."""
    return " ".join(text.split()).lstrip(FORMULA_START + " ")
