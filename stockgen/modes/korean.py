"""Korean words without a dictionary of its grammar: endings that may be hung on a word, and words written in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

MOST_PIECES = 4  # parts of a compound; more are never written without a space
LONGEST_COMPOUND = 16  # syllables


class Endings:
    """Takes endings off: particles of a noun (벚꽃이), and forms of an adjective or verb (따뜻하게 → 따뜻한)."""

    def __init__(self, particles: Sequence[str], forms: Mapping[str, str], single: frozenset[str]) -> None:
        self._particles = particles
        self._forms = forms
        self._single = single  # nouns of one syllable that may carry one

    def without(self, word: str) -> Iterator[str]:
        """What the word may be without its ending, likeliest first."""
        for particle in self._particles:
            stem = word.removesuffix(particle).rstrip()
            if stem != word and (len(stem) > 1 or stem in self._single):  # 전에 is no 전
                yield stem
        for ending, instead in self._forms.items():
            if word.endswith(ending) and len(word) > len(ending):
                yield word.removesuffix(ending) + instead


class Known(Protocol):
    """Tells whether a part of a compound is a known word."""

    def __call__(self, word: str, *, last: bool) -> str:
        """The form by which it is known, or ""; `last`: it may have an ending."""
        ...


def pieces(word: str, known: Known, single: frozenset[str]) -> list[str]:
    """The known words that make up one that is written without spaces, fewest first; [] where any part is unknown.

    A part has two syllables at least or stands in `single`, and one part has two: 양말 is no 양 and no 말.
    """
    if not 3 <= len(word) <= LONGEST_COMPOUND:
        return []
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end - 1, -1, -1):
            before, part = best[start], word[start:end]
            if before is None or len(before) == MOST_PIECES or (len(part) < 2 and part not in single):
                continue
            form = known(part, last=end == len(word))
            if form and len(form) < 2 and form not in single:
                continue
            if form and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                best[end] = (*before, form)
    found = best[len(word)] or ()
    return list(found) if len(found) > 1 and any(len(part) > 1 for part in found) else []
