"""What a contributor could hand in as another picture is found; what only shares a palette or a family is not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from PIL import Image

from bench.scenes import COPIES, drawing, kind, mixed, redrawn, scene
from stockgen.checks.index import Index
from stockgen.checks.likeness import COARSE, KEPT, LINES, TONES, likeness_of

NEAR = 6.0  # config's checks.duplicate.distance
SIDE = 256  # pixels: less makes moiré of what is fine
COUNT = 54  # three of each family
ALLOWED = {"cropped": 3, "recoloured": 1}  # of 66 and 112, all in fine dots, checks and lines (docs/checks.md)


@cache
def pictures() -> list[Image.Image]:
    """Drawings of all families, and a few scenes."""
    return [drawing(seed, SIDE) for seed in range(COUNT)] + [scene(seed, SIDE) for seed in range(4)]


@cache
def index() -> Index:
    known = Index()
    known.add((number, likeness_of(picture).kept) for number, picture in enumerate(pictures()))
    return known


def some(turn: int) -> list[Image.Image]:
    """A fifth of them, of all families in turn."""
    return pictures()[turn % 5 :: 5]


def missed(copies: list[Image.Image]) -> list[int]:
    """The numbers of those whose original was not found."""
    near = [index().nearest(likeness_of(copy), -1) for copy in copies]
    return [number for number, one in enumerate(near) if one.distance > NEAR]


@pytest.mark.parametrize("sort", COPIES)
def test_copies_are_found(sort: str) -> None:
    ways = COPIES[sort].items()
    lost = {name: missed([spoil(one) for one in some(turn)]) for turn, (name, spoil) in enumerate(ways)}
    assert sum(map(len, lost.values())) <= ALLOWED.get(sort, 0), lost


def test_a_crop_that_was_mirrored_and_saved_again_is_found() -> None:
    assert len(missed([mixed(one, number) for number, one in enumerate(some(2))])) <= 1


def test_most_drawings_that_are_drawn_again_in_other_colours_are_found() -> None:
    """Not all: where colours say what is a shape, other colours make other shapes (docs/checks.md)."""
    assert len(missed([redrawn(seed, SIDE) for seed in range(0, COUNT, 5)])) <= 2


def test_other_designs_are_not_taken_for_copies() -> None:
    """Two of one variant may be one design, such as buffalo checks, which differ in nothing but colours."""
    kinds = [kind(seed) for seed in range(COUNT)] + [("scene", "")] * 4
    known = Index()
    paired: list[tuple[int, int | None]] = []
    other: list[tuple[int, int | None]] = []
    for number, picture in enumerate(pictures()):
        this = likeness_of(picture)
        nearest = known.nearest(this, number)
        if nearest.shot is not None and nearest.distance <= NEAR:
            (paired if kinds[number] == kinds[nearest.shot] else other).append((number, nearest.shot))
        known.add([(number, this.kept)])
    assert not other
    assert len(paired) <= 2  # calibrated on 400: docs/checks.md


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
    assert len(this.kept) == KEPT == 1536
    signs = np.frombuffer(this.kept[:COARSE], np.float16)[:TONES] > 0
    assert f"{this.phash & (2**64 - 1):064b}" == "".join("01"[int(sign)] for sign in signs)
    assert -(2**63) <= this.phash < 2**63


def test_the_nearest_of_a_hundred_thousand_is_found() -> None:
    """How long it takes, `python -m bench.run --only finishing` tells: 20 ms at most."""
    rng = np.random.default_rng(0)
    coarse = rng.standard_normal((100_000, TONES + LINES), np.float32)
    coarse[:, :TONES] /= np.linalg.norm(coarse[:, :TONES], axis=1, keepdims=True)
    coarse[:, TONES:] /= np.linalg.norm(coarse[:, TONES:], axis=1, keepdims=True)
    edges = likeness_of(pictures()[4]).edges.tobytes()
    many = Index()
    many.add((10 + number, row.tobytes() + edges) for number, row in enumerate(coarse.astype(np.float16)))
    many.add([(5, likeness_of(pictures()[3]).kept)])
    nearest = many.nearest(likeness_of(pictures()[3].transpose(Image.Transpose.FLIP_LEFT_RIGHT)), -1)
    assert (nearest.shot, len(many)) == (5, 100_001)
    assert nearest.distance < 1
