"""What a prompt asks to be drawn. Pure and quick, no pixels: it runs in the daemon's own process."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from stockgen.data.palettes import Family, Palette

_HEX = re.compile(r"#[0-9a-fA-F]{6}(?![0-9a-zA-Z])")
_WORD = re.compile(r"[^\W_]+")
_START, _END = r"(?<![^\W_])", r"(?![^\W_])"
_PARTICLES = "에|의|을|를|은|는|이|가|과|와|도|로|엔|색|빛|날"


@dataclass(frozen=True, slots=True)
class Choice:
    """Names of the family, variant and palette to draw with, and the colours as `#rrggbb`."""

    family: str
    variant: str
    palette: str
    colours: tuple[str, ...]


class Wording:
    """Finds families, variants and palettes in prompts: whole phrases first, then the most words."""

    def __init__(self, families: Mapping[str, Family], palettes: Mapping[str, Palette]) -> None:
        self._colours = {name: each.colours for name, each in palettes.items()}
        self._palettes = {name: _Terms((each.en, each.ko), each.words) for name, each in palettes.items()}
        self._families = {name: _Terms((each.en, each.ko), _words(each)) for name, each in families.items()}
        self._variants = {name: _variants(each) for name, each in families.items()}

    def choose(self, prompt: str, favourites: Sequence[str], rng: Random) -> Choice:
        """Given any prompt, say what to draw; `rng` decides what it does not name, among `favourites`.

        Colours written as `#rrggbb` replace the palette's, whose name is then `own`.
        """
        own = tuple(dict.fromkeys(found.lower() for found in _HEX.findall(prompt)))
        text = _HEX.sub(" ", prompt).casefold()
        lot = rng.random()
        palette, text = _spoken(text, self._palettes)
        family, text = _pick(text, self._families, favourites, rng.random())
        variants = self._variants[family]
        variant, text = _pick(text, variants, [*variants], rng.random())
        if not palette:  # only now: a variant's words ("silky wave") may be words of a palette (ocean) as well
            palette, _ = _pick(text, self._palettes, [*self._palettes], lot)
        return Choice(family, variant, "own" if own else palette, own or self._colours[palette])


class _Terms:
    """The phrases and words of one name, ready to be looked for."""

    def __init__(self, phrases: Sequence[str], words: Sequence[str]) -> None:
        self.phrases = [(_pattern(phrase), len(phrase)) for phrase in phrases]
        self._words = [_pattern(word) for word in words]

    def score(self, text: str) -> int:
        """How many of the words stand in the text."""
        return sum(word.search(text) is not None for word in self._words)


def _words(family: Family) -> list[str]:
    return [*family.words, *(phrase for each in family.variants.values() for phrase in (each.en, each.ko))]


def _variants(family: Family) -> dict[str, _Terms]:
    phrases = {name: (each.en, each.ko) for name, each in family.variants.items()}
    return {name: _Terms(both, _WORD.findall(" ".join(both))) for name, both in phrases.items()}


def _pick(text: str, terms: Mapping[str, _Terms], favourites: Sequence[str], lot: float) -> tuple[str, str]:
    """A name, and the text without the phrase that named it; `lot` in 0…1 decides between equals."""
    name, rest = _spoken(text, terms)
    if name:
        return name, rest
    scores = {name: each.score(text) for name, each in terms.items()}
    best = max(scores.values())
    likely = [name for name, score in scores.items() if score == best] if best else favourites
    return likely[int(lot * len(likely))], text


def _spoken(text: str, terms: Mapping[str, _Terms]) -> tuple[str, str]:
    """The name of the longest phrase that stands in the text, and the text without it; "" where there is none."""
    spoken = [
        (size, name, pattern) for name, each in terms.items() for pattern, size in each.phrases if pattern.search(text)
    ]
    if not spoken:
        return "", text
    _, name, pattern = max(spoken, key=lambda each: each[:2])
    return name, pattern.sub(" ", text, count=1)


def _pattern(term: str) -> re.Pattern[str]:
    """Finds a term where it stands as words: English may end in `s`, Korean in a particle.

    Korean words of one syllable are found inside too many others: only common particles may follow them.
    """
    start = _START + re.escape(term.casefold())
    if term.isascii():
        return re.compile(start + "(?:s|es)?" + _END)
    return re.compile(start + (f"(?:{_PARTICLES})?{_END}" if len(term) == 1 else ""))
