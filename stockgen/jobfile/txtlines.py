"""One line of a TXT file: what is decoration, what is a setting, what is a hashtag."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stockgen.jobfile import counting
from stockgen.jobfile.names import fold, known_key, names
from stockgen.jobfile.nearest import nearest

# Every pattern is linear: white space is single by then, and what repeats is bounded.
_PICTURE = "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\u3297\u3299\ufe0f\U000e0020-\U000e007f]"
_EMOJI = re.compile(rf"{_PICTURE}\u200d?|[0-9#*]\ufe0f?\u20e3")
_LAUGHTER = re.compile(r"[ㅋㅎㅠㅜ]{2,}|\^\^+|(?<=[^\W\d_])[~!]{1,9}(?=\s|$)")
_BULLET = re.compile(
    r"(?:[-*+>][ \t]+|-(?=[^\W\d])|[•·‣◦∙‧・▪▫●○■□◆◇▶▷►※–—→➜][ \t]*)+(?:\[[ xX]?\][ \t]+)?|\[[ xX]?\][ \t]+"
)
_NUMBER = re.compile(
    r"\(?[0-9]{1,3}[.)](?![0-9])[ \t]*|[①-⑳][ \t]*|[가나다라마바사아자차카타파하][.)][ \t]+|[a-z]\)[ \t]+"
)
_MARKUP = re.compile(r"\*\*|`+")
_SETTING = re.compile(r"([^\W\d][\w -]{0,40}?) ?([:=]) ?(.*)")
_DASHED = re.compile(r"([^\W\d][\w ]{0,20}?) [-–—] (\S.*)")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_DIVIDER = re.compile(r"[\s=*_~#.·─━═—–-]{3,}")
_HEADING = re.compile(r"[^|\t]{1,40}:|[\[【<〈《「『](?![ xX]?\])[^\"'{}\[\],:|\t]{1,40}[\]】>〉》」』]")
_HASHTAGS = re.compile(r"(?<!\S)(?:#[^\s#,]+,?)+")
_NO_TAG = re.compile(r"\d+|(?=[a-fA-F]*\d)(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class Setting:
    """`key: value` as it was written. `sign` is `:`, `=` or `-`; `sure`: its key is known, or one slip away."""

    key: str
    sign: str
    value: str
    sure: bool


def tidy(line: str, *, exact: bool = False) -> str:
    """A line without emoji, laughter, bullets, list numbers and bold signs; TABs between words stay, other spaces are
    single. `exact`: it is a prompt, in which signs are wording.
    """
    bare = _EMOJI.sub(" ", line)
    bare = bare.strip() if exact else _MARKUP.sub("", _LAUGHTER.sub("", bare)).strip()
    bare = _BULLET.sub("", bare, count=1) if _BULLET.match(bare) else bare
    bare = _NUMBER.sub("", bare, count=1) if _NUMBER.match(bare) else bare
    return "\t".join(" ".join(cell.split()) for cell in bare.split("\t"))


def has_bullet(line: str) -> bool:
    """Whether a line begins with a bullet, a list number or a box."""
    bare = line.strip()
    return bool(
        _BULLET.match(bare) or _NUMBER.match(bare) or re.match("[\u2610-\u2612\u2705]|[0-9]\ufe0f?\u20e3", bare)
    )


def is_comment(line: str) -> bool:
    """`# …`, a heading `## …`, or a line that only divides: `-----`."""
    signs = line.strip()
    if signs.startswith("#"):
        return signs.startswith("##") or signs.lstrip("#")[:1] in ("", " ", "\t")
    return _DIVIDER.fullmatch(signs) is not None


def is_mood(line: str) -> bool:
    """Whether a line is nothing but laughter and emoji: `ㅋㅋㅋ`, `🌸🌸`."""
    return bool(line.strip()) and not _EMOJI.sub("", _LAUGHTER.sub("", line)).strip()


def is_heading(line: str) -> bool:
    """Whether a tidy line only says what follows: `봄 배경:`, `[봄]`. Lines that are settings are asked before."""
    return _HEADING.fullmatch(line) is not None


def setting(line: str) -> Setting | None:
    """The setting that a tidy line is, or looks like: its key is known, one ASCII word, or near a known one.

    None where the line is a subject.
    """
    found = _SETTING.match(line.replace("\t", " "))
    if not found:
        return _unmarked(line.replace("\t", " ").strip())
    key = found[1]
    near = known_key(key) or (" " not in key and nearest(fold(key), names().keys))
    if near or _WORD.fullmatch(key):
        return Setting(key, found[2], found[3].strip(), bool(near))
    return None


def _unmarked(line: str) -> Setting | None:
    """`장수 3`: a name of the count with nothing but a number behind it needs no colon. `종류 - 사진` lacks it."""
    key, _, value = line.rpartition(" ")
    if known_key(key) == "count" and counting.without_unit(value).isdecimal():
        return Setting(key, ":", value, sure=True)
    dashed = _DASHED.fullmatch(line)
    return Setting(dashed[1], "-", dashed[2], sure=True) if dashed and known_key(dashed[1]) else None


def hashtags(line: str) -> tuple[str, tuple[str, ...]] | None:
    """The line without its hashtags, and they without their sign; a line of nothing else is made of their words.

    None where a `#` may mean something else: a number, a colour, a comment behind a subject.
    """
    tags = [tag for run in _HASHTAGS.findall(line) for tag in re.findall(r"#([^\s#,]+)", run)]
    rest = " ".join(_HASHTAGS.sub(" ", line).split())
    if any(_NO_TAG.fullmatch(tag) for tag in tags) or re.search(r"(?<!\S)#|#(?!\S)", rest):
        return None
    words = tuple(dict.fromkeys(tag.replace("_", " ") for tag in tags))
    return (line if not tags else rest or " ".join(words)), words


def cells(line: str) -> list[str]:
    """The line split at `|` and TAB, but not inside braces: `{a|b}` is one subject; `\\{` opens none."""
    found: list[str] = []
    start = depth = 0
    for at, sign in enumerate(line):
        if at and line[at - 1] == "\\":
            continue
        depth = max(0, depth + (sign == "{") - (sign == "}"))
        if sign == "\t" or (sign == "|" and not depth):
            found.append(line[start:at].strip())
            start = at + 1
    return [*found, line[start:].strip()]
