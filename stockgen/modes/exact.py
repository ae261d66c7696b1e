"""Ideas for a prompt that is taken word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from stockgen.data.palettes import Family, Palette
from stockgen.domain.words import Idea, Language, Look, Order
from stockgen.modes.material import LANGUAGES, Material, Namer, Tail, own_tags, rotated, turns
from stockgen.modes.reading import Reading
from stockgen.modes.variants import Variant, english, variants
from stockgen.modes.wording import TITLE_CHARS, Cleaner, is_latin, joined, merged, shortened

EXTENDED_CHARS = 45  # leaves room for what tells the pictures of one prompt apart
_LATIN = re.compile("[A-Za-z]")
CHOSEN_CHARS = 40  # of the chosen values in a title, and the longest one that is a tag
PROMPT_TAGS = 12
NAMED = 2  # words and subjects in a Korean title


def exact_ideas(material: Material, order: Order, look: Look, rng: Random) -> Iterator[Idea]:
    """One prompt without end: its pictures differ by what its variants say, and those of one text by their seed alone.

    None where no word of it is left for an English encoder.
    """
    namer = Namer(material, order, material.phrases(order).exact)
    laps = variants(order.prompt, material, rng)

    def lap() -> Iterator[Wording]:
        wordings = (_wording(material, variant, look) for variant in next(laps))
        return (one for one in wordings if one.prompt)

    for number, (wording, tail) in enumerate(turns(lap, material.phrases(order), rng)):
        yield _idea(material, order, Seen(wording, tail, look), namer, number)


@dataclass(frozen=True, slots=True)
class Wording:
    """One text of the prompt: as it was written, as a model is told, and what it means."""

    variant: Variant
    prompt: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Seen:
    """A wording as one picture will show it."""

    wording: Wording
    tail: Tail
    look: Look


def _wording(material: Material, variant: Variant, look: Look) -> Wording:
    """A drawing reads Korean itself; a diffusion model's encoder does not."""
    prompt = english(variant.text, material)[0] if look == "diffusion" else variant.text
    return Wording(variant, prompt, material.reader.read(variant.text))


def _idea(material: Material, order: Order, seen: Seen, namer: Namer, number: int) -> Idea:
    phrases, wording, style = material.phrases(order), seen.wording, material.style(order)
    places = {language: _places(material, order, seen, language) for language in LANGUAGES}
    extended = seen.tail.extended
    subjects = wording.reading.subjects if seen.look == "diffusion" else ()
    tags = {
        language: merged(
            own_tags(order, language),
            _tags(material, wording, seen.look, language),
            style.tags(language) if seen.look == "diffusion" else (),
            phrases.kinds[order.sold_as].tags(language),
            seen.tail.use.tags(language),
            rotated(phrases.exact.tags(language), number),
        )
        for language in LANGUAGES
    }
    return Idea(
        prompt=", ".join((wording.prompt, *_look(material, order, seen))),
        title={language: namer.title(language, places[language], number, extended=extended) for language in LANGUAGES},
        description={language: namer.description(language, places[language]) for language in LANGUAGES},
        tags=tags,
        category=material.category(order, subjects),
        root=f"exact/{order.prompt}/{wording.reading.root if subjects else ''}",
    )


def _look(material: Material, order: Order, seen: Seen) -> tuple[str, ...]:
    """What stands behind the prompt; a drawing of no named family is drawn as the one that it is like."""
    if seen.look == "diffusion" or not order.like:
        return material.look(order)
    family = material.families.get(order.like.sort) if not seen.wording.reading.families else None
    return (order.palette, *((family.en,) if family else ())) if order.palette else ()


def _places(material: Material, order: Order, seen: Seen, language: Language) -> dict[str, str]:
    phrases, reading = material.phrases(order), seen.wording.reading
    kind = phrases.kinds[order.sold_as].said(language)
    if seen.look == "drawn" and not (reading.families or reading.palettes):
        named = phrases.unseen.said(language)  # the words are no drawing's: a title made of them would be false
    elif language == "en":
        named = _english_name(seen.wording)
    else:
        named = " ".join(_korean_names(material, seen.wording))
    clean = Cleaner(phrases.unsaid)(named) or kind
    return {
        "subject": shortened(clean, EXTENDED_CHARS if seen.tail.extended else TITLE_CHARS),
        "kind": kind,
        "use": seen.tail.use.said(language),
    }


def _english_name(wording: Wording) -> str:
    """The first words of the prompt, and those of its chosen values that stand behind them."""
    named = _first_words(wording.prompt) or " ".join(subject.en for subject in wording.reading.subjects)
    chosen = [one for one in wording.variant.choices if is_latin(one) and one.casefold() not in named.casefold()]
    tail = shortened(" ".join(chosen), CHOSEN_CHARS)
    return joined(named, tail) if tail and named else named or tail


def _first_words(prompt: str) -> str:
    clause = re.split(r"[,.;|\n]", prompt.strip(), maxsplit=1)[0]
    return " ".join(word for word in clause.split() if is_latin(word))


def _korean_names(material: Material, wording: Wording) -> list[str]:
    """What a Korean title can say of it, what was chosen first."""
    reading = wording.reading
    drawn = [material.palettes[name].ko for name in reading.palettes[:1]]
    drawn += [f"{material.families[name].ko} {material.families[name].noun_ko}" for name in reading.families[:1]]
    chosen = [material.reader.read(choice) for choice in wording.variant.choices]
    words = dict.fromkeys(word.ko for one in (*chosen, reading) for word in one.words)
    subjects = dict.fromkeys(subject.ko for one in (*chosen, reading) for subject in one.subjects)
    return [*list(words)[:NAMED], *list(subjects)[:NAMED]] if subjects else drawn


def _tags(material: Material, wording: Wording, look: Look, language: Language) -> list[str]:
    reading = wording.reading
    if look == "drawn":
        seen: list[Palette | Family] = [material.palettes[name] for name in reading.palettes]
        seen += [material.families[name] for name in reading.families]
        tags = [tag for each in seen for tag in (each.tags_ko if language == "ko" else each.tags_en)]
        return [*tags, *material.vocabulary.phrases.drawn.tags(language)]
    subjects = [tag for subject in reading.subjects for tag in subject.tags(language)]
    words = material.reader.telling(wording.prompt)[:PROMPT_TAGS] if language == "en" else ()
    return [*_chosen(material, wording.variant, language), *subjects, *words]


def _chosen(material: Material, variant: Variant, language: Language) -> Iterator[str]:
    """The chosen values that are short enough for tags, as the vocabulary says them in `language`."""
    for choice in variant.choices:
        if len(choice) > CHOSEN_CHARS:
            continue
        reading = material.reader.read(choice)
        said = reading.ko if language == "ko" else reading.en
        if said and not reading.unknown and (is_latin(said) if language == "en" else not _LATIN.search(said)):
            yield said
