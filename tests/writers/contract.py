"""What every writer must do, as functions that a test of any writer can call."""

from __future__ import annotations

import math

import pytest

from stockgen.domain.errors import WriterAway, WriterError, WriterLacks
from stockgen.domain.protocols import Brief, Writer

ANSWER = '{"ideas": [{"title_ko": "봄 <하늘> & 꽃"}]}'
BRIEF = Brief(
    text="한 가지 아이디어. One idea.",
    schema={"type": "object", "properties": {"ideas": {"type": "array"}}, "required": ["ideas"]},
    system="You answer in JSON.",
    tokens=512,
    temperature=0.7,
    seed=11,
)


def is_ready_and_writes(writer: Writer) -> None:
    """The answer comes back letter for letter, under a name that says whose it is."""
    assert writer.missing() is None
    assert writer.write(BRIEF) == ANSWER
    assert writer.name


def measures_or_says_that_it_can_not(writer: Writer) -> None:
    """`embeds` tells the truth."""
    if not writer.embeds:
        with pytest.raises(WriterLacks):
            writer.embed(["a"])
        return
    vectors = writer.embed(["spring sky", "봄 하늘", "steel"])
    assert len({len(vector) for vector in vectors}) == 1
    assert len(vectors) == 3
    assert all(math.isclose(sum(x * x for x in vector), 1.0, rel_tol=1e-3) for vector in vectors)
    assert list(writer.embed([])) == []


def looks_or_says_that_it_can_not(writer: Writer) -> None:
    """`sees` tells the truth; a picture is never dropped in silence."""
    brief = Brief(text="what is this?", schema={}, images=(b"\x89PNG\r\n\x1a\n....", b"\xff\xd8\xff...."))
    if writer.sees:
        assert writer.write(brief)
        return
    with pytest.raises(WriterLacks):
        writer.write(brief)


def tells_of_the_card(writer: Writer) -> None:
    """Bytes, never below nothing; after `release` nothing is held."""
    writer.write(BRIEF)
    assert writer.needs() >= 0
    assert writer.on_card() >= 0
    writer.release()
    assert writer.on_card() == 0


def fails_with_nothing_but_our_errors(writer: Writer) -> None:
    """Where its server is not there."""
    for call in (lambda: writer.write(BRIEF), writer.missing, lambda: writer.embed(["a"])):
        try:
            lack = call()
        except WriterError as error:
            assert error.remark.facts
            assert isinstance(error, WriterAway | WriterLacks)
        else:
            assert isinstance(lack, WriterLacks)
