"""Seasons and holidays, and what pictures for them are of."""

from __future__ import annotations

from collections.abc import Mapping

from stockgen.data import Shelf
from stockgen.data.closed import Closed, parsed
from stockgen.domain.words import Language

KIND, FILE = "vocabulary", "seasons"


class Season(Closed):
    """`words`: what else it is called. `subjects`: keys of the vocabulary that belong to it, the most wanted first.

    `themes_en`, `themes_ko`: what buyers look for then, in a few words each; equally many.
    """

    en: str
    ko: str
    words: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    themes_en: tuple[str, ...] = ()
    themes_ko: tuple[str, ...] = ()

    def said(self, language: Language) -> str:
        """Its name."""
        return self.ko if language == "ko" else self.en


def load_seasons(shelf: Shelf) -> Mapping[str, Season]:
    """All of `vocabulary/seasons.yaml` with the user's over it, by key. Raises ConfigError naming the key."""
    entries = shelf.load(KIND, FILE)
    return {key: parsed(Season, f"{KIND}/{FILE}.yaml", entry, key) for key, entry in entries.items()}
