"""Data between brackets, found in any text: strict JSON first, then Python's spelling, then json-repair."""

from __future__ import annotations

import ast
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

DEEPEST = 60  # brackets within brackets; json-repair and Python's own readers give up somewhere above 300
REGION = 80_000  # characters that are repaired at once: a hundred ideas
LOOSE = 160_000  # characters of one text that are repaired in all: a second of work
AT_LEAST = 500  # characters that a region counts for
SECONDS = 3.0  # of work for one text; 70 ideas of which each lacks every comma take one
LOOK = 16  # calls between two looks at the clock
BRACKETS = 4  # for each key, at most; objects and lists of tags have two
TRIES = 300  # regions looked at in one text
_DECODER = json.JSONDecoder(strict=False)
_BRACKET = re.compile(r"[{\[]")
_STRUCTURE = re.compile(r'["{}\[\]\n]|\\.')
_COMMENT = re.compile(
    r'("(?:\\.|[^"\\\n]){0,2000}")|(?:(?<=[\s,{\[}\]])|^)(?://[^\n]*|#\s[^\n]*|/\*.{0,2000}?\*/)', re.S | re.M
)
_SMART = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | dict.fromkeys("‘’‚‛", "'"))
_SMART_ENDS = re.compile(r"(?<=[{\[,:])(\s*)[“”„‟«»＂]|[“”„‟«»＂](?=\s*[}\],:])")
_ESCAPE = re.compile(r"\\[^\\'\"abfnrtvxuUN0-7\n]")  # what is no escape in Python
_WIDE = re.compile(r'(?<=["”\]}])[：，]|[：，](?=\s*["“\[{])')  # as a Korean or Chinese keyboard writes them
_JOINED = re.compile(r"""(?<=[^\\])(["'])\s*\+\s*\1""")  # 'text that ' + 'goes on'
_DASHED = re.compile(r"\.\.\.\s*(?=[,}\]])|(?<=[,\[])\s*(?:…|\.\.\.)\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """Something between brackets. `how`: `strict`, `python` or `repaired`; `cut`: its end is missing.

    `start`, `end`: where it stands in the text.
    """

    value: Any
    how: str
    cut: bool
    start: int
    end: int


class Enough(Exception):
    """A library has taken more steps than its answer is worth."""


class Patience:
    """How long json-repair may work on one text: for some rubbish of a few thousand signs it needs minutes.

    Measured by the work of this thread, so that a busy machine gives up no earlier, and with Python's own hook for
    profilers, because a thread can't be stopped from outside.
    """

    def __init__(self, worked: Callable[[], float] = time.thread_time) -> None:
        self._worked = worked
        self._end = worked() + SECONDS
        self._calls = 0

    def within(self, function: Callable[[str], Any], text: str) -> Any:
        """`function(text)`. Raises Enough where it takes too long."""
        before = sys.getprofile()
        sys.setprofile(self._count)
        try:
            return function(text)
        finally:
            sys.setprofile(before)

    def _count(self, frame: FrameType, event: str, found: Any) -> None:
        self._calls += 1
        if self._calls % LOOK == 0 and self._worked() > self._end:
            raise Enough


def pieces(text: str) -> Iterator[Piece]:
    """All data between outermost brackets, in order. Never raises; a text without any gives none."""
    at, left, patience = 0, LOOSE, Patience()
    for _ in range(TRIES):
        opened = _BRACKET.search(text, at)
        if opened is None:
            return
        start = opened.start()
        piece = _strict(text, start)
        if piece is None and left > 0:
            end, closed = _extent(text, start)
            left -= max(end - start, AT_LEAST)
            piece = _loose(text[start:end], start, closed, patience) if end > 0 else None
        if piece is None:
            at = start + 1
            continue
        yield piece
        at = max(piece.end, start + 1)


def _strict(text: str, start: int) -> Piece | None:
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return Piece(value, "strict", False, start, end) if value else None


def _loose(region: str, start: int, closed: bool, patience: Patience) -> Piece | None:
    end = start + len(region)
    if closed:
        value = _python(region)
        if value is not None:
            return Piece(value, "python", False, start, end)
    value, how = _best(region, closed, patience)
    return Piece(value, how, not closed, start, end) if value else None


def _extent(text: str, start: int) -> tuple[int, bool]:
    """Where what is opened at `start` ends, and whether it is closed there; -1 = too deep.

    What looks like a string but does not end on its line is none: its brackets count.
    """
    depth, inside = 0, False
    held: list[tuple[str, int]] = []
    for found in _STRUCTURE.finditer(text, start, start + REGION):
        sign = found[0]
        if sign == '"':
            inside = not inside
            held = []
        elif sign != "\n" and inside:
            held.append((sign, found.end()))
        elif len(sign) == 1:
            for one, end in (*held, (sign, found.end())):
                depth += (one in "{[") - (one in "}]")
                if depth > DEEPEST:
                    return -1, False
                if depth == 0:
                    return end, True
            held, inside = [], False
    return min(len(text), start + REGION), False


def _python(region: str) -> Any:
    """What Python prints for its own lists and dicts."""
    if _ESCAPE.search(region):
        return None  # it would warn, and means something else
    try:
        value = ast.literal_eval(region)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None
    return value if isinstance(value, dict | list) else None


def _best(region: str, closed: bool, patience: Patience) -> tuple[Any, str]:
    """The reading that keeps the most: the whole repaired, or the objects inside that are whole already.

    Of what is cut off the whole ones are better, if they are as many.
    """
    repaired = _repaired(region, patience)
    whole = [value for value in _inner(region) if isinstance(value, dict) and _count(value)]
    ahead = sum(map(_count, whole)) - _count(repaired)
    return (whole, "strict") if whole and ahead >= (1 if closed else 0) else (repaired, "repaired")


def _repaired(region: str, patience: Patience) -> Any:
    import json_repair

    if sum(map(region.count, "{}[]")) > BRACKETS * region.count(":") + 20:
        return None  # no data, and json-repair takes minutes over it
    plain = _COMMENT.sub(lambda found: found[1] or "", region)
    plain = _JOINED.sub("", plain)
    plain = _WIDE.sub(lambda found: ":" if found[0] == "：" else ",", plain)
    plain = _DASHED.sub("", _SMART_ENDS.sub(lambda found: f'{found[1] or ""}"', plain))
    if plain.count('"') < 4:  # nothing is quoted with straight signs: the smart ones do it
        plain = plain.translate(_SMART)
    try:
        value = patience.within(json_repair.loads, plain)
    except (Enough, ValueError, RecursionError, MemoryError, IndexError, KeyError, TypeError, AttributeError):
        return None  # a library of guesses: whatever it stumbles over, there is no reading of this region
    return value if isinstance(value, dict | list) else None


def _inner(region: str) -> Iterator[Any]:
    at = 1
    for _ in range(TRIES):
        at = region.find("{", at)
        if at < 0:
            return
        piece = _strict(region, at)
        if piece is not None:
            yield piece.value
        at = piece.end if piece is not None else at + 1


def _count(value: Any) -> int:
    """How many objects with more than one key there are in `value`, not counting those within them."""
    if isinstance(value, Mapping):
        inner = sum(_count(one) for one in value.values() if isinstance(one, list | dict))
        return max(inner, 1 if len(value) > 1 else 0)
    return sum(_count(one) for one in value) if isinstance(value, list) else 0
