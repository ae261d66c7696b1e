"""What of a picture's words says how it looks, and what says what it shows: so that others look like it and show
something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from stockgen.data.clauses import clauses
from stockgen.data.colours import NAMED
from stockgen.data.vocabulary import plain
from stockgen.domain.words import Language, Order
from stockgen.modes.material import Material
from stockgen.modes.wording import is_latin

WORDS = 6  # of a clause of free words; a longer one tells what is seen
STYLE_CHARS = 160  # of style made of free words; more would leave an encoder of 77 tokens no room for the subject
# How the picture is laid out: the others are laid out in other ways.
_LAYOUT = re.compile(
    r"\b(?:space|view|viewed|seen|angle|shot|close-?up|macro|top-down|flat lay|overhead|left|right|above|below|"
    r"center|centered|centred|foreground|background|framed|composition|corner|edge)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Looks:
    """`style`: words for a model, "" = none are said. `air`: its light and mood, as the vocabulary says them. `about`:
    what it shows, in English. `sort`: group or category of that.
    """

    style: str
    air: str
    about: str
    sort: str


def looks_of(prompt: str, order: Order, category: str, material: Material) -> Looks:
    """Given the prompt of an idea, the order that it was made for and its category, return what is what."""
    first, *others = [one for one in clauses(prompt) if is_latin(one)] or [""]
    lights, moods = _lights(others, material), _moods(others, material)
    air = [*islice(lights.values(), 1), *islice(moods.values(), 1)]
    return Looks(
        style=_style(prompt, first, [one for one in others if one not in {*lights, *moods}], order, material),
        air=", ".join(air),
        about=first,
        sort=sort_of(first, category, material),
    )


def colours_said(palette: str, language: Language, material: Material) -> str:
    """The colours of an order (`Order.palette`) as people are told of them."""
    if language == "en" or "#" in palette:
        return palette
    known = [one.ko for one in material.palettes.values() if one.en == palette]
    each = (NAMED[one][1] if one in NAMED else one for one in re.split(", | and ", palette))
    return known[0] if known else ", ".join(each)


def sort_of(about: str, category: str, material: Material) -> str:
    """The group of what is shown, else its category."""
    subjects = material.reader.read(about).subjects
    return (subjects[0].group or subjects[0].category) if subjects else category


def _style(prompt: str, first: str, others: Sequence[str], order: Order, material: Material) -> str:
    """What was ordered; else the style whose words stand in the prompt; else what of it says how, not what."""
    if order.style:
        return material.style(order).prompt
    prompts = [*material.styles.values(), *(one.prompt for one in material.vocabulary.styles.values())]
    known = [one for one in prompts if one and plain(one) in plain(prompt)]
    if known:
        return max(known, key=len)
    named = [one.prompt for one in material.reader.read(first).styles[:1]]
    return ", ".join(dict.fromkeys((*named, *_free(others, material))))


def _free(others: Sequence[str], material: Material) -> list[str]:
    """Clauses that say how a picture looks."""
    ours, kept = _ours(material), list[str]()
    for one in others:
        room = STYLE_CHARS - sum(len(each) + 2 for each in kept)
        if plain(one) not in ours and len(one) <= room and _says_how(one, material):
            kept.append(one)
    return kept


def _says_how(clause: str, material: Material) -> bool:
    reading = material.reader.read(clause)
    if reading.styles:
        return True
    short = len(clause.split()) <= WORDS and not _LAYOUT.search(clause)
    return short and not reading.subjects and bool(reading.en)


def _lights(clauses: Sequence[str], material: Material) -> dict[str, str]:
    """Clauses that speak of a light → that light, as the modes say it."""
    lights = material.vocabulary.phrases.lights.values()
    words = {plain(word): light.en for light in lights for word in (*light.tags_en, light.en) if " " in word}
    found = ((one, word) for one in clauses for word in words if f" {word} " in f" {plain(one)} ")
    return {one: words[word] for one, word in found}


def _moods(clauses: Sequence[str], material: Material) -> dict[str, str]:
    """The same of moods."""
    known = [mood_phrase(one.en) for one in material.vocabulary.phrases.moods.values()]
    return {one: plain(one) for one in clauses if plain(one) in known}


def mood_phrase(mood: str) -> str:
    """How a prompt says a mood."""
    return f"{mood} mood"


def _ours(material: Material) -> frozenset[str]:
    """What else the modes put into prompts."""
    phrases = material.vocabulary.phrases
    views = (one.en for each in (phrases.compositions, phrases.uses) for one in each.values())
    return frozenset(plain(one) for one in (*views, *(one.prompt for one in phrases.kinds.values())))
