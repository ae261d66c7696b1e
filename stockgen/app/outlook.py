"""What a job's author is told beside the reading: room in the markets, cost, and by when it will be done."""

from __future__ import annotations

from stockgen.app.catalogue import Catalogue
from stockgen.domain.protocols import Clock
from stockgen.domain.words import JobRequest
from stockgen.jobfile import Outlook, Room
from stockgen.jobfile.moments import said
from stockgen.ledger import Ledger
from stockgen.pipeline.status import seconds_per_picture

FRESH = 1.0  # seconds for which the length of the queue holds: five thousand files may arrive together


class Outlooks:
    """Looks ahead for one job at a time, with a ledger that may only be read."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self._counted_at = float("-inf")
        self._waiting = 0
        self._each = 0.0

    def __call__(self, catalogue: Catalogue, request: JobRequest, *, awaiting: bool = False) -> Outlook:
        """For a job that is about to join the queue. `awaiting`: planning has not ended."""
        now = self._clock.wall()
        markets = dict.fromkeys(name for order in request.orders for name in order.markets)
        rooms = [Room(name, self._ledger.baskets.week_used(name, now), catalogue.quotas[name].per_week,
                      kinds=tuple(catalogue.markets[name].formats))
                 for name in markets if name in catalogue.quotas]  # fmt: skip
        self._count()
        seconds = self._each * (self._waiting + request.pictures)
        done = max(now, request.not_before or now) + seconds
        when = said(done, catalogue.config.timezone) if seconds else ""
        return Outlook(rooms=rooms, done_by=when, awaiting=awaiting)

    def _count(self) -> None:
        if self._clock.monotonic() - self._counted_at < FRESH:
            return
        self._counted_at = self._clock.monotonic()
        self._each = seconds_per_picture(self._ledger)
        counts = self._ledger.shots.counts() if self._each else {}
        self._waiting = counts.get("planned", 0) + counts.get("rendering", 0)
