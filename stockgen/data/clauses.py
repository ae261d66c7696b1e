"""A prompt as clauses: what stands between commas, semicolons and full stops."""

from __future__ import annotations

import re
from collections.abc import Iterable

_CLAUSE = re.compile(r"([^,;.!?]+(?:[.,](?=\w)[^,;.!?]+)*)([,;.!?]*\s*)")

Part = tuple[str, str]  # a clause, and the signs behind it


def clauses(text: str) -> list[str]:
    """The clauses alone."""
    return [one for one, _ in parted(text)]


def parted(text: str) -> list[Part]:
    """The whole text. A point or comma within a number or a name parts nothing."""
    return [(found[1].strip(), found[2]) for found in _CLAUSE.finditer(text) if found[1].strip()]


def joined(parts: Iterable[Part]) -> str:
    """The inverse, without clauses that are empty and signs that lead nowhere."""
    kept = [(one.strip(), sign) for one, sign in parts if one.strip()]
    text = "".join(one + (sign.strip()[:1] or ",") + " " for one, sign in kept).strip()
    ends_so = bool(kept) and "." in kept[-1][1]
    return text.rstrip(",;") if not ends_so else text
