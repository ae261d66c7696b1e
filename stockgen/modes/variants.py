"""The texts that an order's subject or prompt stands for, one after the other; one text where it has no variants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

from stockgen.data.templates import Template, is_template, parse, rounds
from stockgen.domain.words import Order
from stockgen.modes.material import Material
from stockgen.modes.reading import Reading
from stockgen.modes.wording import has_hangul, is_latin

SAMPLE = 40  # texts of a template that are looked at before anything is made of it
SHOWN = 3  # of them, told as examples
_WORD = r"[^\s,.;:!?(){}\[\]|<>\"]"
_HANGUL = re.compile(rf"{_WORD}*[가-힣ㄱ-ㅎㅏ-ㅣ]{_WORD}*(?:\s+{_WORD}*[가-힣ㄱ-ㅎㅏ-ㅣ]{_WORD}*)*")


@dataclass(frozen=True, slots=True)
class Variant:
    """One text, and the values that were chosen for it."""

    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """What is told about an order before anything is made of it.

    `meant`: its subject in English, "" where it was English before. `unknown`: words that are left out of its prompts.
    `texts`: how many different ones it stands for, 0 = it has no variants. `nothing`: no word of it can be drawn.
    """

    meant: str = ""
    unknown: tuple[str, ...] = ()
    texts: int = 0
    nothing: bool = False


def variants(text: str, material: Material, rng: Random) -> Iterator[Iterator[Variant]]:
    """Rounds without end: in each, every text once. Raises JobFileError where its variants can't be understood."""
    if not is_template(text):
        while True:
            yield iter((Variant(text),))
    for one in rounds(parse(text, material.wildcards), rng):
        yield (Variant(chosen.text, tuple(chosen.choices)) for chosen in one)


def readings(order: Order, material: Material, rng: Random) -> Iterator[tuple[str, Reading]]:
    """(text, what it means) of an order's subject without end; none where no word of it can be put into English."""
    for one in variants(order.subject, material, rng):
        anything = False
        for variant in one:
            reading = material.reader.read(variant.text)
            if reading.en:
                anything = True
                yield variant.text, reading
        if not anything:
            return


def english(text: str, material: Material) -> tuple[str, tuple[str, ...]]:
    """A prompt that an English encoder understands, and the words that had to be left out of it.

    Everything that is not Hangul stays as it was written; the prompt is "" where no word is left.
    """
    if not has_hangul(text):
        return text, ()
    unknown: list[str] = []

    def translated(found: re.Match[str]) -> str:
        reading = material.reader.read(found[0])
        unknown.extend(reading.unknown)
        return reading.prompt

    told = re.sub(r"\s+(?=[,.])|^[\s,]+", "", _HANGUL.sub(translated, text))
    return told if any(sign.isalpha() for sign in told) else "", tuple(dict.fromkeys(unknown))


def understood(order: Order, material: Material) -> Understood:
    """What an order's words mean. Raises JobFileError where its variants can't be understood."""
    unsaid = bool(order.style) and not material.style(order).prompt and not is_latin(order.style)
    style = (order.style,) if unsaid else ()
    if order.mode == "random" or (order.mode == "dynamic" and not order.theme):
        return Understood(unknown=style)
    text = {"exact": order.prompt, "dynamic": order.theme}.get(order.mode, order.subject)
    template = parse(text, material.wildcards) if order.mode != "dynamic" and is_template(text) else None
    meant, unknown, nothing = _meant(_sample(text, template), order.mode == "exact", material)
    shown = " / ".join(meant[:SHOWN]) + (" / …" if len(meant) > SHOWN else "")
    return Understood(
        meant=shown if not is_latin(text) or any(map(has_hangul, _sample(text, template))) else "",
        unknown=(*unknown, *style),
        texts=template.combinations if template else 0,
        nothing=nothing and not order.season,
    )


def _sample(text: str, template: Template | None) -> list[str]:
    if template is None:
        return [text]
    return [chosen.text for chosen in islice(next(rounds(template, Random(0))), SAMPLE)]


def _meant(texts: list[str], exact: bool, material: Material) -> tuple[list[str], tuple[str, ...], bool]:
    """(what the texts mean, words that are left out, whether none means anything)."""
    meant: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for text in texts:
        if exact:
            told, left = english(text, material)
        else:
            reading = material.reader.read(text)
            told, left = reading.en, reading.unknown
        meant |= {told: None} if told else {}
        unknown |= dict.fromkeys(left)
    return list(meant), tuple(unknown), not meant
