"""Ideas of what an order wants to avoid are left out, in whichever of the two languages it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from stockgen.data.vocabulary import plain
from stockgen.domain.words import Idea, Order
from stockgen.modes.material import Material
from stockgen.modes.wording import has_hangul

MISSES = 300  # ideas in a row that may be left out before there is nothing else to be made


class Avoiding:
    """Knows the words of `Order.avoid` with all that they are called in the vocabulary."""

    def __init__(self, order: Order, material: Material) -> None:
        words = {plain(word) for one in order.avoid for word in _called(one, material)} - {""}
        endings = "|".join(sorted(material.vocabulary.phrases.particles, key=len, reverse=True))
        forms = [_korean(word, endings) if has_hangul(word) else _latin(word) for word in words]
        self._pattern = re.compile("|".join(forms) or r"(?!)")

    def named_in(self, *texts: str) -> bool:
        """Whether something to be avoided is named in one of `texts`."""
        return any(self._pattern.search(plain(text)) for text in texts)

    def shown(self, idea: Idea) -> bool:
        """Whether an idea's prompt or title names it."""
        return self.named_in(idea.prompt, *idea.title.values())

    def untagged(self, idea: Idea) -> Idea:
        """The idea without tags that name it: a café has them for coffee, whatever is on its tables."""
        tags = {language: tuple(tag for tag in each if not self.named_in(tag)) for language, each in idea.tags.items()}
        return idea if tags == idea.tags else replace(idea, tags=tags)


def without(avoiding: Avoiding, ideas: Iterator[Idea], count: int) -> Iterator[Idea]:
    """`count` of `ideas` that show nothing to be avoided; fewer where there are no others."""
    missed = 0
    for idea in ideas:
        missed = missed + 1 if avoiding.shown(idea) else 0
        if missed > MISSES or count <= 0:
            return
        if not missed:
            count -= 1
            yield avoiding.untagged(idea)


def _called(word: str, material: Material) -> Iterator[str]:
    """The word itself, and what the vocabulary calls it in both languages where it is one thing there."""
    yield word
    reading = material.reader.read(word)
    if len(reading.subjects) == 1 and not reading.words and not reading.unknown:
        subject = reading.subjects[0]
        known = {plain(one) for one in (subject.en, subject.ko, *subject.words)}
        if plain(word) in known:
            yield from known
    elif len(reading.words) == 1 and not reading.subjects:
        yield from (reading.words[0].en, *reading.words[0].words)


def _latin(word: str) -> str:
    stem = word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
    return rf"(?<!\w){re.escape(stem)}(?:e?s|ies)?(?!\w)"


def _korean(word: str, particles: str) -> str:
    """At the beginning of a word; one of a single syllable alone or with a particle: 눈 is not in 눈부신."""
    rest = rf"(?:{particles})?(?![가-힣])" if len(word) == 1 else ""
    return rf"(?<![가-힣]){re.escape(word)}{rest}"
