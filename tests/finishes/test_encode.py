"""A market that takes no larger file gets a smaller one of the same picture; whoever looks at a sheet sees edges."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bench.things import thing
from stockgen.finishes.encode import on_board, png


@pytest.fixture(scope="module")
def noisy() -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (256, 256, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:99, :99, 3] = 200
    return Image.fromarray(pixels)


@pytest.mark.parametrize("share", [0.9, 0.8, 0.7])
def test_a_png_stays_below_the_limit_and_nobody_sees_what_it_lost(noisy: Image.Image, share: float) -> None:
    most = round(len(png(noisy, 95)) * share)
    data = png(noisy, 95, most)
    again = np.asarray(Image.open(io.BytesIO(data)), np.int16)
    assert len(data) <= most
    assert np.abs(again - np.asarray(noisy, np.int16)).max() <= 4
    assert (again[..., 3] == np.asarray(noisy)[..., 3]).all()


def test_a_png_within_the_limit_loses_nothing(noisy: Image.Image) -> None:
    assert png(noisy, 95, 50_000_000) == png(noisy, 95)


def test_white_and_dark_edges_are_seen_on_the_board() -> None:
    for colour in ((255, 255, 255), (20, 20, 20)):
        one = thing("star", colour, side=128)
        board = np.asarray(on_board(one.picture).convert("L"), np.int16)
        inside, outside = board[one.shape == 1].mean(), board[one.shape == 0]
        assert abs(outside - inside).max() > 20
        assert outside.min() > 215
