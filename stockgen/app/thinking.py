"""Ideas to look at: thought of here and now. Nothing is planned, written down or rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import yaml

from stockgen.domain.errors import WriterError
from stockgen.domain.protocols import Past
from stockgen.domain.words import Idea, Language, Order, Remark
from stockgen.pipeline.lawful import spared

if TYPE_CHECKING:
    from stockgen.app.catalogue import Catalogue

_VARIANTS = re.compile(r"[{}|$\\]|__+")  # signs that would make variants of a prompt


class Fresh:
    """A past without a ledger: only what was thought of in this run."""

    def __init__(self) -> None:
        self._titles: dict[str, str] = {}

    def recent(self, count: int) -> Sequence[str]:
        """Titles of this run, newest first."""
        return [*reversed(self._titles.values())][:count]

    def refused(self, count: int) -> Sequence[str]:
        """Nobody has refused anything yet."""
        return [][:count]

    def near(self, idea: Idea) -> str | None:
        """The title itself, where it comes again."""
        title = idea.title["en"]
        found = self._titles.get(title.casefold())
        self._titles.setdefault(title.casefold(), title)
        return found


def thought(catalogue: Catalogue, order: Order, past: Past, rng: Random) -> Iterator[Idea | Remark]:
    """The order's ideas as they come, by the text model; where it fails or is not there by templates, which is told."""
    made, why = 0, Remark("ideas.no_writer")
    if catalogue.pen is not None:
        try:
            for one in _written(catalogue, order, past, rng):
                made += isinstance(one, Idea)
                yield one
        except WriterError as error:
            why = error.remark
        else:
            return
    missing = order.count - made
    yield Remark("ideas.templates", facts={"count": missing, "why": why})
    yield from catalogue.modes[order.mode](order, "diffusion", missing, rng)


def _written(catalogue: Catalogue, order: Order, past: Past, rng: Random) -> Iterator[Idea | Remark]:
    """Raises WriterAway, WriterLacks, BadAnswer."""
    pen = catalogue.pen
    assert pen is not None
    lack = pen.writer.missing()
    if lack is not None:
        raise lack
    yield from spared(pen.modes[order.mode], pen.clear, order, "diffusion", order.count, rng, past)


def job_file(ideas: Sequence[Idea], order: Order, language: Language) -> str:
    """A YAML job file that makes a picture of each idea, word for word; titles in `language`."""
    orders: list[dict[str, Any]] = [
        {
            "prompt": " ".join(_VARIANTS.sub(" ", idea.prompt).split()),
            "count": 1,
            "kind": order.kind,
            "title": idea.title[language],
            "tags": [*dict.fromkeys(tag for each in idea.tags.values() for tag in each)],
            "category": idea.category,
        }
        for idea in ideas
    ]
    return yaml.safe_dump(orders, allow_unicode=True, sort_keys=False, width=10_000)
