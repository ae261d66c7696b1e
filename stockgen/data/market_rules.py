"""The pieces of a market's demands: limits of pixels, rules for words, and when something is asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, field_validator, model_validator

from stockgen.data.closed import Bilingual, Closed
from stockgen.domain.words import Idea, Kind, Language, Look

# A cell that begins with one of these is a formula to a spreadsheet: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_START = "=+-@＝＋－＠"
# Categories Cc, Cf, Cs, Co of Unicode as far as they get into texts, and line separators.
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ue000-\uf8ff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
)
_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})


class PixelLimits(Closed):
    """Megapixels are 1,000,000 pixels, sides are pixels; 0 = no such limit."""

    min_megapixels: NonNegativeFloat = 0.0
    max_megapixels: NonNegativeFloat = 0.0
    min_long_side: NonNegativeInt = 0
    max_long_side: NonNegativeInt = 0
    min_short_side: NonNegativeInt = 0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.max_megapixels and self.min_megapixels > self.max_megapixels:
            raise ValueError("min_megapixels is above max_megapixels")
        if self.max_long_side and max(self.min_long_side, self.min_short_side) > self.max_long_side:
            raise ValueError("a smallest side is above max_long_side")
        return self

    def take(self, width: int, height: int) -> bool:
        """Whether a picture of `width` × `height` pixels is within all limits."""
        megapixels, long_side = width * height / 1e6, max(width, height)
        return (
            self.min_megapixels <= megapixels <= (self.max_megapixels or megapixels)
            and self.min_long_side <= long_side <= (self.max_long_side or long_side)
            and self.min_short_side <= min(width, height)
        )


class Shows(Closed):
    """What is seen, as far as prompt and title tell: one of `words`, whole and in any case, or one of `categories`.

    Tags do not count: `family` is a good tag of a laid table.
    """

    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def seen_in(self, idea: Idea) -> bool:
        """Whether the idea's English words speak of it; `no people` and `without people` do not."""
        if idea.category in self.categories:
            return True
        said = f"{idea.prompt}\n{idea.title.get('en', '')}"
        return _any_of(self.words, r"(?<!no )(?<!without )").search(said) is not None


class When(Closed):
    """Which pictures something belongs to; an empty list = any. `shows`: only those, `unless`: all but those."""

    look: tuple[Look, ...] = ()
    kind: tuple[Kind, ...] = ()
    shows: Shows | None = None
    unless: Shows | None = None

    def holds(self, look: Look, kind: Kind, idea: Idea | None = None) -> bool:
        """Whether a picture of this look, kind and idea is meant; of an idea that is not told nothing is seen."""
        seen, hidden = (idea is not None and one is not None and one.seen_in(idea) for one in (self.shows, self.unless))
        meant = (self.shows is None or seen) and not hidden
        return meant and (not self.look or look in self.look) and (not self.kind or kind in self.kind)


class Addition(Closed):
    """Words that a market wants beside the picture's own, before or behind them."""

    text: str = Field(min_length=1)
    at: Literal["first", "last"] = "last"
    when: When = When()


class Refusal(Closed):
    """Pictures that a market does not take although their kind is one of its own, and why."""

    when: When
    say: Bilingual


class WordRules(Closed):
    """What holds for titles, descriptions and keywords alike.

    `allowed`: the characters that may stand in it, as between the brackets of a regular expression; "" = any.
    `forbidden_words` are matched whole and in any case. `add`: the market's own words; no rule is held against them.
    """

    allowed: str = ""
    forbidden_words: tuple[str, ...] = ()
    add: tuple[Addition, ...] = ()

    @field_validator("allowed")
    @classmethod
    def _readable(cls, allowed: str) -> str:
        try:
            re.compile(f"[{allowed}]" if allowed else "")
        except re.error as error:
            raise ValueError(f"no characters as between the brackets of a regular expression: {error}") from error
        return allowed

    def cleaned(self, text: str) -> str:
        """`text` with allowed characters only, single spaces, and without what would make a formula of it.

        An accent that is not allowed leaves its letter; every other such character becomes a space.
        """
        plain = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY)
        return " ".join(_outside(self.allowed).sub(self._instead, plain).split()).lstrip(FORMULA_START + " ")

    def loses(self, text: str) -> bool:
        """Whether cleaning takes a letter or digit away: what is left could mean something else."""
        strange = _outside(self.allowed).finditer(unicodedata.normalize("NFKC", text))
        return any(found[0].isalnum() and not self._instead(found).strip() for found in strange)

    def forbidden_in(self, text: str) -> tuple[str, ...]:
        """The characters and words of `text` that this market refuses: characters as they come, then words by rule."""
        chars = dict.fromkeys(_outside(self.allowed).findall(text))
        found = {word.casefold() for word in _any_of(self.forbidden_words).findall(text)}
        return (*chars, *(word for word in self.forbidden_words if word.casefold() in found))

    def added(self, look: Look, kind: Kind) -> tuple[list[str], list[str]]:
        """The words that stand before, and those that stand behind, for a picture of this look and kind."""
        held = [one for one in self.add if one.when.holds(look, kind)]
        first, last = ([one.text for one in held if one.at == at] for at in ("first", "last"))
        return first, last

    def _instead(self, found: re.Match[str]) -> str:
        """What stands in the place of a character that is not allowed."""
        char = found[0]
        without_accent = _outside(self.allowed).sub("", unicodedata.normalize("NFKD", char)) if char.isalpha() else ""
        unseen = unicodedata.category(char) in ("Mn", "Cf") and not char.isspace()
        return without_accent or ("" if unseen else " ")


class TextRules(WordRules):
    """Rules for a title or a description. `languages`: the idea's texts that stand in it, one behind the other as far
    as they fit whole; none = the market's language.
    """

    min_chars: NonNegativeInt = 0
    max_chars: PositiveInt
    languages: tuple[Language, ...] = ()


class KeywordRules(WordRules):
    """How many keywords a picture must and may have, and how long each may be.

    `languages`: how many of each language stand there, in this order; where one has fewer, another fills up. None =
    the market's language alone.
    """

    min: NonNegativeInt
    max: PositiveInt
    max_chars: PositiveInt = 50
    separator: str = ", "
    languages: Mapping[Language, PositiveInt] = {}

    def allows(self, keyword: str) -> bool:
        """Whether this market takes `keyword`."""
        return _any_of(self.forbidden_words).search(keyword) is None

    def usable(self, keywords: tuple[str, ...]) -> Iterator[str]:
        """The cleaned ones of `keywords` that this market takes, in their order."""
        for keyword in keywords:
            clean = self.cleaned(keyword)
            if clean and not self.loses(keyword) and len(clean) <= self.max_chars and self.allows(clean):
                yield clean


@cache
def _outside(allowed: str) -> re.Pattern[str]:
    """One character that may not stand there; where any may, those that nobody sees: controls, halves of characters."""
    return re.compile(f"[^{allowed}]" if allowed else f"[{_UNSEEN}]")


@cache
def _any_of(words: tuple[str, ...], before: str = "") -> re.Pattern[str]:
    """One of `words`, whole and in any case, the longest first."""
    listed = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"{before}(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE)
