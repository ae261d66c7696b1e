"""Ideas for a prompt that is taken word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from stockgen.data.palettes import Family, Palette
from stockgen.domain.words import Idea, Language, Look, Order
from stockgen.modes.material import LANGUAGES, Material, Namer, Tail, own_tags, rotated, turns
from stockgen.modes.reading import Reading
from stockgen.modes.wording import TITLE_CHARS, Cleaner, is_latin, merged, shortened

EXTENDED_CHARS = 45  # leaves room for what tells the pictures of one prompt apart
PROMPT_TAGS = 12


def exact_ideas(material: Material, order: Order, look: Look, rng: Random) -> Iterator[Idea]:
    """One prompt without end: its pictures differ by their seed, so only titles and few tags differ."""
    phrases = material.vocabulary.phrases
    reading = material.reader.read(order.prompt)
    namer = Namer(material, order, phrases.exact)
    style = material.style(order)
    subjects = reading.subjects if look == "diffusion" else ()
    for number, (prompt, tail) in enumerate(turns(lambda: [order.prompt], phrases, rng)):
        places = {language: _places(material, order, reading, tail, look, language) for language in LANGUAGES}
        yield Idea(
            prompt=f"{prompt}, {style.prompt}" if style.prompt else prompt,
            title={
                language: namer.title(language, places[language], number, extended=tail.extended)
                for language in LANGUAGES
            },
            description={language: namer.description(language, places[language]) for language in LANGUAGES},
            tags={
                language: merged(
                    own_tags(order, language),
                    _tags(material, order, reading, look, language),
                    style.tags(language) if look == "diffusion" else (),
                    phrases.kinds[order.kind].tags(language),
                    tail.use.tags(language),
                    rotated(phrases.exact.tags(language), number),
                )
                for language in LANGUAGES
            },
            category=material.category(order, subjects),
        )


def _places(
    material: Material, order: Order, reading: Reading, tail: Tail, look: Look, language: Language
) -> dict[str, str]:
    phrases = material.vocabulary.phrases
    kind = phrases.kinds[order.kind].said(language)
    if look == "drawn" and not (reading.families or reading.palettes):
        named = phrases.unseen.said(language)  # the words are no drawing's: a title made of them would be false
    elif language == "en":
        named = _first_words(order.prompt) or " ".join(subject.en for subject in reading.subjects)
    else:
        named = " ".join(_korean_names(material, reading))
    clean = Cleaner(phrases.unsaid)(named) or kind
    return {
        "subject": shortened(clean, EXTENDED_CHARS if tail.extended else TITLE_CHARS),
        "kind": kind,
        "use": tail.use.said(language),
    }


def _first_words(prompt: str) -> str:
    clause = re.split(r"[,.;|\n]", prompt.strip(), maxsplit=1)[0]
    return " ".join(word for word in clause.split() if is_latin(word))


def _korean_names(material: Material, reading: Reading) -> list[str]:
    drawn = [material.palettes[name].ko for name in reading.palettes[:1]]
    drawn += [f"{material.families[name].ko} {material.families[name].noun_ko}" for name in reading.families[:1]]
    return [subject.ko for subject in reading.subjects[:2]] or drawn


def _tags(material: Material, order: Order, reading: Reading, look: Look, language: Language) -> list[str]:
    if look == "drawn":
        seen: list[Palette | Family] = [material.palettes[name] for name in reading.palettes]
        seen += [material.families[name] for name in reading.families]
        tags = [tag for each in seen for tag in (each.tags_ko if language == "ko" else each.tags_en)]
        return [*tags, *material.vocabulary.phrases.drawn.tags(language)]
    words = material.reader.telling(order.prompt)[:PROMPT_TAGS] if language == "en" else ()
    return [*(tag for subject in reading.subjects for tag in subject.tags(language)), *words]
