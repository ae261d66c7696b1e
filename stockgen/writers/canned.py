"""A writer that reads its answers from a file: ideas that were asked for elsewhere, and a stand-in for tests."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from stockgen.domain.errors import WriterAway, WriterLacks
from stockgen.domain.protocols import Brief, Home, Writer
from stockgen.writers._words import WordsOnly

BETWEEN = "\n===\n"  # a line of its own between two answers


class Options(BaseModel):
    """`answers`: a text file below `my/` with one answer, or several with a line `===` between two of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: Path


class Canned(WordsOnly):
    """Gives the answers of its file in turn, beginning anew at its end."""

    def __init__(self, path: Path) -> None:
        self.name = f"canned/{path.name}"
        self._path = path
        self._given = 0

    def missing(self) -> WriterLacks | None:
        """That its file is not there."""
        return None if self._path.is_file() else WriterLacks("canned_missing", path=str(self._path))

    def write(self, brief: Brief) -> str:
        """The next answer. Raises WriterAway where the file can't be read, WriterLacks where there is a picture."""
        if brief.images:
            raise WriterLacks("writer_blind", writer=self.name)
        try:
            answers = self._path.read_text(encoding="utf-8").split(BETWEEN)
        except (OSError, UnicodeDecodeError) as error:
            raise WriterAway("canned_unreadable", path=str(self._path), detail=str(error)) from error
        self._given += 1
        return answers[(self._given - 1) % len(answers)]


def build(options: Options, home: Home) -> Writer:
    """The writer; nothing is read yet."""
    return Canned(home.my / options.answers)
