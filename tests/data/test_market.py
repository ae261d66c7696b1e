"""A market's demands are met before anything is made or uploaded."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockgen.data import Shelf
from stockgen.data.market import Market, load_markets, stale
from stockgen.data.market_rules import PixelLimits
from stockgen.data.sizes import smallest, target
from stockgen.domain.errors import ConfigError, JobFileError
from stockgen.domain.words import Idea, Kind, Look, Size

ADOBE = "adobe_stock"
MARKETS = load_markets(Shelf())
ALL = list(MARKETS.values())


def adobe() -> Market:
    return MARKETS[ADOBE]


def narrowed(**pixels: float) -> Market:
    market = adobe()
    return market.model_copy(update={"pixels": market.pixels.model_copy(update=pixels)})


@pytest.mark.parametrize(
    ("look", "kind", "clicks"),
    [
        ("diffusion", "photo", ["ai", "photo"]),
        ("diffusion", "background", ["ai", "illustration"]),
        ("drawn", "background", ["illustration"]),
        ("drawn", "illustration", ["illustration"]),
    ],
)
def test_only_what_must_be_ticked_is_asked_for(look: Look, kind: Kind, clicks: list[str]) -> None:
    assert [click.id for click in adobe().clicks_for(look, kind)] == clicks


@pytest.mark.parametrize(
    ("prompt", "category", "asked"),
    [("a woman in a garden", "plants", True), ("a garden, no people", "plants", False), ("a roof", "buildings", True)],
)
def test_fictional_people_and_buildings_are_told_to_adobe(prompt: str, category: str, asked: bool) -> None:
    idea = Idea(prompt=prompt, title={"en": "", "ko": ""}, description={}, tags={}, category=category)
    assert ("fictional" in {click.id for click in adobe().clicks_for("diffusion", "photo", idea)}) is asked
    assert "fictional" not in {click.id for click in adobe().clicks_for("drawn", "background", idea)}


@pytest.mark.parametrize(
    ("prompt", "kind", "asked"),
    [("sea, natural photograph", "background", "photo"), ("sea, pastel", "background", "illustration"),
     ("sea, photo", "photo", "photo"), ("sea", "photo", "photo"), ("sea, watercolor", "illustration", "illustration")],
)  # fmt: skip
def test_a_background_like_a_photograph_is_a_photo_to_adobe(prompt: str, kind: Kind, asked: str) -> None:
    idea = Idea(prompt=prompt, title={"en": "", "ko": ""}, description={}, tags={}, category="landscapes")
    assert [click.id for click in adobe().clicks_for("diffusion", kind, idea)] == ["ai", asked]
    if asked == "photo":  # and both lie in one basket
        assert adobe().clicks_for("diffusion", kind, idea) == adobe().clicks_for("diffusion", "photo", idea)


def test_the_table_has_adobes_columns_in_order() -> None:
    csv = adobe().csv
    assert list(csv.columns) == ["Filename", "Title", "Keywords", "Category", "Releases"]
    assert (csv.newline, csv.bom, csv.encoding) == ("\r\n", False, "utf-8")


def test_words_that_adobe_refuses_are_found_whole_and_in_any_case() -> None:
    title = adobe().title
    assert title.forbidden_in("Mountain rain, Ai art") == (",", "ai")
    assert title.forbidden_in("A.I. and Stable Diffusion") == ("a.i.", "stable diffusion")
    assert title.forbidden_in("Said again in the rain") == ()


def test_keywords_that_adobe_refuses_are_found() -> None:
    assert not adobe().keywords.allows("generative AI")
    assert adobe().keywords.allows("rain")


def test_a_market_that_takes_no_generated_pictures_must_say_why(tmp_path: Path) -> None:
    (tmp_path / "markets").mkdir()
    (tmp_path / "markets" / "adobe_stock.yaml").write_text("accepts_ai: false")
    with pytest.raises(ConfigError, match="closed_reason"):
        load_markets(Shelf(tmp_path))


@pytest.mark.parametrize(("text", "code"), [("ours: [\n", "error.my_yaml"), ("[" * 5000, "error.my_file")])
def test_a_market_of_ones_own_that_is_no_yaml_is_told_and_no_traceback(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "markets" / "ours.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_markets(Shelf(tmp_path))
    assert [(fault.code, fault.line) for fault in caught.value.remarks] == [
        (code, 2 if code == "error.my_yaml" else None)
    ]


def test_a_background_is_three_to_two_and_six_megapixels() -> None:
    assert target(Size(), "background", [adobe()]) == (3000, 2000)
    assert target(Size(), "element", [adobe()]) == (2500, 2500)
    assert target(Size(ratio=16 / 9), "photo", []) == (3266, 1838)


def test_pixels_that_were_ordered_are_kept() -> None:
    assert target(Size(width=801, height=600), "photo", [adobe()]) == (801, 600)


@given(ratio=st.floats(0.25, 4.0))
def test_the_smallest_size_is_taken_by_all_and_hardly_larger_than_needed(ratio: float) -> None:
    markets = [adobe(), narrowed(min_megapixels=8, min_long_side=3000)]
    width, height = smallest(markets, ratio)
    assert width % 2 == height % 2 == 0
    assert all(market.pixels.take(width, height) for market in markets)
    assert abs(width / height / ratio - 1) < 0.003
    assert width * height / 1e6 < 8.03 or max(width, height) <= 3002


def test_markets_that_exclude_each_other_are_told_instead_of_guessed() -> None:
    with pytest.raises(JobFileError) as caught:
        smallest([narrowed(max_long_side=2000), narrowed(min_long_side=4000)], 1.5)
    assert caught.value.remarks[0].code == "error.no_common_size"


def test_a_kind_has_limits_of_its_own() -> None:
    miricanvas = MARKETS["miricanvas"]
    assert miricanvas.limits("element").take(1500, 900)
    assert not miricanvas.limits("background").take(1500, 900)
    tall = miricanvas.model_copy(update={"pixels_of": {"element": PixelLimits(min_long_side=4000)}})
    assert target(Size(), "element", [tall]) == (4000, 4000)
    assert target(Size(), "background", [tall]) == (3000, 2000)


@pytest.mark.parametrize(
    ("name", "width", "height", "taken"),
    [("magnific", 2001, 2000, True), ("magnific", 4000, 1999, False), ("magnific", 10_001, 2000, False),
     ("123rf", 3000, 2000, True), ("123rf", 2999, 2000, False), ("dreamstime", 8400, 8400, False),
     ("miricanvas", 2499, 2499, False), ("miricanvas", 9800, 400, True), ("adobe_stock", 2000, 1999, False)],
)  # fmt: skip
def test_a_picture_that_a_market_would_refuse_for_its_size_is_known_before(
    name: str, width: int, height: int, taken: bool
) -> None:
    assert MARKETS[name].limits("background").take(width, height) is taken


def test_a_market_that_has_no_such_pictures_asks_for_nothing() -> None:
    miricanvas = MARKETS["miricanvas"]
    vast = miricanvas.model_copy(update={"pixels": PixelLimits(min_long_side=9000)})
    assert target(Size(), "photo", [vast]) == (3000, 2000)


@pytest.mark.parametrize("kind", ["background", "illustration", "photo", "element"])
@given(ratio=st.floats(0.3, 3.4))
def test_one_size_suits_all_markets_that_take_pictures_of_the_kind(kind: Kind, ratio: float) -> None:
    width, height = smallest(ALL, ratio, kind)
    assert all(market.limits(kind).take(width, height) for market in ALL if kind in market.formats)


def test_rules_grow_old_after_half_a_year_and_not_before() -> None:
    day = adobe().verified_at
    assert stale(adobe(), day + timedelta(days=180)) is None
    told = stale(adobe(), day + timedelta(days=181))
    assert told is not None
    assert told.facts == {"market": "adobe_stock", "date": day.isoformat(), "days": 181}


@pytest.mark.parametrize("ratio", [0.0, -1.0, float("nan"), float("inf")])
def test_a_ratio_that_is_none_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        smallest([], ratio)
