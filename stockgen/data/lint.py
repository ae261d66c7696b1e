"""Finds in a text what no market sells: whole words, however they are inflected, spaced or glued together.

A Latin name counts from the beginning of a word, with the endings that English hangs on names. A Korean one of two or
three syllables counts at the beginning of a word if nothing follows but what may hang on a name
(`blocked/endings.yaml`); a longer one wherever it stands, because no other word is made of its syllables.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from stockgen.data import Shelf
from stockgen.data.blocked import KIND, Endings, Kind, Name, load_blocked, load_endings
from stockgen.data.folding import Folded, fold, is_hangul

SILENT: frozenset[Kind] = frozenset(("machine", "camera"))  # left out of titles; no order is refused for them
NEAR = 3  # words to either side in which a context word counts
NEARBY = 160  # signs to either side in which those words are looked for, so that a long text takes no longer for each
GLUED = 7  # letters that a Latin name of several words needs to be known when they are written as one
DISTINCT = 4  # syllables of a Korean name of which no other word is made
KEYS = (5, 4, 3, 2, 1)  # signs of a text by which names are looked up, the most first
SOFT = frozenset(" -_./~·&\t")  # may stand between the words of a name
_START = re.compile("[a-z0-9]+|[가-힣]")  # a Latin name begins with a word, a Korean one may begin within one
_WORD = re.compile("[a-z0-9]+|[가-힣]+")
_SYLLABLES = re.compile("[가-힣]*")
_PART = re.compile("[a-z0-9]+|[가-힣]+|&")


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found: `words` as the author wrote them with what hangs on them, at `start` to `end` of the text in the
    form NFC; `name` as it stands in the data, by which a person can let it through.
    """

    kind: Kind
    name: str
    words: str
    start: int
    end: int


class Lint:
    """All names compiled for finding; built once, safe to share, a title takes some ten microseconds."""

    def __init__(self, names: Iterable[Name], endings: Endings) -> None:
        self._tails = _Tails(endings)
        index: dict[str, tuple[_Form, ...]] = {}
        for name in names:
            for written in name.forms:
                form = _form(name, written)
                index[form.key] = (*index.get(form.key, ()), form)
        self._index = index
        self._around = _Around(endings)

    def found(self, text: str, but: Collection[Kind] = SILENT) -> list[Hit]:
        """What stands in `text`, from left to right, the longest name where several begin.

        `but`: kinds that don't matter.
        """
        text = unicodedata.normalize("NFC", text)
        folded = fold(text)
        spans = ((form, folded.at[start], folded.at[end]) for form, start, end in self._spans(folded))
        return [
            Hit(form.name.kind, form.written, text[start:end], start, end)
            for form, start, end in spans
            if form.name.kind not in but
        ]  # fmt: skip

    def without(self, text: str, but: Collection[Kind] = ()) -> str:
        """`text` with every name taken out, together with what only belongs to it ("in the style of"); may be empty."""
        text = unicodedata.normalize("NFC", text)
        while True:
            folded = fold(text)
            spans = [self._around.widened(folded.text, start, end)
                     for form, start, end in self._spans(folded) if form.name.kind not in but]  # fmt: skip
            if not spans:
                return text
            for start, end in reversed(spans):
                text = f"{text[: folded.at[start]]} {text[folded.at[end] :]}"
            text = re.sub(r"\s+([,.;])", r"\1", " ".join(text.split())).strip(" ,;-")

    def _spans(self, folded: Folded) -> Iterator[tuple[_Form, int, int]]:
        done = 0
        for start in _START.finditer(folded.text):
            at = start.start()
            found = self._at(folded.text, at) if at >= done else None
            if found is not None:
                form, done = found
                yield form, at, done

    def _at(self, text: str, at: int) -> tuple[_Form, int] | None:
        """The longest name that begins at `at`, and where it ends with what hangs on it."""
        best, longest = None, 0
        for size in KEYS:
            for form in self._index.get(text[at : at + size], ()):
                end = form.end(text, at)
                tail = self._tails.end(text, at, end, form) if end > longest else 0
                if tail and _meant(text, at, end, form.name):
                    best, longest = (form, tail), end
        return best


def load_lint(shelf: Shelf) -> Lint:
    """All names of a shelf, compiled; once in a process where the user has no list of their own. Raises ConfigError."""
    return Lint(load_blocked(shelf), load_endings(shelf)) if shelf.has_own(KIND) else _shipped()


@cache
def _shipped() -> Lint:
    shelf = Shelf()
    return Lint(load_blocked(shelf), load_endings(shelf))


@dataclass(frozen=True, slots=True)
class _Form:
    """One way in which a name is `written`, and its `text` folded. `gaps`: places in it where its words meet; in those
    of `apart` something has to stand between them.
    """

    name: Name
    written: str
    text: str
    gaps: tuple[int, ...]
    apart: tuple[int, ...]
    script: Literal["latin", "korean"]  # of its end

    @property
    def key(self) -> str:
        """What it is found by: its first signs, as many as surely stand together."""
        return self.text[: min((KEYS[0], len(self.text), *self.gaps))]

    def end(self, text: str, at: int) -> int:
        """Where it ends if it stands at `at`, else 0."""
        if not self.gaps:
            return at + len(self.text) if text.startswith(self.text, at) else 0
        for place, sign in enumerate(self.text):
            if place in self.gaps:
                begin = at
                while at < len(text) and text[at] in SOFT and at - begin < 3 and text[at] != sign:
                    at += 1
                if at == begin and place in self.apart:
                    return 0
            if at >= len(text) or text[at] != sign:
                return 0
            at += 1
        return at


def _form(name: Name, written: str) -> _Form:
    parts: Sequence[str] = _PART.findall(fold(unicodedata.normalize("NFC", written)).text)
    text, place = "".join(parts), 0
    gaps, apart = [], []
    for one, other in pairwise(parts):
        place += len(one)
        meeting = one[-1] + other[0]
        gaps.append(place)
        if meeting.isascii() and meeting.isalpha() and len(text) < GLUED:
            apart.append(place)
    kept = written if text == written else text  # thousands of them are kept
    return _Form(name, written, kept, tuple(gaps), tuple(apart), "korean" if is_hangul(text[-1:]) else "latin")


class _Tails:
    """What may stand before and behind a name."""

    def __init__(self, endings: Endings) -> None:
        korean = endings.korean
        things, particles = _either((*korean.things, *korean.manners)), _either(korean.particles)
        self._korean = re.compile(rf"(?:{things})*(?:{particles}){{0,2}}(?![가-힣])")
        latin = _either(endings.english.endings)
        self._latin = re.compile(rf"(?:[0-9]{{1,4}}[a-z]{{0,3}})?(?:{latin})?(?![a-z0-9])")
        self._short = re.compile(r"(?:[0-9]{1,4}[a-z]?)?s?(?![a-z0-9])")
        self._numbered = re.compile(r"(?:[a-z]{0,2})(?![a-z0-9])")
        self._before = endings.before

    def end(self, text: str, start: int, end: int, form: _Form) -> int:
        """Where a name with all that hangs on it ends, 0 where it is another word."""
        if form.script == "latin":
            numbered = form.text[-1].isdigit()
            pattern = self._numbered if numbered else self._latin if len(form.text) >= 4 else self._short
            found = pattern.match(text, end)
            return found.end() if found else 0
        run = _run(text, end)
        if form.name.loose or len(form.text) >= DISTINCT:
            return run
        glued = start > 0 and is_hangul(text[start - 1])
        if glued and not (start > 1 and is_hangul(text[start - 2]) and text.endswith(self._before, 0, start)):
            return 0
        follows = text[end:run].startswith(form.name.near) if form.name.near else False
        return run if follows or self._korean.match(text, end) else 0


class _Around:
    """What goes with a name that is taken out of a text."""

    def __init__(self, endings: Endings) -> None:
        self._before = re.compile(rf"(?:^|(?<=\s))(?:{_either(endings.english.before)})\s+$")
        self._after = re.compile(rf"[-\s]+(?:{_either(endings.english.after)})(?![a-z0-9])")

    def widened(self, text: str, start: int, end: int) -> tuple[int, int]:
        """The span with the words around it that only belong to the name."""
        before, after = self._before.search(text, max(0, start - NEARBY), start), self._after.match(text, end)
        return before.start() if before else start, after.end() if after else end


def _meant(text: str, start: int, end: int, name: Name) -> bool:
    """Whether a name that may be an ordinary word is meant as a name here."""
    if not name.near and not name.unless:
        return True
    before, after = text[max(0, start - NEARBY) : start], text[end : end + NEARBY]
    around = f" {' '.join(_WORD.findall(before)[-NEAR:])}  {' '.join(_WORD.findall(after)[:NEAR])} "
    if any(_stands(word, around) for word in name.unless):
        return False
    return not name.near or any(_stands(word, around) for word in name.near)


def _run(text: str, at: int) -> int:
    """Where the Korean syllables that begin at `at` end."""
    found = _SYLLABLES.match(text, at)
    return found.end() if found else at


def _stands(word: str, around: str) -> bool:
    """Whether `word` is among the words `around`: a Korean one with any ending, a Latin one also with an s."""
    plain = " ".join(_WORD.findall(fold(word).text))
    if is_hangul(plain[-1:]):
        return f" {plain}" in around
    return f" {plain} " in around or f" {plain}s " in around


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
