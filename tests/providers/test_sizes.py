"""The size that is bought: the shape of the order, no dearer than it must be, and never more than was allowed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockgen.data.cloud import Cloud
from stockgen.providers._cloud.sizes import FAR, Size, Wanted, chosen, highest, pixels

FREE = Cloud.model_validate({
    "id": "free", "prices": {"text": 5, "out": 30},
    "free": {"multiple": 16, "least": 655360, "most": 8294400, "edge": 3840, "ratio": 3,
             "grid": {"low": 16, "medium": 48}},
})  # fmt: skip
LISTED = Cloud.model_validate(
    {"id": "listed", "listed": {"sizes": ["1024x1024", "1536x1024", "1024x1536"], "tokens": {"medium": 2180}}}
)
NAMED = Cloud.model_validate({
    "id": "named", "prices": {"out": 30},
    "ratios": {"ratios": ["1:1", "3:2", "16:9", "9:16"], "pixels": {"3:2": "1264x848", "1:1": "1024x1024"},
               "resolutions": {"1K": {"side": 1024, "tokens": 1400}, "2K": {"side": 2048, "tokens": 2100},
                               "4K": {"side": 4096, "tokens": 4725}}},
})  # fmt: skip


def bought(cloud: Cloud, width: int, height: int, **more: object) -> tuple[int, int] | None:
    size = chosen(cloud, Wanted(width, height, **more), "medium")  # type: ignore[arg-type]
    return (size.width, size.height) if size else None


@pytest.mark.parametrize(
    ("order", "found"),
    [((3000, 2000), (3008, 2000)), ((2500, 2500), (2512, 2512)), ((1838, 3266), (1840, 3280))],
)
def test_a_picture_that_can_be_bought_large_enough_is_not_enlarged_afterwards(order, found):
    assert bought(FREE, *order) == found


def test_an_order_that_is_too_large_gets_the_most_there_is_in_its_own_shape():
    width, height = bought(FREE, 6000, 4000) or (0, 0)
    assert width * height > 8_200_000
    assert width / height == pytest.approx(1.5, rel=0.005)


def test_no_more_pixels_are_bought_than_the_options_allow():
    width, height = bought(FREE, 3000, 2000, most=2_000_000) or (0, 0)
    assert 1_900_000 < width * height <= 2_000_000


def test_fewer_pixels_than_the_service_draws_are_as_few_as_it_draws():
    width, height = bought(FREE, 3000, 2000, most=100_000) or (0, 0)
    assert 655_360 <= width * height < 700_000


@settings(deadline=None)
@given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(0, 10_000_000))
def test_whatever_is_ordered_the_service_takes_what_is_asked_of_it(width, height, most):
    found = bought(FREE, width, height, most=most)
    if found is None:
        assert max(width / height, height / width) > 3
        return
    wide, high = found
    assert (wide % 16, high % 16) == (0, 0)
    assert 655_360 <= wide * high <= 8_294_400
    assert max(found) <= min(3840, 3 * min(found))


def test_of_a_list_the_nearest_shape_is_taken():
    assert bought(LISTED, 3000, 2000) == (1536, 1024)
    assert bought(LISTED, 2000, 2000) == (1024, 1024)
    assert bought(LISTED, 1000, 1300) == (1024, 1536)


def test_a_large_picture_of_another_shape_is_no_better_than_a_small_one_of_the_right_shape():
    table = {"sizes": ["1024x1024", "1536x1290"], "tokens": {"medium": 1}}
    two = Cloud.model_validate({"id": "two", "listed": table})
    assert bought(two, 1500, 1500) == (1024, 1024)


def test_a_shape_that_would_be_another_picture_is_not_bought():
    assert bought(LISTED, 3000, 1000) is None
    assert bought(NAMED, 3000, 1000) is None
    assert bought(FREE, 4000, 1000) is None


@pytest.mark.parametrize("order", [(0, 100), (100, 0), (-1, -1)])
def test_a_size_that_is_none_is_nothing_to_buy(order):
    assert bought(FREE, *order) is None


def test_the_next_resolution_is_not_paid_for_a_few_pixels():
    few = chosen(NAMED, Wanted(3000, 2000), "")  # 2528 x 1696 at 2K
    many = chosen(NAMED, Wanted(2500, 2500), "")  # 2048 x 2048 at 2K
    assert few is not None
    assert few.resolution == "2K"
    assert (few.width, few.height) == (2528, 1696)
    assert many is not None
    assert many.resolution == "4K"


def test_one_resolution_is_all_there_is_where_the_options_say_so():
    sizes = [chosen(NAMED, Wanted(3000, 2000, resolution=name), "") for name in ("1K", "4K")]
    assert [size.resolution if size else None for size in sizes] == ["1K", "4K"]


def test_a_ratio_whose_pixels_nobody_knows_has_as_many_as_a_square():
    size = chosen(NAMED, Wanted(1920, 1080), "")
    assert size is not None
    assert size.width / size.height == pytest.approx(16 / 9, rel=0.001)
    assert size.width * size.height == pytest.approx(2048**2, rel=0.001)


def test_a_quote_is_never_less_than_the_words_and_the_picture_cost():
    size = Size(1024, 1024, 2800)
    assert highest(FREE, size, "tea") == 84_000 + 5 * (3 + 64)
    assert highest(FREE, size, "차") == 84_000 + 5 * (3 + 64)  # three bytes, at most three tokens


def test_what_is_no_size_is_refused():
    assert pixels("1024x768") == (1024, 768)
    for text in ("1024", "0x5", "axb", "-1x5"):
        with pytest.raises(ValueError, match="1024x768"):
            pixels(text)


def test_shapes_that_are_far_off_are_far_off_both_ways():
    wanted = Wanted(1000, 1000)
    assert Size(1200, 1000, 0).off(wanted) == pytest.approx(Size(1000, 1200, 0).off(wanted)) == pytest.approx(FAR)
