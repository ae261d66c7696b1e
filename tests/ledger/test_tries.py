"""Several tries of one picture are one picture wherever pictures are counted, and each of them is begun, ended and
looked at once.
"""

from __future__ import annotations

from random import Random

import pytest

from stockgen.domain.protocols import Held, Next
from stockgen.domain.words import Remark
from tests.house import broken_promises
from tests.ledger.book import NOW, Book

FAILED = Next("fail", 0, 0.0, False, False, "unfit")
WHY = Remark("close.rest", facts={"time": "24 h"})


def steps(book: Book) -> list[tuple[int, str]]:
    return [(row["id"], row["step"]) for row in book.ledger.tries.due(99)]


def leads(book: Book) -> list[int]:
    return [row["id"] for row in book.ledger.query("SELECT id FROM shots WHERE lead = 1 ORDER BY id")]


# -- counting --------------------------------------------------------------------------------------------------


def test_a_picture_is_counted_once_whatever_its_tries_do(book: Book) -> None:
    (first, second), _ = book.tried(count=2)
    counts, of_job = book.ledger.shots.counts, lambda: book.ledger.jobs.counts("aaaaa")
    assert counts() == of_job() == {"planned": 2}
    book.claim([second])
    assert counts() == of_job() == {"planned": 1, "rendering": 1}
    book.render(second)
    assert counts() == {"planned": 2}  # its other try is still to be made
    book.measure(first)
    assert counts() == {"planned": 1, "rendered": 1}
    book.ledger.jobs.cancel("aaaaa", NOW)
    assert counts() == of_job() == {"cancelled": 1, "rendered": 1}
    assert book.ledger.shots.unrendered() == 0


def test_where_every_try_fails_the_picture_has_failed_once_and_says_why_the_last_did(book: Book) -> None:
    ((first, second, third),) = book.tried(tries=3)
    for shot, why in ((second, "refused"), (first, "busy"), (third, "unfit")):
        assert book.ledger.shots.counts() == {"planned": 1}
        book.ledger.claims.moved(shot, Next("fail", 0, 0.0, False, False, why), "", NOW)
    assert book.ledger.shots.counts() == {"failed": 1}
    (lacking,) = book.ledger.retries.lacking("aaaaa")
    assert lacking["reason"] == "unfit"
    assert [row["id"] for row in book.ledger.retries.failed(lacking)] == [first, second, third]


def test_whoever_became_the_picture_stands_for_it_for_ever(book: Book) -> None:
    ((first, second, third),) = book.tried(tries=3)
    book.measure(third)
    book.measure(first)
    book.publish(second)
    assert leads(book) == [second]
    book.spare(first)
    book.spare(third)
    assert leads(book) == [second]
    assert book.ledger.shots.counts() == {"done": 1}
    assert [row["number"] for row in book.ledger.assets.of_job("aaaaa")] == [1]
    assert book.ledger.assets.next_number("aaaaa") == 2
    assert broken_promises(book.ledger) == {}


@pytest.mark.parametrize("seed", range(20))
def test_exactly_one_try_stands_for_its_picture_whatever_happens(book: Book, seed: int) -> None:
    pictures, rng = book.tried(count=2, tries=4), Random(seed)
    for _ in range(30):
        shot = rng.choice([one for tries in pictures for one in tries])
        state = book.row(shot)["state"]
        if state == "planned":
            rng.choice([book.measure, lambda one: book.ledger.claims.moved(one, FAILED, "", NOW)])(shot)
        elif state == "rendered" and (shot, "choose") in steps(book):
            book.publish(shot)
        elif (shot, "spare") in steps(book):
            book.spare(shot)
        assert broken_promises(book.ledger) == {}
        assert sum(book.ledger.shots.counts().values()) == 2


# -- claiming --------------------------------------------------------------------------------------------------


def test_tries_of_a_picture_are_begun_one_after_the_other_and_jobs_take_turns_by_pictures(book: Book) -> None:
    mine, other = book.tried("aaaaa", 2, 3), book.tried("bbbbb", 2, 2)
    order = [one.shot.id for one in book.in_order()]
    assert order == [*mine[0], *other[0], *mine[1], *other[1]]


def test_a_hold_tells_of_pictures_not_of_tries(book: Book) -> None:
    (tries, _) = book.tried(count=2, tries=3)
    held = Held(hold="money", reason="")
    assert book.ledger.queue.held(["scripted"], held) == 2
    book.measure(tries[0])
    assert book.ledger.queue.held(["scripted"], held) == 2


# -- what is due -----------------------------------------------------------------------------------------------


def test_a_try_that_waits_for_its_siblings_is_nothing_to_do_and_keeps_nobody_from_claiming(book: Book) -> None:
    ((first, second),) = book.tried()
    book.claim([first])
    book.render(first)
    assert (steps(book), book.ledger.tries.backlog()) == ([(first, "measure")], 1)
    book.ledger.tries.measured(first, [], b"")
    assert (steps(book), book.ledger.tries.backlog()) == ([], 0)
    book.measure(second)
    assert steps(book) == [(book.ledger.query("SELECT id FROM shots WHERE lead = 1")[0]["id"], "choose")]
    assert book.ledger.tries.backlog() == 1


def test_siblings_become_spares_after_the_picture_is_there_and_not_before(book: Book) -> None:
    ((first, second),) = book.tried()
    book.measure(first)
    book.publish(second)
    assert steps(book) == [(first, "spare")]
    book.spare(first)
    assert steps(book) == []
    assert book.ledger.jobs.ready_to_close() == ["aaaaa"]


def test_what_was_measured_is_forgotten_when_it_has_ended_or_is_made_again(book: Book) -> None:
    ((first, second),) = book.tried()
    book.measure(first)
    book.measure(second)
    assert [row["id"] for row in book.ledger.tries.rendered(1)] == [first, second]
    book.ledger.claims.spoiled(first, ValueError(), Next("requeue", 0, 0.0, False, False, "x"), "s", NOW)
    assert [row["id"] for row in book.ledger.tries.rendered(1)] == [second]
    assert broken_promises(book.ledger) == {}


# -- the rest of a job -----------------------------------------------------------------------------------------


def test_a_half_made_picture_is_decided_and_only_what_has_nothing_is_the_rest(book: Book) -> None:
    half, none, failing = book.tried(count=3, tries=3)
    book.measure(half[1])
    book.ledger.claims.moved(failing[0], FAILED, "", NOW)
    assert [row["id"] for row in book.ledger.retries.waiting()] == ["aaaaa"]
    with book.ledger.atomic():
        assert book.ledger.tries.give_up("aaaaa", NOW) == 1
        assert book.ledger.retries.split("aaaaa", "bbbbb", "2026-11/b", WHY, NOW) == 2
    assert book.ledger.jobs.counts("aaaaa") == {"rendered": 1}
    assert book.ledger.jobs.counts("bbbbb") == {"planned": 2}
    assert [row["id"] for row in book.ledger.shots.of_job("bbbbb")] == [*none, *failing]
    assert steps(book) == [(half[1], "choose")]
    assert book.ledger.retries.carried()[0]["wait"] == 2
    book.publish(half[1])
    assert broken_promises(book.ledger) == {}


def test_a_job_with_a_try_in_hand_is_no_waiting_one(book: Book) -> None:
    ((first, second),) = book.tried()
    book.measure(first)
    book.claim([second])
    assert book.ledger.retries.waiting() == []


def test_tries_of_a_picture_that_is_there_are_not_made_after_a_start(book: Book) -> None:
    """As after an older ledger was restored."""
    kept, other = book.tried(count=2)
    book.publish(kept[1])
    book.ledger.tries.decided(NOW)
    assert (book.row(kept[0])["state"], book.row(kept[0])["reason"]) == ("cancelled", "not_waited")
    assert [book.row(shot)["state"] for shot in other] == ["planned", "planned"]


# -- spares ----------------------------------------------------------------------------------------------------


def test_spares_are_no_pictures_to_whoever_asks_for_pictures(book: Book) -> None:
    ((kept, spare),) = book.tried()
    book.measure(spare)
    book.publish(kept)
    book.spare(spare)
    book.close()
    ledger = book.ledger
    assert [row["shot_id"] for row in ledger.baskets.candidates("adobe_stock")] == [kept]
    assert [row["id"] for row in ledger.marks.spoken_of("adobe_stock")] == [1]
    assert len(ledger.finding.pictures("sea", 9)) == len(ledger.assets.masters()) == 1
    assert ledger.covered.pictures("none", ("sea",)) == 1
    assert [row["stem"] for row in ledger.tries.spares("aaaaa")] == [f"spare-{spare}"]
    assert ledger.assets.bytes_per_pixel() == 1 / 64**2


def test_only_old_spares_are_cleaned_and_only_once(book: Book) -> None:
    ((kept, spare),) = book.tried()
    book.measure(spare)
    book.publish(kept)
    book.spare(spare)
    assert book.ledger.tries.older(NOW) == []
    (old,) = book.ledger.tries.older(NOW + 1)
    book.ledger.tries.cleaned([old["id"]])
    assert (book.ledger.tries.older(NOW + 1), book.ledger.tries.lying()) == ([], set())
    assert broken_promises(book.ledger) == {}
