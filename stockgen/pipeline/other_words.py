"""Other words for a prompt that was refused: how a text model is asked for them, and what is taken of its answer.

Runs in the thread of the text model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event
from types import MappingProxyType
from typing import Any

from stockgen.answers import read
from stockgen.answers.fields import gather
from stockgen.answers.scripts import english
from stockgen.data.lint import SILENT
from stockgen.data.prompts import Prompts
from stockgen.domain.protocols import Brief
from stockgen.domain.words import Idea
from stockgen.ledger.reworded import Reworded
from stockgen.pipeline.lawful import Clear
from stockgen.pipeline.writing import Stopwatch

TRIES = 2  # answers that can't be used, after which there are no other words
LONGEST = 600  # characters of other words; a longer prompt may become half as long again
TOKENS = 500  # of an answer
_SCHEMA: Mapping[str, Any] = MappingProxyType(
    {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]}
)

Wording = tuple[str, str]  # who refused it, and the words


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """Who finds other words: the text model, what it is told, and what words are held against."""

    writer: Stopwatch
    prompts: Prompts
    clear: Clear


@dataclass(frozen=True, slots=True)
class Asked:
    """One wording for which others are wanted. `idea`: whose prompt it is."""

    told: Reworded
    idea: Idea

    @property
    def wording(self) -> Wording:
        """What it is known by."""
        return self.told.by, self.told.before


def found(thesaurus: Thesaurus, asked: Sequence[Asked], dropped: Event) -> Iterator[Reworded]:
    """Each wording with others; without where no answer could be used. Raises WriterAway, WriterLacks."""
    for one in asked:
        if dropped.is_set():
            return
        words = _words(thesaurus, one)
        yield replace(one.told, words=words, writer=thesaurus.writer.name if words else "")


def _words(thesaurus: Thesaurus, one: Asked) -> str:
    longest = max(LONGEST, len(one.told.before) * 3 // 2)
    _, _, why = one.told.why.partition("detail=")
    places = {"prompt": " ".join(one.told.before.split()), "why": why, "longest": str(longest)}
    text = thesaurus.prompts.templates["rephrase"].filled(places)
    for seed in range(TRIES):
        brief = Brief(text=text, schema=_SCHEMA, tokens=TOKENS, temperature=0.5, seed=seed)
        answer = read(thesaurus.writer.write(brief))
        for item in () if answer.cut else answer.items:
            words = " ".join(gather(item).prompt.split()).strip(" \"'")
            if _usable(words, one, longest, thesaurus.clear):
                return words
    return ""


def _usable(words: str, one: Asked, longest: int, clear: Clear) -> bool:
    """Whether they are other words, in English, short enough, without names that no market takes, and do not contradict
    themselves where the first ones did not.
    """
    if not english(words) or len(words) > longest or _bare(words) == _bare(one.told.before):
        return False
    if clear.lint().found(words, but=SILENT):
        return False
    return clear.consistent(replace(one.idea, prompt=words)) or not clear.consistent(one.idea)


def _bare(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
