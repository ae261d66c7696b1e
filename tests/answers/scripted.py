"""A writer that says what a test wants and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.domain.errors import WriterError, WriterLacks
from stockgen.domain.protocols import Brief


class Scripted:
    """Answers in turn, the last one for ever; an error among them is raised."""

    name = "scripted"
    sees = False
    embeds = False

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

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """None."""
        raise WriterLacks("no_embedding", writer=self.name, texts=len(texts))

    def on_card(self) -> int:
        """Nothing."""
        return 0

    def needs(self) -> int:
        """Nothing."""
        return 0

    def release(self) -> None:
        """Nothing."""
