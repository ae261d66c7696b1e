"""Why a schedule makes nothing now: enough is waiting already, or no market takes any more this week.

A pause and `gpu.hours` are no reasons: they hold what was made from beginning, and end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stockgen.data.market import Market, Quota
from stockgen.domain.words import JobRequest, Remark
from stockgen.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked before a schedule's job is made."""

    ledger: Ledger
    markets: Mapping[str, Market]
    quotas: Mapping[str, Quota]

    def waiting(self) -> dict[str, int]:
        """Pictures that wait for each market, or will once the unfinished jobs are done."""
        waiting = self.ledger.baskets.waiting({name: one.per_motif for name, one in self.markets.items()})
        coming = self.ledger.schedules.coming()
        return {name: count + coming.get(name, 0) for name, count in waiting.items()}

    def against(self, request: JobRequest, most: int | Mapping[str, int] | None, now: float) -> Remark | None:
        """Why not now, None = make it. `most` that may wait, in any one market or by market; `now` wall seconds."""
        markets = sorted({name for order in request.orders for name in order.markets})
        if not markets:
            return None
        if most is not None:
            waiting = self.waiting()
            limits = {name: most if isinstance(most, int) else most.get(name) for name in markets}
            for name, limit in limits.items():
                if limit is not None and waiting[name] >= limit:
                    facts = {"market": name, "waiting": waiting[name], "most": limit}
                    return Remark("schedule.enough", facts=facts)
        full = all(self.ledger.baskets.week_used(name, now) >= self.quotas[name].per_week for name in markets)
        return Remark("schedule.week_full", facts={"markets": markets}) if full else None
