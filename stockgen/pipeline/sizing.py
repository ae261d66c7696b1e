"""How large an order's finished pictures are."""

from __future__ import annotations

from collections.abc import Mapping

from stockgen.data.market import Market
from stockgen.data.sizes import smallest, target
from stockgen.domain.words import Order


def final_size(order: Order, markets: Mapping[str, Market]) -> tuple[int, int]:
    """Width and height in pixels of an order's finished pictures: what was asked for, enlarged where a market of the
    order would refuse it as too small. Raises JobFileError where its markets exclude each other.
    """
    wanted = [markets[name] for name in order.markets if name in markets and order.kind in markets[name].formats]
    width, height = target(order.size, order.kind, wanted)
    if all(market.limits(order.kind).take(width, height) for market in wanted):
        return width, height
    return smallest(wanted, width / height, order.kind)
