"""What a job's author is told beside the reading: room in the markets, cost, and by when it will be done."""

from __future__ import annotations

from stockgen.app.catalogue import Catalogue
from stockgen.domain.protocols import Clock
from stockgen.domain.words import JobRequest
from stockgen.jobfile import Outlook, Room
from stockgen.jobfile.moments import said
from stockgen.ledger import Ledger
from stockgen.pipeline.status import seconds_per_picture

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
        self, catalogue: Catalogue, request: JobRequest, *, awaiting: bool = False, queued: bool = False
    ) -> Outlook:
        """For a job that is about to join the queue, or is in it already (`queued`: its pictures are among those that
        wait). `awaiting`: it was accepted, and planning has not ended.
        """
        now = self._clock.wall()
        markets = dict.fromkeys(name for order in request.orders for name in order.markets)
        self._count()
        rooms = [Room(name, self._used(name, now), catalogue.quotas[name].per_week)
                 for name in markets if name in catalogue.quotas]  # fmt: skip
        waiting = max(self._waiting, request.pictures) if queued else self._waiting + request.pictures
        seconds = self._each * waiting
        done = max(now, request.not_before or now) + seconds
        when = said(done, catalogue.config.timezone) if seconds else ""
        return Outlook(rooms=rooms, done_by=when, awaiting=awaiting)

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
        counts = self._ledger.shots.counts() if self._each else {}
        self._waiting = counts.get("planned", 0) + counts.get("rendering", 0)
