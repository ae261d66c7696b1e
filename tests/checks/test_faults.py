"""Each fault is found, and the same picture without it passes; figures over many pictures: docs/checks.md."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from PIL import Image, ImageDraw

from bench.scenes import Spoil, blurred, drawing, exposed, framed, noisy, posterised, saved, scene, slope, studio
from stockgen.checks import CHECKS, Finding, View, score
from stockgen.config.model import Checks

DEFAULT = Checks()
THRESHOLDS = {
    "flat": DEFAULT.flat.spread, "clipped": DEFAULT.clipped.share, "framed": DEFAULT.border.width,
    "blurred": DEFAULT.blur.width, "noisy": DEFAULT.noise.level, "banded": DEFAULT.banding.share,
    "artefacts": DEFAULT.artefacts.excess,
}  # fmt: skip


@cache
def sound(number: int) -> Image.Image:
    return scene(number, 512)


@cache
def smooth(number: int) -> Image.Image:
    return slope(number, 512)


def failed(picture: Image.Image) -> list[str]:
    view = View(picture)
    return [name for name, check in CHECKS.items() if not check(view, THRESHOLDS[name]).ok]


def burnt(picture: Image.Image) -> Image.Image:
    """A lamp in the middle of the picture, without any detail left in it."""
    lit = picture.copy()
    ImageDraw.Draw(lit).ellipse((100, 100, 400, 400), fill="white")
    return lit


SPOILED: list[tuple[str, Callable[[int], Image.Image], Spoil]] = [
    ("blurred", sound, blurred(3)), ("blurred", sound, blurred(6)), ("noisy", sound, noisy(9)),
    ("artefacts", sound, saved(15)), ("artefacts", sound, saved(40)), ("artefacts", smooth, saved(30)),
    ("banded", smooth, posterised(6)), ("banded", smooth, posterised(5)),
    ("clipped", sound, burnt), ("clipped", sound, exposed(4)), ("framed", sound, framed(0.02)),
    ("flat", sound, lambda picture: picture.point(lambda level: 100 + level // 64)),
]  # fmt: skip


@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize(("fault", "base", "spoil"), SPOILED)
def test_a_fault_is_found_and_not_without_it(
    fault: str, base: Callable[[int], Image.Image], spoil: Spoil, number: int
) -> None:
    assert fault in failed(spoil(base(number)))
    assert failed(base(number)) == []


def test_what_the_built_in_provider_draws_passes() -> None:
    told = {seed: failed(drawing(seed, 512)) for seed in range(16)}
    assert {seed: found for seed, found in told.items() if {*found} & {"flat", "clipped", "framed", "banded"}} == {}


def test_a_smooth_slope_is_not_blurred_but_a_scene_without_any_edge_is() -> None:
    assert "blurred" not in failed(smooth(0))
    assert "blurred" in failed(blurred(8)(sound(0)))


def test_a_thing_on_a_white_ground_is_neither_clipped_nor_framed() -> None:
    ground = Image.new("RGB", (512, 512), "white")
    ground.paste(sound(0).resize((200, 200)), (150, 150))
    ImageDraw.Draw(ground).ellipse((300, 60, 420, 180), fill="#336699")
    assert failed(ground) == []


def test_stairs_so_wide_that_a_tile_sees_one_step_are_found() -> None:
    missed = [number for number in range(8) if "banded" not in failed(posterised(4)(slope(number, 1024)))]
    assert len(missed) <= 1


@pytest.mark.parametrize("number", [0, 1])
def test_bright_flat_colours_on_white_are_not_taken_for_a_burnt_sky(number: int) -> None:
    for picture in (studio(number, 512), saved(85)(studio(number, 512))):
        assert "clipped" not in failed(picture)


@pytest.mark.parametrize("number", [3, 10])
def test_the_grain_of_a_picture_does_not_hide_a_jpeg_that_is_too_small(number: int) -> None:
    assert "artefacts" in failed(saved(30)(scene(number, 384)))


def test_a_jpeg_as_programs_save_it_has_no_artefacts() -> None:
    assert not [number for number in range(2) if "artefacts" in failed(saved(90)(sound(number)))]


def test_black_bars_above_and_below_are_a_frame() -> None:
    barred = sound(1).copy()
    barred.paste("black", (0, 0, 512, 20))
    barred.paste("black", (0, 492, 512, 512))
    assert "framed" in failed(barred)


def test_transparency_is_seen_as_on_white() -> None:
    clear = sound(0).convert("RGBA")
    clear.putalpha(0)
    assert "flat" in failed(clear)


@pytest.mark.parametrize("side", [1, 2, 8, 33, 127])
def test_no_size_breaks_a_check(side: int) -> None:
    for size in ((side, side), (side, 300), (300, side)):
        failed(Image.new("RGB", size, "red"))
        failed(Image.effect_noise(size, 90).convert("RGB"))


def test_the_score_falls_with_what_a_picture_lacks() -> None:
    good = [Finding("a", 20, 10, at_least=True), Finding("b", 0, 4, at_least=False)]
    fair = [Finding("a", 10, 10, at_least=True), Finding("b", 4, 4, at_least=False)]
    poor = [Finding("a", 10, 10, at_least=True), Finding("b", 5, 4, at_least=False)]
    assert (score(good), score(fair)) == (1.0, 0.5)
    assert 0 < score(poor) < 0.25
    assert score([]) == 1.0


def test_the_score_tells_a_sharp_picture_from_a_soft_one() -> None:
    def scored(picture: Image.Image) -> float:
        view = View(picture)
        return score([check(view, THRESHOLDS[name]) for name, check in CHECKS.items()])

    assert scored(sound(0)) > scored(blurred(1.5)(sound(0))) > scored(blurred(4)(sound(0)))
