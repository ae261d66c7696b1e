"""Stems of English words by Porter's algorithm (1980), as SQLite's full-text index has it: `stockgen find` compares by
the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

_TABLES = """
CREATE VIRTUAL TABLE said USING fts5(word, tokenize='porter unicode61 remove_diacritics 2', content='');
CREATE VIRTUAL TABLE stems USING fts5vocab(said, 'instance');
"""


class Stems:
    """Words and their stems, in a database of its own that is in memory only. For one thread at a time."""

    def __init__(self) -> None:
        self._raw = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._raw.executescript(_TABLES)

    def of(self, words: Sequence[str]) -> list[str]:
        """The stem of each word, in small letters and without accents; what has no letters is its own stem."""
        self._raw.executemany("INSERT INTO said (rowid, word) VALUES (?, ?)", enumerate(words))
        found = list(words)
        for at, stem in self._raw.execute("SELECT doc, term FROM stems ORDER BY doc, offset DESC"):
            found[at] = stem
        self._raw.execute("INSERT INTO said (said) VALUES ('delete-all')")
        return found

    def close(self) -> None:
        """Give its memory back."""
        self._raw.close()
