"""Photographs that are called maps are noticed, and maps are not doubted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from stockgen.providers._diffusion.maps import doubtful

MAPS = {"photo.jpg": "no", "grey.png": "depth", "deep.png": "depth", "limbs.png": "pose"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("maps")
    rng = np.random.default_rng(1)
    photo = np.full((300, 400, 3), (180, 140, 90)) + rng.integers(-40, 40, (300, 400, 1))
    Image.fromarray(photo.clip(0, 255).astype(np.uint8)).save(at / "photo.jpg")
    ramp = np.tile(np.linspace(0, 255, 400), (300, 1))
    Image.fromarray(ramp.astype(np.uint8)).save(at / "grey.png")
    Image.fromarray((ramp * 200).astype(np.uint16)).save(at / "deep.png")
    limbs = Image.new("RGB", (300, 400))
    for at_x, colour in ((60, "red"), (120, "lime"), (180, "blue"), (240, "yellow")):
        ImageDraw.Draw(limbs).line((at_x, 40, 150, 360), fill=colour, width=12)
    limbs.save(at / "limbs.png")
    return at


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("kind", ["depth", "pose"])
def test_only_what_is_obviously_another_thing_is_doubted(folder: Path, name: str, kind: str) -> None:
    unread = name == "deep.png"  # 16 bits hold no colour, and are no photograph
    assert doubtful(folder / name, kind) == (MAPS[name] != kind and not unread)


def test_edges_are_found_in_any_picture_so_none_is_doubted(folder: Path) -> None:
    assert not any(doubtful(folder / name, "canny") for name in MAPS)


def test_what_is_no_picture_is_left_to_whoever_draws_by_it(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert not doubtful(tmp_path / "a.png", "depth")
    assert not doubtful(tmp_path / "nowhere.png", "depth")


def test_a_picture_that_takes_long_to_read_is_not_read_while_the_queue_waits(tmp_path: Path) -> None:
    Image.new("RGB", (4000, 3000), "orange").save(tmp_path / "large.png")
    assert not doubtful(tmp_path / "large.png", "depth")
    Image.new("RGB", (4000, 3000), "orange").save(tmp_path / "large.jpg")  # is decoded small
    assert doubtful(tmp_path / "large.jpg", "depth")
