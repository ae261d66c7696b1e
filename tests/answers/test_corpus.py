"""Answers as real models write them, each wrong in its own way: used where something is in them, else refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from stockgen.answers import read
from stockgen.answers.asking import asked
from stockgen.answers.ideas import WrittenIdea, ideas
from stockgen.domain.errors import BadAnswer
from stockgen.domain.protocols import Brief
from tests.answers.scripted import Scripted

HERE = Path(__file__).parent
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "expected.yaml").read_text(encoding="utf-8"))
HELD_OUT: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "held_out.yaml").read_text(encoding="utf-8"))
ALL = EXPECTED | HELD_OUT


def text_of(name: str) -> str:
    folder = "corpus" if name in EXPECTED else "held_out"
    return (HERE / folder / f"{name}.txt").read_text(encoding="utf-8")


def shown(idea: WrittenIdea) -> str:
    return f"{idea.prompt} {idea.title} {idea.tags}"


@pytest.mark.parametrize("name", ALL)
def test_an_awkward_answer_gives_what_is_in_it(name: str) -> None:
    wanted = ALL[name]
    good, faults = ideas(read(text_of(name)).items)
    assert len(good) == wanted.get("ideas", 0)
    texts = [shown(idea) for idea in good]
    assert [text for text, has in zip(texts, wanted.get("has", []), strict=False) if has not in text] == []
    assert len(wanted.get("has", [])) == len(good)
    lost = list(dict.fromkeys(fault.code for fault in faults if fault.lost))
    if not wanted.get("refused") and not read(text_of(name)).cut:
        assert lost == wanted.get("again", [])


@pytest.mark.parametrize("name", [name for name, wanted in ALL.items() if wanted.get("refused")])
def test_of_an_answer_with_nothing_in_it_nothing_is_made(name: str) -> None:
    """Asked once more, and then refused; never an idea of a form, an error or an apology."""
    writer = Scripted([text_of(name)])
    with pytest.raises(BadAnswer):
        asked(writer, Brief(text="?", schema={}), lambda step: None)
    assert len(writer.briefs) == 2


def test_every_file_is_expected_and_the_share_that_becomes_ideas_is_kept(record_property: Callable[..., None]) -> None:
    for folder, expected in (("corpus", EXPECTED), ("held_out", HELD_OUT)):
        assert {path.stem for path in (HERE / folder).glob("*.txt")} == set(expected)
        share = share_of(expected)
        record_property(folder, f"{share:.3f}")
        assert share >= 0.85


def share_of(expected: Mapping[str, Mapping[str, Any]]) -> float:
    """Of the answers that hold something, how many give at least one idea at once, without asking again."""
    useful = [name for name, wanted in expected.items() if not wanted.get("refused")]
    return sum(1 for name in useful if ideas(read(text_of(name)).items)[0]) / len(useful)
