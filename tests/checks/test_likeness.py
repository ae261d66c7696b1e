"""What a contributor could hand in as another picture is found; what only shares a palette or a family is not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from PIL import Image

from bench.album import Album
from bench.scenes import COPIES, drawing, mixed, redrawn, scene
from stockgen.checks.index import Index, Known
from stockgen.checks.likeness import COARSE, KEPT, TONES, likeness_of, unpacked
from tests.checks.olden import KEPT_BEFORE

NEAR = 6.0  # config's checks.duplicate.distance
SIDE = 256  # pixels: less makes moiré of what is fine
COUNT = 54  # three of each family
ONE_DESIGN = {(29, 11), (45, 9), (50, 14)}  # looked at: a dawn, a halftone, buffalo checks, each in other colours


@cache
def pictures() -> list[Image.Image]:
    """Drawings of all families, and a few scenes."""
    return [drawing(seed, SIDE) for seed in range(COUNT)] + [scene(seed, SIDE) for seed in range(4)]


@cache
def album() -> Album:
    known = Album()
    for number, picture in enumerate(pictures()):
        known.add(number, likeness_of(picture).kept)
    return known


def some(turn: int) -> list[Image.Image]:
    """A seventh of them, of all families in turn."""
    return pictures()[turn % 7 :: 7]


def missed(copies: list[Image.Image]) -> list[int]:
    """The numbers of those whose original was not found."""
    near = [album().nearest(likeness_of(copy)) for copy in copies]
    return [number for number, one in enumerate(near) if one.distance > NEAR]


@pytest.mark.parametrize("sort", COPIES)
def test_all_copies_are_found(sort: str) -> None:
    ways = COPIES[sort].items()
    lost = {name: missed([spoil(one) for one in some(turn)]) for turn, (name, spoil) in enumerate(ways)}
    assert not any(lost.values()), lost


def test_crops_that_were_mirrored_and_saved_again_are_found() -> None:
    assert not missed([mixed(one, number) for number, one in enumerate(some(2))])


def test_a_picture_that_lost_a_strip_at_one_side_is_found() -> None:
    """The copy has another shape than the original."""
    strips = [one.crop((0, 0, SIDE, round(0.95 * SIDE))) for one in some(3)]
    assert not missed(strips)


def test_what_a_known_picture_was_cropped_from_is_found() -> None:
    known = Album()
    for number, picture in enumerate(some(1)):
        known.add(number, likeness_of(picture.crop((0, 5, SIDE - 10, SIDE - 8))).kept)
    away = [known.nearest(likeness_of(picture)) for picture in some(1)]
    assert [one.shot for one in away if one.distance <= NEAR] == list(range(len(away)))


def test_most_drawings_that_are_drawn_again_in_other_colours_are_found() -> None:
    """Not all: where colours say what is a shape, other colours make other shapes (docs/checks.md)."""
    assert len(missed([redrawn(seed, SIDE) for seed in range(0, COUNT, 5)])) <= 1


def test_other_designs_are_not_taken_for_copies() -> None:
    known = Album()
    paired: set[tuple[int, int | None]] = set()
    for number, picture in enumerate(pictures()):
        this = likeness_of(picture)
        nearest = known.nearest(this, number)
        if nearest.distance <= NEAR:
            paired.add((number, nearest.shot))
        known.add(number, this.kept)
    assert paired <= ONE_DESIGN


def test_a_ring_of_seeds_is_not_taken_for_the_dots_of_a_halftone() -> None:
    """Small, both are one soft round spot."""
    known = Album()
    for number in (60_111, 60_345):
        known.add(number, likeness_of(drawing(number, SIDE)).kept)
    assert known.nearest(likeness_of(drawing(60_353, SIDE))).distance > NEAR


def test_a_soft_light_is_not_taken_for_a_halftone() -> None:
    """Near by, what is soft has hardly any details that could differ."""
    known = Album()
    known.add(99, likeness_of(drawing(99, SIDE)).kept)
    assert known.nearest(likeness_of(drawing(162, SIDE))).distance > NEAR


@pytest.mark.parametrize(
    ("seed", "sort", "way"),
    [
        pytest.param(38, "recoloured", "hue by 180°", id="smooth_flow_lines_whose_hue_was_turned_by_180_degrees"),
        pytest.param(110, "recoloured", "hue by 270°", id="flow_lines_of_bright_colours_whose_hue_was_turned"),
        pytest.param(187, "recoloured", "hue by 180°", id="pale_thin_lines_whose_hue_was_turned"),
        pytest.param(125, "recoloured", "hue by 180°", id="small_dots_of_many_colours_whose_hue_was_turned"),
        pytest.param(173, "recoloured", "grey", id="a_grey_copy_that_also_lies_well_on_the_original_mirrored"),
        pytest.param(60_347, "recoloured", "sepia", id="a_sepia_copy_that_lost_most_of_its_edges"),
        pytest.param(60_275, "recoloured", "grey", id="a_grey_copy_of_bright_stripes"),
        pytest.param(60_325, "cropped", "95.0% of each side, at 1 0.3", id="pale_thin_lines_that_were_cropped"),
        pytest.param(
            60_073, "cropped", "97.0% of each side, at 0.2 0.8", id="thin_lines_between_the_places_tried_first"
        ),
    ],
)
def test_copies_that_are_hard_to_find_are_found(seed: int, sort: str, way: str) -> None:
    picture = drawing(seed, SIDE)
    known = Album()
    known.add(1, likeness_of(picture).kept)
    assert known.nearest(likeness_of(COPIES[sort][way](picture))).distance <= NEAR


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(60_368, 60_224, id="a_windowpane_for_a_tartan"),
        pytest.param(60_353, 60_083, id="a_ring_of_dots_for_a_heap_of_dots"),
        pytest.param(60_336, 60_057, id="a_soft_light_for_dots"),
        pytest.param(60_259, 60_079, id="a_star_of_other_petals"),
        pytest.param(60_205, 60_097, id="tiles_of_other_ornaments"),
        pytest.param(60_133, 60_043, id="lace_of_other_petals"),
    ],
)
def test_other_designs_of_one_kind_are_not_taken_for_copies(one: int, other: int) -> None:
    known = Album()
    known.add(1, likeness_of(drawing(other, SIDE)).kept)
    assert known.nearest(likeness_of(drawing(one, SIDE))).distance > NEAR


def test_a_picture_is_not_like_itself() -> None:
    this = likeness_of(pictures()[0])
    assert album().nearest(this, 0).shot != 0
    alone = Album()
    assert alone.nearest(this, 0).shot is None
    alone.add(0, this.kept)
    assert alone.nearest(this, 0).shot is None
    assert alone.nearest(this, 1).shot == 0


def test_what_the_ledger_lost_is_passed_over() -> None:
    this, other = (likeness_of(one) for one in pictures()[:36:18])  # of one family
    known = Index(lambda ids: {each: other.kept for each in ids if each == 1})
    known.add(Known(each, each, one.kept[:COARSE], KEPT) for each, one in enumerate((this, other)))
    assert known.nearest(this, -1).shot == 1


def test_pictures_of_one_colour_are_like_nothing() -> None:
    known = Album()
    known.add(1, likeness_of(Image.new("RGB", (64, 64), "grey")).kept)
    assert known.nearest(likeness_of(Image.new("RGB", (64, 64), "red"))).distance > NEAR


def test_what_an_older_version_kept_is_compared_by_what_it_has() -> None:
    known = Album()
    known.add(0, KEPT_BEFORE)
    assert known.nearest(likeness_of(drawing(3, SIDE))).distance <= NEAR
    assert known.nearest(likeness_of(drawing(3, SIDE).transpose(Image.Transpose.FLIP_LEFT_RIGHT))).distance <= NEAR
    assert known.nearest(likeness_of(drawing(21, SIDE))).distance > NEAR


def test_small_copies_of_whole_levels_with_halved_colour_are_still_read() -> None:
    """A version between kept such ones."""
    this = likeness_of(drawing(3, SIDE))
    light, *colours = unpacked(this.small)
    halves = [each.reshape(32, 2, 32, 2).mean(axis=(1, 3)) for each in colours]
    kept = this.kept[:COARSE] + b"".join(np.rint(each).astype(np.uint8).tobytes() for each in (light, *halves))
    assert len(kept) == 6528
    known = Album()
    known.add(0, kept)
    assert known.nearest(this).distance <= NEAR
    assert known.nearest(likeness_of(drawing(3, SIDE).transpose(Image.Transpose.FLIP_LEFT_RIGHT))).distance <= NEAR
    assert known.nearest(likeness_of(drawing(21, SIDE))).distance > NEAR


def test_what_is_kept_is_small_and_its_signs_are_the_hash() -> None:
    this = likeness_of(pictures()[1])
    assert len(this.kept) == KEPT == 12_684
    signs = np.frombuffer(this.kept[:COARSE], np.float16)[:TONES] > 0
    assert f"{this.phash & (2**64 - 1):064b}" == "".join("01"[int(sign)] for sign in signs)
    assert -(2**63) <= this.phash < 2**63


def test_the_nearest_of_a_hundred_thousand_is_found() -> None:
    """How long it takes, `python -m bench.run --only finishing` tells: 20 ms at most."""
    rng = np.random.default_rng(0)
    coarse = rng.standard_normal((100_000, COARSE // 2), np.float32)
    coarse /= np.linalg.norm(coarse, axis=1, keepdims=True)
    noise, one = likeness_of(pictures()[4]).kept, likeness_of(pictures()[3]).kept
    many = Index(lambda ids: {each: one if each == 5 else noise for each in ids})
    many.add(Known(10 + each, 10 + each, row.tobytes(), KEPT) for each, row in enumerate(coarse.astype(np.float16)))
    many.add([Known(5, 5, one[:COARSE], KEPT)])
    nearest = many.nearest(likeness_of(pictures()[3].transpose(Image.Transpose.FLIP_LEFT_RIGHT)), -1)
    assert (nearest.shot, len(many)) == (5, 100_001)
    assert nearest.distance < 1
