"""What was cut out badly goes to a person, what was cut out well does not.

Seeds are others than those by which thresholds were chosen; of one, hair with a matte too narrow, nothing is asked: to
the eye it is cut badly.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bench.things import GROUNDS, Matte, Thing, any_thing, shaded, specked, thing, wider
from stockgen.checks.cutout import of_cutout
from stockgen.finishes.alpha import lifted

SEEDS = range(30_000, 30_006)


def failed(one: Thing, matte: Matte, seed: int = 0, shadow: float = 0.0) -> list[str]:
    found = lifted(one.on(GROUNDS[seed % len(GROUNDS)], seed=seed, shadow=shadow), matte, 0.01)
    return [each.name for each in of_cutout(found.measures) if not each.ok]


@pytest.mark.parametrize("seed", SEEDS)
def test_things_that_are_cut_out_well_pass(seed: int) -> None:
    one = any_thing(seed)
    assert failed(one, one.matte, seed) == []
    assert failed(one, specked(one.matte, seed), seed) == []


@pytest.mark.parametrize("outline", ["ball", "cup", "star", "leaf"])
def test_a_matte_that_is_a_pixel_too_wide_or_too_narrow_passes(outline: str) -> None:
    one = thing(outline, (60, 90, 140))
    assert failed(one, wider(one.matte, 1), 1) == []
    assert failed(one, wider(one.matte, -1), 1) == []


@pytest.mark.parametrize("pixels", [8, 16])
def test_a_rim_of_ground_is_a_halo(pixels: int) -> None:
    assert failed(thing("star", (30, 90, 160)), wider(thing("star").matte, pixels), 2) == ["halo"]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_shadow_is_a_residue(seed: int) -> None:
    one = any_thing(seed)
    assert "residue" in failed(one, shaded(one.matte, 0.3), seed, shadow=0.35)


def test_two_things_are_several_and_two_cherries_on_a_stalk_are_one() -> None:
    assert failed(thing("two"), thing("two").matte) == ["several"]
    assert failed(thing("cherries"), thing("cherries").matte) == []


def test_what_the_frame_cuts_off_is_touching() -> None:
    assert failed(thing("cut_off"), thing("cut_off").matte) == ["touching"]


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_a_frame_may_cut_at_any_side(turn: int) -> None:
    one = thing("cut_off")
    turned = Thing(np.rot90(one.shape, turn).copy(), one.colours)
    assert failed(turned, turned.matte) == ["touching"]


def test_what_would_have_to_be_enlarged_too_much_is_small() -> None:
    assert [each.ok for factor in (1.0, 4.0, 7.5) for each in of_cutout({"small": factor})] == [True, True, False]


def test_what_was_not_measured_is_not_asked() -> None:
    measured: Callable[[str], bool] = lambda name: name in {each.name for each in of_cutout({"halo": 3.0})}  # noqa: E731
    assert measured("halo")
    assert not measured("residue")
