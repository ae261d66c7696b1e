"""How people write a count behind a subject."""

from __future__ import annotations

import re
from functools import cache

from stockgen.jobfile.names import names

_DECIMAL = re.compile(r"([0-9]{1,9})\.0{1,9}")


def split(subject: str) -> tuple[str, str]:
    """A subject and the count at its end, "" for none: `5장`, `5개`, `x5`, `×5`, `다섯 장`; never a bare number."""
    found = _at_end().search(subject)
    if not found:
        return subject, ""
    return subject[: found.start()].strip(" ,:=-–"), _digits(found)


def number(cell: str) -> str:
    """The number of a cell for a count, with or without its unit, as a spreadsheet writes it; else the cell."""
    whole = _DECIMAL.fullmatch(cell)
    return whole[1] if whole else without_unit(cell)


def without_unit(value: str) -> str:
    """`5장`, `x5`, `다섯 장` → the number; anything else as it is."""
    found = _at_end().fullmatch(f" {value}") or _at_end().fullmatch(value)
    return _digits(found) if found else value


def for_each(text: str) -> str:
    """The number of a text that is nothing but a count for each subject, else "": `각 5장`, `5장씩`, `5 each`."""
    found = _each().fullmatch(text)
    return _digits(found) if found else ""


def together(text: str) -> bool:
    """Whether a text is nothing but a count for all subjects together, which nobody can share out: `총 20장`."""
    return _together().fullmatch(text) is not None


def unclear(line: str) -> bool:
    """Whether a number with a unit stands where it may or may not be the count: `5장 벚꽃`, `벚꽃 5~6장`."""
    return _inside().search(line) is not None


def guessed(line: str) -> str:
    """`subject | count` for an unclear line with one number in it, or ""."""
    found = list(
        re.finditer(rf"(?<![\w.~-])([0-9]{{1,4}})\s?(?:{_units(names().units)})\s?(?:정도|쯤|만)?(?!\w)", line)
    )
    bare = " ".join((line[: found[0].start()] + line[found[0].end() :]).split()) if len(found) == 1 else ""
    return f"{bare} | {found[0][1]}" if bare else ""


def _digits(found: re.Match[str]) -> str:
    word = next(group for group in found.groups() if group)
    return str(names().numerals.get(word, word))


@cache
def _each() -> re.Pattern[str]:
    number, each = _amount(), _units(names().each)
    return re.compile(
        rf"(?:{each})\s?(?:{number})\s?(?:씩)?[.!]?|(?:{number})\s?(?:씩|\s(?:{each}))[.!]?", re.IGNORECASE
    )


@cache
def _together() -> re.Pattern[str]:
    number, words = _amount(), _units(names().together)
    return re.compile(rf"(?:{words})\s?(?:{number})[.!]?|(?:{number})\s(?:{words})[.!]?", re.IGNORECASE)


def _amount() -> str:
    """A number in digits or words, with its unit or without: two groups."""
    units = _units(tuple(unit for unit in names().units if not unit.endswith("씩")))
    return rf"([0-9]{{1,4}})\s?(?:{units})?|({_units(tuple(names().numerals))})\s?(?:{units})"


@cache
def _at_end() -> re.Pattern[str]:
    words = _units(tuple(names().numerals))
    return re.compile(
        rf"(?:\s[xX*]|\s?×)\s?([0-9]{{1,9}})$|(?<![0-9.,~–-])\(?([0-9]{{1,9}})\s?(?:{_units(names().units)})\)?$"
        rf"|(?:^|(?<=\s))\(?({words})\s?(?:{_units(names().loose)})\)?$",
        re.IGNORECASE,
    )


@cache
def _inside() -> re.Pattern[str]:
    units = _units(names().units)
    return re.compile(
        rf"(?<![\w.])[0-9]{{1,4}}\s?(?:{units})(?:\s?(?:정도|쯤|만|이상|이하|내외|씩))?(?=\s+[^\s)|]|\s*[,/&+·])"
        rf"|[0-9]\s?(?:{units})?\s?(?:정도|쯤|이상|이하|내외)$|[0-9]\s?[~–-]\s?[0-9]{{1,4}}\s?(?:{units})\)?$"
        rf"|(?<!\S)~\s?[0-9]{{1,4}}\s?(?:{units})\)?$"
        rf"|(?<!\S)(?:[-–][0-9]+|[0-9]{{10,}}|[0-9]+(?:[.,][0-9]+)+)\s?(?:{units})\)?$",  # `-3장`, `1,000장`
        re.IGNORECASE,
    )


def _units(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
