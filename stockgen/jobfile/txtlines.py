"""One line of a TXT file: what is decoration, what is a setting, what must be asked about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from stockgen.domain.names import CROCKFORD
from stockgen.jobfile.names import fold, lookup, names
from stockgen.jobfile.nearest import nearest

MOST_COMMA_WORDS = 12
# Every pattern is linear: white space is single by then, and what repeats is bounded.
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\ufe0f]|[0-9#*]\ufe0f?\u20e3"
)
_BULLET = re.compile(r"(?:[-*+>][ \t]+|-(?=[^\W\d])|[•·‣◦▪▫●○■□◆◇▶▷※–—][ \t]*)+(?:\[[ xX]?\][ \t]+)?")
_NUMBER = re.compile(r"\(?[0-9]{1,3}[.)](?![0-9])[ \t]*|[①-⑳][ \t]*")
_SETTING = re.compile(r"([^\W\d][\w -]{0,40}?) ?([:=]) ?(.*)")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_ADDRESS = re.compile(r"https?:/|www\.", re.IGNORECASE)
_HASH = re.compile(r"(?:^|\s)#(?=\s|\w)")
_OURS = re.compile(rf"[a-z0-9-]{{1,15}}-[{CROCKFORD}]{{5}}-[0-9]{{3}}(?:\.\w{{1,5}})?")
_DATA = re.compile(r"[{\[]\s*[\"']|[\[\]{}],?$|---$")
_COMMA_COUNT = re.compile(r", ?[0-9]{1,9}$")


@dataclass(frozen=True, slots=True)
class Setting:
    """`key: value` as it was written. `sign` is `:` or `=`."""

    key: str
    sign: str
    value: str


def tidy(line: str) -> str:
    """A line without emoji, bullets and list numbers; TABs between words stay, other spaces are single."""
    bare = _EMOJI.sub(" ", line).strip()
    bare = _BULLET.sub("", bare, count=1) if _BULLET.match(bare) else bare
    bare = _NUMBER.sub("", bare, count=1) if _NUMBER.match(bare) else bare
    return "\t".join(" ".join(cell.split()) for cell in bare.split("\t"))


def is_comment(line: str) -> bool:
    """`# …`: the sign and then a space, or nothing."""
    signs = line.strip()
    return signs.startswith("#") and signs.lstrip("#")[:1] in ("", " ", "\t")


def setting(line: str) -> Setting | None:
    """The setting that a tidy line is, or looks like: its key is known, one ASCII word, or near a known one.

    None where the line is a subject.
    """
    found = _SETTING.match(line.replace("\t", " "))
    if not found:
        return None
    key = found[1]
    known = lookup(names().keys, key) or lookup(names().later, key)
    if known or _WORD.fullmatch(key) or (" " not in key and nearest(fold(key), names().keys)):
        return Setting(key, found[2], found[3].strip())
    return None


def question(line: str, exact: bool) -> str:
    """The code of what must be asked about a tidy line before it is taken for a subject; "" for nothing.

    `exact`: the file says `mode: exact`, so its lines are prompts, in which commas and requests are wording.
    """
    if _ADDRESS.search(line):
        return "ask_address"
    if line.startswith(("```", "~~~")):
        return "ask_fence"
    if _HASH.search(line):
        return "ask_hash"
    if _DATA.match(line):
        return "ask_data"
    if _OURS.fullmatch(line):
        return "ask_ours"
    return "" if exact else _wordy(line)


def is_header(cells: list[str]) -> bool:
    """Whether every cell is the name of a key: the first row of a table."""
    return all(lookup(names().keys, cell) or lookup(names().later, cell) for cell in cells)


@cache
def count_at_end() -> re.Pattern[str]:
    """`5장`, `5개`, `x5`, `×5` at the end of a line; never a bare number."""
    units = "|".join(map(re.escape, names().units))
    return re.compile(rf"(?:\s[xX]|\s?×)\s?([0-9]{{1,9}})$|(?<![0-9.,])\(?([0-9]{{1,9}})\s?(?:{units})\)?$")


@cache
def _chat() -> re.Pattern[str]:
    start = "|".join(map(re.escape, names().chat_start))
    within = "|".join(map(re.escape, names().chat_within))
    return re.compile(rf"^(?:{start})(?!\w)|(?:\b{within})", re.IGNORECASE)


def _wordy(line: str) -> str:
    if _chat().search(line):
        return "ask_chat"
    if line.count(",") >= MOST_COMMA_WORDS:
        return "ask_commas"
    return "ask_comma_count" if _COMMA_COUNT.search(line) else ""
