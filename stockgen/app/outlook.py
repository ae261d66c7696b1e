"""What a job's author is told beside the reading: room in the markets, cost, and by when it will be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from stockgen.app.catalogue import Catalogue
from stockgen.domain.protocols import Clock, Micros
from stockgen.domain.words import JobRequest, Order, Remark
from stockgen.jobfile import Outlook, Room
from stockgen.jobfile.moments import said
from stockgen.ledger import Ledger
from stockgen.pipeline.costs import Most, expected, most
from stockgen.pipeline.status import seconds_per_picture

MOTIFS = "plan.motifs"
FRESH = 1.0  # seconds for which what was counted in the ledger holds: five thousand files may arrive together


class Outlooks:
    """Looks ahead for one job at a time, with a ledger that may only be read."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self._counted_at = float("-inf")
        self._given: dict[str, int] = {}
        self._waiting = 0
        self._each = 0.0

    def __call__(
        self, catalogue: Catalogue, request: JobRequest, *, job: str = "", awaiting: bool = False, queued: bool = False
    ) -> Outlook:
        """For a job that is about to join the queue, or is in it already (`queued`: its pictures are among those that
        wait). `awaiting`: it was accepted, and planning has not ended. `job`: its number, where it has one.
        """
        now = self._clock.wall()
        markets = dict.fromkeys(name for order in request.orders for name in order.markets)
        self._count()
        rooms = [Room(name, self._used(name, now), catalogue.quotas[name].per_week,
                      kinds=tuple(catalogue.markets[name].formats))
                 for name in markets if name in catalogue.quotas]  # fmt: skip
        waiting = max(self._waiting, request.tries) if queued else self._waiting + request.tries
        seconds = self._each * waiting
        done = max(now, request.not_before or now) + seconds
        when = said(done, catalogue.config.timezone) if seconds else ""
        cost = _cost(catalogue, request, lambda: self._left(now, job))
        return Outlook(rooms=rooms, cost=cost, done_by=when, awaiting=awaiting, alike=_alike(catalogue, request))

    def _left(self, now: float, job: str) -> Micros | None:
        """What the day and the month still allow a job, with what they have allowed it already; None = no end."""
        room = self._ledger.spend.room(now)
        left = min((one for one in (room.month, room.day) if one is not None), default=None)
        return None if left is None else left + self._own(job)

    def _own(self, job: str) -> Micros:
        """Settled and reserved for a job itself, not for the rest that another carries: that has its own pictures."""
        sql = "SELECT sum(coalesce(settled_micros, reserved_micros)) AS micros FROM spend WHERE job_id = :job"
        return int(self._ledger.query(sql, job=job)[0]["micros"] or 0) if job else 0

    def _used(self, market: str, now: float) -> int:
        if market not in self._given:
            self._given[market] = self._ledger.baskets.week_used(market, now)
        return self._given[market]

    def _count(self) -> None:
        if self._clock.monotonic() - self._counted_at < FRESH:
            return
        self._counted_at = self._clock.monotonic()
        self._given.clear()
        self._each = seconds_per_picture(self._ledger)
        self._waiting = self._ledger.shots.unrendered() if self._each else 0


def without_ledger(catalogue: Catalogue, request: JobRequest) -> Outlook:
    """What is known where nothing was made yet, or what was made can't be read."""
    caps = [one for one in (catalogue.caps.month, catalogue.caps.day) if one is not None]
    cost = _cost(catalogue, request, lambda: min(caps, default=None))
    return Outlook(cost=cost, alike=_alike(catalogue, request))


def _cost(catalogue: Catalogue, request: JobRequest, left: Callable[[], Micros | None]) -> list[Remark]:
    asked = Most() if catalogue.caps.nothing else most(request.orders, catalogue.chains, catalogue.markets)
    return expected(request, asked, catalogue.caps, left, catalogue.config.money.krw_per_usd)


def _alike(catalogue: Catalogue, request: JobRequest) -> Remark | None:
    """What planning will find at best of exact prompts, each of which is one motif; None = there are others, of which
    nobody knows yet, or markets take all.
    """
    if any(order.mode != "exact" for order in request.orders):
        return None
    takes = {}
    for name in dict.fromkeys(name for order in request.orders for name in order.markets):
        counts = _counts(order for order in request.orders if name in order.markets)
        room = sum(min(count, catalogue.markets[name].per_motif) for count in counts)
        if room < sum(counts):
            takes[name] = room
    told = [f"{name} {room}" for name, room in takes.items()]
    motifs = len(_counts(request.orders))
    return Remark(MOTIFS, facts={"pictures": request.pictures, "motifs": motifs, "takes": told}) if told else None


def _counts(orders: Iterable[Order]) -> list[int]:
    """How many pictures each different prompt asks for."""
    counts = Counter[tuple[str, str]]()
    for order in orders:
        counts[order.prompt, order.style] += order.count
    return list(counts.values())
