"""Money: never above a cap, never settled twice, never forgotten, whatever happens in between."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stockgen.domain.errors import Busy, Cancelled, LaneDied
from stockgen.domain.protocols import Next, Outcome
from stockgen.domain.times import local
from stockgen.ledger import Ledger
from stockgen.ledger.spend import Caps
from tests.house import broken_promises
from tests.ledger.book import AGAIN, NOW, Book

SEOUL = "Asia/Seoul"
DAY = 86_400.0
CENT = 10_000  # micro-USD
FAIL = Next("fail", 0, 0.0, False, False, "refused")


def _costs(book: Book) -> list[tuple[str, int | None, str]]:
    """Outcome, cost and `billed` of all attempts, oldest first."""
    rows = book.ledger.query("SELECT outcome, cost_micros, billed FROM attempts ORDER BY id")
    return [(row["outcome"], row["cost_micros"], row["billed"]) for row in rows]


def _settled(book: Book) -> list[int | None]:
    return [row["settled_micros"] for row in book.ledger.query("SELECT settled_micros FROM spend ORDER BY attempt_id")]


# -- nothing without a cap -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "caps",
    [Caps(), Caps.usd(None, None, None), Caps.usd(0, 5, 5), Caps.usd(5, 0, None), Caps.usd(5, 5, 0)],
    ids=["as it comes", "no cap written", "month 0", "day 0", "job 0"],
)
def test_nothing_is_bought_before_a_cap_is_written(book: Book, caps: Caps) -> None:
    book.ledger.spend.caps = caps
    (shot,) = book.job(budget=100 * CENT)  # a job's own budget is no leave to spend
    assert book.buy([shot], 1) == []
    assert (book.row(shot)["state"], book.row(shot)["starts"]) == ("planned", 0)
    assert book.claim([shot]) == [shot], "what is free needs no cap"


@pytest.mark.parametrize(
    ("caps", "budget"),
    [((0.10, None, None), None), ((None, 0.10, None), None), ((None, None, 0.10), None), ((9.0, 9.0, 9.0), 10 * CENT),
     ((9.0, 9.0, 0.10), 500 * CENT)],
    ids=["month", "day", "job", "the job's own", "the job's own raises nothing"],
)  # fmt: skip
def test_a_batch_is_claimed_as_far_as_each_cap_goes(
    book: Book, caps: tuple[float | None, ...], budget: int | None
) -> None:
    book.ledger.spend.caps = Caps.usd(*caps)
    shots = book.job(count=4, budget=budget)
    assert book.buy(shots, 4 * CENT) == shots[:2]
    assert [book.row(shot)["state"] for shot in shots] == ["rendering", "rendering", "planned", "planned"]


def test_a_cap_counts_by_local_days_and_months(book: Book) -> None:
    spend = book.ledger.spend
    spend.timezone, spend.caps = SEOUL, Caps.usd(0.15, 0.10, None)
    midnight = 1_796_050_800.0  # 2026-12-01 00:00 in Seoul, still November in UTC
    shots = book.job(count=8)
    assert len(book.buy(shots[:2], 8 * CENT, now=midnight - 1)) == 1
    assert len(book.buy(shots[2:], 8 * CENT, now=midnight)) == 1, "a new day, a new month"
    assert len(book.buy(shots[4:], 8 * CENT, now=midnight + DAY)) == 0, "a new day, the same month"
    assert (spend.month("2026-11-30"), spend.month("2026-12-31"), spend.day("2026-12-01")) == (
        8 * CENT, 8 * CENT, 8 * CENT,
    )  # fmt: skip


def test_what_was_reserved_yesterday_counts_for_yesterday_though_it_is_settled_today(book: Book) -> None:
    book.ledger.spend.caps = Caps.usd(None, 0.10, None)
    (first, second) = book.job(count=2)
    book.buy([first], 8 * CENT)
    book.ledger.claims.rendered(
        Outcome(shot=first, seconds=1.0, file=Path("1"), sha256="0" * 64, cost=7 * CENT), "t1", "t1/1", NOW + DAY
    )
    assert book.buy([second], 8 * CENT, now=NOW + DAY) == [second]


# -- every way in which an attempt ends --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "settled", "billed"), [(3 * CENT, 3 * CENT, "yes"), (None, 5 * CENT, "maybe"), (0, 0, "no")]
)
@pytest.mark.parametrize("way", ["rendered", "failed", "cancelled", "stopped"])
def test_every_end_of_an_attempt_settles_it(book: Book, way: str, cost: int | None, settled: int, billed: str) -> None:
    book.ledger.spend.caps = Caps.usd(1.0, None, None)
    (shot,) = book.job()
    book.buy([shot], 5 * CENT)
    claims = book.ledger.claims
    match way:
        case "rendered":
            book.render(shot, cost=cost)
        case "failed":
            claims.missed(Outcome(shot=shot, seconds=1.0, error=Busy("busy"), cost=cost), "t1", FAIL, "", NOW)
        case "cancelled":
            cancel = Next("cancel", 0, 0.0, False, False, "cancelled")
            error = Cancelled("cancelled")
            claims.missed(Outcome(shot=shot, seconds=1.0, error=error, cost=cost), "t1", cancel, "", NOW)
        case "stopped":
            claims.give_back(shot, "t1", NOW, Outcome(shot=shot, seconds=1.0, error=LaneDied("x"), cost=cost))
    assert _costs(book) == [(way, cost, billed)]
    assert _settled(book) == [settled]


def test_a_stop_of_which_nobody_knows_how_far_it_came_is_settled_at_the_quote(book: Book) -> None:
    book.ledger.spend.caps = Caps.usd(1.0, None, None)
    paid, free = book.job(count=2)
    book.buy([paid], 5 * CENT)
    book.claim([free])
    for shot in (paid, free):
        book.ledger.claims.give_back(shot, "t1", NOW)
    assert _costs(book) == [("stopped", None, "maybe"), ("stopped", 0, "no")]
    assert _settled(book) == [5 * CENT]


def test_a_crash_counts_what_was_open_as_billed_and_nothing_else(book: Book) -> None:
    book.ledger.spend.caps = Caps.usd(1.0, None, None)
    done, open_, free = book.job(count=3)
    book.buy([done, open_], 5 * CENT)
    book.claim([free])
    book.render(done, cost=3 * CENT)
    book.ledger.claims.recover(starts=3, now=NOW)
    assert _costs(book) == [("rendered", 3 * CENT, "yes"), ("lost", None, "maybe"), ("lost", 0, "no")]
    assert _settled(book) == [3 * CENT, 5 * CENT]


def test_a_picture_that_turns_out_unusable_stays_paid(book: Book) -> None:
    book.ledger.spend.caps = Caps.usd(1.0, None, None)
    (shot,) = book.job()
    book.buy([shot], 5 * CENT)
    book.render(shot, cost=3 * CENT)
    book.ledger.claims.spoiled(shot, Busy("busy"), AGAIN, "s", NOW)
    assert _costs(book) == [("failed", 3 * CENT, "yes")]
    assert book.ledger.spend.job("aaaaa") == 3 * CENT


def test_an_outcome_that_comes_after_its_claim_was_taken_back_pays_nothing_twice(book: Book) -> None:
    book.ledger.spend.caps = Caps.usd(1.0, None, None)
    (shot,) = book.job()
    book.buy([shot], 5 * CENT, "old")
    book.ledger.claims.recover(starts=3, now=NOW)
    assert not book.render(shot, "old", cost=3 * CENT)
    assert _settled(book) == [5 * CENT]


def test_money_that_was_really_taken_is_entered_though_it_is_more_than_was_quoted(book: Book) -> None:
    book.ledger.spend.caps = Caps.usd(0.10, None, None)
    quoted, free, later = book.job(count=3)
    book.buy([quoted], 5 * CENT)
    book.render(quoted, cost=7 * CENT)
    book.claim([free])
    book.render(free, cost=4 * CENT)  # had called itself free
    assert _settled(book) == [7 * CENT, 4 * CENT]
    assert book.buy([later], 1) == []


def test_a_job_and_those_that_make_once_more_what_it_lacked_have_one_budget(book: Book) -> None:
    """Else a budget would be gone and there again as often as somebody says `stockgen retry`."""
    spend, retries = book.ledger.spend, book.ledger.retries
    spend.caps = Caps.usd(5.0, None, None)
    shots = book.job(count=2, budget=10 * CENT)
    for shot, cost in zip(shots, (3 * CENT, 5 * CENT), strict=True):
        book.buy([shot], 5 * CENT)
        book.ledger.claims.missed(Outcome(shot=shot, seconds=1.0, error=Busy("x"), cost=cost), "t1", FAIL, "", NOW)
    book.close()
    retries.follow("aaaaa", "bbbbb", "2026-11/b", NOW)
    retries.follow("aaaaa", "ccccc", "2026-11/c", NOW)
    book.job("ddddd")
    assert [spend.job(job) for job in ("aaaaa", "bbbbb", "ccccc", "ddddd")] == [8 * CENT] * 3 + [0]
    assert [spend.room(NOW, job).job for job in ("bbbbb", "ccccc", "ddddd")] == [2 * CENT, 2 * CENT, None]


# -- everything at once, against a model -------------------------------------------------------------------------


@dataclass
class Bought:
    """What the model remembers of an attempt that was reserved."""

    shot: int
    job: str
    day: str
    micros: int  # reserved, or settled once it has ended
    quote: int


CAPS = st.none() | st.integers(0, 60).map(lambda cents: cents * CENT)
QUOTES = st.sampled_from([0, 0, 1, CENT, 3 * CENT, 7 * CENT, 20 * CENT])
JOBS = {"aaaaa": None, "bbbbb": 25 * CENT, "ccccc": 0}  # job → its own budget


class Books(RuleBasedStateMachine):
    """Claims, ends, crashes and midnights in any order; what the ledger says must be what the model says."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.book = Book(Path(self.folder.name))
        self.shots = {job: self.book.job(job, 5, budget=budget) for job, budget in JOBS.items()}
        self.job_of = {shot: job for job, shots in self.shots.items() for shot in shots}
        self.now, self.claims = 1_796_000_000.0, 0  # 2026-11-30 in Seoul, ten hours before a month ends
        self.open: dict[int, tuple[str, Bought | None]] = {}  # shot → token
        self.bought: list[Bought] = []

    @initialize(month=CAPS, day=CAPS, job=CAPS)
    def caps(self, month: int | None, day: int | None, job: int | None) -> None:
        self.limits = Caps(month, day, job)
        self._configure()

    def _configure(self) -> None:
        self.book.ledger.spend.caps, self.book.ledger.spend.timezone = self.limits, SEOUL

    @property
    def today(self) -> str:
        return f"{local(self.now, SEOUL):%Y-%m-%d}"

    def _sum(self, *, job: str = "", period: str = "") -> int:
        return sum(one.micros for one in self.bought if (not job or one.job == job) and one.day.startswith(period))

    def _fits(self, job: str, quote: int) -> bool:
        """The rule, in the plainest words."""
        limits, budget = self.limits, JOBS[job]
        written = [one for one in (limits.month, limits.day, limits.job) if one is not None]
        if quote == 0:
            return True
        if not written or 0 in written:
            return False
        caps = [(limits.month, self._sum(period=self.today[:7])), (limits.day, self._sum(period=self.today)),
                (limits.job, self._sum(job=job)), (budget, self._sum(job=job))]  # fmt: skip
        return all(cap is None or spent + quote <= cap for cap, spent in caps)

    @rule(data=st.data(), quote=QUOTES)
    def claim(self, data: st.DataObject, quote: int) -> None:
        waiting = [shot for shot in self.job_of if shot not in self.open and self._state(shot) == "planned"]
        batch = data.draw(st.lists(st.sampled_from(waiting), min_size=1, max_size=4, unique=True)) if waiting else []
        self.claims += 1
        token, expected = f"t{self.claims}", []
        for shot in batch:
            job = self.job_of[shot]
            if self._fits(job, quote):
                expected.append(shot)
                one = Bought(shot, job, self.today, quote, quote) if quote else None
                self.open[shot] = token, one
                self.bought += [one] if one else []
        assert self.book.buy(batch, quote, token, self.now) == expected

    @precondition(lambda self: self.open)
    @rule(data=st.data(), way=st.sampled_from(["rendered", "missed", "failed", "stopped"]),
          cost=st.sampled_from(["none", "all", "part", "unknown"]))  # fmt: skip
    def end(self, data: st.DataObject, way: str, cost: str) -> None:
        shot = data.draw(st.sampled_from(sorted(self.open)))
        token, one = self.open.pop(shot)
        quote = one.quote if one else 0
        paid = {"none": 0, "all": quote, "part": quote // 2, "unknown": None}[cost]
        outcome = Outcome(shot=shot, seconds=1.0, file=Path("x"), sha256="0" * 64, cost=paid)
        claims, failed = self.book.ledger.claims, Outcome(shot=shot, seconds=1.0, error=Busy("busy"), cost=paid)
        done = {
            "rendered": lambda: claims.rendered(outcome, token, f"{token}/{shot}", self.now),
            "missed": lambda: claims.missed(failed, token, AGAIN, "s", self.now),
            "failed": lambda: claims.missed(failed, token, FAIL, "", self.now),
            "stopped": lambda: claims.give_back(shot, token, self.now, failed),
        }
        assert done[way]()
        assert not done[way](), "it has ended"
        if one:
            one.micros = quote if paid is None else paid

    @precondition(lambda self: self.open)
    @rule()
    def crash(self) -> None:
        """The program dies; what was open keeps its quote."""
        self.book.ledger.close()
        self.book.ledger = Ledger.opened(Path(self.folder.name))
        self._configure()
        assert self.book.ledger.claims.recover(starts=99, now=self.now) == len(self.open)
        self.open = {}

    @rule(hours=st.sampled_from([1, 11, 24, 24 * 31]))
    def wait(self, hours: int) -> None:
        self.now += hours * 3600.0

    @rule(data=st.data())
    def spoil(self, data: st.DataObject) -> None:
        """What was delivered is no usable picture: paid all the same, and wanted again."""
        rendered = [shot for shot in self.job_of if self._state(shot) == "rendered"]
        if rendered:
            self.book.ledger.claims.spoiled(data.draw(st.sampled_from(rendered)), Busy("busy"), AGAIN, "s", self.now)

    def _state(self, shot: int) -> str:
        return str(self.book.row(shot)["state"])

    @invariant()
    def no_cap_is_passed(self) -> None:
        for cap, sums in (
            (self.limits.month, [self._ledger_sum("substr(day, 1, 7)")]),
            (self.limits.day, [self._ledger_sum("day")]),
            (self.limits.job, [self._ledger_sum("job_id")]),
        ):
            assert cap is None or all(micros <= cap for one in sums for micros in one.values())
        jobs = self._ledger_sum("job_id")
        assert all(budget is None or jobs.get(job, 0) <= budget for job, budget in JOBS.items())

    def _ledger_sum(self, by: str) -> dict[str, int]:
        rows = self.book.ledger.query(
            f"SELECT {by} AS what, sum(coalesce(settled_micros, reserved_micros)) AS micros FROM spend GROUP BY 1"
        )
        return {row["what"]: row["micros"] for row in rows}

    @invariant()
    def the_books_are_the_models(self) -> None:
        spend = self.book.ledger.spend
        assert [spend.job(job) for job in JOBS] == [self._sum(job=job) for job in JOBS]
        assert spend.day(self.today) == self._sum(period=self.today)
        assert spend.month(self.today) == self._sum(period=self.today[:7])
        assert broken_promises(self.book.ledger) == {}

    def teardown(self) -> None:
        self.book.ledger.close()
        self.folder.cleanup()


class TestBooks(Books.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(max_examples=25, stateful_step_count=30, deadline=None, report_multiple_bugs=False)


def test_a_claim_looks_at_days_not_at_everything_that_was_ever_bought(book: Book) -> None:
    """Asked of SQLite itself, because a clock says nothing on a busy machine: no table is read from end to end."""
    book.ledger.spend.caps = Caps.usd(5.0, 5.0, 5.0)
    asked: list[str] = []
    raw = book.ledger._db._raw
    raw.set_trace_callback(asked.append)
    (shot,) = book.job()
    asked.clear()
    book.buy([shot], 5 * CENT)
    book.render(shot, cost=5 * CENT)
    raw.set_trace_callback(None)
    questions = [sql for sql in asked if "spend" in sql and sql.lstrip().startswith(("SELECT", "UPDATE", "WITH"))]
    assert len(questions) >= 4
    for sql in questions:
        plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}")]
        scans = [step for step in plan if step.startswith("SCAN") and not _small(step)]
        assert scans == [], (sql, plan)


def _small(step: str) -> bool:
    """Of what is open, or of a job and its kin, there are a few."""
    return any(name in step for name in ("spend_open", "SCAN up", "SCAN wish", "CONSTANT", "SUBQUERY"))
