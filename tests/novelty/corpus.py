"""The corpus: pairs of ideas that are the same, and pairs that are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from stockgen.domain.words import Idea
from tests.novelty.asking import Desk, idea

Pairs = Sequence[tuple[Idea, Idea]]


@cache
def corpus() -> Mapping[str, Mapping[str, Pairs]]:
    """`tune` and `held_out` → `duplicates` and `different` → (earlier, later)."""
    given = yaml.safe_load(Path(__file__).with_name("corpus.yaml").read_text(encoding="utf-8"))
    return {
        half: {kind: [_pair(line) for line in text.splitlines()] for kind, text in kinds.items()}
        for half, kinds in given.items()
    }


def measured(desk: Desk, half: str) -> tuple[list[str], list[str]]:
    """Every earlier idea is planned; then all later ones are asked about, one after another, and what is let through
    counts from then on. Return the duplicates that were let through, and the different ones that were refused.
    """
    pairs = corpus()[half]
    earlier = {one.title["en"]: one for one, _ in [*pairs["different"], *pairs["duplicates"]]}
    desk.planned(*earlier.values())
    through = [one.title["en"] for _, one in pairs["duplicates"] if desk.novelty.near(one) is None]
    named = [(one.title["en"], desk.novelty.near(one)) for _, one in pairs["different"]]
    return through, [f"{title}: {near}" for title, near in named if near is not None]


def _pair(line: str) -> tuple[Idea, Idea]:
    earlier, later = (_idea(side) for side in line.split(" // "))
    return earlier, later


def _idea(text: str) -> Idea:
    title, _, prompt = text.partition(" :: ")
    return idea(title.strip(), prompt.strip())
