"""The rules by which prompts are put to image models: `vocabulary/prompting.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from stockgen.data import Shelf
from stockgen.data.closed import Closed, parsed

KIND, FILE = "vocabulary", "prompting"


class Sentence(Closed):
    """`clause`: a pattern that a whole clause fits; `say`: the sentence that is made of its groups."""

    clause: str
    say: str


class Prompting(Closed):
    """`lead_ins`: beginnings that say nothing. `quality`: words that only some models know. `instead`: thing → what to
    say of a picture without it. `exclusive`: group → what of it → the words that say so. `sentences`: rules by which
    clauses of a list become sentences.
    """

    lead_ins: tuple[str, ...]
    quality: tuple[str, ...]
    instead: Mapping[str, str]
    exclusive: Mapping[str, Mapping[str, tuple[str, ...]]]
    sentences: tuple[Sentence, ...]

    @cached_property
    def leading(self) -> re.Pattern[str]:
        """Any of the beginnings."""
        return re.compile(rf"^\W*(?:{_any(self.lead_ins)})\s+", re.IGNORECASE)

    @cached_property
    def said(self) -> Mapping[str, Mapping[str, re.Pattern[str]]]:
        """Group → what of it → whether a text says so."""
        return {
            group: {what: re.compile(rf"(?<!\w)(?:{_any(words)})(?!\w)", re.IGNORECASE) for what, words in each.items()}
            for group, each in self.exclusive.items()
        }

    @cached_property
    def rewrites(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """The rules for sentences."""
        return tuple((re.compile(one.clause, re.IGNORECASE), one.say) for one in self.sentences)


def load_prompting(shelf: Shelf) -> Prompting:
    """The shipped rules with the user's over them. Raises ConfigError naming the key."""
    return parsed(Prompting, f"{KIND}/{FILE}.yaml", shelf.load(KIND, FILE))


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
