"""What other programs write beside a subject: options of image generators, names and times of chat programs."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Phones turn `--` into a dash; before any other word a dash is a dash.
_OPTION = re.compile(
    r"(?<!\S)(?:--|[—–](?=(?:ar|aspect|v|no|s|q|c|niji|seed|style|stylize|chaos|tile|raw|hd|sref|cref)\b))"
    r"(?P<name>[A-Za-z][A-Za-z-]{0,19})(?P<value>(?:\s+(?!--|[—–])[^\s|]+)*)"
)
_KEYS = {"ar": "size", "aspect": "size", "no": "negative_prompt", "seed": "seed", "negative": "negative_prompt"}
_ONE_VALUE = frozenset({"size", "seed"})
_TIME = r"(?:(?:오전|오후|AM|PM) ?)?\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?"
_DAY = r"\d{2,4}[-./년] ?\d{1,2}[-./월] ?\d{1,4}[일.]?"
# KakaoTalk on a computer, KakaoTalk on a phone, WhatsApp on both, Telegram.
_SAID = re.compile(
    rf"\[[^\]\[]{{1,40}}\] \[{_TIME}\] |{_DAY},? {_TIME}, [^:]{{1,40}} : |\[{_DAY},? {_TIME}\] [^:]{{1,40}}: "
    rf"|{_DAY},? {_TIME} - [^:]{{1,40}}: "
)
_APART = re.compile(
    rf"-{{3,}} ?{_DAY}[^-]{{0,12}}-{{3,}}|{_DAY},? {_TIME}|저장한 날짜 : .*|.{{0,40}}카카오톡 대화"
    rf"|{_DAY} [월화수목금토일]요일|사진|이모티콘|동영상|<Media omitted>|삭제된 메시지입니다\.?"
)


@dataclass(frozen=True, slots=True)
class Parted:
    """`text` without options; `given`: what they say in our keys; `dropped`: those that mean nothing here."""

    text: str
    given: dict[str, str]
    dropped: tuple[str, ...]


def without_options(line: str) -> Parted:
    """Given a subject or prompt with options behind it (`--ar 16:9 --v 6`), take them apart."""
    given: dict[str, str] = {}
    dropped: list[str] = []
    first = _OPTION.search(line)
    if first is None:
        return Parted(line, given, ())
    for found in _OPTION.finditer(line, first.start()):
        key, value = _KEYS.get(found["name"].lower(), ""), " ".join(found["value"].split())
        if key and value and key not in given and not (key in _ONE_VALUE and " " in value):
            given[key] = value
        else:
            dropped.append(" ".join(found[0].split()))
    return Parted(line[: first.start()].strip(" ,"), given, tuple(dropped))


def has_options(text: str) -> bool:
    """Whether there are options of an image generator in a text."""
    return _OPTION.search(text) is not None


def is_chat(lines: list[str]) -> bool:
    """Whether these are lines of a chat: at least one begins with who said it and when."""
    return any(_SAID.match(line) for line in lines)


def said(line: str) -> str:
    """What was said in a line of a chat; "" for a line that only tells a day or a picture."""
    found = _SAID.match(line)
    words = line[found.end() :] if found else line
    return "" if _APART.fullmatch(words.strip()) else words
