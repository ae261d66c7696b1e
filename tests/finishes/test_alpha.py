"""What was cut out is laid on any ground: no rim, no dirt, no hole that is none, and nothing of the thing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bench.things import Thing, glass, hazy, specked, thing, wider
from stockgen.checks.cutout import THRESHOLDS, of_cutout
from stockgen.finishes.alpha import Lifted, lifted
from stockgen.finishes.regions import near, regions

WHITE = (245, 245, 245)


def rim(one: Thing, found: Lifted) -> NDArray[np.float32]:
    """By how many levels the edge's colours differ from the thing's own, as seen on black, on white, on anything."""
    part = np.asarray(found.picture, np.float32)
    box = Image.fromarray(one.matte).point(lambda level: 255 if level > 13 else 0).getbbox()
    assert box is not None
    high, wide = part.shape[:2]
    left, top = (box[0] + box[2] - wide) // 2, (box[1] + box[3] - high) // 2
    true = one.colours[top : top + high, left : left + wide]
    alpha = part[..., 3] / 255
    edge = (alpha > 0.05) & near(alpha <= 0, 4)
    return np.asarray((np.abs(part[..., :3] - true).max(axis=-1) * alpha)[edge], np.float32)


@pytest.mark.parametrize("ground", [(245, 245, 245), (20, 24, 30), (180, 220, 250)])
@pytest.mark.parametrize("pixels", [-1, 0, 1, 2])
@pytest.mark.parametrize("outline", ["ball", "ring", "cup", "star"])
def test_a_matte_that_is_a_little_wrong_leaves_no_rim(outline: str, pixels: int, ground: tuple[int, int, int]) -> None:
    one = thing(outline)
    matte = wider(one.matte, pixels) if pixels else one.matte
    found = rim(one, lifted(one.on(ground), matte, 0.01))
    assert found.mean() < 10
    assert (found > 50).mean() < 0.02


def test_the_crop_is_tight_and_its_margin_never_more_than_asked() -> None:
    one = thing("ball")
    found = lifted(one.on(WHITE), one.matte, 0.01).picture
    left, top, right, bottom = found.getchannel("A").getbbox() or (0, 0, 0, 0)
    borders = [left, top, found.width - right, found.height - bottom]
    assert min(borders) >= 1
    assert max(borders) <= 0.01 * max(found.size)


def test_sizes_that_differ_are_an_error() -> None:
    one = thing("ball")
    with pytest.raises(ValueError, match="matte"):
        lifted(one.on(WHITE), one.matte[:-1], 0.01)


def test_specks_pinholes_and_a_veil_are_cleaned_away_and_real_holes_stay() -> None:
    one = thing("cup")
    found = lifted(one.on(WHITE), hazy(specked(one.matte, 1), 0.04), 0.01)
    again = lifted(one.on(WHITE), one.matte, 0.01)
    assert found.measures["specks"] >= 25
    assert found.measures["holes"] >= 25
    ours, clean = (np.asarray(each.picture.getchannel("A"), np.float32) for each in (found, again))
    assert ours.shape == clean.shape
    assert (np.abs(ours - clean) > 8).mean() < 0.001
    handle = clean[round(0.5 * clean.shape[0]), round(0.8 * clean.shape[1])]
    assert handle == 0


def test_small_holes_through_which_the_ground_is_seen_stay() -> None:
    one = thing("lace", side=1024)
    alpha = np.asarray(lifted(one.on(WHITE), one.matte, 0.01).picture.getchannel("A"))
    assert regions(alpha[8:-8, 8:-8] == 0).count == 16 + 4  # and the four corners


def test_a_hole_in_which_the_thing_itself_is_seen_is_closed() -> None:
    one = thing("ball", side=1024)
    matte = one.matte.copy()
    matte[500:520, 500:530] = 0
    alpha = np.asarray(lifted(one.on(WHITE), matte, 0.01).picture.getchannel("A"))
    assert (
        alpha[alpha.shape[0] // 2 - 100 : alpha.shape[0] // 2 + 100, alpha.shape[1] // 2 - 100 :][:, :200].min() == 255
    )


def test_drops_near_the_thing_stay_and_dirt_far_away_does_not() -> None:
    one, matte = thing("ball", side=512), thing("ball", side=512).matte.copy()
    matte[440:444, 250:254] = 255  # just below
    matte[10:14, 10:14] = 255
    found = lifted(one.on(WHITE), matte, 0.0)
    assert found.picture.height == 444 - 128
    assert found.measures["islands"] == 1


def test_hair_and_glass_stay_half_transparent() -> None:
    hair = np.asarray(lifted(thing("hairy").on(WHITE), thing("hairy").matte, 0.01).picture.getchannel("A"))
    assert ((hair > 30) & (hair < 225)).mean() > 0.02
    bowl = glass(thing("ball"), opaque=0.4)
    alpha = np.asarray(lifted(bowl.on(WHITE), bowl.matte, 0.01).picture.getchannel("A"))
    assert 80 < alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] < 120


def test_a_provider_with_transparency_of_its_own_keeps_its_colours() -> None:
    one = thing("star")
    found = lifted(one.picture, one.matte, 0.01)
    shown, true = (np.asarray(each.crop(each.getchannel("A").getbbox()), np.float32) for each in
                   (found.picture, one.picture))  # fmt: skip
    wide, high = min(shown.shape[1], true.shape[1]), min(shown.shape[0], true.shape[0])
    inside = np.s_[high // 2 - 30 : high // 2 + 30, wide // 2 - 30 : wide // 2 + 30]
    assert np.abs(shown[inside] - true[inside]).mean() < 12  # it may be a pixel aside
    assert found.measures["halo"] < THRESHOLDS["halo"]


def test_what_a_market_resamples_gets_no_rim_from_below_its_transparency() -> None:
    """Colours under full transparency are the thing's own: an average that takes them in stays near it."""
    one = thing("ball", colour=(20, 60, 20))
    found = lifted(one.on((255, 255, 255)), one.matte, 0.01).picture
    hidden = np.asarray(found, np.float32)[np.asarray(found.getchannel("A")) == 0][:, :3]
    assert hidden.max() < 140


@pytest.mark.parametrize("level", [0, 255])
def test_where_nothing_or_all_was_cut_a_person_sees_the_picture(level: int) -> None:
    one = thing("ball")
    found = lifted(one.on(WHITE), np.full(one.matte.shape, level, np.uint8), 0.01)
    assert found.picture.convert("RGB").tobytes() == one.on(WHITE).tobytes()
    assert [each.name for each in of_cutout(found.measures) if not each.ok][:1] == ["empty"]
