"""Money: reserved at the quote before a request, settled after it, at no moment above a cap. Integers of micro-USD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stockgen.domain.protocols import Fit, Micros
from stockgen.domain.times import iso, local
from stockgen.ledger.connection import Connection

Limit = Literal["month", "day", "job"]
MICROS = 1_000_000
_PENDING = "coalesce(settled_micros, reserved_micros)"
# From a job up to what was first asked for, and down to everything that follows it.
_WISH = """WITH RECURSIVE up(id) AS (VALUES (:job) UNION ALL
    SELECT j.parent_id FROM jobs j JOIN up ON j.id = up.id WHERE j.kind IN ('rest', 'retry')),
  wish(id) AS (SELECT id FROM up UNION
    SELECT j.id FROM jobs j JOIN wish ON j.parent_id = wish.id WHERE j.kind IN ('rest', 'retry'))"""


@dataclass(frozen=True, slots=True)
class Caps:
    """What may be spent in a local month, a local day, and on one job, in micro-USD. None = as much as the others
    allow; the default allows nothing.
    """

    month: Micros | None = 0
    day: Micros | None = None
    job: Micros | None = None

    @classmethod
    def usd(cls, month: float | None, day: float | None, job: float | None) -> Caps:
        """The same in USD."""
        return cls(*(None if one is None else round(one * MICROS) for one in (month, day, job)))

    @property
    def nothing(self) -> bool:
        """Whether nothing may be bought at all: a cap of 0, or none at all, because a cap that nobody wrote is no leave
        to spend.
        """
        written = [one for one in (self.month, self.day, self.job) if one is not None]
        return not written or min(written) == 0


@dataclass(frozen=True, slots=True)
class Room:
    """What may still be reserved, in micro-USD; None = no end."""

    month: Micros | None
    day: Micros | None
    job: Micros | None

    def lacks(self, quote: Micros) -> frozenset[Limit]:
        """Which of them can't take it; empty = it can be afforded."""
        rooms: dict[Limit, Micros | None] = {"month": self.month, "day": self.day, "job": self.job}
        return frozenset(limit for limit, room in rooms.items() if room is not None and quote > room)


class Spend:
    """What was bought, and whether more can be. `caps` and `timezone` come from the config."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self.caps = Caps()
        self.timezone = "local"

    # -- before a request --------------------------------------------------------------------------------------

    def affords(self, fit: Fit, now: float) -> bool:
        """Whether its quote fits under every cap beside all that is settled and reserved; what is free always does."""
        return not fit.quote or not self.room(now, fit.shot.job).lacks(fit.quote)

    def room(self, now: float, job: str = "") -> Room:
        """What is left of the caps at wall time `now`; `job` "" = of none in particular."""
        if self.caps.nothing:
            return Room(0, 0, 0)
        day, caps = self.day_of(now), self.caps
        return Room(
            _left(caps.month, self.month(day)) if caps.month is not None else None,
            _left(caps.day, self.day(day)) if caps.day is not None else None,
            self._room_of(job) if job else None,
        )

    def reserve(self, attempt: int, fit: Fit, now: float) -> None:
        """Set the quote of an attempt aside; what is free needs no row. Within the transaction of its claim."""
        if fit.quote:
            self._db.write(
                "INSERT INTO spend VALUES (:attempt, :job, :provider, :day, :quote, NULL)",
                attempt=attempt, job=fit.shot.job, provider=fit.provider, day=self.day_of(now), quote=fit.quote,
            )  # fmt: skip

    # -- after it ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Settle whatever is reserved for attempts that have ended, as they say themselves: at their cost, or at the
        quote where nobody knows whether they were billed. Within the transaction that ends them.
        """
        self._db.write(
            """UPDATE spend INDEXED BY spend_open SET settled_micros =
                 (SELECT CASE billed WHEN 'maybe' THEN a.reserved_micros ELSE a.cost_micros END
                  FROM attempts a WHERE a.id = attempt_id)
               WHERE settled_micros IS NULL AND (SELECT outcome FROM attempts a WHERE a.id = attempt_id) IS NOT NULL"""
        )

    def unquoted(self, shot: int, now: float) -> None:
        """Somebody charges who had called it free: it is entered all the same, and settled next."""
        self._db.write(
            """INSERT INTO spend SELECT a.id, s.job_id, a.provider, :day, 0, NULL
               FROM attempts a JOIN shots s ON s.id = a.shot_id WHERE a.shot_id = :shot AND a.reserved_micros = 0
                 AND a.cost_micros > 0 AND NOT EXISTS (SELECT 1 FROM spend WHERE attempt_id = a.id)""",
            shot=shot, day=self.day_of(now),
        )  # fmt: skip

    # -- looking -----------------------------------------------------------------------------------------------

    def day_of(self, now: float) -> str:
        """The local day of a wall time."""
        return f"{local(now, self.timezone):%Y-%m-%d}"

    def day(self, day: str) -> Micros:
        """Settled and reserved on a day (YYYY-MM-DD)."""
        return self._sum("SELECT sum(micros) AS micros FROM spend_days WHERE day = :day", day=day)

    def month(self, day: str) -> Micros:
        """Settled and reserved in the month of a day."""
        return self._sum(
            "SELECT sum(micros) AS micros FROM spend_days WHERE day BETWEEN :first AND :last",
            first=f"{day[:7]}-01", last=f"{day[:7]}-31",
        )  # fmt: skip

    def between(self, since: float, until: float) -> Micros:
        """Settled and reserved for what was begun in a span of wall seconds."""
        return self._sum(
            """SELECT sum(coalesce(s.settled_micros, s.reserved_micros)) AS micros
               FROM spend s JOIN attempts a ON a.id = s.attempt_id WHERE s.day BETWEEN :first AND :last
                 AND a.started_at > :since AND a.started_at <= :until""",
            first=self.day_of(since), last=self.day_of(until), since=iso(since), until=iso(until),
        )  # fmt: skip

    def total(self) -> Micros:
        """Settled and reserved since ever."""
        return self._sum("SELECT sum(micros) AS micros FROM spend_days")

    def job(self, job: str) -> Micros:
        """Settled and reserved for a job, with all that carry its rest or make once more what it lacked: they are one
        wish with one budget.
        """
        return self._sum(f"{_WISH} SELECT sum({_PENDING}) AS micros FROM spend WHERE job_id IN wish", job=job)

    def pending(self, job: str) -> bool:
        """Whether something is reserved for that wish that may yet be released."""
        sql = f"{_WISH} SELECT 1 FROM spend WHERE job_id IN wish AND settled_micros IS NULL LIMIT 1"
        return bool(self._db.rows(sql, job=job))

    def bound_of(self, job: str) -> Literal["job_budget", "job_cap"]:
        """What bounds a job: the budget of its file, or the config's cap."""
        budget, cap = self._budget(job), self.caps.job
        return "job_budget" if budget is not None and (cap is None or budget <= cap) else "job_cap"

    def _budget(self, job: str) -> Micros | None:
        budget = self._db.one("SELECT budget_micros FROM jobs WHERE id = :id", id=job)["budget_micros"]
        return None if budget is None else int(budget)

    def _room_of(self, job: str) -> Micros | None:
        caps = [one for one in (self.caps.job, self._budget(job)) if one is not None]
        return _left(min(caps), self.job(job)) if caps else None

    def _sum(self, sql: str, **values: str) -> Micros:
        return int(self._db.one(sql, **values)["micros"] or 0)


def _left(cap: Micros, spent: Micros) -> Micros:
    return max(0, cap - spent)
