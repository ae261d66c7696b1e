"""Claims: no shot twice, none for ever, late outcomes count for nothing, and the order is fair."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.errors import Busy
from stockgen.domain.protocols import Held, Next, Outcome
from stockgen.ledger import FILE_NAME, Ledger, Row
from stockgen.ledger.connection import Connection
from tests.ledger.book import AGAIN, NOW, Book


def test_two_dispatchers_never_get_one_shot(book: Book) -> None:
    shots = book.job(count=40)
    start, won = threading.Barrier(4), []

    def dispatcher(token: str) -> None:
        start.wait()
        for at in range(0, 40, 8):
            won.append((token, book.claim(shots[at : at + 8], token)))

    threads = [threading.Thread(target=dispatcher, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(shot for _, ids in won for shot in ids) == shots
    assert all(book.row(shot)["token"] == token for token, ids in won for shot in ids)


def test_two_connections_to_one_file_never_get_one_shot(book: Book, tmp_path: Path) -> None:
    shots = book.job(count=8)
    other = Ledger.opened(tmp_path)
    fits = book.fits(shots)
    first, second = book.ledger.claims.claim(fits[:5], "t1", NOW), other.claims.claim(fits, "t2", NOW)
    other.close()
    assert [fit.shot.id for fit in first] == shots[:5]
    assert [fit.shot.id for fit in second] == shots[5:]


def test_a_claim_counts_a_start_and_opens_an_attempt(book: Book) -> None:
    (shot,) = book.job()
    book.claim([shot])
    assert (book.row(shot)["state"], book.row(shot)["starts"], book.row(shot)["token"]) == ("rendering", 1, "t1")
    assert [one["outcome"] for one in book.ledger.shots.attempts(shot)] == [None]


def _again(book: Book, shot: int, token: str) -> bool:
    outcome = Outcome(shot=shot, seconds=1.0, error=Busy("busy"))
    return book.ledger.claims.missed(outcome, token, AGAIN, "s", NOW)


def test_an_outcome_of_an_old_claim_changes_nothing(book: Book) -> None:
    (shot,) = book.job()
    book.claim([shot], "old")
    assert book.ledger.claims.give_back(shot, "old", NOW)
    book.claim([shot], "new")
    before, attempts = book.row(shot), book.ledger.shots.attempts(shot)
    assert not book.render(shot, "old")
    assert not _again(book, shot, "old")
    assert not book.ledger.claims.give_back(shot, "old", NOW)
    assert (book.row(shot), book.ledger.shots.attempts(shot)) == (before, attempts)


def test_a_claim_that_is_taken_back_costs_no_start(book: Book) -> None:
    (shot,) = book.job()
    book.claim([shot])
    book.ledger.claims.give_back(shot, "t1", NOW)
    row = book.row(shot)
    assert (row["state"], row["starts"], row["token"], row["solo"]) == ("planned", 0, None, 0)
    assert [one["outcome"] for one in book.ledger.shots.attempts(shot)] == ["stopped"]


def test_a_cancelled_job_gets_no_shot_back_from_a_stop(book: Book) -> None:
    (shot,) = book.job()
    book.claim([shot])
    assert book.ledger.jobs.cancel("aaaaa", NOW) == [shot]
    book.ledger.claims.give_back(shot, "t1", NOW)
    assert (book.row(shot)["state"], book.row(shot)["reason"]) == ("cancelled", "cancelled")


def test_a_crash_plans_orphans_again_alone_and_closes_their_attempts(book: Book) -> None:
    orphan, planned = book.job(count=2)
    book.claim([orphan])
    assert book.ledger.claims.recover(starts=3, now=NOW) == 1
    row = book.row(orphan)
    assert (row["state"], row["solo"], row["starts"], row["token"]) == ("planned", 1, 1, None)
    assert [(one["outcome"], one["error_class"]) for one in book.ledger.shots.attempts(orphan)] == [
        ("lost", "LaneDied")
    ]
    assert book.row(planned)["solo"] == 0


def test_what_brought_us_down_as_often_as_allowed_is_quarantined(book: Book) -> None:
    (shot,) = book.job()
    for _ in range(2):
        book.claim([shot])
        book.ledger.claims.recover(starts=2, now=NOW)
    assert (book.row(shot)["state"], book.row(shot)["reason"]) == ("failed", "quarantined")


def test_a_crash_does_not_revive_what_its_author_cancelled(book: Book) -> None:
    (shot,) = book.job()
    book.claim([shot])
    book.ledger.jobs.cancel("aaaaa", NOW)
    book.ledger.claims.recover(starts=3, now=NOW)
    assert book.row(shot)["state"] == "cancelled"


def test_a_picture_that_is_back_with_a_provider_of_the_first_look_is_not_degraded(book: Book) -> None:
    (shot,) = book.job(chain=("scripted", "drawn", "second"))
    for pos, degraded in ((1, True), (1, False), (2, False)):  # on, once more, on
        book.claim([shot])
        then = Next("requeue", pos, 0.0, degraded, False, "refused")
        book.ledger.claims.missed(Outcome(shot=shot, seconds=0, error=Busy("busy")), "t1", then, "s", NOW)
        assert book.row(shot)["degraded"] == (pos == 1)


# -- order -----------------------------------------------------------------------------------------------------


def test_priority_then_dropped_files_then_schedules(book: Book) -> None:
    nightly, dropped = book.job("aaaaa", kind="schedule"), book.job("bbbbb")
    low, high = book.job("ccccc", priority=-1), book.job("ddddd", kind="schedule", priority=9)
    assert [one.shot.id for one in book.in_order()] == high + dropped + nightly + low


def test_jobs_of_equal_priority_take_turns(book: Book) -> None:
    large, small = book.job("aaaaa", 4), book.job("bbbbb", 2)
    order = [one.shot.id for one in book.in_order()]
    assert order == [large[0], small[0], large[1], small[1], large[2], large[3]]


def test_what_must_wait_is_no_candidate_until_then(book: Book) -> None:
    (shot,) = book.job()
    book.claim([shot])
    later = Next("requeue", 0, NOW + 60, False, False, "busy")
    book.ledger.claims.missed(Outcome(shot=shot, seconds=0, error=Busy("busy")), "t1", later, "s", NOW)
    assert book.in_order(now=NOW + 59.9) == []
    assert [one.shot.id for one in book.in_order(now=NOW + 60)] == [shot]


HOLDS = {
    "everything": (Held(hold="pause", reason=""), []),
    "a kind of job": (Held(hold="gpu_hours", reason="", kinds=frozenset({"schedule"})), ["aaaaa", "aaaaa"]),
    "a job": (Held(hold="money", reason="", jobs=frozenset({"aaaaa"})), ["bbbbb"]),
    "a shot": (Held(hold="money", reason="", shots=frozenset({1})), ["aaaaa", "bbbbb"]),
    "a provider": (Held(hold="money", reason="", providers=frozenset({"scripted"})), []),
    "another provider": (Held(hold="money", reason="", providers=frozenset({"second"})), ["aaaaa", "aaaaa", "bbbbb"]),
    "a kind of job at a provider": (
        Held(hold="money", reason="", kinds=frozenset({"file"}), providers=frozenset({"scripted"})), ["bbbbb"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("held", "left"), HOLDS.values(), ids=HOLDS.keys())
def test_a_hold_keeps_back_what_it_names_and_nothing_else(book: Book, held: Held, left: list[str]) -> None:
    book.job("aaaaa", 2)
    book.job("bbbbb", 1, kind="schedule")
    assert sorted(one.shot.job for one in book.in_order([held])) == left


def test_two_holds_add_up(book: Book) -> None:
    book.job("aaaaa")
    book.job("bbbbb")
    held = [Held(hold="money", reason="", jobs=frozenset({job})) for job in ("aaaaa", "bbbbb")]
    assert book.in_order(held) == []


# -- cost ------------------------------------------------------------------------------------------------------


class Spy(Connection):
    """Keeps the questions that are asked."""

    asked: Sequence[tuple[str, dict[str, Any]]] = ()

    def rows(self, sql: str, **values: Any) -> list[Row]:
        self.asked = (*self.asked, (sql, values))
        return super().rows(sql, **values)

    def plan(self) -> str:
        sql, values = self.asked[-1]
        return " | ".join(row["detail"] for row in super().rows(f"EXPLAIN QUERY PLAN {sql}", **values))

    def scans(self) -> bool:
        """Whether the last question looks at every row of a table."""
        return any("SCAN" in step and "INDEX" not in step for step in self.plan().split(" | "))


@pytest.fixture
def spied(book: Book, tmp_path: Path) -> tuple[Ledger, Spy]:
    spy = Spy(tmp_path / FILE_NAME)
    return Ledger(spy), spy


def test_a_million_rows_do_not_slow_a_claim_down(spied: tuple[Ledger, Spy]) -> None:
    ledger, spy = spied
    ledger.claims.candidates(["scripted"], NOW, 32, [Held(hold="money", reason="", kinds=frozenset({"schedule"}))])
    plan = spy.plan()
    assert plan.startswith("SEARCH shots USING INDEX shots_claim (provider=?)")
    assert not spy.scans()
    assert "TEMP B-TREE" not in plan


def test_what_every_turn_asks_is_answered_by_an_index(spied: tuple[Ledger, Spy]) -> None:
    ledger, spy = spied
    questions = [
        ledger.jobs.unplanned, ledger.jobs.ready_to_close, ledger.tries.backlog, ledger.shots.raw_paths,
        ledger.assets.staged_names, ledger.shots.of_open_jobs, lambda: ledger.tries.due(3),
        ledger.retries.waiting, lambda: ledger.tries.decided(NOW), ledger.shots.counts,
    ]  # fmt: skip
    for ask in questions:
        ask()
        assert not spy.scans(), spy.asked[-1]
    spy.close()
