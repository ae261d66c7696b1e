"""The fields of one item, wherever they stand in it and whatever they are called; tags from text, lists and objects."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stockgen.answers.keys import Field, is_language, place
from stockgen.answers.scripts import english, hangul, latin
from stockgen.domain.words import Language

MOST_TAGS = 60  # more is a loop; no market takes more than 50
TAG_LONGEST = 50  # characters
DEEPEST = 6
MOST_LEAVES = 400
_NUMBER = re.compile(r"^\s*(?:[-*•·]+\s*|\(?\d{1,3}[.)]\s*)")
_TAG_NAMES = ("name", "tag", "value", "text", "keyword", "label", "word", "term")
_PAIRS = (('"', '"'), ("'", "'"), ("`", "`"), ("“", "”"), ("‘", "’"), ("「", "」"), ("«", "»"), ("„", "“"))


def _texts() -> dict[Language, str]:
    return {"en": "", "ko": ""}


def _lists() -> dict[Language, list[str]]:
    return {"en": [], "ko": []}


@dataclass(slots=True)
class Fields:
    """One item's fields; "" and [] = not given."""

    prompt: str = ""
    weak: str = ""
    title: dict[Language, str] = field(default_factory=_texts)
    description: dict[Language, str] = field(default_factory=_texts)
    tags: dict[Language, list[str]] = field(default_factory=_lists)
    category: str = ""
    use: str = ""


def gather(item: Mapping[str, Any]) -> Fields:
    """The fields of `item`; the first that says something counts. Never raises."""
    fields = Fields()
    for path, value in leaves(item):
        kind, language = place(path)
        if kind is None and language is not None:
            kind = "title"  # `Korean: …` beside a title
        if kind is not None and kind != "aside":
            _take(fields, kind, language, value)
    if not fields.prompt and len(fields.weak.split()) > 3:
        fields.prompt = fields.weak
    elif fields.weak and not any(fields.title.values()):
        fields.title["ko" if hangul(fields.weak) else "en"] = fields.weak
    return fields


def leaves(item: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Texts and lists, each with the keys that lead to it; a list of objects is one leaf for tags, else its parts."""
    left = MOST_LEAVES
    waiting: list[tuple[tuple[str, ...], Any]] = [((), item)]
    while waiting and left:
        left -= 1
        path, value = waiting.pop()
        if isinstance(value, Mapping) and len(path) < DEEPEST:
            if place(path)[0] == "tags" and not all(is_language(str(key)) for key in value):
                yield path, _names(value)
                continue
            waiting += [((*path, str(key)), one) for key, one in reversed(list(value.items()))]
        elif isinstance(value, list | set):
            value = value if isinstance(value, list) else sorted(map(str, value))  # tags between braces, in Python
            objects = [one for one in value if isinstance(one, Mapping)]
            if objects and place(path)[0] == "tags":
                waiting += [(path, one) for one in reversed(value[:MOST_TAGS])]
            else:
                yield path, [str(one) for one in value if isinstance(one, str | int | float)]
        elif isinstance(value, str | int | float):
            yield path, value if isinstance(value, str) else str(value)


def _names(tag: Mapping[str, Any]) -> str:
    """`{name: spring, weight: 0.9}` → spring; `{spring: 1, flower: 2}` → spring, flower."""
    texts = {str(key).casefold(): one for key, one in tag.items() if isinstance(one, str)}
    named = next((texts[name] for name in _TAG_NAMES if name in texts), None)
    return named or ", ".join(texts.values()) or ", ".join(map(str, tag))


def _take(fields: Fields, kind: Field, language: Language | None, value: Any) -> None:
    if kind == "tags":
        for tag in tags_of(value):
            fields.tags[language or ("ko" if hangul(tag) else "en")].append(tag)
        for listed in fields.tags.values():
            del listed[MOST_TAGS:]
        return
    for text in map(clean, value if isinstance(value, list) and kind == "title" else [_joined(value)]):
        if kind in ("title", "description"):
            texts = fields.title if kind == "title" else fields.description
            there = language or ("ko" if hangul(text) > latin(text) / 2 else "en")
            texts[there] = texts[there] or text
        elif kind == "prompt":
            # English wherever it was given: some models write the prompt in both languages.
            fields.prompt = (
                text if not fields.prompt or (english(text) and not english(fields.prompt)) else fields.prompt
            )
        elif kind in ("weak", "category", "use"):
            setattr(fields, kind, getattr(fields, kind) or text)


def _joined(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def clean(text: str) -> str:
    """One line without quotes around it, list numbers, markdown stars or HTML's spellings."""
    plain = " ".join(html.unescape(text).replace("**", "").replace("\\n", " ").split())
    return _unquoted(_NUMBER.sub("", plain).strip("*_` "))


def _unquoted(text: str) -> str:
    """Without a pair of quotes around the whole, and without one whose other half is missing."""
    for first, last in _PAIRS:
        if len(text) > 1 and text[0] == first and text[-1] == last and first not in text[1:-1]:
            return text[1:-1].strip()
    return text.strip('"').strip() if text.count('"') == 1 else text


def tags_of(value: Any) -> list[str]:
    """`a, b` · `#a #b` · `["a", "b"]` as text · `1. a` on lines of their own · lists of any of these → tags."""
    if isinstance(value, list):
        return [tag for one in value[:MOST_TAGS] for tag in tags_of(one)][:MOST_TAGS]
    text = str(value).strip()
    if text[:1] == "[" and text[-1:] == "]":
        text = _unpacked(text)
    parts = re.split(r"[,;|\n、，；·]|\s#|(?<=\w)#", text.lstrip("#"))
    if len(parts) == 1 and "_" not in text and len(text.split()) > 3:
        parts = text.split()
    kept = (_unquoted(clean(part).strip("# .[]")) for part in parts)
    return [tag for tag in kept if tag and len(tag) <= TAG_LONGEST and (hangul(tag) or latin(tag))][:MOST_TAGS]


def _unpacked(text: str) -> str:
    try:
        return ", ".join(str(one) for one in json.loads(text))
    except (ValueError, RecursionError):
        return text[1:-1]
