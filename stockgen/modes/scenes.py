"""Ideas for pictures that a diffusion model makes: a subject, seen in many ways, titled by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest
from random import Random

from stockgen.data.vocabulary import Style, Tagged
from stockgen.domain.words import Idea, Language, Order
from stockgen.modes.looks import mood_phrase
from stockgen.modes.material import (
    LANGUAGES,
    Material,
    Namer,
    Tail,
    coloured,
    own_tags,
    rotated,
    shuffled,
    spread,
    turns,
)
from stockgen.modes.reading import Reading
from stockgen.modes.wording import Cleaner, merged, shortened

SUBJECT_CHARS = 40  # leaves room for composition and light in a title of 70


@dataclass(frozen=True, slots=True)
class Scene:
    """One way to see a subject."""

    subject: Reading
    view: str  # the name of its composition
    composition: Tagged
    light: Tagged
    mood: Tagged
    style: Style
    tail: Tail


def scene_ideas(material: Material, order: Order, subjects: Iterable[Reading], rng: Random) -> Iterator[Idea]:
    """A different idea for each of `subjects`; those that come again are seen in ever other views and airs."""
    namer = Namer(material, order, material.phrases(order).scene)
    walks: dict[str, Iterator[Scene]] = {}
    for number, subject in enumerate(subjects):
        key = subject.prompt
        if key not in walks:
            walks[key] = _scenes(material, order, subject, rng)
        yield _idea(material, order, next(walks[key]), namer, number)


def _idea(material: Material, order: Order, scene: Scene, namer: Namer, number: int) -> Idea:
    places = {language: _places(material, order, scene, language) for language in LANGUAGES}
    extended = scene.tail.extended
    return Idea(
        prompt=_prompt(material, order, scene),
        title={language: namer.title(language, places[language], number, extended=extended) for language in LANGUAGES},
        description={language: namer.description(language, places[language], number) for language in LANGUAGES},
        tags={language: _tags(material, order, scene, language, number) for language in LANGUAGES},
        category=material.category(order, scene.subject.subjects),
        root=f"scene/{scene.subject.root}/{scene.view}",
    )


def _scenes(material: Material, order: Order, subject: Reading, rng: Random) -> Iterator[Scene]:
    phrases, choosy = material.phrases(order), () if order.cut else subject.subjects
    only = _own((one.lights for one in choosy), phrases.lights)
    lights = _same([phrases.lights[name] for name in only], order)
    moods = _same(list(phrases.moods.values()), order, mood_phrase)
    seen = _own((one.views for one in choosy), phrases.compositions)
    compositions = [(name, phrases.compositions[name]) for name in seen]
    views = list(spread(shuffled(compositions, rng), shuffled(lights, rng)))
    airs = list(spread(shuffled(moods, rng), shuffled(_styles(material, order, subject), rng)))
    for (((view, composition), light), (mood, style)), tail in turns(partial(spread, views, airs), phrases, rng):
        yield Scene(subject, view, composition, light, mood, style, tail)


def _own(named: Iterable[Sequence[str]], known: Mapping[str, Tagged]) -> Sequence[str]:
    """The names of the first subject that says in which of `known` it makes sense; all where none does."""
    meant = ([name for name in names if name in known] for names in named)
    return next(filter(None, meant), list(known))


def _same(things: list[Tagged], order: Order, phrase: Callable[[str], str] = str) -> list[Tagged]:
    """Those that the picture has which the order's are to be like, where they make sense; else all."""
    air = order.like.air.split(", ") if order.like else []
    return [one for one in things if phrase(one.en) in air] or things


def _styles(material: Material, order: Order, subject: Reading) -> list[Style]:
    if order.style:
        return [material.style(order)]
    if subject.styles:
        return list(subject.styles[:1])
    if order.like:  # a series without a style of its own has one look, not one each
        return [material.style(order)]
    fitting = [style for style in material.vocabulary.styles.values() if order.kind in style.kinds]
    return fitting or [material.style(order)]


def _prompt(material: Material, order: Order, scene: Scene) -> str:
    parts = [
        scene.subject.prompt,
        scene.composition.en,
        scene.light.en,
        mood_phrase(scene.mood.en),
        scene.style.prompt,
        coloured(order),
        material.vocabulary.phrases.kinds[order.kind].prompt,
        scene.tail.use.en if scene.tail.extended else "",
    ]
    return ", ".join(part for part in parts if part)


def _places(material: Material, order: Order, scene: Scene, language: Language) -> dict[str, str]:
    clean = Cleaner(material.phrases(order).unsaid)
    kind = material.phrases(order).kinds[order.sold_as].said(language)
    subject = scene.subject.ko if language == "ko" else scene.subject.en
    kept = clean(subject) if subject[:1].isupper() else clean(subject)[:1].lower() + clean(subject)[1:]
    return {
        "subject": shortened(kept, SUBJECT_CHARS) or kind,
        "composition": scene.composition.said(language),
        "light": scene.light.said(language),
        "mood": scene.mood.said(language),
        "kind": kind,
        "use": scene.tail.use.said(language),
    }


def _tags(material: Material, order: Order, scene: Scene, language: Language, number: int) -> tuple[str, ...]:
    phrases = material.phrases(order)
    subject = _subject_tags(material, scene.subject, language)
    words = [word.ko if language == "ko" else word.en for word in scene.subject.words]
    seen = [scene.composition, scene.light, scene.style, scene.mood]
    return merged(
        own_tags(order, language),
        subject[:4],
        words,
        subject[4:8],
        *(part.tags(language) for part in seen),
        subject[8:24],
        phrases.kinds[order.sold_as].tags(language),
        scene.tail.use.tags(language),
        rotated(phrases.scene.tags(language), number),
    )


def _subject_tags(material: Material, subject: Reading, language: Language) -> list[str]:
    """Those of all subjects in turn, so that none of two is forgotten; else the words themselves."""
    if subject.subjects:
        turns = zip_longest(*(one.tags(language) for one in subject.subjects))
        return [tag for tag in chain.from_iterable(turns) if tag]
    if language == "en":
        return [subject.en, *material.reader.telling(subject.en)]
    return []
