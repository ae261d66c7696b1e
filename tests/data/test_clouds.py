"""Models that are bought: nobody is sent to one that is gone, and none costs more than was reserved for it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from stockgen.data import Shelf
from stockgen.data.catalog import Model, load_catalog, load_refused
from stockgen.data.cloud import WARN_DAYS, Cloud
from stockgen.jobfile.names import fold
from stockgen.modes.wording import has_hangul

MODELS = {name: one for name, one in load_catalog(Shelf()).items() if one.cloud}
REFUSED = load_refused(Shelf())
BOUGHT = [pytest.param(one, one.cloud, id=name) for name, one in MODELS.items()]
LIVE = [pytest.param(one, one.cloud, id=name) for name, one in MODELS.items() if not one.cloud.gone_for_good]
GONE = [pytest.param(one, one.cloud, id=name) for name, one in MODELS.items() if one.cloud.retires]
LAST = date(2099, 1, 1)

# What services publish for one picture, in USD: a quote below that would let a cap be passed.
FREE = {  # (width, height) → quality → price
    "gpt-image-2": {(1024, 1024): {"low": 0.006, "medium": 0.053, "high": 0.211},
                    (1536, 1024): {"low": 0.005, "medium": 0.041, "high": 0.165},
                    (3584, 2048): {"high": 12329 * 30e-6}},
    "gpt-image-2.5-flare": {(1024, 1024): {"low": 196 * 30e-6, "medium": 439 * 30e-6, "high": 1756 * 30e-6,
                                           "xhigh": 3122 * 30e-6, "max": 7024 * 30e-6}},
    "gpt-image-2.6-flare": {(1024, 1024): {"low": 0.045}},  # what a reseller asks
}  # fmt: skip
LISTED = {  # quality → price of the largest
    "gpt-image-1.5": {"low": 0.013, "medium": 0.05, "high": 0.2},
    "chatgpt-image-latest": {"low": 0.013, "medium": 0.05, "high": 0.2},
    "gpt-image-1-mini": {"low": 0.006, "medium": 0.015, "high": 0.052},
}
RATIOS = {  # resolution → price
    "gemini-nano-banana-2.1": {"1K": 0.0336, "2K": 0.0534, "4K": 0.1134},
    "gemini-3-pro-image": {"1K": 0.134, "2K": 0.134, "4K": 0.24},
    "gemini-3.1-flash-lite-image": {"1K": 0.0336},
}


def test_no_picture_costs_more_than_is_reserved_for_it() -> None:
    for name, sizes in FREE.items():
        cloud = MODELS[name].cloud
        assert cloud and cloud.free
        for (width, height), prices in sizes.items():
            for quality, price in prices.items():
                assert cloud.free.tokens(width, height, quality) * cloud.prices.out * 1e-6 >= price, (name, quality)
    for name, prices in LISTED.items():
        cloud = MODELS[name].cloud
        assert cloud and cloud.listed
        assert all(cloud.listed.tokens[each] * cloud.prices.out * 1e-6 >= price for each, price in prices.items()), name
    for name, prices in RATIOS.items():
        cloud = MODELS[name].cloud
        assert cloud and cloud.ratios
        assert prices.keys() == cloud.ratios.resolutions.keys()
        for each, price in prices.items():
            assert cloud.ratios.resolutions[each].tokens * cloud.prices.out * 1e-6 >= price, (name, each)


def test_what_is_reserved_is_not_so_much_that_a_cap_buys_half_of_what_it_could() -> None:
    free = MODELS["gpt-image-2"].cloud.free  # type: ignore[union-attr]
    assert free
    for width, height, counted in ((1024, 1024, 7024), (2560, 1440, 7370), (2880, 2880, 23719), (3200, 2560, 18835)):
        assert counted <= free.tokens(width, height, "high") <= counted * 1.3
    assert free.tokens(1024, 1536, "high") == free.tokens(1536, 1024, "high")


@pytest.mark.parametrize(("_", "cloud"), GONE)
def test_nobody_is_sent_to_a_model_that_is_itself_gone_or_goes(_: Model, cloud: Cloud) -> None:
    successor = MODELS[cloud.successor]
    assert successor.cloud
    assert successor.cloud.retires is None
    assert successor.provider == _.provider
    assert successor.sellable


@pytest.mark.parametrize(("model", "cloud"), LIVE)
def test_no_fact_of_a_model_that_is_bought_is_without_its_source(model: Model, cloud: Cloud) -> None:
    assert all(cloud.sources.get(fact) for fact in ("prices", "tokens", "sizes", "dates"))
    assert model.sources.get("licence") and model.verified_at
    assert model.licence_url.startswith("https://")
    assert cloud.prices.out > 0
    assert not cloud.watermark or cloud.sources.get("watermark")


@pytest.mark.parametrize(("model", "cloud"), BOUGHT)
def test_every_model_that_is_bought_has_its_dates_from_somewhere_and_a_korean_name(model: Model, cloud: Cloud) -> None:
    assert cloud.sources.get("dates")
    assert any(has_hangul(alias) for alias in model.aliases)
    assert cloud.gone_for_good or cloud.released


def test_no_name_means_two_models_however_its_gaps_are_written() -> None:
    owners: dict[str, str] = {}
    for one in load_catalog(Shelf()).values():
        for word in (one.name, *one.aliases, *one.provider_aliases):
            assert owners.setdefault(fold(word), one.name) == one.name, word
    traps = {fold(word) for one in REFUSED.values() for word in (one.name, *one.aliases, *one.hub)}
    assert traps & owners.keys() == set()


def test_every_id_of_a_service_is_understood() -> None:
    for name, one in MODELS.items():
        assert one.cloud
        assert fold(one.cloud.id) in {fold(word) for word in (name, *one.aliases)}


def test_a_model_is_told_to_leave_for_two_weeks_and_is_gone_on_the_day_that_was_announced() -> None:
    cloud = MODELS["gpt-image-1.5"].cloud
    assert cloud and cloud.retires == date(2026, 12, 1)
    days = [cloud.retires + timedelta(days=days) for days in (-WARN_DAYS - 1, -WARN_DAYS, -1, 0, 1)]
    assert [cloud.leaving(day) for day in days] == [False, True, True, False, False]
    assert [cloud.retired(day) for day in days] == [False, False, False, True, True]
    assert not MODELS["gpt-image-2"].cloud.retired(LAST)  # type: ignore[union-attr]


def test_the_pixels_of_a_ratio_are_those_that_come() -> None:
    sizes = MODELS["gemini-nano-banana-2.1"].cloud.ratios  # type: ignore[union-attr]
    assert sizes
    assert sizes.pixels.keys() == set(sizes.ratios)
    assert (sizes.size("16:9", "2K"), sizes.size("3:2", "4K")) == ((2752, 1536), (5056, 3392))
    for ratio in sizes.ratios:
        wide, _, high = ratio.partition(":")
        width, height = sizes.size(ratio, "1K")
        assert width / height == pytest.approx(int(wide) / int(high), rel=0.02)
        assert width * height == pytest.approx(1024 * 1024, rel=0.03)
