"""A writer that says what a test wants and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.domain.errors import WriterError, WriterLacks
from stockgen.domain.protocols import Brief
from stockgen.writers._words import WordsOnly


class Scripted(WordsOnly):
    """Answers in turn, the last one for ever; an error among them is raised."""

    name = "scripted"

    def __init__(self, answers: Sequence[str | WriterError]) -> None:
        self._answers = list(answers)
        self.briefs: list[Brief] = []

    def missing(self) -> WriterLacks | None:
        """Nothing."""
        return None

    def write(self, brief: Brief) -> str:
        """The next answer."""
        self.briefs.append(brief)
        now = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(now, WriterError):
            raise now
        return now
