"""When titles and keywords are too alike: markets refuse repeated text, not only pictures (docs/baskets.md)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

# Jaccard index of two titles' telling words, from which they say the same. Pictures of one prompt are told apart by a
# word behind its seven or so ("… for posters"), and a market takes a few of them: that word must be enough.
TITLES = 0.9
KEYWORDS = 0.8  # share of the first ten keywords that two pictures have in common, from which they say the same
FIRST = 10  # keywords: at Adobe Stock the first ten weigh most
TELLING = 3  # keywords that stay in front, whichever others follow
WIDEST = 4  # every fourth: with thirty keywords that makes seventy orders, which is enough and found at once
_WORD = re.compile(r"[^\W_]+")
_ENDINGS = (("ing", 4), ("ed", 4), ("es", 4), ("s", 3))  # and how many letters must be left
# Words that join others, and those that stand in half of all titles.
_SILENT = frozenset(
    {
        "a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "of", "on", "or", "over", "the", "to", "under",
        "up", "with", "background", "pattern", "image", "picture",
    }
)  # fmt: skip


def telling(title: str) -> frozenset[str]:
    """The words of a title that tell pictures apart, without endings; numbers tell nothing."""
    words = (word.casefold() for word in _WORD.findall(title))
    return frozenset(_stem(word) for word in words if word not in _SILENT and not word.isdecimal())


def leading(keywords: Collection[str]) -> frozenset[str]:
    """The keywords that weigh most, as they are compared."""
    return frozenset(word.casefold() for word in [*keywords][:FIRST])


class Heard:
    """Sets of words that somebody was told, each with a name; finds what is too alike without looking at all of them.

    `share`: of the union for titles (Jaccard), of the larger set for keywords.
    """

    def __init__(self, share: float, *, of_union: bool) -> None:
        self._share = share
        self._of_union = of_union
        self._sets: list[tuple[frozenset[str], str]] = []
        self._having: dict[str, list[int]] = {}

    def add(self, words: frozenset[str], name: str) -> None:
        """Remember."""
        for word in words:
            self._having.setdefault(word, []).append(len(self._sets))
        self._sets.append((words, name))

    def like(self, words: frozenset[str]) -> str | None:
        """The name of a set that is too alike; None = there is none.

        Two such sets share all but a few words, so it is enough to look at those that have one of the rarest few.
        """
        may_differ = int(len(words) * (1 - self._share) + 1e-9)
        rarest = sorted(words, key=lambda word: (len(self._having.get(word, ())), word))[: may_differ + 1]
        seen = {number for word in rarest for number in self._having.get(word, ())}
        for number in sorted(seen):
            other, name = self._sets[number]
            whole = len(words | other) if self._of_union else max(len(words), len(other))
            if len(words & other) >= self._share * whole:
                return name
        return None


def _stem(word: str) -> str:
    for ending, left in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= left and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def orders(keywords: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The keywords as they are, then with others among the first ten: neighbours first, then ever wider apart. The most
    telling ones stay in front, and what gives way comes right behind the ten.
    """
    yield keywords
    head, rest = keywords[:TELLING], keywords[TELLING:]
    places = FIRST - TELLING
    for stride in range(1, WIDEST + 1):
        for start in range(len(rest) - stride * (places - 1)):
            chosen = range(start, len(rest), stride)[:places]
            others = (word for at, word in enumerate(rest) if at not in chosen)
            yield (*head, *(rest[at] for at in chosen), *others)
