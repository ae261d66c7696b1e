"""What waits is counted right for people, and cheaply where a claim asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockgen.domain.protocols import Held, Next
from tests.ledger.book import NOW, Book

EVERYTHING = Held(hold="pause", reason="")
NIGHTLY = Held(hold="gpu_hours", reason="", kinds=frozenset({"schedule"}))
LATE = NOW + 60.0  # wall seconds
OTHER = Held(hold="money", reason="", providers=frozenset({"second"}))


@pytest.fixture
def waiting(tmp_path: Path) -> Book:
    """Three pictures of a file, two of a schedule, one for another provider; all planned."""
    book = Book(tmp_path)
    book.job("aaaaa", 3)
    book.job("bbbbb", 2, kind="schedule")
    book.job("ccccc", 1, chain=("second",))
    return book


def test_what_is_of_one_stack_is_counted_no_further_than_was_asked(waiting: Book) -> None:
    queue = waiting.ledger.queue
    assert [queue.ahead("scripted", "s", limit) for limit in (4, 500)] == [4, 5]
    assert queue.ahead("scripted", "another", 500) == 0
    assert queue.ahead("second", "s", 500) == 1


def test_what_is_laid_over_a_model_needs_no_other_model(waiting: Book) -> None:
    waiting.ledger._db.write("UPDATE shots SET stack = 's|ink@0.6' WHERE id IN (1, 2)")
    waiting.ledger._db.write("UPDATE shots SET stack = 'sd' WHERE id = 3")
    queue = waiting.ledger.queue
    assert [queue.ahead("scripted", stack, 500) for stack in ("s", "s|mist@1", "s|ink@0.6", "sd")] == [4, 4, 4, 1]


def test_how_many_a_hold_keeps_waiting(waiting: Book) -> None:
    queue, both = waiting.ledger.queue, ("scripted", "second")
    assert [queue.held(both, one) for one in (EVERYTHING, NIGHTLY, OTHER)] == [6, 2, 1]
    assert queue.held(["scripted"], OTHER) == 0


def test_whether_anything_is_left_beside_what_is_held(waiting: Book) -> None:
    queue = waiting.ledger.queue
    assert queue.free(["scripted"], [NIGHTLY], LATE)
    assert not queue.free(["scripted"], [EVERYTHING], LATE)
    assert not queue.free(["second"], [OTHER, NIGHTLY], LATE)
    waiting.claim([1, 2, 3])
    assert not queue.free(["scripted"], [NIGHTLY], LATE)  # what renders does not wait


def test_what_is_tried_again_much_later_is_not_left_to_do_now(waiting: Book) -> None:
    (second,) = [row["id"] for row in waiting.ledger.shots.of_job("ccccc")]
    later = Next("requeue", 0, LATE + 1.0, False, False, "closed")
    waiting.ledger.claims.moved(second, later, "s", NOW)
    assert not waiting.ledger.queue.free(["second"], [], LATE)
    assert waiting.ledger.queue.free(["second"], [], LATE + 2.0)
