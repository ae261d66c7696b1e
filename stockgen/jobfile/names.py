"""The names of keys and values in both languages, and the words of TXT files: `keys.yaml`, read once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_GAPS = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Folded alias → canonical name: for `keys` and, by key, for those `inside` its value and for `values`.

    `canonical` lists the keys; the rest are words of TXT files, tables and moments, as `keys.yaml` explains them.
    """

    canonical: tuple[str, ...]
    keys: Mapping[str, str]
    inside: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Mapping[str, str]]
    units: tuple[str, ...]
    loose: tuple[str, ...]
    each: tuple[str, ...]
    together: tuple[str, ...]
    numerals: Mapping[str, int]
    chat_greeting: tuple[str, ...]
    chat_start: tuple[str, ...]
    chat_within: tuple[str, ...]
    chat_spoken: tuple[str, ...]
    ignored_columns: frozenset[str]
    totals: frozenset[str]
    when: Mapping[str, Any]


def fold(name: str) -> str:
    """A name as it is compared: `Negative-Prompt` and `negative prompt` are `negative_prompt`."""
    return _GAPS.sub("_", name.strip().casefold())


@cache
def names() -> Names:
    """The shipped names."""
    data: dict[str, Any] = yaml.load((files(__package__) / "keys.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    return Names(
        canonical=tuple(data["keys"]),
        keys=_aliases(data["keys"]),
        inside={key: _aliases(words) for key, words in data["inside"].items()},
        values={key: _aliases(words) for key, words in data["values"].items()},
        units=tuple(data["units"]),
        loose=tuple(data["loose"]),
        each=tuple(data["each"]),
        together=tuple(data["together"]),
        numerals=_numerals(data["numerals"], data["tens"]),
        chat_greeting=tuple(data["chat"]["greeting"]),
        chat_start=tuple(data["chat"]["start"]),
        chat_within=tuple(data["chat"]["within"]),
        chat_spoken=tuple(data["chat"]["spoken"]),
        ignored_columns=frozenset(map(fold, data["table"]["ignored"])),
        totals=frozenset(map(fold, data["table"]["totals"])),
        when=data["when"],
    )


def lookup(table: Mapping[str, str], text: str) -> str:
    """The canonical name that `text` stands for in a table of lower-case aliases, or "" for none."""
    return table.get(text.strip().lower()) or table.get(fold(text)) or ""


def known_key(text: str) -> str:
    """The canonical name of a key, or "" for none."""
    return lookup(names().keys, text)


def _numerals(ones: Mapping[str, int], tens: Mapping[str, int]) -> dict[str, int]:
    """열, 열두, 열 두, …: the numbers up to 59 as they are counted."""
    both = {
        f"{ten}{gap}{one}": tens[ten] + ones[one] for ten in tens for one in ones if ones[one] < 10 for gap in ("", " ")
    }
    return {**ones, **tens, **both}


def _aliases(words: Mapping[str, list[str]]) -> dict[str, str]:
    own = {fold(name): name for name in words}
    return own | {fold(alias): name for name, aliases in words.items() for alias in aliases}
