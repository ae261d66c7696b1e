"""Subjects, styles, categories and phrases of which ideas are made; the texts are in `vocabulary/`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cached_property
from string import Formatter

from pydantic import Field, field_validator

from stockgen.data.closed import Bilingual, Closed
from stockgen.domain.words import Kind, Language

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


class Group(Tags):
    """What subjects of one sort share where they name none of their own; its tags come behind theirs."""

    category: str
    palettes: tuple[str, ...] = Field(min_length=1)
    lights: tuple[str, ...] = ()
    views: tuple[str, ...] = ()


class Subject(Tagged):
    """Something to make pictures of.

    `prompt`: what a model is told where the name alone would not do, as with 떡국; `beside`: what it is called beside
    another subject ("spring" in "spring gift box"). `group`: its sort, "" = none. `palettes`: colours that fit it;
    `lights` and `views` (names of compositions): the only ones in which it makes sense, empty = all.
    """

    category: str
    group: str = ""
    prompt: str = ""
    beside: str = ""
    words: tuple[str, ...] = ()
    palettes: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    views: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """What a model is told."""
        return self.prompt or self.en


class Style(Tagged):
    """`prompt`: what a model is told; `kinds`: for which it is picked where an order names no style."""

    prompt: str
    words: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


class KindWords(Tagged):
    """How a kind of picture is called in titles and, as `prompt`, to a model. `descriptions`: its own, with the places
    `subject`, `kind` and `use`, where what is said of the others is not true of it; empty = the others'.
    """

    prompt: str
    descriptions_en: tuple[str, ...] = ()
    descriptions_ko: tuple[str, ...] = ()

    def descriptions(self, language: Language) -> tuple[str, ...]:
        """Its own descriptions in `language`."""
        return self.descriptions_ko if language == "ko" else self.descriptions_en


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
    descriptions_en: tuple[str, ...] = Field(min_length=1)
    descriptions_ko: tuple[str, ...] = Field(min_length=1)

    @field_validator("*", mode="after")
    @classmethod
    def _places_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for template in value:
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

    def descriptions(self, language: Language) -> tuple[str, ...]:
        """The descriptions in `language`; pictures take turns."""
        return self.descriptions_ko if language == "ko" else self.descriptions_en


class CutOut(Closed):
    """What holds for things without a background in place of the rest: how they are seen and titled. `not_for`: names
    of `uses` that they have not; `scenes`: categories and groups of subjects that are no things.
    """

    compositions: Mapping[str, Tagged] = Field(min_length=1)
    lights: Mapping[str, Tagged] = Field(min_length=1)
    not_for: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    scene: Templates


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
    cut_out: CutOut
    fillers: tuple[str, ...] = ()
    particles: tuple[str, ...] = ()
    endings: Mapping[str, str] = Field(default_factory=dict)
    single: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()

    def of(self, cut: bool) -> Phrases:
        """Those for pictures without a background, or with one."""
        return self._of_things if cut else self

    @cached_property
    def _of_things(self) -> Phrases:
        own, uses = self.cut_out, {key: one for key, one in self.uses.items() if key not in self.cut_out.not_for}
        return self.model_copy(
            update={"compositions": own.compositions, "lights": own.lights, "scene": own.scene, "uses": uses}
        )


class Vocabulary(Closed):
    """All of it, each part by name in the order of its file. `words`: English → how Korean says it."""

    categories: Mapping[str, Category]
    subjects: Mapping[str, Subject]
    styles: Mapping[str, Style]
    words: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
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
    form = " ".join(unicodedata.normalize("NFC", word).replace("_", " ").casefold().split())
    return word if form == word else form  # most are plain already, and thousands are kept
