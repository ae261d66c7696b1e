"""Korean words that the vocabulary does not know, put into English by a text model: those words only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from stockgen.answers.objects import pieces
from stockgen.answers.tidying import tidy
from stockgen.data.prompts import Prompts
from stockgen.domain.errors import BadAnswer
from stockgen.domain.protocols import Brief, Writer
from stockgen.domain.words import Order, Remark
from stockgen.modes.material import Material
from stockgen.modes.variants import understood
from stockgen.modes.wording import has_hangul, is_latin

TRIES = 2  # times that it is asked before the order is made without them
MOST_WORDS = 40  # of one call; an order with more is a text
LONGEST = 60  # characters of a translation
PARTS = 7  # words of it; more is a sentence
_SENTENCE = re.compile(r"[.!?;:<>{}\[\]|\\\"\n]|\b(?:is|are|means|refers)\b")
_SIGNS = ".,;:!?()[]\"'~"  # beside a word, no part of it
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "words": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"korean": {"type": "string"}, "english": {"type": "string"}},
                "required": ["korean", "english"],
            },
        }
    },
    "required": ["words"],
}


class Translator:
    """Puts orders into English: `Translator(material, writer, prompts)(order)`. A word is asked for once, however many
    orders have it. For one thread.
    """

    def __init__(self, material: Material, writer: Writer, prompts: Prompts) -> None:
        self._material = material
        self._writer = writer
        self._prompts = prompts
        self._known: dict[str, str] = {}

    def __call__(self, order: Order) -> tuple[Order, tuple[Remark, ...]]:
        """The order with English in place of the Korean words that the vocabulary does not know, and what is told of
        them; the same order and () where it knows all. Raises BadAnswer, WriterAway, WriterLacks.
        """
        wanted = phrases(order, self._material)
        new = [one for one in wanted if one not in self._known]
        if new:
            self._known |= self._asked(new, " / ".join(_texts(order).values()))
        found = {one: self._known[one] for one in wanted if one in self._known}
        if wanted and not found:
            raise BadAnswer("bad_translation", writer=self._writer.name, words=list(wanted))
        if not found:
            return order, ()
        texts = {key: _put(text, found) for key, text in _texts(order).items()}
        english = Order.from_json(order.to_json() | texts)
        said = [f"{korean} → {told}" for korean, told in found.items()]
        told = [Remark("plan.words_translated", order.line, {"words": said, "writer": self._writer.name})]
        left = [one for one in wanted if one not in found]
        return english, (*told, *([Remark("plan.unknown_words", order.line, {"words": left})] if left else []))

    def _asked(self, words: Sequence[str], text: str) -> dict[str, str]:
        asked = self._prompts.templates["translate"].filled(
            {"words": json.dumps(words, ensure_ascii=False), "text": text}
        )
        for attempt in range(TRIES):
            brief = Brief(text=asked, schema=_SCHEMA, tokens=60 * len(words) + 200, temperature=0.0, seed=attempt)
            found = dict(_pairs(self._writer.write(brief), words))
            if found:
                return found
        return {}


def phrases(order: Order, material: Material) -> tuple[str, ...]:
    """The unknown words of an order, those that stand together as one; only what can be replaced in its own text."""
    pattern = _pattern(one.strip(_SIGNS) for one in understood(order, material).unknown if has_hangul(one))
    found = (" ".join(match[0].split()) for text in _texts(order).values() for match in pattern.finditer(text))
    return tuple(dict.fromkeys(found))[:MOST_WORDS]


def _texts(order: Order) -> dict[str, str]:
    """The texts of an order that are drawn, by key."""
    return {key: text for key in ("subject", "prompt", "theme", "style") if (text := getattr(order, key))}


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    each = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"(?<![가-힣])(?:{each})(?:\s+(?:{each}))*(?![가-힣])")


def _put(text: str, english: Mapping[str, str]) -> str:
    plain = _pattern(english).sub(lambda found: english.get(" ".join(found[0].split()), found[0]), text)
    return plain if plain != text else _each(text, english)


def _each(text: str, english: Mapping[str, str]) -> str:
    for korean, told in sorted(english.items(), key=lambda pair: -len(pair[0])):
        text = _pattern([korean]).sub(lambda _, told=told: told, text)  # type: ignore[misc]
    return text


def _pairs(answer: str, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(Korean, English) of everything in an answer that can be used, whatever its form."""
    for piece in pieces(tidy(answer, [])):
        for korean, told in _told(piece.value, words):
            english = " ".join(told.strip().rstrip(".").split())
            if korean in words and _is_name(english):
                yield korean, english


def _told(value: Any, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for one in value:
            yield from _told(one, words)
    elif isinstance(value, Mapping):
        texts = [one.strip() for one in value.values() if isinstance(one, str)]
        korean = next((one for one in texts if one in words), "")
        if korean:
            yield from ((korean, one) for one in texts if one != korean and is_latin(one))
        for key, one in value.items():
            if isinstance(one, str):
                yield str(key).strip(), one
            else:
                yield from _told(one, words)


def _is_name(text: str) -> bool:
    """Whether it can stand for a thing in an English prompt: a few Latin words, no sentence."""
    named = any(sign.isalpha() for sign in text) and is_latin(text)
    return named and len(text) <= LONGEST and len(text.split()) <= PARTS and not _SENTENCE.search(text)
