"""What looks like a key, and texts without any: the one wall before whatever is logged, stored or shown."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from typing import Any

Hide = Callable[[str], str]

STARS = "***"
SHORTEST = 8  # characters of a key that is looked for as it is: shorter ones are ordinary words
_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=")  # of which keys are made

# OpenAI's begin with `sk-`, Google's with `AIza` or `AQ.`, those of the model hub with `hf_`, Groq's with `gsk_`. A
# text that tells of one may have cut it, or put stars into it: a few signs behind its mark are enough.
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:sk-[\w*.\-]{12,}|AIza[\w*\-]{12,}|AQ\.[\w*\-]{20,}|hf_[A-Za-z0-9*]{12,}|gsk_[\w*]{12,})",
    re.ASCII,
)
_BEARER = re.compile(r"\b((?:bearer|basic)\s+)[\w\-.~+/*=]{16,}", re.IGNORECASE | re.ASCII)
_NAMES = r"(?:x-goog-|x-)?api[-_]?key|authorization"
# `x-goog-api-key: …`, `"api_key": "…"`, `Authorization: Bearer …`.
_NAMED = re.compile(
    rf"\b((?:{_NAMES})[\"']?\s*[:=]\s*b?[\"']?(?:(?:bearer|basic)\s+)?)[^\s\"',;&)}}\]]+", re.IGNORECASE | re.ASCII
)
_QUERY = re.compile(r"([?&](?:key|api_key|access_token)=)[^\s\"',;&)}\]#]+", re.IGNORECASE | re.ASCII)
_NAME = re.compile(_NAMES, re.IGNORECASE)


def looks_like_a_key(text: str) -> bool:
    """Whether something in `text` can hardly be anything but a key."""
    return bool(_KEY.search(text))


def hidden(text: str, known: Collection[str] = ()) -> str:
    """`text` with `***` in place of whatever looks like a key, and of each of the `known` ones, even where one was cut
    or is written in base64.
    """
    for key in known:
        if len(key) >= SHORTEST:
            text = _without(text, key)
            text = _without(text, b64encode(key.encode()).decode().rstrip("="))
    text = _KEY.sub(STARS, text)
    for pattern in (_BEARER, _NAMED, _QUERY):
        text = pattern.sub(rf"\1{STARS}", text)
    return text


def hidden_in(value: Any, hide: Hide = hidden) -> Any:
    """Plain data with `hide` applied to each text in it, to names in mappings too. What a header of keys holds goes
    whole.
    """
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {
            hide(str(name)): STARS if one and _NAME.fullmatch(str(name)) else hidden_in(one, hide)
            for name, one in value.items()
        }
    return [hidden_in(one, hide) for one in value] if isinstance(value, list | tuple) else value


def _without(text: str, key: str) -> str:
    """One half of it, at either end, is enough to know it by: a text that quotes it may have been cut."""
    half = max(SHORTEST, len(key) // 2)
    for mark in (key[:half], key[-half:]):
        while (at := text.find(mark)) >= 0:
            begin, end = at, at + len(mark)
            while begin and text[begin - 1] in _SIGNS:
                begin -= 1
            while end < len(text) and text[end] in _SIGNS:
                end += 1
            text = f"{text[:begin]}{STARS}{text[end:]}"
    return text
