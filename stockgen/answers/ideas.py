"""Items of an answer as ideas: every field where it belongs, in the language that it should be in, or a fault that says
what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from stockgen.answers.fields import Fields, gather
from stockgen.answers.scripts import english, han, hangul, korean, latin, without_gloss
from stockgen.domain.words import Language

PROMPT_WORDS = 4  # fewer say no more than the subject did
PROMPT_LONGEST = 2_000  # characters; text encoders see 77 to 512 tokens, the rest is a story
TITLE_LONGEST = 200  # characters: Adobe's own limit, the widest of the markets
_LOOP = re.compile(r"(?:^|\W)(\w{2,}(?:\W+\w+){0,4}?)(?:\W+\1){3,}(?:\W|$)", re.I)  # four times

Wrong = Literal[
    "no_prompt", "prompt_short", "prompt_long", "prompt_language", "loop",
    "no_title", "title_long", "not_english", "not_korean", "han", "no_tags",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with item `item` (from 1; 0 = with the whole answer). `field` such as `title.ko`; `text` as found.

    `lost`: the idea can't be used like that; the others are used and asked for once more.
    """

    code: Wrong | Literal["unreadable"]
    item: int = 0
    field: str = ""
    text: str = ""
    lost: bool = True


@dataclass(frozen=True, slots=True)
class WrittenIdea:
    """What a text model thought of, put in order. It always has a `prompt` in English and a `title` in both languages.

    `description` may be "" and `tags` () in either language. `category` and `use` are the model's own free words.
    """

    prompt: str
    title: Mapping[Language, str]
    description: Mapping[Language, str]
    tags: Mapping[Language, tuple[str, ...]]
    category: str = ""
    use: str = ""


def ideas(items: Sequence[Mapping[str, Any]]) -> tuple[list[WrittenIdea], list[Fault]]:
    """Those that can be used, equal ones once, and what is wrong with the others. Never raises."""
    good: list[WrittenIdea] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, item in enumerate(items, 1):
        fields = _at_home(gather(item))
        wrong = list(_faults(fields, number))
        faults += wrong
        marks = {_mark(fields.prompt), *(_mark(title) for title in fields.title.values())}
        if any(fault.lost for fault in wrong) or marks & seen:
            continue
        seen |= marks
        good.append(_idea(fields))
    return good, faults


def _idea(fields: Fields) -> WrittenIdea:
    tags: dict[Language, tuple[str, ...]] = {language: tuple(fields.tags[language]) for language in ("en", "ko")}
    return WrittenIdea(fields.prompt, dict(fields.title), dict(fields.description), tags, fields.category, fields.use)


def _mark(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _at_home(fields: Fields) -> Fields:
    """What stands under the wrong language goes to the right one, where that is sure."""
    for texts in (fields.title, fields.description):
        for language in texts:
            texts[language] = without_gloss(texts[language])
        _split(texts)
        en, ko = texts["en"], texts["ko"]
        if hangul(en) and not hangul(ko) and (not ko or english(ko)):
            texts["en"], texts["ko"] = ko, en
        elif ko and english(ko) and not en:
            texts["en"], texts["ko"] = ko, ""
    fields.tags = _tags_at_home(fields.tags)
    return fields


def _split(texts: dict[Language, str]) -> None:
    """`Cherry blossom / 벚꽃` and `벚꽃 (Cherry blossom)` hold both."""
    for mixed in (texts["en"], texts["ko"]):
        parts = [part for part in re.split(r"\s+[/|·–—-]\s+|\s*[/|]\s*|\s*\(([^()]{2,})\)\s*$", mixed) if part]
        if len(parts) != 2 or not hangul(mixed) or not latin(mixed):
            continue
        first, second = sorted(parts, key=hangul)
        if english(first) and korean(second) and latin(first) > 3 and latin(second) <= hangul(second):
            texts["en"], texts["ko"] = first.strip(), second.strip()
            return


def _tags_at_home(tags: Mapping[Language, Iterable[str]]) -> dict[Language, list[str]]:
    """By script; the same once; those with Chinese characters are left out. `DIY` among Korean tags stays there."""
    home: dict[Language, list[str]] = {"en": [], "ko": []}
    for language, listed in tags.items():
        for tag in map(without_gloss, listed):
            if han(tag) or not (hangul(tag) or latin(tag)):
                continue
            short = language == "ko" and tag.isupper()
            home["ko" if hangul(tag) or short else "en"].append(tag)
    return {
        language: list({tag.casefold(): tag for tag in reversed(listed)}.values())[::-1]
        for language, listed in home.items()
    }


def _faults(fields: Fields, number: int) -> Iterable[Fault]:
    prompt = fields.prompt
    if not prompt:
        yield Fault("no_prompt", number, "prompt")
    elif hangul(prompt) or han(prompt) or not latin(prompt):
        yield Fault("prompt_language", number, "prompt", prompt)
    elif len(prompt.split()) < PROMPT_WORDS:
        yield Fault("prompt_short", number, "prompt", prompt)
    elif len(prompt) > PROMPT_LONGEST:
        yield Fault("prompt_long", number, "prompt", prompt)
    elif _LOOP.search(prompt):
        yield Fault("loop", number, "prompt", prompt)
    yield from _title_faults(fields, number)
    for language, text in fields.description.items():
        if language == "ko" and han(text):
            yield Fault("han", number, "description.ko", text)
        elif text and not (english(text) if language == "en" else korean(text)):
            fields.description[language] = ""
    for language, listed in fields.tags.items():
        if not listed:
            yield Fault("no_tags", number, f"tags.{language}", lost=False)


def _title_faults(fields: Fields, number: int) -> Iterable[Fault]:
    for language, title in fields.title.items():
        field = f"title.{language}"
        if not title:
            yield Fault("no_title", number, field)
        elif language == "ko" and han(title):
            yield Fault("han", number, field, title)
        elif not (english(title) if language == "en" else korean(title)):
            yield Fault("not_english" if language == "en" else "not_korean", number, field, title)
        elif len(title) > TITLE_LONGEST:
            yield Fault("title_long", number, field, title)
        elif _LOOP.search(title):
            yield Fault("loop", number, field, title)
