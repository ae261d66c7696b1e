"""What the ledger knows of due times, and of pictures that will wait."""

from __future__ import annotations

from stockgen.domain.words import Remark
from stockgen.ledger.schedules import Run
from tests.ledger.book import NOW, Book

MISSED = Run(schedule="nightly", due=NOW, result="missed", reason=Remark("schedule.missed"))


def test_a_due_time_keeps_what_became_of_it_first(book: Book) -> None:
    book.job("aaaaa")
    book.ledger.schedules.record([MISSED], NOW)
    book.ledger.schedules.record([Run(schedule="nightly", due=NOW, result="fired", job="aaaaa")], NOW)
    assert [row["result"] for row in book.ledger.query("SELECT result FROM schedule_runs")] == ["missed"]


def test_what_becomes_of_the_job_becomes_of_its_due_time(book: Book) -> None:
    (shot,) = book.job("aaaaa")
    book.ledger.schedules.record([Run(schedule="nightly", due=NOW, result="fired", job="aaaaa")], NOW)
    book.publish(shot)
    book.close("aaaaa")
    assert book.ledger.schedules.last()["nightly"]["result"] == "done"


def test_pictures_that_unfinished_jobs_make_count_and_those_that_were_lost_do_not(book: Book) -> None:
    done, dropped, review, failed, _planned = book.job("aaaaa", 5)
    book.job("bbbbb", 3)
    db = book.ledger._db
    db.write("""UPDATE jobs SET orders = json_set(orders, '$[0].markets', json('["adobe_stock", "miricanvas"]'))""")
    db.write("UPDATE jobs SET state = 'planning' WHERE id = 'bbbbb'")
    book.publish(done)
    book.ledger.assets.judge(book.publish(dropped), "dropped", NOW)
    book.publish(review, review="flat")
    db.write("UPDATE shots SET state = 'failed', reason = 'refused' WHERE id = :id", id=failed)
    assert book.ledger.schedules.coming() == {"adobe_stock": 5, "miricanvas": 5}  # done, planned, and three to plan
    db.write("UPDATE jobs SET cancelled = 1 WHERE id = 'bbbbb'")
    assert book.ledger.schedules.coming() == {"adobe_stock": 2, "miricanvas": 2}


def test_a_schedule_that_is_off_is_forgotten_and_no_other(book: Book) -> None:
    schedules = book.ledger.schedules
    for name in ("nightly", "매일밤", "night"):
        schedules.hear(name, "30 23 * * * local", NOW)
    book.ledger.note("schedule", "is another fact")
    schedules.forget_others(["nightly", "매일밤"])
    assert [schedules.heard(name) for name in ("nightly", "매일밤", "night")] == [
        ("30 23 * * * local", NOW), ("30 23 * * * local", NOW), None,
    ]  # fmt: skip
    assert book.ledger.noted("schedule") == "is another fact"


def test_what_was_noted_of_times_to_come_is_taken_back_but_no_job(book: Book) -> None:
    book.job("aaaaa")
    later = [Run(schedule="nightly", due=NOW + 1, result="missed", reason=Remark("schedule.missed")),
             Run(schedule="nightly", due=NOW + 2, result="fired", job="aaaaa"),
             Run(schedule="other", due=NOW + 3, result="missed", reason=Remark("schedule.missed"))]  # fmt: skip
    book.ledger.schedules.record([MISSED, *later], NOW)
    book.ledger.schedules.unsay("nightly", NOW)
    rows = book.ledger.query("SELECT schedule, result FROM schedule_runs ORDER BY due_at")
    assert [(row["schedule"], row["result"]) for row in rows] == [
        ("nightly", "missed"), ("nightly", "fired"), ("other", "missed"),
    ]  # fmt: skip
