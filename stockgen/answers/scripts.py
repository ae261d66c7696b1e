"""Which script a text is written in: what tells Korean from English, and both from what slipped in from Chinese."""

from __future__ import annotations

import re

_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")
_LATIN = re.compile(r"[A-Za-z]")
# Han with its extensions, Hiragana, Katakana, Bopomofo
_HAN = re.compile(
    r"[\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]"
)
_GLOSS = re.compile(rf"\s*[(（\[]\s*(?:{_HAN.pattern}|[·\s])+\s*[)）\]]")


def hangul(text: str) -> int:
    """How many Korean letters."""
    return len(_HANGUL.findall(text))


def latin(text: str) -> int:
    """How many Latin letters."""
    return len(_LATIN.findall(text))


def han(text: str) -> bool:
    """Whether a Chinese or Japanese character is in it."""
    return bool(_HAN.search(text))


def korean(text: str) -> bool:
    """Whether it can be Korean: some Hangul, nothing of Chinese or Japanese."""
    return hangul(text) > 0 and not han(text)


def english(text: str) -> bool:
    """Whether it can be English: Latin letters, no Hangul, nothing of Chinese or Japanese."""
    return latin(text) > 0 and not hangul(text) and not han(text)


def without_gloss(text: str) -> str:
    """`한옥(韓屋)` → `한옥`: the Chinese spelling in brackets behind a Korean word says nothing new."""
    return _GLOSS.sub("", text) if hangul(text) else text
