"""Two parsers, one reading: libyaml is quicker, and nobody must notice by anything else."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from stockgen.jobfile.typography import yaml_structure
from stockgen.jobfile.yamlevents import QUICK, events

CORPUS = Path(__file__).parent / "corpus"
SIGNS = [*"[]{}:,-#\"'\n |>&*!%@`~", "\n  ", "- ", ": ", "한", "🌸", "---\n", "\n...\n"]


def seen(found: Any) -> list[tuple[Any, ...]] | None:
    """What the builder looks at; None = the text is refused."""
    try:
        return [
            (type(one), getattr(one, "value", None), getattr(one, "style", None) or None, one.start_mark.line,
             getattr(one, "anchor", None), getattr(one, "tag", None))
            for one in found if isinstance(one, yaml.NodeEvent)
        ]  # fmt: skip
    except (yaml.YAMLError, ValueError):
        return None


def texts() -> list[str]:
    found = []
    for path in sorted(CORPUS.iterdir()):
        data = path.read_bytes()
        if data.isascii() or not data.startswith((b"\xff", b"\xfe")):
            found.append(yaml_structure(data.decode("utf-8-sig", errors="replace"))[:600])
    return found


def spoiled(text: str, rng: Random) -> str:
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(text))
        text = text[:at] + (rng.choice(SIGNS) if rng.random() < 0.7 else "") + text[at + rng.randint(0, 2) :]
    return text


def test_both_parsers_read_every_text_alike_that_both_take() -> None:
    rng, both = Random(7), 0
    given = texts()
    for text in [*given, *(spoiled(rng.choice(given), rng) for _ in range(400))]:
        slow = seen(yaml.parse(text, Loader=yaml.BaseLoader))
        quick = seen(events(text))
        if slow is not None and "?" not in text:  # an open `?` at the very end has no line of its own
            assert quick == slow, text
            both += 1
    assert both > 150


@pytest.mark.parametrize("text", ["a\tb: c", "- " * QUICK])
def test_what_libyaml_reads_too_kindly_or_whole_is_left_to_the_other(text: str) -> None:
    assert seen(events(text)) == seen(yaml.parse(text, Loader=yaml.BaseLoader))
