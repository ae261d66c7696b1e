"""Ideas for pictures that a program draws: abstract backgrounds, described by what is seen."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from stockgen.data.palettes import Family, Palette, Variant
from stockgen.domain.words import Idea, Language, Order
from stockgen.modes.material import (
    LANGUAGES,
    Material,
    Namer,
    Tail,
    own_tags,
    rotated,
    shuffled,
    spread,
    turns,
)
from stockgen.modes.reading import Reading
from stockgen.modes.wording import merged

BY_CHANCE = 4  # colours for a word that suggests none


@dataclass(frozen=True, slots=True)
class Drawing:
    """What will be seen, and the words that tell it apart."""

    palette: Palette
    family: Family
    variant: Variant
    tail: Tail

    def places(self, language: Language) -> dict[str, str]:
        """For the templates of titles and descriptions."""
        korean = language == "ko"
        return {
            "palette": self.palette.ko if korean else self.palette.en,
            "family": self.family.ko if korean else self.family.en,
            "noun": self.family.noun_ko if korean else self.family.noun_en,
            "variant": self.variant.ko if korean else self.variant.en,
            "mood": self.tail.mood.said(language),
            "use": self.tail.use.said(language),
        }


def drawn_ideas(material: Material, order: Order, reading: Reading, rng: Random) -> Iterator[Idea]:
    """Different ideas without end: fitting palettes × families × variants, then again with other words."""
    phrases = material.vocabulary.phrases
    namer = Namer(material, order, phrases.drawn)
    palettes = shuffled([material.palettes[name] for name in fitting_palettes(material, reading)], rng)
    drawings = _family_variants(material, reading, rng)
    walk = turns(partial(spread, palettes, drawings), phrases, rng)
    for number, ((palette, (family, variant)), tail) in enumerate(walk):
        drawing = Drawing(palette, family, variant, tail)
        yield Idea(
            prompt=_prompt(drawing, material.style(order).prompt),
            title={
                language: namer.title(language, drawing.places(language), number, extended=tail.extended)
                for language in LANGUAGES
            },
            description={language: namer.description(language, drawing.places(language)) for language in LANGUAGES},
            tags={language: _tags(material, order, drawing, language, number) for language in LANGUAGES},
            category=material.category(order),
        )


def fitting_palettes(material: Material, reading: Reading) -> tuple[str, ...]:
    """Names of palettes: those that are named, else the subjects' own, else by the word's own hash, else all.

    The hash is of the word and not of the job's randomness, so that one word always has the same colours.
    """
    if reading.palettes:
        return reading.palettes
    own = tuple(dict.fromkeys(name for subject in reading.subjects for name in subject.palettes))
    if own:
        return own
    names = sorted(material.palettes)
    if not reading.en:
        return tuple(names)
    return tuple(sorted(names, key=lambda name: zlib.crc32(f"{reading.en.casefold()}/{name}".encode()))[:BY_CHANCE])


def _family_variants(material: Material, reading: Reading, rng: Random) -> Sequence[tuple[Family, Variant]]:
    """Every way to draw, so ordered that each family comes once before one comes again."""
    names = reading.families or tuple(material.families)
    families = shuffled([material.families[name] for name in names], rng)
    ways = [(family, shuffled(list(family.variants.values()), rng)) for family in families]
    laps = range(max(len(variants) for _, variants in ways))
    return [(family, variants[lap]) for lap in laps for family, variants in ways if lap < len(variants)]


def _prompt(drawing: Drawing, style: str) -> str:
    family = drawing.family
    parts = [f"{drawing.palette.en} {family.en} {family.noun_en}", drawing.variant.en]
    if drawing.tail.extended:
        parts.append(f"{drawing.tail.mood.en} {drawing.tail.use.en}".strip())
    return ", ".join([*parts, style] if style else parts)


def _tags(material: Material, order: Order, drawing: Drawing, language: Language, number: int) -> tuple[str, ...]:
    korean = language == "ko"
    palette = drawing.palette.tags_ko if korean else drawing.palette.tags_en
    family = drawing.family.tags_ko if korean else drawing.family.tags_en
    seen = (drawing.variant.ko if korean else drawing.variant.en,)
    common = rotated(material.vocabulary.phrases.drawn.tags(language), number)
    return merged(
        own_tags(order, language),
        palette[:2],
        family[:3],
        seen,
        palette[2:],
        family[3:],
        drawing.tail.use.tags(language),
        drawing.tail.mood.tags(language),
        common,
    )
