"""From a request to its answer: what is refused, what goes wrong, what is made, and what it costs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.clouds.billing import Usage
from tests.clouds.books import Arrival, Books, seed
from tests.clouds.faults import OK, Fault
from tests.clouds.gemini_wire import WORD_TOKENS
from tests.clouds.pictures import encoded
from tests.clouds.wish import PAGES, Answer, Rejected, Wish

SHORT = 0.6  # share of what is truncated or cut that is left
SILENT = ("stall", "reset")


@dataclass(frozen=True, slots=True)
class Made:
    """An answer, and how it shall be given."""

    answer: Answer
    fault: Fault


def make(books: Books, one: Arrival, service: Any, body: Mapping[str, Any], headers: Mapping[str, str],
         path: str) -> Made:  # fmt: skip
    """What `service` answers; takes as long as it is set to take for pictures, and no time for refusals."""
    settings = books.settings
    try:
        service.allowed(headers, path, settings)
        wish = service.read(body, path, settings)
    except Rejected as rejected:
        return Made(rejected.answer, OK)
    books.understood(one, wish)
    if crowd := books.too_many(one):
        return Made(service.limited(wish, *crowd), OK)
    fault = books.decide(one)
    if fault.kind in SILENT:
        return Made(Answer(0, b""), fault)
    if fault.kind in PAGES:
        return Made(PAGES[fault.kind], fault)
    if fault.bills == "no":
        return Made(service.failed(fault, wish, settings), fault)
    return Made(_generated(books, one, service, wish, fault), fault)


def _generated(books: Books, one: Arrival, service: Any, wish: Wish, fault: Fault) -> Answer:
    """It is paid for when it is made, which is before anything is written."""
    due = one.monotonic + books.latency(one)
    if fault.bills == "words":
        pictures, usage = [], Usage(wish.text, 0, WORD_TOKENS if fault.kind == "text_only" else 0)
        answer: Answer = service.failed(fault, wish, books.settings)
    else:
        pictures = _pictures(one, wish, fault, books.settings.signed)
        usage = wish.usage(len(pictures))
        answer = service.made(wish, pictures, fault)
    books.until(due)
    books.made(one, len(pictures), usage)
    return answer


def _pictures(one: Arrival, wish: Wish, fault: Fault, signed: bool) -> list[str]:
    """In base64."""
    count = wish.count - 1 if fault.kind == "fewer" else wish.count
    if fault.kind == "wrong_size":
        wish = replace(wish, size=(wish.size[0] // 2, wish.size[1] // 2))
    kind = "webp" if fault.kind == "webp" else wish.kind
    found = []
    for number in range(count):
        look = seed("picture", one.service, wish.prompt, one.nth, number)
        data = encoded(look, wish.size, kind, transparent=wish.transparent, signed=signed)
        if fault.kind == "cut":
            data = data[: int(len(data) * SHORT)]
        text = base64.b64encode(data).decode()
        found.append(text[: int(len(text) * SHORT) // 4 * 4 + 1] if fault.kind == "truncated" else text)
    return found
