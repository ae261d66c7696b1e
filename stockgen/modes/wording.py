"""Titles and tags that every market takes: short, clean, and never twice in one order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import count

from stockgen.modes.likeness import likeness

# Adobe Stock's CSV takes 70 characters, the shortest of all markets (docs/markets.md).
TITLE_CHARS = 70
# What Adobe's portal takes; no market takes more, and each cuts the list to its own limit.
TAGS_MAX = 49
TAG_CHARS = 50  # Miricanvas


class Cleaner:
    """Takes out of a text what no title may carry: signs, and the words in `unsaid`."""

    def __init__(self, unsaid: Iterable[str]) -> None:
        longest_first = sorted(unsaid, key=len, reverse=True)
        words = "|".join(re.escape(word) for word in longest_first) or r"(?!)"
        self._unsaid = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """Letters, digits, hyphens and apostrophes of `text`, single spaces, capital first; may be empty."""
        text = self._without_unsaid(unicodedata.normalize("NFKC", text))
        text = self._without_unsaid(re.sub(r"[^\w\s'-]|_", " ", text))
        text = " ".join(word for word in text.split() if re.search(r"\w", word))
        capital = text[:1].upper()
        return (capital if capital != "Ÿ" else text[:1]) + text[1:]  # ÿ has no capital in Latin-1, which Adobe reads

    def _without_unsaid(self, text: str) -> str:
        before = ""
        while before != text:  # "stable AI diffusion": taking one out may put another together
            before, text = text, " ".join(self._unsaid.sub(" ", text).split())
        return text


class Titles:
    """Gives out titles of one order in one language, each once; differences of case don't count."""

    def __init__(self, cleaner: Cleaner, limit: int = TITLE_CHARS) -> None:
        self._clean = cleaner
        self._limit = limit
        self._given: set[str] = set()

    def give(self, candidates: Iterable[str]) -> str:
        """The first candidate that fits and is new, else the first new one cut, else one with a number."""
        clean = [title for title in map(self._clean, candidates) if title] or ["Untitled"]
        fitting = [title for title in clean if len(title) <= self._limit]
        cut = [shortened(title, self._limit) for title in clean]
        numbered = (joined(clean[0], str(number), self._limit) for number in count(2))
        for options in (fitting, cut, numbered):
            for title in options:
                if self._clean(title) == title and title.casefold() not in self._given:
                    self._given.add(title.casefold())
                    return title
        raise AssertionError("numbers never end")


def shortened(text: str, limit: int) -> str:
    """`text` cut between words to at most `limit` characters; a first word that is longer is cut itself."""
    if len(text) <= limit:
        return text
    head, space, _ = text[: limit + 1].rpartition(" ")
    return head.rstrip(" -'") if space and head.rstrip(" -'") else text[:limit].rstrip(" -'")


def joined(base: str, tail: str, limit: int = TITLE_CHARS) -> str:
    """`base tail` in at most `limit` characters: the base gives way, the tail tells pictures apart."""
    room = limit - len(tail) - 1
    return f"{shortened(base, room)} {tail}" if room > 0 else shortened(tail, limit)


def filled(template: str, places: Mapping[str, str]) -> str:
    """A template with its places filled; the gaps of empty places are closed."""
    return " ".join(template.format(**places).split())


def merged(*groups: Iterable[str]) -> tuple[str, ...]:
    """Tags of all groups in order, of those that say the same only the first (`likeness`), at most 49 of at most 50
    characters.
    """
    tags: dict[str, str] = {}
    for group in groups:
        for tag in group:
            clean = " ".join(re.sub(r"[,;\"]", " ", unicodedata.normalize("NFC", tag)).split())[:TAG_CHARS].strip()
            if clean:
                tags.setdefault(likeness(clean), clean)
    return tuple(tags.values())[:TAGS_MAX]


def is_latin(word: str) -> bool:
    """Whether an English text may carry `word`: all its letters are Latin (it may have none)."""
    return all("LATIN" in unicodedata.name(char, "") for char in word if char.isalpha())


def has_hangul(text: str) -> bool:
    """Whether there is a Korean letter in `text`."""
    return re.search(r"[가-힣ㄱ-ㅎㅏ-ㅣ]", text) is not None
