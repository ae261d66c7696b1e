"""Other words are true of the provider that had refused the first ones, and of nobody else."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from stockgen.domain.protocols import Shot
from stockgen.ledger.reworded import KEY, Reworded, unmarked, unsaid, worded
from stockgen.ledger.shots import shot_of
from tests.ledger.book import NOW, Book

CHAIN = ("first", "second", "third")
TOLD = Reworded("second", "a shot of espresso", "refused", "a small cup of espresso", "ollama")
BEFORE = Shot(id=1, job="j", idea=1, prompt=TOLD.before, seed=1, width=64, height=64, wish={"kind": "photo"},
              chain=CHAIN)  # fmt: skip


def marked(at: int, told: Reworded = TOLD, prompt: str = TOLD.before) -> Shot:
    wish = {"kind": "photo", KEY: asdict(told)}
    return Shot(id=1, job="j", idea=1, prompt=prompt, seed=1, width=64, height=64, wish=wish, chain=CHAIN, chain_pos=at)


@pytest.mark.parametrize(("at", "prompt"), [(0, TOLD.before), (1, TOLD.words), (2, TOLD.before)])
@pytest.mark.parametrize("was", [TOLD.before, TOLD.words])
def test_each_provider_is_told_what_is_meant_for_it_whatever_the_last_one_was_told(at, prompt, was) -> None:
    assert worded(marked(at, prompt=was)).prompt == prompt


def test_a_shot_that_nobody_refused_is_as_it_was() -> None:
    assert worded(BEFORE) == unmarked(BEFORE) == BEFORE
    assert unsaid(BEFORE) == ""


def test_who_refused_the_only_words_is_told_nothing() -> None:
    none = Reworded("second", TOLD.before, "refused")
    assert [unsaid(marked(at, none)) for at in range(3)] == ["", "refused", ""]
    assert unsaid(marked(1)) == ""


def test_a_mark_that_is_taken_off_leaves_nothing_behind() -> None:
    assert unmarked(marked(1, prompt=TOLD.words)) == marked(1).__class__(
        id=1, job="j", idea=1, prompt=TOLD.before, seed=1, width=64, height=64, wish={"kind": "photo"}, chain=CHAIN,
        chain_pos=1,
    )  # fmt: skip


def test_what_waits_for_words_is_found_until_it_has_them(book: Book) -> None:
    first, second = book.job(count=2, chain=("scripted",))
    book.ledger.rewordings.want(first, Reworded("scripted", "a sea", "refused"), NOW + 60.0, NOW)
    assert [row["id"] for row in book.ledger.rewordings.waiting()] == [first]
    assert [one.shot.id for one in book.in_order()] == [second]
    told = Reworded("scripted", "a sea", "refused", "a calm sea", "ollama")
    book.ledger.rewordings.put(first, told, "s2", NOW)
    assert book.ledger.rewordings.waiting() == []
    row = book.row(first)
    assert (row["prompt"], row["stack"], shot_of(row).prompt) == ("a sea", "s2", "a calm sea")
    assert [one.shot.prompt for one in book.in_order()] == ["a calm sea", "a sea"]
