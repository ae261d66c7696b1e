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
# A bot's token at Telegram, also where it stands in an address; a webhook of Discord.
_BOT = re.compile(r"(?<!\d)\d{6,12}:AA[\w*\-]{20,}", re.ASCII)
_HOOK = re.compile(r"(webhooks/\d{6,}/)[\w\-]{20,}", re.ASCII)
_BEARER = re.compile(r"\b((?:bearer|basic)\s+)[\w\-.~+/*=]{16,}", re.IGNORECASE | re.ASCII)
_NAMES = r"(?:x-goog-|x-)?api[-_]?key|authorization"
# `x-goog-api-key: …`, `"api_key": "…"`, `Authorization: Bearer …`.
_NAMED = re.compile(
    rf"\b((?:{_NAMES})[\"']?\s*[:=]\s*b?[\"']?(?:(?:bearer|basic)\s+)?)[^\s\"',;&)}}\]]+", re.IGNORECASE | re.ASCII
)
_QUERY = re.compile(r"([?&](?:key|api_key|access_token)=)[^\s\"',;&)}\]#]+", re.IGNORECASE | re.ASCII)
_NAME = re.compile(_NAMES, re.IGNORECASE)
# What each of these has in it, in small letters: most texts have nothing of it, and are searched no further.
_TRACES = ("sk-", "aiza", "aq.", "hf_", "gsk_", "bearer", "basic", "apikey", "api_key", "api-key", "authorization",
           "?key=", "&key=", "access_token=", ":aa", "webhooks/")  # fmt: skip


def looks_like_a_key(text: str) -> bool:
    """Whether something in `text` can hardly be anything but a key."""
    return bool(_KEY.search(text) or _BOT.search(text))


def hidden(text: str, known: Collection[str] = ()) -> str:
    """`text` with `***` in place of whatever looks like a key, and of each of the `known` ones, even where one was cut
    or is written in base64.
    """
    return hidden_by(text, [mark for key in known for mark in marks(key)])


def hidden_by(text: str, known: Collection[str]) -> str:
    """As `hidden`; `known`: the `marks` of keys, for whoever asks often."""
    for mark in known:
        if mark in text:
            text = _without(text, mark)
    small = text.lower()
    if any(trace in small for trace in _TRACES):
        text = _KEY.sub(STARS, text)
        text = _BOT.sub(STARS, text)
        for pattern in (_HOOK, _BEARER, _NAMED, _QUERY):
            text = pattern.sub(rf"\1{STARS}", text)
    return text


def marks(key: str) -> tuple[str, ...]:
    """What a key is known by, also in base64: one half of it, at either end, since a text that quotes it may have been
    cut. None for one that is too short.
    """
    if len(key) < SHORTEST:
        return ()
    packed = b64encode(key.encode()).decode().rstrip("=")
    return tuple(each for one in (key, packed) for each in (one[: _half(one)], one[-_half(one) :]))


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


def _half(key: str) -> int:
    return max(SHORTEST, len(key) // 2)


def _without(text: str, mark: str) -> str:
    """With all signs around it that keys are made of."""
    while (at := text.find(mark)) >= 0:
        begin, end = at, at + len(mark)
        while begin and text[begin - 1] in _SIGNS:
            begin -= 1
        while end < len(text) and text[end] in _SIGNS:
            end += 1
        text = f"{text[:begin]}{STARS}{text[end:]}"
    return text
