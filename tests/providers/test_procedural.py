"""Drawn pictures: the same for the same seed, smooth, seamless, and of the colours asked for."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError

from stockgen.checks import flat
from stockgen.checks.view import View
from stockgen.data import Shelf
from stockgen.data.palettes import families, palettes
from stockgen.domain.errors import Cancelled, ConfigError, Unfit
from stockgen.domain.protocols import Outcome, Shot
from stockgen.lanes.spec import Setup, furnished
from stockgen.messages import Messages
from stockgen.providers._procedural import FAMILIES
from stockgen.providers._procedural.canvas import Drawing
from stockgen.providers._procedural.palette import full
from stockgen.providers.procedural import MOST, MOST_PIXELS, Options, Procedural, build, native_size

SHELF = Shelf()
WAYS, COLOURS = families(SHELF), palettes(SHELF)  # read once: it is YAML
TOOLS = furnished(Setup(), time.monotonic)
VARIANTS = [(family, name) for family, each in WAYS.items() for name in each.variants]
# where cells mirror each other at their border, the first and the last line of pixels are alike
MIRRORED = {("dots", 0), ("dots", 1), ("star", 0), ("star", 1), ("scallop", 1), ("chevron", 1)}
MOST_OFF = 22.0  # mean ΔE (CIE76): the palettes' own neighbours are 15 to 35 apart
MOST_CLIPPED = 0.03  # of the pixels, wholly black or white
FLAT = 12  # config.yaml: checks.flat.spread


@cache
def the_provider() -> Procedural:
    """One for all tests of a process: it keeps nothing of a picture, and its wording takes a while to build."""
    return build(Options(), TOOLS)


@pytest.fixture
def provider() -> Procedural:
    return the_provider()


def a_shot(prompt: str = "cherry blossom pink soft mesh gradient background", **facts: object) -> Shot:
    shot = Shot(id=7, job="k7m2q", idea=1, prompt=prompt, seed=11, width=96, height=80)
    return replace(shot, **facts)  # type: ignore[arg-type]


def prompt_for(family: str, variant: str, palette: str = "sakura") -> str:
    drawn = WAYS[family]
    return f"{COLOURS[palette].en} {drawn.variants[variant].en} {drawn.en} {drawn.noun_en}"


def outcome_of(provider: Procedural, shot: Shot, spool: Path) -> Outcome:
    [outcome] = provider.render([provider.fit(shot)], spool, lambda _shot, _step, _steps: None)
    return outcome


def picture(provider: Procedural, shot: Shot, spool: Path) -> NDArray[np.uint8]:
    outcome = outcome_of(provider, shot, spool)
    assert outcome.file is not None, outcome.error
    with Image.open(outcome.file) as image:
        return np.asarray(image.convert("RGB"))


@cache
def drawn(
    family: str, variant: str, palette: str = "sakura", size: tuple[int, int] = (96, 80), seed: int = 11
) -> NDArray[np.uint8]:
    """The picture of a way to draw, drawn once for all tests of one process."""
    shot = a_shot(prompt_for(family, variant, palette), width=size[0], height=size[1], seed=seed)
    with tempfile.TemporaryDirectory() as spool:
        return picture(the_provider(), shot, Path(spool))


def cielab(rgb: NDArray[np.generic]) -> NDArray[np.float64]:
    """CIE L*a*b* (D65) of sRGB values 0…255 (IEC 61966-2-1, CIE 15)."""
    coded = np.asarray(rgb, np.float64) / 255
    light = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = light @ np.array(to_xyz).T / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def off_palette(pixels: NDArray[np.uint8], palette: str) -> float:
    """Mean ΔE (CIE76) from each pixel to the palette's nearest colour."""
    asked = cielab(np.array([[int(hexa[at : at + 2], 16) for at in (1, 3, 5)] for hexa in COLOURS[palette].colours]))
    seen = cielab(pixels[::3, ::3].reshape(-1, 3))
    return float(np.linalg.norm(seen[:, None] - asked[None], axis=2).min(axis=1).mean())


def fingerprint(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The 64 bits of a perceptual hash: the low frequencies of a cosine transform, above or below their median."""
    small = np.asarray(Image.fromarray(pixels).convert("L").resize((32, 32), Image.Resampling.BOX), np.float64)
    at = np.arange(32)
    waves = np.cos(np.pi / 32 * (at[None] + 0.5) * at[:8, None])
    low = (waves @ small @ waves.T).ravel()
    return np.asarray(low > np.median(low[1:]))


# what the prompt asks for


@pytest.mark.parametrize("family", FAMILIES)
def test_a_title_of_ours_is_drawn_as_it_says(provider: Procedural, family: str) -> None:
    way, colours = WAYS[family], [*COLOURS.items()]
    for at, (variant, each) in enumerate(way.variants.items()):
        for name, palette in colours[at % 4 :: 4]:  # every palette with one variant of four
            for language in ("en", "ko"):
                said = " ".join(getattr(one, language) for one in (palette, each, way))
                request = provider.fit(a_shot(said)).request
                assert (request["family"], request["variant"], request["palette"]) == (family, variant, name)


@pytest.mark.parametrize(
    "prompt, family, palette",
    [
        ("Wavy lines over the ocean", "flow", "ocean"),
        ("봄에 어울리는 폴리곤 배경", "lowpoly", "sakura"),
        ("tiles in deep forest green", "geometric", "forest"),
        ("노을빛 그라데이션", "mesh", "sunset"),
    ],
)
def test_free_words_find_their_picture(provider: Procedural, prompt: str, family: str, palette: str) -> None:
    request = provider.fit(a_shot(prompt)).request
    assert (request["family"], request["palette"]) == (family, palette)


def test_a_prompt_that_names_nothing_still_gives_many_different_pictures(provider: Procedural) -> None:
    fits = [provider.fit(a_shot("something nice", seed=seed)).request for seed in range(200)]
    assert {fit["family"] for fit in fits} == set(FAMILIES)
    assert len({(fit["family"], fit["variant"], fit["palette"]) for fit in fits}) > 150


def test_only_the_families_of_the_options_are_drawn_where_none_is_named() -> None:
    provider = build(Options(families=("flow",)), TOOLS)
    assert {provider.fit(a_shot("nice", seed=seed)).request["family"] for seed in range(20)} == {"flow"}
    assert provider.fit(a_shot("low poly facets")).request["family"] == "lowpoly"


def test_an_unknown_family_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValidationError, match=r"mash: known are mesh, geometric, flow, lowpoly, terrazzo, "):
        Options(families=("mash",))


def test_hex_colours_in_the_prompt_win_over_the_palette(provider: Procedural) -> None:
    request = provider.fit(a_shot("pink mesh #102030 and #FFEEDD")).request
    assert request["colours"] == ["#102030", "#ffeedd"]
    assert request["palette"] == "own"


# what can't be done is told


def test_what_is_not_honoured_is_told_in_both_languages(provider: Procedural) -> None:
    wish = {"negative_prompt": "people", "steps": 30, "guidance": 0.0, "style": "watercolor"}
    dropped = provider.fit(a_shot(wish=wish)).dropped
    assert set(dropped) == {"negative_prompt", "steps", "guidance", "style"}
    assert all(Messages("ko").has(code) and Messages("en").has(code) for code in dropped.values())


def test_keys_left_empty_are_not_told_as_dropped(provider: Procedural) -> None:
    assert provider.fit(a_shot(wish={"negative_prompt": "", "steps": None})).dropped == {}


def test_a_reference_picture_is_left_to_a_provider_that_can_use_it(provider: Procedural) -> None:
    with pytest.raises(Unfit):
        provider.fit(a_shot(needs=frozenset({"control"})))


@pytest.mark.parametrize(
    "wanted, drawn",
    [
        ((3000, 2000), (3000, 2000)),
        ((32, 16), (128, 64)),
        ((20_000, 10_000), (10_000, 5_000)),
        ((0, -5), (64, 64)),
        ((100_000, 1), (10_000, 64)),
    ],
)
def test_impossible_sizes_become_the_nearest_possible(wanted: tuple[int, int], drawn: tuple[int, int]) -> None:
    assert native_size(*wanted) == drawn


def test_no_size_fills_the_memory() -> None:
    wide, high = native_size(10_000, 9_000)
    assert wide * high <= MOST_PIXELS
    assert max(wide, high) <= MOST
    assert wide / high == pytest.approx(10 / 9, rel=1e-3)


# the picture


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    provider: Procedural, tmp_path: Path, family: str
) -> None:
    for variant in WAYS[family].variants:
        again = picture(provider, a_shot(prompt_for(family, variant)), tmp_path)
        assert drawn(family, variant).tobytes() == again.tobytes(), variant
        assert np.abs(again.astype(int) - drawn(family, variant, seed=12)).mean() > 2, variant


_OTHER_PROCESS = """
import hashlib, pathlib, sys, time
from stockgen.domain.protocols import Shot
from stockgen.lanes.spec import Setup, furnished
from stockgen.providers.procedural import Options, build
provider = build(Options(), furnished(Setup(), time.monotonic))
for prompt in sys.argv[2:]:
    shot = Shot(id=7, job="k7m2q", idea=1, prompt=prompt, seed=11, width=96, height=80)
    [done] = provider.render([provider.fit(shot)], pathlib.Path(sys.argv[1]), lambda *_: None)
    print(hashlib.sha256(done.file.read_bytes()).hexdigest())
"""


def test_another_process_draws_the_same_bytes(provider: Procedural, tmp_path: Path) -> None:
    prompts = [prompt_for(family, next(iter(WAYS[family].variants))) for family in FAMILIES]
    here = []
    for prompt in prompts:
        file = outcome_of(provider, a_shot(prompt), tmp_path).file
        assert file is not None
        here.append(hashlib.sha256(file.read_bytes()).hexdigest())
    command = [sys.executable, "-c", _OTHER_PROCESS, str(tmp_path), *prompts]
    there = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert here == there


@pytest.mark.parametrize("family", FAMILIES)
def test_every_variant_is_a_picture_of_its_own(family: str) -> None:
    pictures = [drawn(family, each).astype(int) for each in WAYS[family].variants]
    for one, other in combinations(pictures, 2):
        assert np.abs(one - other).mean() > 3


def test_no_two_families_pass_for_the_same_picture() -> None:
    # Two seeds by turns, because no two pictures of a job have the same.
    prints = {way: fingerprint(drawn(*way, seed=11 + FAMILIES.index(way[0]) % 2)) for way in VARIANTS}
    for one, other in combinations(VARIANTS, 2):
        # Our own check of duplicates calls pictures alike whose hashes differ in 6 bits of 64 or fewer.
        assert one[0] == other[0] or int((prints[one] ^ prints[other]).sum()) > 6, (one, other)


@pytest.mark.parametrize("palette", ["sakura", "midnight"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_picture_has_the_colours_that_were_asked_for(family: str, palette: str) -> None:
    for variant in WAYS[family].variants:
        pixels = drawn(family, variant, palette)
        assert off_palette(pixels, palette) < MOST_OFF, variant
        foreign = min(off_palette(pixels, each) for each in {"sakura", "midnight", "sage", "autumn"} - {palette})
        assert off_palette(pixels, palette) < 0.9 * foreign, variant


@pytest.mark.parametrize("palette", ["sakura", "midnight"])
@pytest.mark.parametrize("family", FAMILIES)
def test_no_picture_is_flat_or_burnt_out(family: str, palette: str) -> None:
    for variant in WAYS[family].variants:
        pixels = drawn(family, variant, palette)
        assert flat(View(Image.fromarray(pixels)), FLAT).ok, variant
        assert ((pixels == 0).all(axis=2) | (pixels == 255).all(axis=2)).mean() < MOST_CLIPPED, variant


@pytest.mark.parametrize("family", FAMILIES)
def test_the_bands_of_a_picture_do_not_show(family: str) -> None:
    draw = import_module(f"stockgen.providers._procedural.{family}").draw
    lab = full(COLOURS["sakura"].colours)
    for variant in WAYS[family].variants:
        rng = np.random.Generator(np.random.PCG64(11))
        lines = [*draw(Drawing(96, 80, variant, lab, rng, band=96))]
        gaps = np.abs(np.clip(np.concatenate(lines).astype(np.float32), 0, 255) - drawn(family, variant))
        assert np.quantile(gaps, 0.99) < 2, variant  # of 255: the dither


def seam(pixels: NDArray[np.uint8], axis: int) -> tuple[float, float]:
    """How strong the picture's own border is when it is rolled by half, and the strongest other line beside it."""
    rolled = np.roll(pixels, pixels.shape[axis] // 2, axis).astype(int)
    steps = np.abs(np.diff(rolled, axis=axis)).mean(axis=(1 - axis, 2))
    border = pixels.shape[axis] // 2 - 1
    return float(steps[border]), float(np.delete(steps, border).max())


@pytest.mark.parametrize("size", [(240, 240), (251, 193)])
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_called_seamless_has_no_seam_when_it_is_laid_beside_itself(family: str, size: tuple[int, int]) -> None:
    for variant in [name for name, each in WAYS[family].variants.items() if each.seamless]:
        pixels = drawn(family, variant, size=size)
        for axis in (0, 1):
            border, inside = seam(pixels, axis)
            assert border <= (1 if (variant, axis) in MIRRORED else 1.5 * inside), (variant, axis)


@pytest.mark.parametrize("family, variant", [("mesh", "diagonal"), ("watercolor", "ombre"), ("waves", "layered")])
def test_what_has_a_seam_is_not_called_seamless(family: str, variant: str) -> None:
    border, inside = seam(drawn(family, variant, size=(240, 240)), 0)
    assert border > 3 * inside
    assert not WAYS[family].variants[variant].seamless


@pytest.mark.parametrize("variant", ["horizon", "diagonal", "drift"])
def test_a_gradient_shows_no_bands(provider: Procedural, tmp_path: Path, variant: str) -> None:
    shot = a_shot(prompt_for("mesh", variant), width=640, height=640)
    pixels = picture(provider, shot, tmp_path)
    for line in (*pixels[::80, :, 1], *pixels[:, ::80, 1].T):
        ends = np.flatnonzero(np.diff(line.astype(int), prepend=-1, append=-1))
        assert np.diff(ends).max() < 24  # undithered runs of one value are a hundred pixels long


@pytest.mark.parametrize("family", FAMILIES)
def test_thin_and_tiny_pictures_are_whole(family: str) -> None:
    for number, variant in enumerate(WAYS[family].variants):
        wide = (64, 400)[number % 2]
        pixels = drawn(family, variant, "candy", (wide, 64))
        assert pixels.shape == (64, wide, 3)
        assert pixels.max(axis=2).min() > 100, variant  # a gap between facets or cells would be black


# heartbeat and ends


def test_a_picture_tells_often_how_far_it_is(provider: Procedural, tmp_path: Path) -> None:
    ways = [(family, next(iter(WAYS[family].variants))) for family in FAMILIES]
    for family, variant in [*ways, ("mandala", "tile")]:
        beats: list[tuple[int, int, int]] = []
        fit = provider.fit(a_shot(prompt_for(family, variant)))
        list(provider.render([fit], tmp_path, lambda *beat, to=beats: to.append(beat)))
        assert len(beats) >= 8, (family, variant)
        assert beats == sorted(beats)
        assert beats[-1] == (7, 100, 100)


def test_a_cancelled_shot_stops_at_once_and_the_next_is_drawn(provider: Procedural, tmp_path: Path) -> None:
    beats: list[int] = []

    def report(shot: int, _step: int, _steps: int) -> None:
        beats.append(shot)
        if shot == 1 and beats.count(1) == 3:
            raise Cancelled("cancelled")

    fits = [provider.fit(a_shot(id=number)) for number in (1, 2)]
    gone, done = provider.render(fits, tmp_path, report)
    assert isinstance(gone.error, Cancelled)
    assert beats.count(1) == 3
    assert done.file is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2.ppm"]


def test_a_picture_says_what_it_shows(provider: Procedural, tmp_path: Path) -> None:
    facts = outcome_of(provider, a_shot(prompt_for("flow", "ribbon", "noir")), tmp_path).facts
    assert (facts["family"], facts["variant"], facts["palette"]) == ("flow", "ribbon", "noir")
    assert facts["versions"]["numpy"] == np.__version__


# the data


def test_the_words_and_the_code_know_the_same_families() -> None:
    assert tuple(WAYS) == FAMILIES
    assert len(COLOURS) >= 16
    assert all(len(each.variants) >= 4 for each in WAYS.values())


def test_a_palette_of_the_users_own_is_found_and_drawn(tmp_path: Path) -> None:
    own = tmp_path / "vocabulary" / "palettes.yaml"
    own.parent.mkdir()
    own.write_text('my_brand: {en: my brand, ko: 내 색, colours: ["#101010", "#20aa55", "#ffffff"]}')
    request = build(Options(), furnished(Setup(my=tmp_path), time.monotonic)).fit(a_shot("my brand mesh")).request
    assert request["colours"] == ["#101010", "#20aa55", "#ffffff"]


def test_a_fault_in_the_users_own_palette_is_told_with_its_place(tmp_path: Path) -> None:
    own = tmp_path / "vocabulary" / "palettes.yaml"
    own.parent.mkdir()
    own.write_text('my_brand: {en: my brand, ko: 내 색, colours: ["red", "#20aa55", "#ffffff"]}')
    with pytest.raises(ConfigError) as caught:
        palettes(Shelf(tmp_path))
    assert "my_brand.colours.0" in str(caught.value)


@pytest.mark.parametrize("seed", range(5))
def test_the_words_of_a_variant_do_not_change_the_colours(provider: Procedural, seed: int) -> None:
    shot = replace(a_shot("lavender mesh gradient, silky wave"), seed=seed)
    request = provider.fit(shot).request
    assert (request["palette"], request["variant"]) == ("lavender", "waves")


def test_a_drawing_is_never_passed_off_as_a_photo(provider: Procedural) -> None:
    with pytest.raises(Unfit):
        provider.fit(a_shot(wish={"kind": "photo"}))
