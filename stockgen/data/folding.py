"""The form in which texts and names are compared, with the way back to where each sign stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

APOSTROPHES = "'’‘ʼ`´"
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})  # no accents to Unicode
_ODD = re.compile(r"[^ -&(-_a-~\t\n가-힣]")  # all but ASCII and Hangul, and what folding takes away


@dataclass(frozen=True, slots=True)
class Folded:
    """`text`: compatible forms made one, small letters, no accents and no apostrophes. `at`: for each of its signs, and
    for its end, where that stands in the text that was folded.
    """

    text: str
    at: Sequence[int]


def fold(text: str) -> Folded:
    """Fold a text in the form NFC."""
    if _ODD.search(text) is None:
        return Folded(text.lower(), range(len(text) + 1))
    signs = [(sign, at) for at, raw in enumerate(text) for sign in _sign(raw)]
    return Folded("".join(sign for sign, _ in signs), [*(at for _, at in signs), len(text)])


def is_hangul(sign: str) -> bool:
    """Whether `sign` is a Korean syllable."""
    return "가" <= sign <= "힣"


@lru_cache(maxsize=4096)
def _sign(raw: str) -> str:
    if is_hangul(raw):
        return raw
    if raw in APOSTROPHES:
        return ""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", raw).casefold().translate(_LETTERS))
    return unicodedata.normalize("NFC", "".join(sign for sign in plain if not unicodedata.combining(sign)))
