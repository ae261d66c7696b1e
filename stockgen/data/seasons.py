"""Seasons, holidays and other days for which pictures are bought: their names, their days, what pictures are of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import PositiveInt, model_validator

from stockgen.data import Shelf
from stockgen.data.closed import Closed, parsed
from stockgen.data.dates import Rule
from stockgen.domain.words import Language

KIND, FILE = "vocabulary", "seasons"

Region = Literal["kr", "us", "eu"]


class Season(Closed):
    """`words`: what else it is called. `subjects`: keys of the vocabulary that belong to it, the most wanted first.

    `themes_en`, `themes_ko`: what buyers look for then, in a few words each; equally many.
    `begins`: how its day is found; without it, it is known by name and never comes by itself. `kept`: where it is kept,
    none = everywhere. `wanted`: how many pictures for it are worth having.
    """

    en: str
    ko: str
    words: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    themes_en: tuple[str, ...] = ()
    themes_ko: tuple[str, ...] = ()
    begins: Rule | None = None
    kept: tuple[Region, ...] = ()
    wanted: PositiveInt = 30

    @model_validator(mode="after")
    def _paired(self) -> Self:
        if len(self.themes_en) != len(self.themes_ko):
            raise ValueError("themes_en and themes_ko need equally many themes")
        return self

    def said(self, language: Language) -> str:
        """Its name."""
        return self.ko if language == "ko" else self.en


def load_seasons(shelf: Shelf) -> Mapping[str, Season]:
    """All of `vocabulary/seasons.yaml` with the user's over it, by key. Raises ConfigError naming the key."""
    entries = shelf.load(KIND, FILE)
    return {key: parsed(Season, f"{KIND}/{FILE}.yaml", entry, key) for key, entry in entries.items()}
