"""The schema refuses what can't be, and the invariants report what the schema can't refuse."""

from __future__ import annotations

import sqlite3
from importlib.resources import files

import pytest

from stockgen.domain.words import Remark
from stockgen.ledger.schedules import Run
from stockgen.ledger.spend import Caps
from tests.house import broken_promises
from tests.ledger.book import NOW, Book

REFUSED = {
    "a shot in an unknown state": "UPDATE shots SET state = 'lost'",
    "rendering without a token": "UPDATE shots SET state = 'rendering', token = NULL",
    "rendered without raw bytes": "UPDATE shots SET state = 'rendered'",
    "a job closed without a result": "UPDATE jobs SET state = 'closed', closed_at = 'x'",
    "a result of an open job": "UPDATE jobs SET result = 'done', closed_at = 'x'",
    "a job of an unknown kind": "UPDATE jobs SET kind = 'wish'",
    "an attempt with an unknown outcome": "INSERT INTO attempts "
    "(shot_id, provider, model, request, started_at, dropped, outcome) "
    "VALUES (1, 'p', 'm', '{}', 'x', '{}', 'perhaps')",
    "an attempt of no shot": "INSERT INTO attempts (shot_id, provider, model, request, started_at, dropped) "
    "VALUES (99, 'p', 'm', '{}', 'x', '{}')",
    "two shots at one position": "UPDATE shots SET position = 0",
    "text where a number belongs": "UPDATE shots SET seed = 'seven'",
    "money that was settled once, settled again": "UPDATE spend SET settled_micros = 1 WHERE attempt_id = 1",
    "money that comes back": "UPDATE spend SET settled_micros = -1 WHERE attempt_id = 2",
    "a basket in an unknown state": "INSERT INTO baskets (market, clicks, path, state, made_at) "
    "VALUES ('m', '', 'p', 'sent', 'x')",
}


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED.keys())
def test_the_schema_refuses(book: Book, sql: str) -> None:
    book.job(count=2)
    book.ledger.spend.caps = Caps.usd(1.0, None, None)
    book.buy([1, 2], 50_000)
    book.render(1, cost=40_000)
    with pytest.raises(sqlite3.IntegrityError):
        book.ledger._db.write(sql)


def test_a_name_in_the_outbox_and_a_stem_are_used_once_for_ever(book: Book) -> None:
    first, second = book.job(count=2)
    asset = book.publish(first)
    book.publish(second)
    for sql in ("UPDATE assets SET stem = 'same'", "UPDATE files SET path = 'same'", "UPDATE assets SET number = 1"):
        with pytest.raises(sqlite3.IntegrityError):
            book.ledger._db.write(sql)
    book.submit(asset)
    with pytest.raises(sqlite3.IntegrityError):
        book.submit(asset)


# Each breaks one promise. Shot 1 is done, 2 in review, 3 failed, 4 planned (another job, open), 5 rendering; 6 and 7
# were bought, for a known and an unknown amount; 8 was kept and 9 is a spare.
VIOLATIONS = {
    "a shot's provider is the one whose turn it is": "UPDATE shots SET provider = 'other' WHERE id = 1",
    "a finished picture has exactly one asset, any other shot has none": "UPDATE shots "
    "SET state = 'failed', reason = 'x' WHERE id = 1",
    "a finished picture's files are all published": "UPDATE files SET state = 'staged' WHERE asset_id = 1",
    "a finished picture has one master and one sidecar": "DELETE FROM files WHERE asset_id = 1 AND role = 'sidecar'",
    "the asset's state follows the shot's": "UPDATE assets SET state = 'review' WHERE shot_id = 1",
    "a closed job has no unfinished shot": "UPDATE shots SET job_id = 'aaaaa', position = 9 WHERE id = 4",
    "a closed job has published its job.json": "UPDATE files SET state = 'staged' WHERE role = 'job'",
    "what does not wait for its rest is not whole": "UPDATE jobs SET parent_id = 'aaaaa', kind = 'rest', "
    "result = NULL WHERE id = 'bbbbb'",
    "a picture belongs to the same job as its idea": "UPDATE ideas SET job_id = 'aaaaa', position = 9 WHERE id = 4",
    "nothing that rendered has an attempt still open": "UPDATE attempts SET outcome = NULL WHERE shot_id = 1",
    "every shot that is rendering has exactly one open attempt": "UPDATE attempts "
    "SET outcome = 'lost' WHERE shot_id = 5",
    "a shot that rendered has exactly one attempt that succeeded since it was last planned": "UPDATE attempts "
    "SET outcome = 'failed' WHERE shot_id = 2",
    "what failed or was cancelled says why": "UPDATE shots SET reason = NULL WHERE id = 3",
    "nothing starts more often than it may": "UPDATE shots SET starts = 21 WHERE id = 1",
    "a submission's asset is sellable": "UPDATE assets SET sellable = 0 WHERE id = 1",
    "a due time has brought a job, or says why not": "UPDATE schedule_runs SET reason = NULL WHERE job_id IS NULL",
    "what became of a job is what became of its due time": "UPDATE schedule_runs "
    "SET result = 'fired' WHERE job_id = 'aaaaa'",
    "whatever may cost something has its row in the books, with the same quote, provider and job": "DELETE FROM spend "
    "WHERE attempt_id = 4",
    "what is reserved is settled when its attempt ends, and not before": "UPDATE attempts "
    "SET outcome = NULL WHERE shot_id = 6",
    "the books say of each attempt what it says itself": "UPDATE attempts SET billed = 'yes' WHERE billed = 'maybe'",
    "the days' sums are those of the books": "UPDATE spend_days SET micros = micros + 1",
    "one of a picture's tries stands for it": "UPDATE shots SET lead = 1 WHERE id = 9",
    "whoever was made beside it is a spare, without files in the outbox and in no basket": "UPDATE assets "
    "SET number = 9 WHERE state = 'spare'",
    "what is kept is no spare": "UPDATE assets SET number = -9 WHERE id = 1",
    "only what has rendered is measured": "INSERT INTO measures VALUES (1, '[]', x'')",
    "foreign keys hold": "UPDATE shots SET idea_id = 999 WHERE id = 1",
}


def scene(book: Book) -> None:
    done, review, failed = book.job("aaaaa", 3)
    book.submit(book.publish(done))
    book.publish(review, review="flat")
    book.ledger._db.write("UPDATE shots SET state = 'failed', reason = 'refused' WHERE id = :id", id=failed)
    book.ledger.schedules.record(
        [Run(schedule="nightly", due=1.0, result="fired", job="aaaaa"),
         Run(schedule="nightly", due=2.0, result="missed", reason=Remark("schedule.missed"))], NOW,
    )  # fmt: skip
    book.close("aaaaa")
    _, rendering = book.job("bbbbb", 2)
    book.claim([rendering])
    book.ledger.spend.caps = Caps.usd(1.0, None, None)
    bought = book.job("ccccc", 2)
    book.buy(bought, 50_000)
    for shot, cost in zip(bought, (40_000, None), strict=True):
        book.render(shot, cost=cost)
    ((kept, spare),) = book.tried("ddddd")
    book.measure(spare)
    book.publish(kept)
    book.spare(spare)


def test_every_promise_has_a_violation_below() -> None:
    text = (files("stockgen.ledger") / "invariants.sql").read_text(encoding="utf-8")
    assert [part.partition("\n")[0] for part in text.split("-- name: ")[1:]] == list(VIOLATIONS)


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_broken_promise_is_reported(book: Book, name: str) -> None:
    scene(book)
    assert broken_promises(book.ledger) == {}
    raw = book.ledger._db._raw
    for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
        raw.execute(f"PRAGMA {pragma}")
    raw.execute("BEGIN")
    assert raw.execute(VIOLATIONS[name]).rowcount > 0
    assert name in broken_promises(book.ledger)
    raw.execute("ROLLBACK")
