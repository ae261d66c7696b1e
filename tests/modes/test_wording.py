"""Titles and tags that a market would refuse never leave this floor."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockgen.modes.material import rotated, shuffled, spread
from stockgen.modes.wording import Cleaner, Titles, joined, merged, shortened

CLEAN = Cleaner(["ai", "a.i.", "stable diffusion", "generative"])


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("red, blue & green!", "Red blue green"),
        ("AI robot", "Robot"),
        ("A.I. robot in rain", "Robot in rain"),
        ("stable AI diffusion tree", "Tree"),
        ("AI-generative - art", "Art"),
        ("snow_man's well-known 벚꽃 🌸", "Snow man's well-known 벚꽃"),
        ("ＡＩ", ""),
    ],
)
def test_what_a_market_refuses_is_taken_out_of_a_title(raw: str, clean: str) -> None:
    assert CLEAN(raw) == clean


def test_no_title_is_given_twice_and_numbers_are_the_last_resort() -> None:
    titles = Titles(CLEAN)
    given_out = [titles.give(["red door", "RED DOOR", "blue door"]) for _ in range(4)]
    assert given_out == ["Red door", "Blue door", "Red door 2", "Red door 3"]


def test_a_title_that_is_too_long_is_cut_between_words() -> None:
    assert shortened("a very long title", 11) == "a very long"
    assert shortened("a very long title", 10) == "a very"
    assert shortened("unbreakable", 5) == "unbre"


def test_what_tells_two_titles_apart_is_never_cut() -> None:
    assert joined("a very long title", "in blue", 16) == "a very in blue"


@given(base=st.text(), tail=st.text(min_size=1), limit=st.integers(1, 80))
def test_a_joined_title_is_never_too_long(base: str, tail: str, limit: int) -> None:
    assert len(joined(base, tail, limit)) <= limit


def test_a_tag_comes_once_in_any_case_and_without_the_separator() -> None:
    assert merged(["Spring", "a,b"], ["spring ", "", "x" * 60]) == ("Spring", "a b", "x" * 50)
    assert len(merged(str(number) for number in range(80))) == 49


@given(first=st.integers(1, 9), second=st.integers(1, 9))
def test_every_pair_comes_exactly_once(first: int, second: int) -> None:
    pairs = Counter(spread(range(first), range(second)))
    assert len(pairs) == first * second
    assert set(pairs.values()) == {1}


def test_shuffling_and_rotating_lose_nothing() -> None:
    assert sorted(shuffled([3, 1, 2], Random(0))) == [1, 2, 3]
    assert rotated("abc", 4) == ["b", "c", "a"]
