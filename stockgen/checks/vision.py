"""What a model that sees says of a picture: four marks, 0 to 10, and a caption. Text in, findings out; asks nobody.

Other checks measure pixels; hands with six fingers, letters that are no letters, and somebody's logo only a model sees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from stockgen.checks.findings import Finding
from stockgen.domain.errors import BadAnswer
from stockgen.domain.protocols import Brief
from stockgen.domain.words import Language

SIDE = 768  # pixels of the longer side that a model is shown: models of 2 to 8 billion weights see no more
TOP = 10.0
# What is marked, the worst first, and the question that each mark answers. 10 is always good, because small models
# mix up scales that run both ways.
ASPECTS: Mapping[str, str] = MappingProxyType({
    "hands": "Are hands, fingers, faces and limbs formed as in nature? 10 = there are none, or all are right",
    "text": "Is the picture free of letters, words, signatures and watermarks? 10 = none at all",
    "logos": "Is it free of logos, brands and products that people would recognise? 10 = none at all",
    "composition": "Is it a picture that a stock agency would take: sharp subject, nothing cut off, nothing broken?",
})  # fmt: skip
CAPTION = (20, 300)  # characters that a caption may have
_CAPTIONS: Mapping[Language, str] = MappingProxyType({"en": "caption_en", "ko": "caption_ko"})
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_HANGUL, _LATIN_ONLY = re.compile("[가-힣]"), re.compile(r"[\x20-\x7e‘’“”–—]+")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_SYSTEM = "You examine pictures for a stock agency. You look closely, answer with JSON only and never guess."


@dataclass(frozen=True, slots=True)
class Seen:
    """`marks`: aspect → 0 (bad) to 10 (good). `caption`: what is seen, in a sentence; only languages in which it can be
    used.
    """

    marks: Mapping[str, float]
    caption: Mapping[Language, str]

    def findings(self, least: float) -> list[Finding]:
        """One for each aspect: it passes with `least` marks or more."""
        return [Finding(name, self.marks[name], least, at_least=True) for name in ASPECTS]


def brief(picture: bytes, meant: str) -> Brief:
    """The question for a picture (bytes of a JPEG or PNG); `meant`: the prompt by which it was made."""
    marked = "\n".join(f"- {name}: {question}" for name, question in ASPECTS.items())
    text = (
        f"This picture was made by a program that was told: {meant}\n\n"
        f"Give each of these a mark from 0 to 10:\n{marked}\n"
        "- caption_en: one English sentence that tells what is seen, without opinion\n"
        "- caption_ko: the same sentence in natural Korean, in Hangul only"
    )
    return Brief(text=text, system=_SYSTEM, schema=_schema(), tokens=400, temperature=0.0, images=(picture,))


def seen(items: Sequence[Mapping[str, Any]]) -> Seen:
    """What the first of an answer's objects says. Raises BadAnswer where a mark is missing or no number."""
    given = items[0] if items else {}
    marks = {name: _mark(given.get(name)) for name in ASPECTS}
    missing = [name for name, mark in marks.items() if mark is None]
    if missing:
        raise BadAnswer("no_marks", missing=", ".join(missing))
    captions = {language: _caption(given.get(key), language) for language, key in _CAPTIONS.items()}
    return Seen(
        {name: mark for name, mark in marks.items() if mark is not None},
        {language: text for language, text in captions.items() if text},
    )


def _schema() -> dict[str, Any]:
    marks: dict[str, Any] = {name: {"type": "integer", "minimum": 0, "maximum": 10} for name in ASPECTS}
    texts = {key: {"type": "string"} for key in _CAPTIONS.values()}
    return {"type": "object", "properties": marks | texts, "required": [*marks, *texts]}


def _mark(value: Any) -> float | None:
    """8, 8.0, "8", "8/10", {"score": 8}; nothing else is a mark."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("score", "mark", "value", "rating") if key in value), None)
    if isinstance(value, str):
        found = _NUMBER.match(value.strip())
        value = float(found[0]) if found else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= TOP else None


def _caption(value: Any, language: Language) -> str:
    """The caption where it can be used in that language, else ""."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    least, most = CAPTION
    right = (
        bool(_LATIN_ONLY.fullmatch(text)) if language == "en" else bool(_HANGUL.search(text) and not _HAN.search(text))
    )
    return text if right and least // (2 if language == "ko" else 1) <= len(text) <= most else ""
