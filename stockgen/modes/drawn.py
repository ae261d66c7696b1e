"""Ideas for pictures that a program draws: abstract backgrounds, described by what is seen."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from stockgen.data.colours import nearest
from stockgen.data.palettes import Family, Palette, Variant
from stockgen.data.vocabulary import Seamless, plain
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
from stockgen.modes.wording import filled, merged

BY_CHANCE = 4  # colours for a word that suggests none


@dataclass(frozen=True, slots=True)
class Drawing:
    """What will be seen, and the words that tell it apart. `name`: family/variant/palette, as the data call them."""

    name: str
    palette: Palette
    family: Family
    variant: Variant
    tail: Tail
    seamless: Seamless

    def places(self, language: Language) -> dict[str, str]:
        """For the templates of titles and descriptions. Only what has no seam is called seamless."""
        korean = language == "ko"
        noun = self.family.noun_ko if korean else self.family.noun_en
        return {
            "palette": self.palette.ko if korean else self.palette.en,
            "family": self.family.ko if korean else self.family.en,
            "noun": f"{self.seamless.said(language)} {noun}" if self.variant.seamless else noun,
            "variant": self.variant.ko if korean else self.variant.en,
            "mood": self.tail.mood.said(language),
            "use": self.tail.use.said(language),
        }


def drawn_ideas(material: Material, order: Order, reading: Reading, rng: Random) -> Iterator[Idea]:
    """Different ideas without end: fitting palettes × families × variants, then again with other words."""
    phrases = material.vocabulary.phrases
    reading = _alike(material, order, reading)
    namer = Namer(material, order, phrases.drawn)
    palettes = shuffled(list(fitting_palettes(material, reading)), rng)
    drawings = _family_variants(material, reading, rng)
    walk = turns(partial(spread, palettes, drawings), phrases, rng)
    for number, ((palette, way), tail) in enumerate(walk):
        drawing = _drawing(material, palette, way, tail)
        yield Idea(
            prompt=_prompt(drawing, own_colours(order) or material.style(order).prompt),
            title={
                language: namer.title(language, drawing.places(language), number, extended=tail.extended)
                for language in LANGUAGES
            },
            description={language: _description(namer, drawing, language) for language in LANGUAGES},
            tags={language: _tags(material, order, drawing, language, number) for language in LANGUAGES},
            category=material.category(order),
            root=f"drawn/{drawing.name}",
        )


def _alike(material: Material, order: Order, reading: Reading) -> Reading:
    """With the colours and the family of the picture that the order's are to be like."""
    if not order.like or not order.palette:
        return reading
    own = own_colours(order).split()
    known = {name: palette.colours for name, palette in material.palettes.items()}
    palettes = (nearest(own, known),) if own else material.reader.read(order.palette).palettes
    families = (order.like.sort,) if order.like.sort in material.families else reading.families
    return replace(reading, palettes=palettes or reading.palettes, families=families)


def own_colours(order: Order) -> str:
    """The colours of an order where they are of no palette, as a drawing reads them; "" = they are words."""
    return order.palette if "#" in order.palette else ""


def _drawing(material: Material, palette: str, way: tuple[str, str], tail: Tail) -> Drawing:
    family = material.families[way[0]]
    seamless = material.vocabulary.phrases.seamless
    name = f"{way[0]}/{way[1]}/{palette}"
    return Drawing(name, material.palettes[palette], family, family.variants[way[1]], tail, seamless)


def _description(namer: Namer, drawing: Drawing, language: Language) -> str:
    places = drawing.places(language)
    if not drawing.variant.seamless:
        return namer.description(language, places)
    said = drawing.seamless.description_ko if language == "ko" else drawing.seamless.description_en
    text = filled(said, places)
    return text[:1].upper() + text[1:]


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


def _family_variants(material: Material, reading: Reading, rng: Random) -> Sequence[tuple[str, str]]:
    """Names of every way to draw, so ordered that each family comes once before one comes again."""
    families = shuffled(list(_meant(material, reading) or material.families), rng)
    ways = [(name, shuffled(list(material.families[name].variants), rng)) for name in families]
    laps = range(max(len(variants) for _, variants in ways))
    return [(name, variants[lap]) for lap in laps for name, variants in ways if lap < len(variants)]


def _meant(material: Material, reading: Reading) -> tuple[str, ...]:
    """Names of families: those that are named, else those by whose words a subject is called ("marble")."""
    said = {plain(word) for subject in reading.subjects for word in (subject.en, subject.ko)}
    shared = (name for name, family in material.families.items() if said & {plain(word) for word in family.words})
    return reading.families or tuple(shared)


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
    tags = merged(
        own_tags(order, language),
        palette[:2],
        family[:3],
        seen,
        drawing.seamless.tags(language) if drawing.variant.seamless else (),
        palette[2:],
        family[3:],
        (drawing.family.noun_ko if korean else drawing.family.noun_en,),
        drawing.tail.use.tags(language),
        drawing.tail.mood.tags(language),
        common,
    )
    return distinct(tags)


def distinct(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags in order without those that say the same again: a plural beside its singular, or other spacing."""
    kept: dict[str, str] = {}
    for tag in tags:
        words = tag.casefold().replace("-", " ").split()
        kept.setdefault("".join(_singular(word) for word in words), tag)
    return tuple(kept.values())


def _singular(word: str) -> str:
    """A rough singular, only for comparison."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("es", "e"), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss") and len(word) > len(ending) + 2:
            return word.removesuffix(ending) + instead
    return word
