"""Texts of a template in turn: no combination comes again before all have been there."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from stockgen.data.templates.nodes import Chosen
from stockgen.data.templates.parse import Template

# A file may ask for 999 pictures at most, so nobody can use more; above this nothing is counted or gone through.
MOST_COMBINATIONS = 1_000
MISSES = 20  # draws in a row that were there before: few are left, so the rest is gone through


def rounds(template: Template, rng: Random) -> Iterator[Iterator[Chosen]]:
    """Rounds without end; in each, every text comes once, likelier ones (by weight) sooner."""
    while True:
        yield _round(template, rng)


def _round(template: Template, rng: Random) -> Iterator[Chosen]:
    seen: set[str] = set()
    missed = 0
    while missed < MISSES and len(seen) < template.combinations:
        chosen = template.draw(rng)
        missed = missed + 1 if chosen.text in seen else 0
        if not missed:
            seen.add(chosen.text)
            yield chosen
    for index in _rest(template, len(seen), rng):
        chosen = template.at(index)
        if chosen.text not in seen:
            seen.add(chosen.text)
            yield chosen


def _rest(template: Template, seen: int, rng: Random) -> Iterator[int]:
    if seen < template.combinations <= MOST_COMBINATIONS:
        yield from rng.sample(range(template.combinations), template.combinations)
    elif seen < template.combinations:
        yield from (rng.randrange(template.combinations) for _ in range(MOST_COMBINATIONS))
