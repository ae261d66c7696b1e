"""What the free words of an order mean: subjects, colours, ways to draw, and words that we don't know."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from stockgen.data.palettes import Family, Palette
from stockgen.data.vocabulary import Style, Subject, Vocabulary, plain
from stockgen.modes.wording import has_hangul, is_latin

LONGEST = 4  # words in a phrase of the vocabulary
What = Literal["subject", "palette", "family", "filler"]


class Named(Protocol):
    """A palette or a family: what a word of the order may also name."""

    @property
    def en(self) -> str: ...

    @property
    def ko(self) -> str: ...

    @property
    def words(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """`en`: words for an English prompt and title, `ko`: for a Korean title; both may be empty.

    `palettes` and `families` are named beside the subjects. `unknown`: words that can't be put into English.
    """

    en: str = ""
    ko: str = ""
    subjects: tuple[Subject, ...] = ()
    palettes: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass
class _Notes:
    en: list[str] = field(default_factory=list)
    ko: list[str] = field(default_factory=list)
    names: dict[What, list[str]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


class Reader:
    """Reads the words of orders with all the names that are known, built once from the data."""

    def __init__(self, vocabulary: Vocabulary, palettes: Mapping[str, Palette], families: Mapping[str, Family]) -> None:
        self._vocabulary = vocabulary
        self._named: dict[What, Mapping[str, Named]] = {
            "subject": vocabulary.subjects,
            "palette": palettes,
            "family": families,
        }
        self._index: dict[str, tuple[What, str]] = {}
        for what, things in self._named.items():
            for key, thing in things.items():
                for word in (thing.en, thing.ko, *thing.words):
                    self._index.setdefault(plain(word), (what, key))
        # A variant ("silky wave") says how to draw; read word by word it would name colours (wave: ocean).
        variants = [
            phrase for one in families.values() for each in one.variants.values() for phrase in (each.en, each.ko)
        ]
        for word in (*vocabulary.phrases.fillers, *(phrase for phrase in variants if " " in phrase)):
            self._index.setdefault(plain(word), ("filler", plain(word)))

    def read(self, text: str) -> Reading:
        """Given free words, in English, Korean or both, return what they mean. Longer phrases go first."""
        words = unicodedata.normalize("NFC", text).split()
        notes = _Notes()
        at = 0
        while at < len(words):
            taken = self._take(words[at : at + LONGEST], notes)
            at += taken
        subjects = [self._vocabulary.subjects[key] for key in dict.fromkeys(notes.names.get("subject", ()))]
        return Reading(
            en=" ".join(notes.en),
            ko=" ".join(notes.ko),
            subjects=tuple(subjects),
            palettes=tuple(dict.fromkeys(notes.names.get("palette", ()))),
            families=tuple(dict.fromkeys(notes.names.get("family", ()))),
            unknown=tuple(dict.fromkeys(notes.unknown)),
        )

    def telling(self, text: str) -> tuple[str, ...]:
        """The Latin words of `text` of which tags can be made: three letters or more, no fillers."""
        words = [word.strip(".,;:!?()[]\"'") for word in text.split()]
        return tuple(
            word
            for word in words
            if len(word) > 2 and is_latin(word) and self._index.get(plain(word)) != ("filler", plain(word))
        )

    def _take(self, words: list[str], notes: _Notes) -> int:
        for length in range(len(words), 0, -1):
            found = self._find(" ".join(words[:length]))
            if found:
                self._note(" ".join(words[:length]), found, notes)
                return length
        if is_latin(words[0]):
            notes.en.append(words[0])
            notes.ko.append(words[0])
        else:
            notes.unknown.append(words[0])
        return 1

    def _note(self, phrase: str, found: list[tuple[What, str]], notes: _Notes) -> None:
        latin = is_latin(phrase)
        if latin:
            notes.en.append(phrase)
        elif has_hangul(phrase) and any(what != "filler" for what, _ in found):
            notes.ko.append(phrase)
        for what, key in found:
            notes.names.setdefault(what, []).append(key)
            if what == "filler":
                continue
            if latin:
                notes.ko.append(self._named[what][key].ko)
            else:
                notes.en.append(self._named[what][key].en)

    def _find(self, phrase: str) -> list[tuple[What, str]]:
        """What a phrase names; a Korean word without spaces may name two things (벚꽃배경)."""
        for form in self._forms(phrase):
            if form in self._index:
                return [self._index[form]]
        if " " in phrase or is_latin(phrase):
            return []
        for cut in range(len(phrase) - 1, 0, -1):
            head, tail = (
                plain(phrase[:cut]),
                [form for form in self._forms(phrase[cut:]) if form in self._index],
            )
            if head in self._index and tail:
                return [self._index[head], self._index[tail[0]]]
        return []

    def _forms(self, phrase: str) -> Iterable[str]:
        word = plain(phrase).strip(".,;:!?")
        yield word
        if is_latin(word):
            yield from (word.removesuffix(ending) for ending in ("s", "es") if word.endswith(ending))
        else:
            particles = self._vocabulary.phrases.particles
            yield from (word.removesuffix(each) for each in particles if word.endswith(each) and word != each)


def style_of(name: str, vocabulary: Vocabulary, own: Mapping[str, str]) -> Style:
    """The style that an order names: the config's own, a shipped one by any of its words, else free words.

    Words that are not Latin and name no style give an empty prompt.
    """
    for key, style in vocabulary.styles.items():
        if plain(name) in {plain(word) for word in (key, style.en, style.ko, *style.words)}:
            return style.model_copy(update={"prompt": own[key]}) if key in own else style
    for key, prompt in own.items():
        if plain(name) == plain(key):
            return Style(en=key if is_latin(key) else "", ko=key, prompt=prompt)
    words = name if is_latin(name) else ""
    return Style(en=words, ko=words, prompt=words)
