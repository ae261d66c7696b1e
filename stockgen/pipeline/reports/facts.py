"""What a report tells, gathered from the ledger; the words come later."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from stockgen.data.market import Market, Quota
from stockgen.domain.times import iso, local, wall
from stockgen.domain.words import Remark
from stockgen.ledger import Ledger
from stockgen.ledger.schedules import reason_of
from stockgen.pipeline.closures import FAR, Closure
from stockgen.pipeline.costs import amount, of_cap
from stockgen.pipeline.marks.lessons import Common, Rate, common, rates
from stockgen.pipeline.places import Places
from stockgen.pipeline.status import seconds_per_picture

DAY = 86400.0  # seconds
LATE = 90 * DAY  # seconds of which it is told what was refused and what sells
SELLERS = 5
NOTE = ".note.txt"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The markets that are open to us, and how much each may get. `models`: what is to be told of models of the config
    that have left or leave soon. `warn_at`, `krw_per_usd`: as the config's `money`.
    """

    markets: Mapping[str, Market]
    quotas: Mapping[str, Quota]
    models: Callable[[], Sequence[Remark]] = tuple
    warn_at: float = 1.0
    krw_per_usd: float = 1400.0


@dataclass(frozen=True, slots=True)
class Closed:
    """A job that has ended. `folder` and `sheets` are paths in the outbox. `rest`: the job that carries what it did not
    wait for, "" = there is none.
    """

    job: str
    name: str
    result: str
    folder: str
    sheets: tuple[str, ...]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What a market in use has: pictures `waiting` for a basket, and how much of the week is used."""

    name: str
    waiting: int
    week_used: int
    per_week: int


@dataclass(frozen=True, slots=True)
class Seller:
    """A picture that was sold of late: its titles by language, how often, for how much (micro-USD)."""

    stem: str
    title: Mapping[str, str]
    sales: int
    micros: int


@dataclass(frozen=True, slots=True)
class Idle:
    """A schedule that was due `times` times and made nothing, and why."""

    schedule: str
    times: int
    why: Remark


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`since`, `until` wall seconds; `day` a local date. Counts by reason are the most frequent first.

    `refused`: names of files that nobody could read. `idle`: schedules that made nothing. `decided`: state of a
    submission → how many came to it; `common`: what the refused of late share; `rates`: acceptance since ever; `sales`:
    how many, and micro-USD; `sellers`: what sells. `left`: pictures still to make, `seconds` at the speed of late, 0 =
    unknown; `holds`: why some of them wait, as `status` has it; `shut`: services that nobody asks now. `free`: bytes of
    the disk. `models`: those that have left or leave soon.
    """

    day: str
    since: float
    until: float
    closed: tuple[Closed, ...]
    made: int
    review: Mapping[str, int]
    failed: Mapping[str, int]
    refused: tuple[str, ...]
    idle: tuple[Idle, ...]
    decided: Mapping[str, int]
    common: tuple[Common, ...]
    rates: tuple[Rate, ...]
    sales: tuple[int, int]
    sellers: tuple[Seller, ...]
    markets: tuple[Place, ...]
    left: int
    seconds: float
    free: int | None
    models: tuple[Remark, ...] = ()
    spent: tuple[Remark, ...] = ()
    holds: tuple[Mapping[str, Any], ...] = ()
    shut: tuple[Closure, ...] = ()

    @property
    def sheets(self) -> tuple[str, ...]:
        """All contact sheets, as paths in the outbox."""
        return tuple(sheet for job in self.closed for sheet in job.sheets)

    @property
    def barren(self) -> tuple[Closed, ...]:
        """Jobs of which nothing came: the words of one that could not be planned fail no picture that would be told."""
        return tuple(job for job in self.closed if job.result == "failed")

    @property
    def parted(self) -> tuple[Closed, ...]:
        """Jobs that closed with what they had, because their other pictures waited for too long."""
        return tuple(job for job in self.closed if job.rest)

    @property
    def quiet(self) -> bool:
        """Whether nothing has happened that somebody would want to know."""
        return not (
            self.closed
            or self.made
            or self.review
            or self.failed
            or self.refused
            or self.idle
            or self.models
            or self.decided
            or self.sales[0]
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data for scripts."""
        return asdict(self) | {"since": iso(self.since), "until": iso(self.until)}


def gathered(
    ledger: Ledger, places: Places, shelf: Shelf, rejected: Path, span: tuple[float, float], timezone: str,
    holds: Sequence[Mapping[str, Any]] = (),
) -> Report:  # fmt: skip
    """Everything that happened in `span` (from, until: wall seconds), and how things stand at its end.

    `rejected`: the inbox's folder of refused files; `holds`: those of a running daemon. Where pictures wait
    nobody says how long it takes until all are made.
    """
    since, until = span
    waiting = ledger.baskets.waiting({name: market.per_motif for name, market in shelf.markets.items()})
    stands = [
        Place(name, waiting[name], ledger.baskets.week_used(name, until), shelf.quotas[name].per_week)
        for name in sorted(shelf.markets)
    ]
    assets = _by(ledger, "assets", "coalesce(review_reason, '')", "created_at", since, until, "number > 0")
    left = sum(ledger.shots.counts().get(state, 0) for state in ("planned", "rendering"))
    shut = tuple(_shut(ledger, since, until))
    waits = bool(holds) or any(ledger.shots.waiting_for(one.provider) for one in shut if not one.model)
    return Report(
        day=f"{local(until, timezone):%Y-%m-%d}", since=since, until=until,
        closed=_closed(ledger, since, until), made=sum(assets.values()),
        review={reason: count for reason, count in assets.items() if reason},
        failed=_by(ledger, "shots", "coalesce(reason, '')", "updated_at", since, until,
                   "lead = 1 AND state = 'failed'"),
        refused=refused(rejected, since, until), idle=_idle(ledger, since, until),
        decided=_by(ledger, "submissions", "state", "at", since, until, "state <> 'basket'"),
        common=tuple(common(ledger.marks.decided(until - LATE))), rates=tuple(rates(ledger.marks.decided())),
        sales=ledger.marks.earned(since),
        sellers=tuple(
            Seller(row["stem"], {"en": row["title_en"], "ko": row["title_ko"]}, row["sales"], row["micros"])
            for row in ledger.marks.best_sellers(until - LATE, SELLERS)
        ),
        markets=tuple(one for one in stands if one.waiting or one.week_used),
        left=left, seconds=0.0 if waits else ledger.shots.unrendered() * seconds_per_picture(ledger),
        free=_free(places.outbox),
        models=tuple(shelf.models()), spent=tuple(_spent(ledger, shelf, span)),
        holds=tuple(holds), shut=shut,
    )  # fmt: skip


def _shut(ledger: Ledger, since: float, until: float) -> Iterator[Closure]:
    """Whom nobody asks now; of what is gone for good it is told once."""
    for row in ledger.closures.listed():
        one = Closure.of(row)
        if one.until > until and (one.until - until <= FAR or wall(row["since"]) > since):
            yield one


def _spent(ledger: Ledger, shelf: Shelf, span: tuple[float, float]) -> Iterator[Remark]:
    """What pictures have cost, and what one costs that a market takes; nothing where none was bought this month."""
    spend, (since, until) = ledger.spend, span
    day, money = spend.day_of(until), partial(amount, krw_per_usd=shelf.krw_per_usd)
    of_late, month, cap = spend.between(since, until), spend.month(day), spend.caps.month
    if not of_late and not month:
        return
    yield Remark("report.spent", facts={"spent": money(of_late), "month": of_cap(month, cap, shelf.krw_per_usd)})
    if cap and month >= shelf.warn_at * cap:
        yield Remark("status.spend_most.month", facts={"share": round(100 * month / cap)})
    if taken := ledger.marks.taken():
        yield Remark("report.spent_each", facts={"each": money(round(spend.total() / taken))})


def _by(
    ledger: Ledger, table: str, what: str, at: str, since: float, until: float, only: str = "1"
) -> dict[str, int]:  # fmt: skip
    """How many rows of the span there are for each value, the most frequent first. Names of ours, never a user's."""
    rows = ledger.query(
        f"""SELECT {what} AS what, count(*) AS n FROM {table} WHERE {at} > :since AND {at} <= :until AND {only}
            GROUP BY 1 ORDER BY n DESC, what""",
        since=iso(since), until=iso(until),
    )  # fmt: skip
    return {str(row["what"]): int(row["n"]) for row in rows}


def _closed(ledger: Ledger, since: float, until: float) -> tuple[Closed, ...]:
    rows = ledger.query(
        """SELECT id, source_name, result, folder FROM jobs
           WHERE state = 'closed' AND closed_at > :since AND closed_at <= :until ORDER BY closed_at, id""",
        since=iso(since), until=iso(until),
    )  # fmt: skip
    return tuple(
        Closed(row["id"], row["source_name"], row["result"], row["folder"], _sheets(ledger, row["id"]),
               ledger.retries.rest(row["id"]) or "")
        for row in rows
    )  # fmt: skip


def _sheets(ledger: Ledger, job: str) -> tuple[str, ...]:
    return tuple(row["path"] for row in ledger.assets.papers_of(job) if row["role"] == "sheet")


def refused(folder: Path, since: float, until: float) -> tuple[str, ...]:
    """Files whose refusal was written in the span; an inbox that can't be read tells nothing."""
    try:
        found = [(path.stat().st_mtime, path.name.removesuffix(NOTE)) for path in folder.glob(f"*{NOTE}")]
    except OSError:
        return ()
    return tuple(name for at, name in sorted(found) if since < at <= until)


def _idle(ledger: Ledger, since: float, until: float) -> tuple[Idle, ...]:
    rows = ledger.schedules.without_job(since, until)
    return tuple(Idle(row["schedule"], row["n"], why) for row in rows if (why := reason_of(row)))


def _free(outbox: Path) -> int | None:
    try:
        return shutil.disk_usage(outbox).free
    except OSError:
        return None
