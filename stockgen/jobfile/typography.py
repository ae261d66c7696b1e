"""Signs that phones, word processors and Korean keyboards write instead of the plain ones."""

from __future__ import annotations

import re

# U+FF01…U+FF5E are the full-width forms of ASCII, in its order (Unicode chart UFF00).
_PLAIN = str.maketrans(
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "“”„‟″＂"), '"')
    | dict.fromkeys(map(ord, "‘’‚‛′＇"), "'")
    | {ord("、"): ","}
)
_YAML_SEPARATORS = str.maketrans("，、", ",,")
_WIDE_COLON = re.compile(r"^([ \t]*(?:- +)*)([^\s:：#\"'\[{|>-][^:：\n\"']{0,40}?)[ \t]*：[ \t]*", re.MULTILINE)
_OPENING = r"(^[ \t]*|[:,-][ \t]+|[\[{])"
_CLOSING = r"(?=[ \t]*(?:$|[,\]}:]|[ \t]#))"
_DOUBLE = re.compile(_OPENING + "[“”„]([^“”„\n]*)[“”]" + _CLOSING, re.MULTILINE)
_SINGLE = re.compile(_OPENING + "[‘’‚]([^‘’‚\n]*)[‘’]" + _CLOSING, re.MULTILINE)


def plain(text: str) -> str:
    """`text` with straight quotes and half-width signs; as many characters as before."""
    return text if text.isascii() else text.translate(_PLAIN)


def yaml_structure(text: str) -> str:
    """YAML text in which smart quotes around a value, wide commas and a key's wide colon do their YAML work.

    Others stay until `plain` treats the value: a straight quote inside a quoted value would end it.
    Lines keep their numbers.
    """
    if text.isascii():
        return text
    text = _WIDE_COLON.sub(r"\1\2: ", text.translate(_YAML_SEPARATORS))
    text = _DOUBLE.sub(lambda found: f'{found[1]}"{_escaped(found[2])}"', text)
    return _SINGLE.sub(lambda found: f"{found[1]}'{found[2].replace(chr(39), chr(39) * 2)}'", text)


def _escaped(inner: str) -> str:
    return inner.replace("\\", "\\\\").replace('"', '\\"')
