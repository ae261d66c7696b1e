"""What of a title is compared: stems of its telling words, and Korean where the English says too little."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import yaml

from stockgen.domain.words import Language
from stockgen.ledger.stemming import Stems

POOR = 3  # English words that a title needs for its Korean not to be looked at
FAINT = 0.35  # weight of a word that models add to make a title longer
_WORD = re.compile(r"[^\W_]+")
_HANGUL = re.compile(r"[가-힣]+")


@dataclass(frozen=True, slots=True)
class Common:
    """What is known of English words beforehand (words.yaml). `silent` ones are not compared; `faint` stems count less;
    `same`: stem → the stem that stands for it.
    """

    silent: frozenset[str]
    faint: frozenset[str]
    same: Mapping[str, str]


class Vocabulary:
    """Turns titles into what is compared. For one thread at a time; remembers the words that it has met."""

    def __init__(self) -> None:
        self._stems = Stems()
        self._common = _common(self._stems)
        self._met: dict[str, str] = {}

    def pieces(self, titles: Iterable[Mapping[Language, str]]) -> list[frozenset[str]]:
        """Given titles by language (`en`, `ko`), return for each what is compared; numbers tell nothing."""
        given = list(titles)
        english = [self._words(one["en"]) for one in given]
        self._meet({word for words in english for word in words})
        found = [frozenset(self._met[word] for word in words) for words in english]
        return [one if len(one) >= POOR else one | _korean(title["ko"])
                for one, title in zip(found, given, strict=True)]  # fmt: skip

    def weight(self, piece: str) -> float:
        """How much a piece counts, however rare it is."""
        return FAINT if piece in self._common.faint else 1.0

    def _words(self, title: str) -> list[str]:
        plain = unicodedata.normalize("NFKC", title).casefold().replace("'s", "").replace("’s", "")
        return [word for word in _WORD.findall(plain) if word not in self._common.silent and not word.isdecimal()]

    def _meet(self, words: set[str]) -> None:
        new = sorted(words - self._met.keys())
        for word, stem in zip(new, _stemmed(self._stems, new), strict=True):
            self._met[word] = self._common.same.get(stem, stem)


def _common(stems: Stems) -> Common:
    given = yaml.load((files(__package__) / "words.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    groups = [_stemmed(stems, line.split()) for line in given["same"].splitlines()]
    return Common(
        silent=frozenset(given["silent"].split()), faint=frozenset(_stemmed(stems, given["faint"].split())),
        same={stem: group[0] for group in groups for stem in group},
    )  # fmt: skip


def _stemmed(stems: Stems, words: Sequence[str]) -> list[str]:
    return [_closer(stem) for stem in stems.of(words)]


def _closer(stem: str) -> str:
    """What Porter's stems still keep apart: snowy (`snowi`) and snow, leaves (`leav`) and leaf."""
    if stem.endswith("i") and len(stem) > 3:
        return stem[:-1]
    return f"{stem[:-1]}f" if stem.endswith("v") else stem


def _korean(title: str) -> frozenset[str]:
    """Pairs of syllables: particles at the ends of words change few of them. A word of one syllable is itself."""
    runs = _HANGUL.findall(unicodedata.normalize("NFC", title))
    return frozenset(run[at : at + 2] for run in runs for at in range(max(1, len(run) - 1)))
