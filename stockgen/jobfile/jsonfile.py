"""JSON → nodes that know their lines. Every scalar stays text, as in YAML; a second value is a second document.

Also understood, because people and chat programs write them: a comma after the last item, `//` comments, smart quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NoReturn

from stockgen.jobfile.documents import Size, drafts
from stockgen.jobfile.findings import Findings, shown
from stockgen.jobfile.nodes import Fields, Items, Node, Sheet, Text
from stockgen.jobfile.text import clean, readable
from stockgen.jobfile.typography import plain

_PIECE = re.compile(
    r"""(?P<gap>[ \t\n]+|//[^\n]*)|(?P<sign>[\[\]{}:,：，])|"""
    r"""(?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*"|[“”„][^“”„"\n]*[“”])"""
    r"|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<word>true|false|null)(?!\w)|(?P<nan>[-+]?(?:NaN|Infinity))(?!\w)"
)
_WIDE = {"：": ":", "，": ","}


def sheet(text: str, findings: Findings) -> Sheet:
    """The orders of a JSON file. Raises JobFileError."""
    reader = _Reader(text, findings)
    return Sheet(tuple(draft for document in reader.documents() for draft in drafts(document, findings)))


class _Reader:
    def __init__(self, text: str, findings: Findings) -> None:
        self._text = text
        self._findings = findings
        self._size = Size(findings)
        self._at = 0
        self._line = 1
        self._kind = self._piece = ""
        self._next()

    def documents(self) -> Iterator[Node]:
        while self._kind:
            yield self._node(1)
            if self._piece == ",":
                self._next()

    def _next(self) -> None:
        """The next token; `_kind` is "" at the end of the text."""
        self._line += self._piece.count("\n")
        while found := _PIECE.match(self._text, self._at):
            self._at = found.end()
            if found.lastgroup != "gap":
                self._kind, self._piece = str(found.lastgroup), _WIDE.get(found[0], found[0])
                return
            self._line += found[0].count("\n")
        self._kind = self._piece = ""
        if self._at < len(self._text):
            self._fail()

    def _node(self, depth: int) -> Node:
        line = self._line
        self._size.count(line, depth)
        if self._piece == "[":
            return Items(tuple(self._items(depth)), line)
        if self._piece == "{":
            return Fields(tuple(self._pairs(depth)), line)
        if self._kind == "nan":
            self._findings.fault("json_nan", line, found=self._piece)
        elif self._kind not in ("string", "number", "word"):
            self._fail()
        return self._scalar()

    def _scalar(self) -> Text:
        line, piece, quoted = self._line, self._piece, self._kind == "string"
        value = self._string(piece) if quoted else "" if piece == "null" else piece
        if not readable(value):
            self._findings.fault("unreadable", line)
        self._next()
        return Text(plain(clean(value)), line, plain=not quoted)

    def _string(self, piece: str) -> str:
        if piece[0] != '"':
            return piece[1:-1]
        try:
            return str(json.loads(piece.replace("\t", "\\t")))
        except ValueError as error:
            self._fail(error)

    def _items(self, depth: int) -> Iterator[Node]:
        self._next()
        while self._piece != "]":
            yield self._node(depth + 1)
            self._separated("]")
        self._next()

    def _pairs(self, depth: int) -> Iterator[tuple[Text, Node]]:
        self._next()
        seen: dict[str, int] = {}
        while self._piece != "}":
            if self._kind != "string":
                self._fail()
            self._size.count(self._line, depth + 1)
            key = self._scalar()
            if self._piece != ":":
                self._fail()
            self._next()
            value = self._node(depth + 1)
            if key.value in seen:
                self._findings.fault("twice", key.line, key=shown(key.value), first=seen[key.value])
            else:
                seen[key.value] = key.line
                yield key, value
            self._separated("}")
        self._next()

    def _separated(self, end: str) -> None:
        if self._piece == ",":
            self._next()
        elif self._piece != end:
            self._fail()

    def _fail(self, cause: Exception | None = None) -> NoReturn:
        found = self._text[max(0, self._at - 20) : self._at + 30].strip()
        self._findings.fault("json", self._line, found=shown(found))
        self._findings.stop(cause)
