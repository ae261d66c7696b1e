"""What a key means, however it is spelled: `Title_KR`, `korean title`, `제목`, `promptEnglish`, `desciption`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

from stockgen.domain.words import Language

Field = Literal["prompt", "title", "description", "tags", "category", "use", "weak", "aside"]

_WORDS: dict[Field, tuple[str, ...]] = {
    "aside": ("negative", "부정", "네거티브", "filename", "model", "seed"),
    "prompt": ("prompt", "prompts", "프롬프트", "visual"),
    "title": ("title", "titles", "name", "headline", "heading", "제목", "타이틀", "이름"),
    "description": ("description", "descriptions", "desc", "summary", "caption", "설명", "묘사"),
    "tags": ("tags", "tag", "keywords", "keyword", "hashtags", "hashtag", "태그", "키워드", "해시태그", "검색어"),
    "category": ("category", "categories", "genre", "분류", "카테고리"),
    "use": ("use", "uses", "usage", "purpose", "용도", "쓰임", "활용"),
    "weak": ("idea", "concept", "scene", "subject", "image", "theme", "text", "아이디어", "장면", "소재", "이미지"),
}  # fmt: skip
_LANGUAGES: dict[Language, tuple[str, ...]] = {
    "en": ("en", "eng", "english", "us", "gb", "영어", "영문"),
    "ko": ("ko", "kr", "kor", "korean", "한국어", "한글", "국문", "한국말"),
}
_LONG = [word for words in _WORDS.values() for word in words if len(word) > 4 and word.isascii()]
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPLIT = re.compile(r"[^0-9a-z가-힣]+")
ALIKE = 0.8  # of difflib's ratio; `promt`, `titel` and `catagory` are above it, `theme` and `scheme` stay apart


@lru_cache(maxsize=4096)
def meaning(key: str) -> tuple[Field | None, Language | None]:
    """The field and the language that a key speaks of; None where it says nothing about it."""
    words = _words(key)
    language = next((code for word in words if (code := _language(word))), None)
    said = {known for word in words if (known := _field(word)) is not None}
    if "aside" in said:
        return "aside", language
    if "description" in said and ("weak" in said or "prompt" in said):
        return "prompt", language
    return next((known for known in _WORDS if known in said), None), language


def place(path: Sequence[str]) -> tuple[Field | None, Language | None]:
    """The same for a key within keys: the innermost that says something counts; a prompt's title is a title."""
    field: Field | None = None
    language: Language | None = None
    for key in reversed(path):
        its_field, its_language = meaning(key)
        if its_field == "aside":
            return "aside", None
        if its_field is not None and (field is None or (field == "weak" and its_field != "weak")):
            field = its_field
        language = language or its_language
    return field, language


def is_language(key: str) -> bool:
    """Whether a key says nothing but a language."""
    field, language = meaning(key)
    return field is None and language is not None and len(_words(key)) == 1


def _words(key: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", key[:80])
    words = [word for word in _SPLIT.split(_CAMEL.sub(" ", plain).casefold()) if word]
    return [part for word in words for part in _parts(word)]


def _parts(word: str) -> list[str]:
    """`titleen` → title en; `한글제목` → 한글 제목."""
    if word.isascii():
        for words in _WORDS.values():
            for known in words:
                if word.startswith(known) and _language(word[len(known) :]):
                    return [known, word[len(known) :]]
        return [word]
    inside = [known for words in (*_WORDS.values(), *_LANGUAGES.values()) for known in words if known in word]
    return [known for known in inside if not known.isascii()] or [word]


def _language(word: str) -> Language | None:
    return next((code for code, words in _LANGUAGES.items() if word in words), None)


def _field(word: str) -> Field | None:
    exact = next((field for field, words in _WORDS.items() if word in words), None)
    if exact is not None or len(word) < 4 or not word.isascii() or _language(word):
        return exact
    near = get_close_matches(word, _LONG, n=1, cutoff=ALIKE)
    return _field(near[0]) if near else None
