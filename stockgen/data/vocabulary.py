"""Subjects, styles, categories and phrases of which ideas are made; the texts are in `vocabulary/*.yaml`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import TypeVar

from pydantic import Field, field_validator

from stockgen.data import Shelf
from stockgen.data.closed import Bilingual, Closed, data_fault, parsed
from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Kind, Language, Remark

DEFAULT_CATEGORY = "graphic_resources"
PLACES = frozenset({"palette", "variant", "family", "noun", "subject", "composition", "light", "mood", "kind", "use"})


class Category(Bilingual):
    """One of the master list; `words` are other names for it."""

    words: tuple[str, ...] = ()


class Tags(Closed):
    """The tags that something brings along, most telling first."""

    tags_en: tuple[str, ...] = ()
    tags_ko: tuple[str, ...] = ()

    def tags(self, language: Language) -> tuple[str, ...]:
        """The tags in `language`."""
        return self.tags_ko if language == "ko" else self.tags_en


class Tagged(Bilingual, Tags):
    """Words with their tags."""


class Subject(Tagged):
    """Something to make pictures of.

    `palettes`: colours that fit it; `lights`: the only ones in which it makes sense, empty = all.
    """

    category: str
    words: tuple[str, ...] = ()
    palettes: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()


class Style(Tagged):
    """`prompt`: what a model is told; `kinds`: for which it is picked where an order names no style."""

    prompt: str
    words: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


class KindWords(Tagged):
    """How a kind of picture is called in titles and, as `prompt`, to a model."""

    prompt: str


class Seamless(Tagged):
    """How it is said that a picture can be laid beside itself; descriptions have the places of `Templates`."""

    description_en: str
    description_ko: str


class Templates(Tags):
    """Sentences with `{places}`.

    `extended` titles carry `{use}` too, for when the plain ones are used up; `tails` tell apart pictures to
    which the order gave one title.
    """

    titles_en: tuple[str, ...] = Field(min_length=1)
    titles_ko: tuple[str, ...] = Field(min_length=1)
    extended_en: tuple[str, ...] = Field(min_length=1)
    extended_ko: tuple[str, ...] = Field(min_length=1)
    tails_en: tuple[str, ...] = Field(min_length=1)
    tails_ko: tuple[str, ...] = Field(min_length=1)
    description_en: str
    description_ko: str

    @field_validator("*", mode="after")
    @classmethod
    def _places_known(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for template in (value,) if isinstance(value, str) else value:
            unknown = {place for _, place, _, _ in Formatter().parse(template) if place is not None} - PLACES
            if unknown:
                raise ValueError(f"unknown place {', '.join(sorted(unknown))} in {template!r}")
        return value

    def titles(self, language: Language, *, extended: bool) -> tuple[str, ...]:
        """The titles in `language`."""
        if extended:
            return self.extended_ko if language == "ko" else self.extended_en
        return self.titles_ko if language == "ko" else self.titles_en

    def tails(self, language: Language) -> tuple[str, ...]:
        """What is put behind a given title, in `language`."""
        return self.tails_ko if language == "ko" else self.tails_en

    def description(self, language: Language) -> str:
        """The description in `language`."""
        return self.description_ko if language == "ko" else self.description_en


class Phrases(Closed):
    """Everything in `phrases.yaml`, which explains each part."""

    compositions: Mapping[str, Tagged] = Field(min_length=1)
    lights: Mapping[str, Tagged] = Field(min_length=1)
    moods: Mapping[str, Tagged] = Field(min_length=1)
    uses: Mapping[str, Tagged] = Field(min_length=1)
    kinds: Mapping[Kind, KindWords]
    drawn: Templates
    seamless: Seamless
    scene: Templates
    exact: Templates
    unseen: Bilingual
    fillers: tuple[str, ...] = ()
    particles: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


class Vocabulary(Closed):
    """All of it, each part by name in the order of its file."""

    categories: Mapping[str, Category]
    subjects: Mapping[str, Subject]
    styles: Mapping[str, Style]
    phrases: Phrases

    def category(self, word: str) -> str:
        """The master list's name for `word` (name, English, Korean, other words), or graphic_resources."""
        return self.category_words().get(plain(word), DEFAULT_CATEGORY)

    def category_words(self) -> dict[str, str]:
        """Every word by which a job file may name a category -> the master list's name."""
        return {
            plain(word): key
            for key, entry in self.categories.items()
            for word in (key, entry.en, entry.ko, *entry.words)
        }


def plain(word: str) -> str:
    """The form in which words are compared: composed, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", word).replace("_", " ").casefold().split())


def load_vocabulary(shelf: Shelf) -> Vocabulary:
    """Everything in `vocabulary/` but palettes and families. Raises ConfigError naming file and key.

    Also refused: a subject of an unknown category, palette or light, and a word that stands for two subjects.
    """
    phrases = parsed(Phrases, "vocabulary/phrases.yaml", shelf.load("vocabulary", "phrases"))
    vocabulary = Vocabulary(
        categories=_entries(shelf, "categories", Category),
        subjects=_entries(shelf, "subjects", Subject),
        styles=_entries(shelf, "styles", Style),
        phrases=phrases,
    )
    faults = [
        *_dangling(vocabulary, frozenset(shelf.load("vocabulary", "palettes"))),
        *_ambiguous(vocabulary),
    ]
    if faults:
        raise ConfigError("config_faults", faults, path="vocabulary/subjects.yaml")
    return vocabulary


_Entry = TypeVar("_Entry", Category, Subject, Style)


def _entries(shelf: Shelf, name: str, model: type[_Entry]) -> dict[str, _Entry]:
    file = f"vocabulary/{name}.yaml"
    return {key: parsed(model, file, entry, key) for key, entry in shelf.load("vocabulary", name).items()}


def _dangling(vocabulary: Vocabulary, palettes: frozenset[str]) -> Iterator[Remark]:
    for key, subject in vocabulary.subjects.items():
        missing = [name for name in subject.palettes if name not in palettes]
        missing += [name for name in subject.lights if name not in vocabulary.phrases.lights]
        missing += [subject.category] if subject.category not in vocabulary.categories else []
        for name in missing:
            yield data_fault("vocabulary/subjects.yaml", key, name)


def _ambiguous(vocabulary: Vocabulary) -> Iterator[Remark]:
    owner: dict[str, str] = {}
    for key, subject in vocabulary.subjects.items():
        for word in {plain(each) for each in (subject.en, subject.ko, *subject.words)}:
            if owner.setdefault(word, key) != key:
                yield data_fault("vocabulary/subjects.yaml", key, f"{word}: {owner[word]}")
