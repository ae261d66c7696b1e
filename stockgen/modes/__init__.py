"""How an order becomes ideas: `exact`, `keyword`, `dynamic` and `random`, functions in a dict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import cycle, islice
from random import Random
from types import MappingProxyType

from stockgen.data.palettes import Family, Palette
from stockgen.data.seasons import Season
from stockgen.data.templates import Wildcards, is_template
from stockgen.data.vocabulary import Vocabulary
from stockgen.domain.protocols import Mode
from stockgen.domain.words import Idea, Look, Order
from stockgen.modes.drawn import drawn_ideas
from stockgen.modes.dynamic import dynamic
from stockgen.modes.exact import exact_ideas
from stockgen.modes.material import Material, shuffled
from stockgen.modes.reading import Reader, Reading
from stockgen.modes.scenes import scene_ideas
from stockgen.modes.variants import Understood, readings, understood

__all__ = ["Understood", "material", "modes", "understood", "unknown_words"]

TRIES = 50  # drawings of one text that are passed over because another text's has their title


def material(
    vocabulary: Vocabulary,
    palettes: Mapping[str, Palette],
    families: Mapping[str, Family],
    styles: Mapping[str, str],
    wildcards: Wildcards | None = None,
) -> Material:
    """What the modes work with, read once. `styles`: the config's own, name -> prompt words."""
    reader = Reader(vocabulary, palettes, families)
    return Material(vocabulary, palettes, families, styles, reader, wildcards or Wildcards())


def modes(data: Material, seasons: Mapping[str, Season] = MappingProxyType({})) -> dict[str, Mode]:
    """All modes by name, bound to the data.

    Each yields exactly `count` ideas, none where no word of the order can be put into English; with the same
    randomness, a longer order begins with the ideas of a shorter one. `dynamic` may yield fewer where most is to be
    avoided. They raise JobFileError where an order's variants
    can't be understood.
    """
    named = {"exact": exact, "keyword": keyword, "random": random}
    bound: dict[str, Mode] = {name: partial(mode, data) for name, mode in named.items()}
    return bound | {"dynamic": partial(dynamic, data, seasons)}


def exact(material: Material, order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
    """The order's prompt word for word, with the words of its style if it names one."""
    return islice(exact_ideas(material, order, look, rng), count)


def keyword(material: Material, order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
    """Different ideas of the order's subject."""
    texts = readings(order, material, rng)
    if look == "diffusion":
        return islice(scene_ideas(material, order, (reading for _, reading in texts), rng), count)
    if is_template(order.subject):
        return islice(_drawn_variants(material, order, texts, rng), count)
    return islice(
        (idea for _, reading in islice(texts, 1) for idea in drawn_ideas(material, order, reading, rng)), count
    )


def random(material: Material, order: Order, look: Look, count: int, rng: Random) -> Iterator[Idea]:
    """Ideas of all subjects of the vocabulary, or in all colours; an order's subject is not asked."""
    if look == "drawn":
        return islice(drawn_ideas(material, order, Reading(), rng), count)
    subjects = shuffled(list(material.vocabulary.subjects.values()), rng)
    return islice(scene_ideas(material, order, cycle(map(Reading.of, subjects)), rng), count)


def unknown_words(order: Order, data: Material) -> tuple[str, ...]:
    """Words of the order that are left out of its prompts."""
    return understood(order, data).unknown


def _drawn_variants(
    material: Material, order: Order, texts: Iterator[tuple[str, Reading]], rng: Random
) -> Iterator[Idea]:
    """Drawings of several texts in turn; a title that another text's drawing has is passed over."""
    walks: dict[str, Iterator[Idea]] = {}
    given: set[str] = set()
    for text, reading in texts:
        walk = walks.setdefault(text, drawn_ideas(material, order, reading, rng))
        for idea in islice(walk, TRIES):
            titles = {title.casefold() for title in idea.title.values()}
            if not titles & given:
                given |= titles
                yield idea
                break
