"""When two tags are the same one to a reviewer: singular and plural, spaces and hyphens, forms of one word."""

from __future__ import annotations

import re
from functools import lru_cache

LEAST = 3  # letters that are left of a word without its ending; shorter ones are other words (ring, bed)
_KOREAN_ENDINGS = ("적인", "스러운", "한", "의")  # 모던한 = 모던, 로맨틱한 = 로맨틱
_SPELLED = {"colour": "color", "grey": "gray", "centre": "center", "xmas": "christmas"}


@lru_cache(maxsize=8192)  # thousands of ideas are told by the same few thousand tags
def likeness(tag: str) -> str:
    """What is equal for tags that say the same; `tag` composed (NFC)."""
    words = [_english(word) for word in re.split(r"[\s\-_'’.]+", tag.casefold()) if word]
    return _korean("".join(words))


def _english(word: str) -> str:
    if not word.isascii():
        return word
    word = _singular(word)
    word = _SPELLED.get(word, word)
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= LEAST:
            word = stem[:-1] if stem[-1] == stem[-2] and stem[-1] not in "ls" else stem
            break
    return word.removesuffix("e") if len(word) > LEAST else word


def _singular(word: str) -> str:
    if len(word) > LEAST + 1 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > LEAST + 1 and word.endswith(("ses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _korean(word: str) -> str:
    for ending in _KOREAN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            return word.removesuffix(ending)
    return word
