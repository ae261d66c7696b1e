"""Ideas for pictures that a diffusion model makes: a subject, seen in many ways, titled by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from random import Random

from stockgen.data.vocabulary import Style, Tagged
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
from stockgen.modes.wording import Cleaner, merged, shortened

SUBJECT_CHARS = 40  # leaves room for composition and light in a title of 70
FALLBACK_SUBJECT = "abstract"  # for words that can't be put into English


@dataclass(frozen=True, slots=True)
class Scene:
    """One way to see a subject."""

    subject: Reading
    composition: Tagged
    light: Tagged
    mood: Tagged
    style: Style
    tail: Tail


def scene_ideas(material: Material, order: Order, subjects: Sequence[Reading], rng: Random) -> Iterator[Idea]:
    """Different ideas without end; several subjects take turns, each in ever other views and airs."""
    namer = Namer(material, order, material.vocabulary.phrases.scene)
    walks = [_scenes(material, order, subject, rng) for subject in subjects]
    for number, walk in enumerate(cycle(walks)):
        scene = next(walk)
        places = {language: _places(material, order, scene, language) for language in LANGUAGES}
        extended = scene.tail.extended
        yield Idea(
            prompt=_prompt(material, order, scene),
            title={
                language: namer.title(language, places[language], number, extended=extended) for language in LANGUAGES
            },
            description={language: namer.description(language, places[language]) for language in LANGUAGES},
            tags={language: _tags(material, order, scene, language, number) for language in LANGUAGES},
            category=material.category(order, scene.subject.subjects),
        )


def known(material: Material, reading: Reading) -> Reading:
    """The reading, or that of an abstract picture where no word of it can be put into English."""
    if reading.en:
        return reading
    subject = material.vocabulary.subjects[FALLBACK_SUBJECT]
    return Reading(en=subject.en, ko=subject.ko, subjects=(subject,))


def _scenes(material: Material, order: Order, subject: Reading, rng: Random) -> Iterator[Scene]:
    phrases = material.vocabulary.phrases
    only = subject.subjects[0].lights if subject.subjects else ()
    lights = [phrases.lights[name] for name in only] or list(phrases.lights.values())
    views = list(spread(shuffled(list(phrases.compositions.values()), rng), shuffled(lights, rng)))
    airs = list(spread(shuffled(list(phrases.moods.values()), rng), shuffled(_styles(material, order), rng)))
    for ((composition, light), (mood, style)), tail in turns(partial(spread, views, airs), phrases, rng):
        yield Scene(subject, composition, light, mood, style, tail)


def _styles(material: Material, order: Order) -> list[Style]:
    if order.style:
        return [material.style(order)]
    fitting = [style for style in material.vocabulary.styles.values() if order.kind in style.kinds]
    return fitting or [material.style(order)]


def _prompt(material: Material, order: Order, scene: Scene) -> str:
    parts = [
        scene.subject.en,
        scene.composition.en,
        scene.light.en,
        f"{scene.mood.en} mood",
        scene.style.prompt,
        material.vocabulary.phrases.kinds[order.kind].prompt,
        scene.tail.use.en if scene.tail.extended else "",
    ]
    return ", ".join(part for part in parts if part)


def _places(material: Material, order: Order, scene: Scene, language: Language) -> dict[str, str]:
    clean = Cleaner(material.vocabulary.phrases.unsaid)
    kind = material.vocabulary.phrases.kinds[order.kind].said(language)
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
    phrases = material.vocabulary.phrases
    subject = [tag for each in scene.subject.subjects for tag in each.tags(language)]
    if not subject:
        words = material.reader.telling(scene.subject.en) if language == "en" else ()
        subject = [scene.subject.en, *words]
    seen = [scene.composition, scene.light, scene.style, scene.mood]
    return merged(
        own_tags(order, language),
        subject[:6],
        *(part.tags(language) for part in seen),
        subject[6:20],
        phrases.kinds[order.kind].tags(language),
        scene.tail.use.tags(language),
        rotated(phrases.scene.tags(language), number),
    )
