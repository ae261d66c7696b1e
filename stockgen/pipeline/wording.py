"""One market's words for one picture: cut and cleaned to what that market takes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stockgen.data.market import Column, Market
from stockgen.domain.words import Idea


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """What a market is told about one picture. `file` is its name in the basket."""

    file: str
    title: str
    keywords: tuple[str, ...]
    category: str


def worded(idea: Idea, market: Market, file: str) -> Worded:
    """The idea in the market's language, within its limits."""
    title = idea.title[market.language]
    for char in market.title.forbidden_chars:
        title = title.replace(char, " ")
    title = _cut(" ".join(title.split()), market.title.max_chars)
    keywords = [word for word in idea.tags[market.language] if market.keywords.allows(word)]
    category = str(market.categories.get(idea.category, ""))
    return Worded(file=file, title=title, keywords=tuple(keywords[: market.keywords.max]), category=category)


def table(rows: Sequence[Worded], market: Market) -> bytes:
    """The market's CSV, byte for byte as it wants it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=market.csv.delimiter, lineterminator=market.csv.newline)
    writer.writerow(market.csv.columns)
    for row in rows:
        writer.writerow([_cell(row, column, market) for column in market.csv.columns.values()])
    text = ("\ufeff" if market.csv.bom else "") + out.getvalue()
    return text.encode(market.csv.encoding)


def _cell(row: Worded, column: Column, market: Market) -> str:
    cells: Mapping[Column, str] = {
        "file": row.file,
        "title": row.title,
        "keywords": market.keywords.separator.join(row.keywords),
        "category": row.category,
        "empty": "",
    }
    return cells[column]


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where there are any."""
    if len(text) <= limit:
        return text
    head = text[: limit + 1]
    return (head.rsplit(" ", 1)[0] if " " in head else text[:limit]).strip()
