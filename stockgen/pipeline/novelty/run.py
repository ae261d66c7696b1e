"""What is in memory while ideas are written: the ledger's ideas, read once and then as they come."""

from __future__ import annotations

import re
from array import array
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stockgen.domain.words import Idea, Language
from stockgen.ledger import Ledger, Row
from stockgen.pipeline.novelty.embedding import Embedder
from stockgen.pipeline.novelty.rule import SAME_MOTIF
from stockgen.pipeline.novelty.shelf import Shelf

SLICE = 500  # ideas that are read at once: the loop waits for a few milliseconds
AT_ONCE = 64  # texts that are embedded at once
BACKLOG = 1024  # ideas of earlier days that get their vectors in one run, the newest first
_MOST = 4  # ideas that are looked at as the same motif
_CLAUSE = re.compile(r"[,.;:|]")


def text(title: str, prompt: str) -> str:
    """What of an idea is embedded: its title, and of its prompt what stands before the first comma, where words about
    style and light begin.
    """
    return f"{title}. {_CLAUSE.split(prompt, maxsplit=1)[0].strip()}"


@dataclass(slots=True)
class _Asked:
    """An idea that was asked about and may come into the ledger. `number` on the shelf; None = it was too near."""

    vector: bytes
    number: int | None = None


class Run:
    """For one thread at a time."""

    def __init__(self, ledger: Ledger, embedder: Embedder) -> None:
        self._past, self._embedder = ledger.past, embedder
        embedder.begin()
        self._shelf = Shelf(embedder.dims)
        self._ids = array("q")  # by number; 0 = not in the ledger yet
        self._new: dict[int, Idea] = {}  # by number, those
        self._asked: dict[str, _Asked] = {}  # by prompt: titles may be mended before they are planned
        self._lacking: deque[tuple[int, Row]] = deque(maxlen=BACKLOG)
        self._read = 0
        self._read_on()

    def near(self, idea: Idea) -> tuple[str | None, tuple[str, ...]]:
        """The title of the earlier idea that is nearest, None = the idea is new and counts from now on; and the prompts
        of those that are the same motif.
        """
        self._read_on()
        self._measure()
        vector = next(iter(self._embedder.of([text(idea.title["en"], idea.prompt)])), b"")
        found = self._shelf.near(idea.title, vector, _MOST)
        told = [self._told(one.number) for one in found]
        asked = self._asked[idea.prompt] = _Asked(vector)
        if not found:
            asked.number = self._add([idea.title])[0]
            self._new[asked.number] = idea
            self._shelf.put(asked.number, vector)
        same = tuple(prompt for one, (_, prompt) in zip(found, told, strict=True) if vector and one.by >= SAME_MOTIF)
        return (told[0][0] if told else None), same

    def _told(self, number: int) -> tuple[str, str]:
        """An idea's English title and prompt."""
        if number in self._new:
            return self._new[number].title["en"], self._new[number].prompt
        row = self._past.told(self._ids[number])
        return row["title_en"], row["prompt"]

    def _read_on(self) -> None:
        """Take in what came into the ledger."""
        while rows := self._past.since(self._read, self._embedder.id, SLICE):
            self._read = rows[-1]["id"]
            self._take([row for row in rows if not self._known(row)])
            if len(rows) < SLICE:
                break

    def _known(self, row: Row) -> bool:
        """Whether this is an idea that was found new before: now it has an id."""
        asked = self._asked.get(row["prompt"])
        if asked is None or asked.number is None or asked.number not in self._new:
            return False
        self._ids[asked.number] = row["id"]
        self._new.pop(asked.number)
        if asked.vector:
            self._past.embed(self._embedder.id, [(row["id"], asked.vector)])
        return True

    def _take(self, rows: Sequence[Row]) -> None:
        titles: list[Mapping[Language, str]] = [{"en": row["title_en"], "ko": row["title_ko"]} for row in rows]
        numbers = self._add(titles)
        for number, row in zip(numbers, rows, strict=True):
            self._ids[number] = row["id"]
            if row["vector"]:
                self._shelf.put(number, row["vector"])
            elif self._embedder.id:
                self._lacking.append((number, row))

    def _measure(self) -> None:
        """Embed what came without a vector."""
        while self._lacking:
            some = [self._lacking.pop() for _ in range(min(AT_ONCE, len(self._lacking)))]
            vectors = self._embedder.of([text(row["title_en"], row["prompt"]) for _, row in some])
            if not vectors:
                self._lacking.clear()
                return
            for (number, _), vector in zip(some, vectors, strict=True):
                self._shelf.put(number, vector)
            kept = [(int(row["id"]), vector) for (_, row), vector in zip(some, vectors, strict=True)]
            self._past.embed(self._embedder.id, kept)

    def _add(self, titles: Sequence[Mapping[Language, str]]) -> range:
        self._ids.extend([0] * len(titles))
        return self._shelf.add(titles)
