"""The preset that a folder of the inbox stands for."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import normalize


def preset_of(folder: str, presets: Iterable[str]) -> str:
    """The preset of this name, whatever its capitals and however a Mac spells its Hangul; "" = there is none."""
    named = {_plain(preset): preset for preset in presets}
    return named.get(_plain(folder), "")


def _plain(name: str) -> str:
    return normalize("NFC", name).casefold().strip()
