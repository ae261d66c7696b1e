"""The rules by which prompts are put to image models: `vocabulary/prompting.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

from pydantic import Field

from stockgen.data import Shelf
from stockgen.data.clauses import joined, parted
from stockgen.data.closed import Closed, parsed

KIND, FILE = "vocabulary", "prompting"
GROUND = "{ground}"


class Sentence(Closed):
    """`clause`: a pattern that a whole clause fits; `say`: the sentence that is made of its groups."""

    clause: str
    say: str


class Alone(Closed):
    """`say`: what is added to the prompt of something that will be cut out, unless it has one of `said`, as words."""

    say: str
    said: tuple[str, ...]


class Ground(Closed):
    """`say`: a ground to be cut away; `unless`: words for things that would not stand out from it."""

    say: str
    unless: tuple[str, ...]


class Prompting(Closed):
    """`lead_ins`: beginnings that say nothing. `quality`: words that only some models know. `instead`: thing → what to
    say of a picture without it. `unwanted`: Korean words for what should not be seen → English. `exclusive`: group →
    what of it → the words that say so. `sentences`: rules by which clauses of a list become sentences. `cut_out`: what
    is said of things that will be cut out; `grounds`: what they are drawn on, the first that they stand out from.
    """

    lead_ins: tuple[str, ...]
    quality: tuple[str, ...]
    instead: Mapping[str, str]
    unwanted: Mapping[str, str]
    exclusive: Mapping[str, Mapping[str, tuple[str, ...]]]
    sentences: tuple[Sentence, ...]
    cut_out: tuple[Alone, ...]
    grounds: tuple[Ground, ...] = Field(min_length=1)

    @cached_property
    def leading(self) -> re.Pattern[str]:
        """Any of the beginnings."""
        return re.compile(rf"^\W*(?:{_any(self.lead_ins)})\s+", re.IGNORECASE)

    @cached_property
    def said(self) -> Mapping[str, Mapping[str, re.Pattern[str]]]:
        """Group → what of it → whether a text says so."""
        return {group: {what: _words(words) for what, words in each.items()} for group, each in self.exclusive.items()}

    @cached_property
    def rewrites(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """The rules for sentences."""
        return tuple((re.compile(one.clause, re.IGNORECASE), one.say) for one in self.sentences)

    def alone(self, text: str, *, ground: bool = True) -> str:
        """A prompt of something that will be cut out: it says that it is one whole thing, and on what it stands.

        What is said already is not said again. It follows the first clause, because encoders that read little read the
        beginning. `ground`: False = whoever draws it leaves the background away.
        """
        on = next((one.say for one in self.grounds if not _words(one.unless).search(text)), self.grounds[0].say)
        wanted = [one for one in self.cut_out if ground or GROUND not in one.say]
        added = [one.say.replace(GROUND, on) for one in wanted if not _words(one.said).search(text)]
        first, *rest = parted(text) or [("", "")]
        if not added or not first[0]:
            return text
        sign = first[1] if rest else ""
        return joined([(first[0], ","), *((one, ",") for one in added[:-1]), (added[-1], sign), *rest])

    def consistent(self, text: str) -> str:
        """Without later clauses that contradict an earlier one; what stands first is what the picture is of."""
        doubtful = [each for each in self.said.values() if sum(bool(one.search(text)) for one in each.values()) > 1]
        parts = parted(text) if doubtful else []
        lost: set[int] = set()
        for each in doubtful:
            holds = ""
            for at, (clause, _) in enumerate(parts):
                says = [what for what, pattern in each.items() if pattern.search(clause)]
                if len(says) == 1 and at not in lost:
                    holds = holds or says[0]
                    lost |= {at} if says[0] != holds else set()
        return joined(part for at, part in enumerate(parts) if at not in lost) if lost else text


def load_prompting(shelf: Shelf) -> Prompting:
    """The shipped rules with the user's over them. Raises ConfigError naming the key."""
    return parsed(Prompting, f"{KIND}/{FILE}.yaml", shelf.load(KIND, FILE))


@lru_cache(maxsize=64)
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    """One of these, whole and in any case."""
    return re.compile(rf"(?<!\w)(?:{_any(words)})(?!\w)", re.IGNORECASE)


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
