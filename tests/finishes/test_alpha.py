"""What was cut out is laid on any ground: no rim, no dirt, no hole that is none, and nothing of the thing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from bench.things import Thing, glass, hazy, outlined, painted, specked, thing, wider
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


BLUE = (214, 226, 236)


def blind(one: Thing, says: int = 255) -> Thing:
    """The same with no hole: what a model `says` that looks at the outline alone."""
    inside = regions(one.shape <= 0)
    rim = np.zeros(one.shape.shape, np.bool_)
    rim[[0, -1]] = rim[:, [0, -1]] = True
    holes = near(inside.those(~inside.touched(rim)) & (inside.labels > 0), 2)
    return Thing(np.where(holes, np.float32(says / 255), one.shape), one.colours)


def shared(found: Lifted, one: Thing) -> float:
    """How much of what was cut out, and of the truth, is in both. Nothing was cropped: margins are none."""
    alpha, truth = np.asarray(found.picture.getchannel("A")) >= 128, one.shape >= 0.5
    rows, columns = np.nonzero(truth.any(1))[0], np.nonzero(truth.any(0))[0]
    part = truth[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    high, wide = min(part.shape[0], alpha.shape[0]), min(part.shape[1], alpha.shape[1])
    assert abs(part.shape[0] - alpha.shape[0]) <= 4
    assert abs(part.shape[1] - alpha.shape[1]) <= 4
    return float((part[:high, :wide] & alpha[:high, :wide]).sum() / (part[:high, :wide] | alpha[:high, :wide]).sum())


@pytest.mark.parametrize("ground", [BLUE, (240, 240, 238), (70, 78, 92)])
@pytest.mark.parametrize("outline", ["ring", "lace", "cup"])
def test_a_hole_that_the_model_did_not_see_is_opened_where_the_ground_has_a_colour(
    outline: str, ground: tuple[int, int, int]
) -> None:
    one = thing(outline)
    found = lifted(one.on(ground), blind(one).matte, 0.0)
    assert shared(found, one) > 0.985
    assert found.measures["windows"] == (16 if outline == "lace" else 1)
    assert found.measures["halo"] < THRESHOLDS["halo"]


@pytest.mark.parametrize(("says", "windows"), [(255, 0), (254, 0), (248, 16), (200, 16)])
def test_on_white_a_hole_is_opened_only_where_the_model_has_doubts(says: int, windows: int) -> None:
    """White dots on a thing can't be told from holes by their colour: a ladybird's would be lost."""
    one = thing("lace")
    assert lifted(one.on((255, 255, 255)), blind(one, says).matte, 0.0).measures["windows"] == windows


def test_holes_of_one_size_are_opened_together() -> None:
    """A model is often sure of some of a button's holes and not of others; half a button is no use."""
    one, closed = thing("lace"), blind(thing("lace")).matte.copy()
    half = closed.shape[1] // 2
    closed[:, :half] = np.minimum(closed, blind(one, 240).matte)[:, :half]
    assert lifted(one.on((255, 255, 255)), closed, 0.0).measures["windows"] == 16


@pytest.mark.parametrize("off", [-8, -7, 2, 4])
def test_paint_that_nearly_has_the_grounds_colour_is_kept(off: int) -> None:
    """The ground loses 3 to 5 levels of its own towards the foot of the ball."""
    red, green, blue = (level + off for level in BLUE)
    one = painted(thing("ball"), (red, green, blue))
    found = lifted(one.on(BLUE), one.matte, 0.0)
    assert found.measures["windows"] == 0
    assert shared(found, one) > 0.99


@pytest.mark.parametrize("flat", [True, False])
def test_gloss_and_eyes_on_a_white_ground_are_kept(flat: bool) -> None:
    one = painted(thing("ball", (40, 90, 150)), (255, 255, 255), flat)
    found = lifted(one.on((255, 255, 255)), one.matte, 0.0)
    assert found.measures["windows"] == 0
    assert shared(found, one) > 0.99


def test_a_white_mug_on_a_white_ground_keeps_its_side() -> None:
    one = outlined(thing("cup", (250, 250, 250)), (30, 26, 40), 3)
    assert shared(lifted(one.on((255, 255, 255)), one.matte, 0.0), one) > 0.985


def test_colours_that_pass_through_the_grounds_on_their_way_are_kept() -> None:
    """A slope from light to dark has a stripe of just the ground's colour."""
    one = thing("ball")
    slope = np.linspace(-60, 60, one.shape.shape[1], dtype=np.float32)[None, :, None] + np.array(BLUE, np.float32)
    one = Thing(one.shape, np.broadcast_to(np.clip(slope, 0, 255), one.colours.shape).astype(np.float32))
    found = lifted(outlined(one, (30, 26, 40), 4).on(BLUE), one.matte, 0.0)
    assert found.measures["windows"] == 0


def test_a_pale_drawing_of_which_the_model_saw_only_the_line_is_whole() -> None:
    one = outlined(thing("lace", (232, 212, 204)), (30, 26, 40), 3)
    inside = np.asarray(Image.fromarray(one.matte).filter(ImageFilter.MinFilter(7)))
    line = np.where(inside > 127, 0, one.matte).astype(np.uint8)
    found = lifted(one.on((196, 214, 190), shadow=0.1), line, 0.0)
    assert shared(found, one) > 0.985


def test_a_shadow_that_is_seen_through_a_ring_is_not_taken_for_a_part_of_it() -> None:
    one = thing("ring")
    picture = np.asarray(one.on(BLUE), np.float32)
    dark = regions(one.shape <= 0).labels == regions(one.shape <= 0).labels[round(512 * 0.55), 256]
    picture = np.where(dark[..., None], picture * 0.8, picture)
    found = lifted(Image.fromarray(picture.astype(np.uint8)), one.matte, 0.0)
    assert shared(found, one) > 0.985


def test_glass_and_hair_on_a_coloured_ground_stay_half_transparent() -> None:
    bowl = glass(thing("ball", (60, 140, 200)), opaque=0.4)
    alpha = np.asarray(lifted(bowl.on(BLUE), bowl.matte, 0.0).picture.getchannel("A"))
    assert 80 < alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] < 120
    hair = thing("hairy")
    assert lifted(hair.on(BLUE), hair.matte, 0.0).measures["windows"] == 0


def test_where_the_ground_is_a_scene_nothing_is_opened() -> None:
    one, noise = thing("ring"), np.random.default_rng(1).integers(0, 256, (9, 9, 3), np.uint8)
    scene = np.asarray(Image.fromarray(noise).resize((512, 512), Image.Resampling.BICUBIC), np.float32)
    seen = one.shape[..., None] * one.colours + (1 - one.shape[..., None]) * scene
    found = lifted(Image.fromarray(seen.astype(np.uint8)), blind(one).matte, 0.0)
    assert found.measures["windows"] == 0


def test_a_provider_with_transparency_of_its_own_is_asked_for_no_ground() -> None:
    one = painted(thing("ball"), (0, 0, 0))  # black is what it has where nothing is
    found = lifted(one.picture, one.matte, 0.0)
    assert found.measures["windows"] == 0
