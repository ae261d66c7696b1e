"""What all modes work with, and the parts of an idea that are the same in all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import TypeVar

from stockgen.data.palettes import Family, Palette
from stockgen.data.templates import Wildcards
from stockgen.data.vocabulary import DEFAULT_CATEGORY, Phrases, Style, Subject, Tagged, Templates, Vocabulary
from stockgen.domain.words import Language, Order
from stockgen.modes.reading import Reader, style_of
from stockgen.modes.wording import Cleaner, Titles, filled, is_latin, joined

LANGUAGES: tuple[Language, ...] = ("en", "ko")
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Material:
    """The data that the modes are bound to. `styles`: the config's own, name -> prompt words."""

    vocabulary: Vocabulary
    palettes: Mapping[str, Palette]
    families: Mapping[str, Family]
    styles: Mapping[str, str]
    reader: Reader
    wildcards: Wildcards

    def style(self, order: Order) -> Style:
        """The order's style; an empty one where it names none."""
        return style_of(order.style, self.vocabulary, self.styles)

    def phrases(self, order: Order) -> Phrases:
        """The bricks for an order's pictures."""
        return self.vocabulary.phrases.of(order.cut)

    def look(self, order: Order) -> tuple[str, ...]:
        """What a model is told of how all pictures of an order look: its style, and its colours."""
        return tuple(one for one in (self.style(order).prompt, coloured(order)) if one)

    def category(self, order: Order, subjects: Sequence[Subject] = ()) -> str:
        """The order's category, else that of the first subject, else graphic_resources."""
        if order.category:
            return self.vocabulary.category(order.category)
        return subjects[0].category if subjects else DEFAULT_CATEGORY


@dataclass(frozen=True, slots=True)
class Tail:
    """What tells apart pictures that are otherwise the same; `extended` = it is needed in prompt and title.

    `mood` is empty at first, and added when the uses are used up.
    """

    use: Tagged
    mood: Tagged
    extended: bool


class Namer:
    """Titles and descriptions of one order, each title once in each language."""

    def __init__(self, material: Material, order: Order, templates: Templates) -> None:
        self._clean = Cleaner(material.vocabulary.phrases.unsaid)
        self._titles = {language: Titles(self._clean) for language in LANGUAGES}
        self._order = order
        self._templates = templates
        self._own = material.vocabulary.phrases.kinds[order.sold_as]

    def title(self, language: Language, places: Mapping[str, str], number: int, *, extended: bool) -> str:
        """The title of picture `number` (from 0), made from the order's own where that is in `language`.

        `extended`: the plain titles are used up.
        """
        given = self._clean(given_title(self._order, language))
        if given:
            tails = (filled(tail, places) for tail in rotated(self._templates.tails(language), number))
            return self._titles[language].give([given] if number == 0 else [joined(given, tail) for tail in tails])
        templates = rotated(self._templates.titles(language, extended=extended), number)
        if not extended:  # two texts with variants may have one title
            templates += rotated(self._templates.titles(language, extended=True), number)
        return self._titles[language].give(filled(template, places) for template in templates)

    def description(self, language: Language, places: Mapping[str, str], number: int = 0) -> str:
        """One or two sentences about picture `number` (from 0), each with its capital."""
        own = self._own.descriptions(language) if "subject" in places else ()  # a drawing says what is seen instead
        templates = own or self._templates.descriptions(language)
        text = filled(templates[number % len(templates)], places)
        return re.sub(r"(?:^|(?<=[.!?] ))[a-z]", lambda found: found[0].upper(), text)


def own_tags(order: Order, language: Language) -> tuple[str, ...]:
    """The order's own tags: Korean ones for Korean, Latin ones for English and, behind, for Korean too."""
    latin = tuple(tag for tag in order.tags if is_latin(tag))
    return latin if language == "en" else (*(tag for tag in order.tags if not is_latin(tag)), *latin)


def given_title(order: Order, language: Language) -> str:
    """The order's own title if it is in `language`, else empty; what is not Latin counts as Korean."""
    return order.title if is_latin(order.title) == (language == "en") else ""


def coloured(order: Order) -> str:
    """How a prompt says the order's colours; "" = any."""
    return f"color palette of {order.palette}" if order.palette and "#" not in order.palette else ""


def turns(things: Callable[[], Iterable[A]], phrases: Phrases, rng: Random) -> Iterator[tuple[A, Tail]]:
    """All of `things` again and again until there are none, each time with another tail; the first time needs none."""
    uses, moods = shuffled(list(phrases.uses.values()), rng), shuffled(list(phrases.moods.values()), rng)
    silent = Tagged(en="", ko="")
    for lap in count():
        mood_lap = (lap - 1) // len(uses)  # every use has been there before a mood joins in
        at = -1
        for at, thing in enumerate(things()):
            mood = moods[(mood_lap + at) % len(moods)] if mood_lap > 0 else silent
            yield thing, Tail(uses[(lap + at) % len(uses)], mood, extended=lap > 0)
        if at < 0:
            return


def spread(first: Sequence[A], second: Sequence[B]) -> Iterator[tuple[A, B]]:
    """All pairs, each once, in an order in which neighbours differ in both as far as possible."""
    longer = max(len(first), len(second))
    for offset in range(min(len(first), len(second))):
        for at in range(longer):
            if len(first) == longer:
                yield first[at], second[(at + offset) % len(second)]
            else:
                yield first[(at + offset) % len(first)], second[at]


def shuffled(things: Sequence[A], rng: Random) -> list[A]:
    """The same things in another order."""
    return rng.sample(things, len(things))


def rotated(things: Sequence[A], by: int) -> list[A]:
    """The same things, beginning with another one."""
    at = by % len(things)
    return [*things[at:], *things[:at]]
