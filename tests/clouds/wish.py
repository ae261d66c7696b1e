"""What passes between the wires and the server: what a client wishes, what it is answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.clouds.billing import Usage


@dataclass(frozen=True, slots=True)
class Wish:
    """One valid request for pictures. `size`: width and height in pixels. `each`: tokens of one picture."""

    prompt: str
    model: str
    size: tuple[int, int]
    count: int
    kind: str
    transparent: bool
    text: int
    each: int
    told: Mapping[str, Any] = field(default_factory=dict)

    def usage(self, images: int, words: int = 0) -> Usage:
        """Of an answer with so many pictures and so many tokens of text."""
        return Usage(self.text, self.each * images, words)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"


class Rejected(Exception):
    """A request that the service does not even try."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body.decode())
        self.answer = answer


def as_json(status: int, value: Any, headers: Mapping[str, str] | None = None, kind: str = "") -> Answer:
    """As both services write it: indented by two."""
    body = json.dumps(value, indent=2, ensure_ascii=False).encode()
    return Answer(status, body, headers or {}, kind or "application/json")


def identity(prompt: str) -> str:
    """By which a request is known: 16 digits of the prompt's SHA-256."""
    return hashlib.sha256(prompt.encode()).hexdigest()[:16]


PAGE = b"""<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>
<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"""
PORTAL = b"<!DOCTYPE html><html><head><title>Wi-Fi sign in</title></head><body>Please sign in.</body></html>"
PAGES: Mapping[str, Answer] = {
    "html_502": Answer(502, PAGE, kind="text/html"),
    "html_200": Answer(200, PORTAL, kind="text/html; charset=utf-8"),
}
