"""How an order becomes ideas: `exact`, `keyword` and `random`, functions in a dict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from random import Random

from stockgen.data.palettes import Family, Palette
from stockgen.data.vocabulary import Vocabulary
from stockgen.domain.protocols import Mode
from stockgen.domain.words import Idea, Look, Order
from stockgen.modes.drawn import drawn_ideas
from stockgen.modes.exact import exact_ideas
from stockgen.modes.material import Material, shuffled
from stockgen.modes.reading import Reader, Reading
from stockgen.modes.scenes import known, scene_ideas
from stockgen.modes.wording import is_latin


def material(
    vocabulary: Vocabulary,
    palettes: Mapping[str, Palette],
    families: Mapping[str, Family],
    styles: Mapping[str, str],
) -> Material:
    """What the modes work with, read once. `styles`: the config's own, name -> prompt words."""
    return Material(vocabulary, palettes, families, styles, Reader(vocabulary, palettes, families))


def modes(data: Material) -> dict[str, Mode]:
    """All modes by name, bound to the data.

    Each yields exactly `count` ideas; with the same randomness, a longer order begins with the ideas of a
    shorter one.
    """
    named = {"exact": exact, "keyword": keyword, "random": random}
    return {name: partial(mode, data) for name, mode in named.items()}


def exact(material: Material, order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
    """The order's prompt word for word, with the words of its style if it names one."""
    return islice(exact_ideas(material, order, look, rng), count)


def keyword(material: Material, order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
    """Different ideas of the order's subject."""
    reading = material.reader.read(order.subject)
    if look == "drawn":
        return islice(drawn_ideas(material, order, reading, rng), count)
    return islice(scene_ideas(material, order, [known(material, reading)], rng), count)


def random(material: Material, order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
    """Ideas of all subjects of the vocabulary, or in all colours; an order's subject is not asked."""
    if look == "drawn":
        return islice(drawn_ideas(material, order, Reading(), rng), count)
    subjects = shuffled(list(material.vocabulary.subjects.values()), rng)
    readings = [Reading(en=subject.en, ko=subject.ko, subjects=(subject,)) for subject in subjects]
    return islice(scene_ideas(material, order, readings, rng), count)


def understood(order: Order, data: Material) -> tuple[str, tuple[str, ...]]:
    """What the vocabulary makes of an order's subject in English, "" where it was English before; and the words of its
    subject and style that can't be put into English and are left out of its prompts.

    An exact prompt is taken word for word: only its style can have such words.
    """
    reading = data.reader.read("" if order.mode == "exact" else order.subject)
    meant = "" if order.mode != "keyword" or is_latin(order.subject) else reading.en
    unsaid = bool(order.style) and not data.style(order).prompt and not is_latin(order.style)
    return meant, (*reading.unknown, order.style) if unsaid else reading.unknown


def unknown_words(order: Order, data: Material) -> tuple[str, ...]:
    """Words of the order's subject and style that are left out of its prompts."""
    return understood(order, data)[1]
