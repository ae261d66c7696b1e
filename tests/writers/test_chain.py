"""Several writers as one: the next one writes where the first can't, and the first is asked again later."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stockgen.domain.errors import WriterAway, WriterError, WriterLacks
from stockgen.domain.protocols import Brief
from stockgen.pipeline.writer_chain import WriterChain

BRIEF = Brief(text="?", schema={})


class One:
    """A writer whose state a test sets."""

    sees = False
    embeds = False

    def __init__(self, name: str, *, sees: bool = False, embeds: bool = False, card: int = 0) -> None:
        self.name = name
        self.sees = sees
        self.embeds = embeds
        self.card = card
        self.trouble: WriterError | None = None
        self.calls = 0

    def _ask(self) -> None:
        self.calls += 1
        if self.trouble is not None:
            raise self.trouble

    def missing(self) -> WriterLacks | None:
        """Its trouble."""
        if isinstance(self.trouble, WriterLacks):
            return self.trouble
        self._ask()
        return None

    def write(self, brief: Brief) -> str:
        """Its name."""
        self._ask()
        return self.name

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One number."""
        self._ask()
        return [[float(len(self.name))] for _ in texts]

    def on_card(self) -> int:
        """As set."""
        self._ask()
        return self.card

    def needs(self) -> int:
        """As set."""
        self._ask()
        return self.card

    def release(self) -> None:
        """Nothing lies there any more."""
        self._ask()
        self.card = 0


AWAY = WriterAway("writer_silent", writer="x", seconds=1)
LACKS = WriterLacks("ollama_model", model="m", command="ollama pull m")


class Now:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.time


def test_the_first_that_is_ready_writes_and_gives_its_name() -> None:
    first, second = One("first"), One("second")
    chain = WriterChain([first, second], Now())
    assert (chain.write(BRIEF), chain.name) == ("first", "first")
    for trouble in (AWAY, LACKS):
        chain = WriterChain([first, second], Now())
        first.trouble = trouble
        assert (chain.write(BRIEF), chain.name) == ("second", "second")


def test_one_that_was_away_is_asked_again_after_a_minute_and_not_before() -> None:
    """Each question to a dead server may cost its whole time-out."""
    now, first, second = Now(), One("first"), One("second")
    chain = WriterChain([first, second], now)
    first.trouble = AWAY
    chain.write(BRIEF)
    first.trouble = None
    now.time += 59
    assert chain.write(BRIEF) == "second"
    assert first.calls == 1
    now.time += 2
    assert chain.write(BRIEF) == "first"


def test_where_none_is_there_the_first_ones_error_is_told_also_while_it_rests() -> None:
    first, second = One("first"), One("second")
    chain = WriterChain([first, second], Now())
    first.trouble, second.trouble = AWAY, LACKS
    for _ in range(2):
        with pytest.raises(WriterAway) as error:
            chain.write(BRIEF)
        assert error.value is AWAY
    assert chain.missing() is LACKS
    second.trouble = AWAY
    with pytest.raises(WriterAway):
        chain.missing()
    second.trouble = None
    chain = WriterChain([first, second], Now())
    assert chain.missing() is None


def test_a_picture_goes_only_to_one_that_sees() -> None:
    blind, seeing = One("blind"), One("seeing", sees=True)
    brief = Brief(text="?", schema={}, images=(b"x",))
    assert WriterChain([blind, seeing], Now()).write(brief) == "seeing"
    assert blind.calls == 0
    with pytest.raises(WriterLacks):
        WriterChain([blind], Now()).write(brief)


def test_vectors_of_two_models_are_never_mixed() -> None:
    first, second = One("a"), One("bb", embeds=True)
    third = One("ccc", embeds=True)
    chain = WriterChain([first, second, third], Now())
    assert chain.embed(["x"]) == [[2.0]]
    second.trouble = AWAY
    with pytest.raises(WriterAway):
        chain.embed(["x"])
    with pytest.raises(WriterLacks):
        WriterChain([first], Now()).embed(["x"])


def test_the_card_is_given_back_by_all_even_where_one_fails() -> None:
    first, second = One("first", card=5), One("second", card=7)
    chain = WriterChain([first, second], Now())
    assert (chain.on_card(), chain.needs()) == (12, 5)
    first.trouble = AWAY
    assert (chain.on_card(), chain.needs()) == (7, 7)
    with pytest.raises(WriterAway):
        chain.release()
    assert second.card == 0


def test_a_chain_of_none_says_so() -> None:
    chain = WriterChain([], Now())
    for call in (chain.missing, lambda: chain.write(BRIEF)):
        with pytest.raises(WriterLacks) as error:
            call()
        assert error.value.code == "no_writer"
    chain.release()
