"""What a service said, fit to be kept: short, in one line, and without anything that looks like a key."""

from __future__ import annotations

from stockgen.domain.hiding import hidden

MOST = 200  # characters; the address of the page that helps often ends a sentence of 150


def brief(text: object, key: str = "") -> str:
    """Given what a service said and the key that it was asked with, return the beginning of it without secrets."""
    line = hidden(" ".join(str(text or "").split()), [key] if key else [])
    return line if len(line) <= MOST else line[: MOST - 1] + "…"
