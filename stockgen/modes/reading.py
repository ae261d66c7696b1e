"""What the free words of an order mean: subjects, colours, ways to draw, and words that we don't know."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from stockgen.data.palettes import Family, Palette
from stockgen.data.vocabulary import Style, Subject, Vocabulary, plain
from stockgen.modes.korean import Endings, pieces
from stockgen.modes.wording import has_hangul, is_latin

LONGEST = 6  # words in a phrase of the vocabulary
_WHERE = re.compile(r" (?:with|on|in|by|under|at|over) ")  # beside another subject, a sofa has no cushions
_WHERE_FIRST = re.compile(r"(?:in|on|by|at|from|beside|served|cut) ")  # told behind what it is true of
ANYTHING = "abstract"  # the subject of a text that names none: 예쁜 배경
What = Literal["subject", "palette", "family", "style", "word", "filler"]
Found = tuple[What, str]
Said = tuple[str, str, str]  # English, Korean, key of a subject


class Named(Protocol):
    """What a word of the order may name."""

    @property
    def en(self) -> str: ...

    @property
    def ko(self) -> str: ...

    @property
    def words(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Word:
    """A word that stands beside a subject: `red`, 빨간."""

    en: str
    ko: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """`en`: words for an English title, `prompt`: for a model, `ko`: for a Korean title; all may be empty.

    `subjects`: what the picture is of comes first. `palettes`, `families` and `styles` are named beside them, `words`
    tell how they are. `unknown`: words that can't be put into English.
    """

    en: str = ""
    ko: str = ""
    prompt: str = ""
    subjects: tuple[Subject, ...] = ()
    palettes: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    styles: tuple[Style, ...] = ()
    words: tuple[Word, ...] = ()
    unknown: tuple[str, ...] = ()

    @classmethod
    def of(cls, subject: Subject) -> Reading:
        """That of a subject alone."""
        return cls(en=subject.en, ko=subject.ko, prompt=subject.told, subjects=(subject,))

    @property
    def root(self) -> str:
        """What it is about, whatever its words: equal for 벚꽃 and `cherry blossom`."""
        return "+".join(sorted(one.en for one in self.subjects)) or self.en.casefold()


@dataclass
class _Notes:
    said: list[Said] = field(default_factory=list)
    names: dict[What, list[str]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


class Reader:
    """Reads the words of orders with all the names that are known, built once from the data."""

    def __init__(self, vocabulary: Vocabulary, palettes: Mapping[str, Palette], families: Mapping[str, Family]) -> None:
        self._vocabulary = vocabulary
        self._words = {en: Word(en, forms[0], forms) for en, forms in vocabulary.words.items()}
        self._named: dict[What, Mapping[str, Named]] = {
            "subject": vocabulary.subjects,
            "palette": palettes,
            "family": families,
            "style": vocabulary.styles,
            "word": self._words,
        }
        self._index: dict[str, Found] = {}
        for what, things in self._named.items():
            for key, thing in things.items():
                found = (what, key)
                for word in (thing.en, thing.ko, *thing.words):
                    self._index.setdefault(plain(word), found)
        # A variant ("silky wave") says how to draw; read word by word it would name colours (wave: ocean).
        variants = [
            phrase for one in families.values() for each in one.variants.values() for phrase in (each.en, each.ko)
        ]
        for word in (*vocabulary.phrases.fillers, *(phrase for phrase in variants if " " in phrase)):
            self._index.setdefault(plain(word), ("filler", plain(word)))
        self._styles = {
            plain(form): key for key, style in vocabulary.styles.items() for form in (style.en, style.ko, *style.words)
        }
        self._beside = {plain(form): key for key, word in self._words.items() for form in (word.en, *word.words)}
        self._single = frozenset(vocabulary.phrases.single)
        self._endings = Endings(vocabulary.phrases.particles, vocabulary.phrases.endings, self._single)

    def read(self, text: str) -> Reading:
        """Given free words, in English, Korean or both, return what they mean. Longer phrases go first."""
        words = unicodedata.normalize("NFC", text).split()
        notes = _Notes()
        at = 0
        while at < len(words):
            at += self._take(words[at : at + LONGEST], notes)
        if words and not notes.said and not notes.unknown:
            return Reading.of(self._vocabulary.subjects[ANYTHING])
        keys = tuple(dict.fromkeys(notes.names.get("subject", ())))
        subjects = [self._vocabulary.subjects[key] for key in (reversed(keys) if has_hangul(text) else keys)]
        named = [key for _, _, key in notes.said if key]
        head = named[-1] if named else ""  # the others are said in short, beside it
        said = [one for one in notes.said if one[0]]
        if not is_latin(text):  # what was typed in English keeps its order
            said = sorted(_once(said), key=lambda one: _WHERE_FIRST.match(one[0]) is not None)
        return Reading(
            en=" ".join(self._english(one, alone=one[2] == head) for one in said),
            ko=" ".join(ko for _, ko, _ in notes.said if ko),
            prompt=" ".join(self._told(one, alone=one[2] == head, only=len(named) < 2) for one in said),
            subjects=tuple(subjects),
            palettes=tuple(dict.fromkeys(notes.names.get("palette", ()))),
            families=tuple(dict.fromkeys(notes.names.get("family", ()))),
            styles=tuple(self._vocabulary.styles[key] for key in dict.fromkeys(notes.names.get("style", ()))),
            words=tuple(self._words[key] for key in dict.fromkeys(notes.names.get("word", ()))),
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

    def _english(self, said: Said, *, alone: bool) -> str:
        english, _, key = said
        subject = self._vocabulary.subjects.get(key)
        if subject is None or alone or english != subject.en:
            return english
        return subject.beside or _WHERE.split(english, maxsplit=1)[0]

    def _told(self, said: Said, *, alone: bool, only: bool) -> str:
        subject = self._vocabulary.subjects.get(said[2])
        return subject.told if subject and only and subject.prompt else self._english(said, alone=alone)

    def _take(self, words: list[str], notes: _Notes) -> int:
        for length in range(len(words), 0, -1):
            phrase = " ".join(words[:length])
            found = self._find(phrase)
            if found:
                self._note(phrase, found, notes)
                return length
        if is_latin(words[0]):
            notes.said.append((words[0], words[0], ""))
        else:
            notes.unknown.append(words[0])
        return 1

    def _note(self, phrase: str, found: list[tuple[str, Found]], notes: _Notes) -> None:
        latin = is_latin(phrase)
        for form, (what, key) in found:
            notes.names.setdefault(what, []).append(key)
            beside = self._colour(form, what)
            if beside:
                notes.names.setdefault("word", []).append(beside)
            if style := self._style(form, what):
                notes.names.setdefault("style", []).append(style)
        if latin:
            (form, (what, key)) = found[0]
            notes.said.append((phrase, self._korean(form, what, key), key if what == "subject" else ""))
            return
        meant = [(form, one) for form, one in found if one[0] != "filler"]
        for number, (form, (what, key)) in enumerate(meant):
            korean = phrase if number == 0 else ""  # a compound is said as it was written
            named = self._vocabulary.styles.get(self._style(form, what)) or self._named[what][key]
            english = self._colour(form, what) or named.en
            notes.said.append((english, korean, key if what == "subject" else ""))

    def _colour(self, form: str, what: What) -> str:
        """The word that a name of a palette or of a way to draw is besides, and by which it is said: 빨간 is `red`, not
        "berry red and plum"; "" for none.
        """
        return self._beside.get(form, "") if what in ("palette", "family") else ""

    def _style(self, form: str, what: What) -> str:
        """The style that a name of a way to draw is besides, for whoever paints it otherwise: 수채화; "" for none."""
        return self._styles.get(form, "") if what == "family" else ""

    def _korean(self, form: str, what: What, key: str) -> str:
        word = self._colour(form, what)
        if word:
            return self._words[word].ko
        return "" if what == "filler" else self._named[what][key].ko

    def _find(self, phrase: str) -> list[tuple[str, Found]]:
        """(form that was found, what it names); a Korean word without spaces may name several things (벚꽃배경)."""
        for form in self._forms(phrase):
            if form in self._index:
                return [(form, self._index[form])]
        if " " in phrase or not has_hangul(phrase):
            return []
        return [(form, self._index[form]) for form in pieces(plain(phrase), self._known_form, self._single)]

    def _known_form(self, word: str, *, last: bool) -> str:
        """The form of a part of a compound that is known, or ""; only its last part may have an ending."""
        forms = self._forms(word) if last else (word,)
        return next((form for form in forms if form in self._index), "")

    def _forms(self, phrase: str) -> Iterator[str]:
        word = plain(phrase).strip(".,;:!?()[]\"'~")
        yield word
        if is_latin(word):
            yield from _singular(word)
        else:
            yield from self._endings.without(word)


def _once(said: list[Said]) -> list[Said]:
    """Each subject where it is said last, and a word only where nothing else says it: 단청 무늬 패턴 is one pattern."""
    kept: list[Said] = []
    for at, one in enumerate(said):
        english, _, key = one
        if key:
            again = any(key == other[2] for other in said[at + 1 :])
        else:
            others = [*kept, *(other for other in said[at + 1 :] if other[0] != english)]
            again = any(f" {english} " in f" {other[0]} " for other in others)
        if not again:
            kept.append(one)
    return kept


def _singular(word: str) -> Iterable[str]:
    endings = (("ies", "y"), ("es", ""), ("s", ""))
    return (word.removesuffix(ending) + instead for ending, instead in endings if word.endswith(ending))


def style_of(name: str, vocabulary: Vocabulary, own: Mapping[str, str]) -> Style:
    """The style that an order names: the config's own, a shipped one by any of its words or by its prompt, else free
    words.

    Words that are not Latin and name no style give an empty prompt.
    """
    for key, style in vocabulary.styles.items():
        if plain(name) in {plain(word) for word in (key, style.en, style.ko, style.prompt, *style.words)}:
            return style.model_copy(update={"prompt": own[key]}) if key in own else style
    for key, prompt in own.items():
        if plain(name) == plain(key):
            return Style(en=key if is_latin(key) else "", ko=key, prompt=prompt)
    words = name if is_latin(name) else ""
    return Style(en=words, ko=words, prompt=words)
