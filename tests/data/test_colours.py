"""A picture's colours in words: what takes most of it first, and the red berry that everybody remembers."""

from __future__ import annotations

import numpy as np
import pytest

from stockgen.data import Shelf
from stockgen.data.colours import MOST, NAMED, named, nearest
from stockgen.data.palettes import palettes
from stockgen.data.vocabulary_files import load_vocabulary

PALETTES = {name: one.colours for name, one in palettes(Shelf()).items()}


def levels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def pixels(**shares: int) -> np.ndarray:
    rows = [levels(NAMED[name.replace("_", " ")][0]) for name, share in shares.items() for _ in range(share)]
    return np.array(rows, np.float32)


def test_every_name_has_a_korean_one_of_its_own_and_is_made_of_words_that_job_files_may_use() -> None:
    words = load_vocabulary(Shelf()).words
    for name in NAMED:
        assert name in words or all(part in words for part in name.split()), name
    korean = [ko for _, ko in NAMED.values()]
    assert len({*korean}) == len(korean) and all("가" <= ko[0] <= "힣" for ko in korean)


@pytest.mark.parametrize("name", NAMED)
def test_a_surface_of_one_colour_is_of_that_colour_also_where_it_is_a_little_off(name: str) -> None:
    off = np.clip(np.array([levels(NAMED[name][0])] * 9, np.float32) + [[-3], [0], [3]] * 3, 0, 255)
    assert named(off.astype(np.float32)) == (name,)


def test_what_takes_most_comes_first_and_dust_is_left_out() -> None:
    assert named(pixels(beige=60, navy=30, gray=2, mint=8)) == ("beige", "navy", "mint")


def test_a_small_vivid_part_is_among_them_however_many_others_there_are() -> None:
    found = named(pixels(white=30, beige=20, gray=15, pale_blue=12, gray_blue=11, dark_gray=10, red=2))
    assert len(found) == MOST and found[-1] == "red"


@pytest.mark.parametrize("name", PALETTES)
def test_the_palette_of_its_own_colours_is_the_nearest_to_them(name: str) -> None:
    assert nearest(PALETTES[name], PALETTES) == name
