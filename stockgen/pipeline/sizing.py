"""How large an order's finished pictures are."""

from __future__ import annotations

from collections.abc import Mapping

from stockgen.data.market import Market
from stockgen.data.sizes import Crop, cropped, smallest, target
from stockgen.domain.words import Order


def asked(order: Order, markets: Mapping[str, Market]) -> list[Market]:
    """Those of an order's markets that take its kind of picture."""
    return [markets[name] for name in order.markets if name in markets and order.sold_as in markets[name].formats]


def crop(order: Order, markets: Mapping[str, Market]) -> Crop:
    """How large what an order has cut out must be, and how tight."""
    return cropped(asked(order, markets), order.size)


def final_size(order: Order, markets: Mapping[str, Market]) -> tuple[int, int]:
    """Width and height in pixels of an order's finished pictures: what was asked for, enlarged where a market of the
    order would refuse it as too small. Raises JobFileError where its markets exclude each other.
    """
    wanted = asked(order, markets)
    width, height = target(order.size, order.sold_as, wanted)
    if all(market.limits(order.sold_as).take(width, height) for market in wanted):
        return width, height
    return smallest(wanted, width / height, order.sold_as)
