"""What a contributor could hand in as another picture is found; what only shares a palette or a family is not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from PIL import Image

from bench.scenes import COPIES, drawing, mixed, scene
from stockgen.checks.index import Index
from stockgen.checks.likeness import LINES, TONES, likeness_of

NEAR = 6.0  # config's checks.duplicate.distance
SIDE = 160  # pixels: likenesses are taken at 128
COUNT = 40


@cache
def pictures() -> list[Image.Image]:
    """Drawings of all families, and a few scenes."""
    return [drawing(seed, SIDE) for seed in range(COUNT)] + [scene(seed, SIDE) for seed in range(4)]


@cache
def index() -> Index:
    known = Index()
    known.add((number, likeness_of(picture).kept) for number, picture in enumerate(pictures()))
    return known


def found(copies: list[Image.Image]) -> list[int]:
    """The numbers of those whose original was not found."""
    near = [index().nearest(likeness_of(copy), -1) for copy in copies]
    return [number for number, one in enumerate(near) if one.distance > NEAR]


@pytest.mark.parametrize("kind", COPIES)
def test_copies_are_found(kind: str) -> None:
    missed = {name: found([spoil(one) for one in pictures()]) for name, spoil in COPIES[kind].items()}
    tried = len(pictures()) * len(missed)
    assert sum(map(len, missed.values())) <= tried // 100, missed


def test_a_crop_that_was_mirrored_and_saved_again_is_found() -> None:
    assert len(found([mixed(one, number) for number, one in enumerate(pictures())])) <= 1


def test_other_pictures_are_not_taken_for_copies() -> None:
    known, paired = Index(), []
    for number, picture in enumerate(pictures()):
        this = likeness_of(picture)
        if known.nearest(this, number).distance <= NEAR:
            paired.append(number)
        known.add([(number, this.kept)])
    assert len(paired) <= 1  # calibrated on 400: docs/checks.md


def test_a_picture_is_not_like_itself() -> None:
    this = likeness_of(pictures()[0])
    assert index().nearest(this, 0).shot != 0
    alone = Index()
    assert alone.nearest(this, 0).shot is None
    alone.add([(0, this.kept)])
    assert alone.nearest(this, 0).shot is None
    assert alone.nearest(this, 1).shot == 0


def test_pictures_of_one_colour_are_like_nothing() -> None:
    grey, red = (likeness_of(Image.new("RGB", (64, 64), colour)) for colour in ("grey", "red"))
    known = Index()
    known.add([(1, grey.kept)])
    assert known.nearest(red, 2).distance > NEAR


def test_what_is_kept_is_small_and_its_signs_are_the_hash() -> None:
    this = likeness_of(pictures()[1])
    assert len(this.kept) == 2 * (TONES + LINES)
    signs = np.frombuffer(this.kept, np.float16)[:TONES] > 0
    assert f"{this.phash & (2**64 - 1):064b}" == "".join("01"[int(sign)] for sign in signs)
    assert -(2**63) <= this.phash < 2**63


def test_the_nearest_of_a_hundred_thousand_is_found() -> None:
    """How long it takes, `python -m bench.run --only finishing` tells: 20 ms at most."""
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((100_000, TONES + LINES)).astype(np.float32)
    rows[:, :TONES] /= np.linalg.norm(rows[:, :TONES], axis=1, keepdims=True)
    rows[:, TONES:] /= np.linalg.norm(rows[:, TONES:], axis=1, keepdims=True)
    many = Index()
    many.add((10 + number, row.tobytes()) for number, row in enumerate(rows.astype(np.float16)))
    many.add([(5, likeness_of(pictures()[3]).kept)])
    nearest = many.nearest(likeness_of(pictures()[3].transpose(Image.Transpose.FLIP_LEFT_RIGHT)), -1)
    assert (nearest.shot, len(many)) == (5, 100_001)
    assert nearest.distance < 1
