"""Orders for a season: `auto` becomes the one that is wanted next, and their author is told when it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from stockgen.domain.times import local
from stockgen.domain.words import JobRequest, Order, Remark
from stockgen.pipeline.seasons import AHEAD, chosen, plan

if TYPE_CHECKING:
    from stockgen.app.catalogue import Catalogue
    from stockgen.data.occasions import Occasion
    from stockgen.data.seasons import Season
    from stockgen.ledger import Ledger

AUTO = "auto"


def settled(request: JobRequest, catalogue: Catalogue, ledger: Ledger | None) -> JobRequest:
    """The job with every `season: auto` settled, for good: asked again another day, the answer would be another.

    `ledger`: what there is already; None = nothing. Of several orders each adds to what the next finds.
    """
    if not any(order.season for order in request.orders):
        return request
    today = local(catalogue.clock.wall(), catalogue.config.timezone).date()
    ordered = Counter[str]()
    orders: list[Order] = []
    told: list[Remark] = []
    for order in request.orders:
        if order.season:
            order, remark = _settled(order, catalogue, today, lambda one: _have(ledger, one, ordered))
            ordered[order.season] += order.count
            told.append(remark)
        orders.append(order)
    return replace(request, orders=tuple(orders), remarks=(*request.remarks, *told))


def covered(ledger: Ledger, key: str, season: Season) -> int:
    """How many pictures for a season there are or will be, 1,000 at most."""
    return ledger.covered.pictures(key, (season.en, season.ko, *season.words))


def _settled(order: Order, catalogue: Catalogue, today: date, have: Callable[[Occasion], int]) -> tuple[Order, Remark]:
    markets = [catalogue.markets[name] for name in order.markets]
    if order.season != AUTO:
        return order, _dated(order, catalogue, today)
    choice = chosen(catalogue.occasions.coming(today, today + AHEAD), markets, today, have)
    facts = _facts(choice.occasion, catalogue, today) | {"have": choice.have, "wanted": choice.occasion.season.wanted}
    return replace(order, season=choice.occasion.key), Remark("plan.season_chosen", order.line, facts)


def _dated(order: Order, catalogue: Catalogue, today: date) -> Remark:
    """When a season that was named is, and whether pictures for it come late."""
    occasion = catalogue.occasions.next(order.season, today)
    if occasion is None:
        season = catalogue.seasons[order.season].said(catalogue.language)
        return Remark("plan.season_undated", order.line, {"key": order.season, "season": season})
    facts = _facts(occasion, catalogue, today)
    if occasion.first <= today:
        return Remark("plan.season_now", order.line, facts)
    when = plan(occasion, [catalogue.markets[name] for name in order.markets])
    if when is None:
        return Remark("plan.season_elsewhere", order.line, facts)
    if when.phase(today) == "late":
        return Remark("plan.season_late", order.line, facts | {"by": when.last.isoformat()})
    return Remark("plan.season", order.line, facts)


def _facts(occasion: Occasion, catalogue: Catalogue, today: date) -> dict[str, object]:
    return {
        "key": occasion.key, "season": occasion.season.said(catalogue.language), "when": occasion.first.isoformat(),
        "weeks": (occasion.first - today).days // 7, "until": occasion.last.isoformat(),
    }  # fmt: skip


def _have(ledger: Ledger | None, occasion: Occasion, ordered: Counter[str]) -> int:
    there = covered(ledger, occasion.key, occasion.season) if ledger else 0
    return there + ordered[occasion.key]
