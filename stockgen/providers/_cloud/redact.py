"""What a service said, fit to be kept: short, in one line, and without anything that looks like a key."""

from __future__ import annotations

import re

MOST = 120  # characters
_KEYS = re.compile(r"\b(?:sk|pk|rk)-[\w*.-]{4,}|\bAIza[\w*-]{4,}|\bAQ\.[\w*-]{4,}|\bya29\.[\w*.-]{4,}|\bBearer\s+\S+")


def brief(text: object, key: str = "") -> str:
    """Given what a service said and the key that it was asked with, return the beginning of it without secrets."""
    line = " ".join(str(text or "").split())
    if len(key) >= 4:
        line = line.replace(key, "…")
    line = _KEYS.sub("…", line)
    return line if len(line) <= MOST else line[: MOST - 1] + "…"
