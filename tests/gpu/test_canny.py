"""Edges where the outlines of drawn shapes are known: found, nowhere else, one pixel wide, and not of noise."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from stockgen.providers._diffusion.canny import MANY, edges, is_ready

SIZE = 256
Draw = Callable[[ImageDraw.ImageDraw, Any, Any], None]
SHAPES: dict[str, Draw] = {
    "rectangle": lambda d, fill, line: d.rectangle((60, 40, 200, 190), fill=fill, outline=line),
    "circle": lambda d, fill, line: d.ellipse((50, 50, 210, 210), fill=fill, outline=line),
    "triangle": lambda d, fill, line: d.polygon([(40, 200), (128, 40), (220, 210)], fill=fill, outline=line),
}


def drawn(shape: str, fill: Any = (200, 60, 40), paper: Any = (240, 235, 220)) -> Any:
    image = Image.new("RGB", (SIZE, SIZE), paper)
    SHAPES[shape](ImageDraw.Draw(image), fill, fill)
    return np.asarray(image)


def outline(shape: str) -> Any:
    image = Image.new("L", (SIZE, SIZE))
    SHAPES[shape](ImageDraw.Draw(image), None, 255)
    return np.asarray(image) > 0


def within(marks: Any, pixels: int) -> Any:
    """All pixels that are at most so far, in rows and columns, from a mark."""
    wide = np.pad(marks, pixels)
    reach = range(2 * pixels + 1)
    return np.any([wide[y : y + SIZE, x : x + SIZE] for y in reach for x in reach], axis=0)


def share(marks: Any, near: Any, pixels: int = 2) -> float:
    return float((marks & within(near, pixels)).sum() / max(marks.sum(), 1))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_outline_of_a_shape_is_found_whole_and_nothing_else(shape: str) -> None:
    found, known = edges(drawn(shape)) > 0, outline(shape)
    assert share(known, found) >= 0.98  # recall
    assert share(found, known) == 1.0  # precision


@pytest.mark.parametrize("shape", SHAPES)
def test_grain_of_a_camera_neither_breaks_an_outline_nor_becomes_one(shape: str) -> None:
    plain = drawn(shape)
    grain = np.random.default_rng(3).normal(0, 10, plain.shape)
    found, known = edges(np.clip(plain + grain, 0, 255).astype(np.uint8)) > 0, outline(shape)
    assert share(known, found) >= 0.97
    assert share(found, known) >= 0.97


def test_two_colours_that_are_equally_light_have_an_edge_between_them() -> None:
    known = outline("circle")
    found = edges(drawn("circle", (100, 150, 60), (100, 120, 214))) > 0
    assert share(known, found) >= 0.98
    assert share(found, known) == 1.0


def test_an_edge_is_one_pixel_wide() -> None:
    found = edges(drawn("rectangle")) > 0
    assert (found[80:150].sum(axis=1) == 2).all()  # rows through its middle: left and right


def test_what_is_faint_is_kept_where_it_goes_on_from_what_is_strong_and_nowhere_else() -> None:
    ramp = np.full((SIZE, SIZE, 3), 120, dtype=np.uint8)
    for x in range(SIZE):
        ramp[128:, x] = 120 + max(14, 60 - x // 3)  # a horizon that fades to the right
    alone = np.full((SIZE, SIZE, 3), 120, dtype=np.uint8)
    alone[128:] = 134
    assert (edges(ramp) > 0).any(axis=0).mean() > 0.98
    assert not edges(alone).any()


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_flat_picture_has_no_edges(level: int) -> None:
    assert not edges(np.full((64, 48, 3), level, dtype=np.uint8)).any()


def test_a_soft_gradient_has_no_edges() -> None:
    ramp = np.linspace(0, 255, SIZE).astype(np.uint8)
    assert not edges(np.repeat(np.tile(ramp, (SIZE, 1))[:, :, None], 3, axis=2)).any()


def test_the_edge_of_the_picture_is_none_of_its_edges() -> None:
    found = edges(drawn("circle"))
    assert not found[:3].any() and not found[-3:].any() and not found[:, :3].any() and not found[:, -3:].any()


def test_pure_noise_does_not_become_all_outline() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    assert (edges(noise) > 0).mean() <= 1.5 * MANY


def test_edges_are_zero_or_255_in_the_shape_of_the_picture() -> None:
    found = edges(drawn("circle")[:200])
    assert (found.dtype, found.shape) == (np.uint8, (200, SIZE))
    assert set(np.unique(found)) == {0, 255}


def test_a_map_of_edges_is_known_as_one_and_a_picture_is_not() -> None:
    found = edges(drawn("triangle"))
    assert is_ready(np.repeat(found[:, :, None], 3, axis=2))
    for shape in SHAPES:
        assert not is_ready(drawn(shape))
    assert not is_ready(255 - np.repeat(found[:, :, None], 3, axis=2))  # a drawing on white paper
    assert not is_ready(np.zeros((8, 8, 3), dtype=np.uint8))
    night = np.random.default_rng(2).integers(0, 60, (SIZE, SIZE, 3), dtype=np.uint8)
    assert not is_ready(night)


def test_a_map_that_was_saved_as_jpeg_and_resized_is_still_one(tmp_path: Any) -> None:
    Image.fromarray(edges(drawn("circle"))).resize((300, 300)).save(tmp_path / "a.jpg", quality=90)
    with Image.open(tmp_path / "a.jpg") as image:
        assert is_ready(np.asarray(image.convert("RGB")))


def test_a_million_pixels_take_less_than_a_second() -> None:
    busy = np.random.default_rng(1).integers(0, 256, (1024, 1024, 3), dtype=np.uint8)
    began = time.process_time()
    edges(busy)
    assert time.process_time() - began < 1.0
