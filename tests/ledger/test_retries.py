"""What is left of a job and becomes another one is still one wish: one budget, nothing counted twice, nothing lost."""

from __future__ import annotations

from stockgen.domain.errors import Refused
from stockgen.domain.protocols import Held, Next, Outcome
from stockgen.domain.words import Remark
from stockgen.ledger.spend import Caps
from tests.ledger.book import NOW, Book

CENT = 10_000  # micro-USD
WHY = Remark("close.rest", facts={"time": "24 h"})
ON = Next("requeue", 0, 0.0, False, False, "refused")


def half_bought(book: Book) -> list[int]:
    """Three pictures for ten cents: one made for four, one refused and billed three, one not begun."""
    book.ledger.spend.caps = Caps.usd(5.0, None, None)
    made, refused, waiting = book.job(count=3, budget=10 * CENT)
    book.buy([made], 4 * CENT)
    book.render(made, cost=4 * CENT)
    book.buy([refused], 3 * CENT, "t2")
    outcome = Outcome(shot=refused, seconds=1.0, error=Refused("refused"), cost=3 * CENT)
    book.ledger.claims.missed(outcome, "t2", ON, "s", NOW)
    return [made, refused, waiting]


def test_a_job_and_its_rest_have_one_budget_between_them(book: Book) -> None:
    _, _, waiting = half_bought(book)
    assert book.ledger.retries.split("aaaaa", "bbbbb", "2026-11/b", WHY, NOW) == 2
    spend = book.ledger.spend
    assert (spend.job("aaaaa"), spend.job("bbbbb")) == (7 * CENT, 7 * CENT)
    assert book.buy([waiting], 4 * CENT, "t3") == []
    assert book.buy([waiting], 3 * CENT, "t3") == [waiting]
    assert spend.day(spend.day_of(NOW)) == 10 * CENT


def test_the_cap_of_a_job_is_that_of_both_too(book: Book) -> None:
    _, _, waiting = half_bought(book)
    book.ledger.spend.caps = Caps.usd(5.0, None, 0.08)
    book.ledger.retries.split("aaaaa", "bbbbb", "2026-11/b", WHY, NOW)
    assert book.buy([waiting], 2 * CENT, "t3") == []
    assert book.buy([waiting], 1 * CENT, "t3") == [waiting]


def test_what_is_moved_is_moved_as_it_is_with_what_was_tried(book: Book) -> None:
    made, refused, waiting = half_bought(book)
    before = [book.row(shot) for shot in (refused, waiting)]
    book.ledger.retries.split("aaaaa", "bbbbb", "2026-11/b", WHY, NOW)
    assert [book.row(shot) for shot in (refused, waiting)] == [row | {"job_id": "bbbbb"} for row in before]
    assert [one.error_class for one in book.ledger.shots.errors(refused)] == ["Refused"]
    assert book.row(made)["job_id"] == "aaaaa"
    assert [row["job_id"] for row in book.ledger.query("SELECT job_id FROM ideas ORDER BY id")] == [
        "aaaaa", "bbbbb", "bbbbb",
    ]  # fmt: skip


def test_where_nothing_is_left_there_is_no_other_job(book: Book) -> None:
    (shot,) = book.job()
    book.claim([shot])
    assert book.ledger.retries.split("aaaaa", "bbbbb", "2026-11/b", WHY, NOW) == 0
    assert book.ledger.retries.line("aaaaa") == ["aaaaa"]


def test_a_second_rest_is_of_the_first_one_and_all_are_one_line(book: Book) -> None:
    first, _ = book.job(count=2, kind="schedule")
    book.publish(first)
    book.ledger.retries.split("aaaaa", "bbbbb", "2026-11/b", WHY, NOW)
    book.ledger.retries.split("bbbbb", "ccccc", "2026-11/c", WHY, NOW)
    retries = book.ledger.retries
    assert retries.line("aaaaa") == retries.makers("aaaaa") == ["aaaaa", "bbbbb", "ccccc"]
    assert (retries.line("bbbbb"), retries.asked("ccccc")) == (["bbbbb", "ccccc"], "aaaaa")
    schedules = Held(hold="gpu_hours", reason="", kinds=frozenset({"schedule"}))
    assert len(book.in_order()) == 1
    assert book.in_order([schedules]) == []  # it is still what a schedule asked for
