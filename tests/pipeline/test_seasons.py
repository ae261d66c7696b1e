"""Left to itself, the machine makes what buyers will look for when the pictures are on sale, and what is lacking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from stockgen.data import Shelf
from stockgen.data.market import load_markets
from stockgen.data.occasions import Occasion
from stockgen.data.seasons import Season
from stockgen.pipeline.seasons import chosen, plan

TODAY = date(2026, 11, 26)
MARKETS = load_markets(Shelf())
ADOBE, MIRI = MARKETS["adobe_stock"], MARKETS["miricanvas"]


def occasion(key: str, weeks: int, *, wanted: int = 30, kept: tuple[str, ...] = ()) -> Occasion:
    """One that begins so many weeks from today."""
    first = TODAY + timedelta(weeks=weeks)
    return Occasion(key, Season.model_validate({"en": key, "ko": key, "kept": kept, "wanted": wanted}), first, first)


def choose(coming: list[Occasion], have: Mapping[str, int], *markets: str) -> str:
    places = [MARKETS[name] for name in markets or ("adobe_stock", "miricanvas")]
    return chosen(coming, places, TODAY, lambda one: have.get(one.key, 0)).occasion.key


def test_what_is_nearest_is_too_late_and_what_is_far_is_too_early() -> None:
    coming = [occasion("christmas", 4), occasion("seollal", 10), occasion("summer", 26)]
    assert choose(coming, {}) == choose(coming, {"seollal": 20}) == "seollal"
    assert [one.phase(TODAY) for one in (plan(one, [ADOBE]) for one in coming) if one] == ["late", "now", "early"]


def test_of_equal_ones_the_earliest_and_then_what_is_lacking_most() -> None:
    coming = [
        occasion("seollal", 10, wanted=60),
        occasion("valentine", 11, wanted=60),
        occasion("white", 12, wanted=15),
    ]
    assert choose(coming, {}) == "seollal"
    assert choose(coming, {"seollal": 40}) == "valentine"
    assert choose(coming, {"seollal": 40, "valentine": 30}) == "white"
    assert choose(coming, {"seollal": 40, "valentine": 30, "white": 9}) == "valentine"  # 9 of 15 is more than 30 of 60


def test_a_day_that_no_buyer_keeps_is_not_made_for_them() -> None:
    coming = [occasion("easter", 10, kept=("us", "eu")), occasion("seollal", 11, kept=("kr",))]
    assert choose(coming, {}, "miricanvas") == "seollal"
    assert choose(coming, {}, "adobe_stock") == "easter"
    assert plan(coming[0], [MIRI]) is None
    assert plan(coming[0], []) is not None


def test_the_last_sensible_day_is_that_of_each_market() -> None:
    when = plan(occasion("spring", 10), [ADOBE, MIRI])
    assert when is not None
    assert when.by == {"adobe_stock": TODAY + timedelta(weeks=1), "miricanvas": TODAY + timedelta(weeks=2)}
    for days, phase in {-22: "early", -21: "now", 14: "now", 15: "late"}.items():
        assert when.phase(TODAY + timedelta(days=days)) == phase


def test_where_it_is_time_for_nothing_the_next_is_made_and_not_what_is_late() -> None:
    assert choose([occasion("late", 2), occasion("far", 40), occasion("next", 30)], {}) == "next"
    with pytest.raises(LookupError):
        choose([occasion("late", 2)], {})


def test_every_market_says_how_early_it_wants_pictures() -> None:
    """From the sources that stand in its file: Adobe two to three months, Freepik one, better two."""
    assert {name: market.lead_weeks for name, market in MARKETS.items()} == {
        "adobe_stock": 9, "miricanvas": 8, "magnific": 8, "vecteezy": 8, "dreamstime": 8, "123rf": 8,
    }  # fmt: skip
