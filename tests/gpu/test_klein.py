"""FLUX.2 [klein]: its phases draw what its pipeline draws in one go, and it looks at pictures whose look is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.errors import BadPicture, Cancelled, Unfit
from stockgen.domain.protocols import Fit
from stockgen.gpu.settings import GpuSettings
from tests.gpu.conftest import Studio, off, pixels
from tests.gpu.limited import Limited
from tests.gpu.test_work import ROUNDING, differ, drawn

Make = Callable[..., Studio]
KLEIN = "flux2_klein"
WORDS = ("a red fox", "the sea at night, long and wide", "벚꽃")


@pytest.fixture
def looking(studio: Make, tmp_path: Path) -> Studio:
    """A studio with three pictures to look at."""
    from PIL import Image

    folder = tmp_path / "references"
    folder.mkdir()
    Image.effect_noise((96, 64), 90).convert("RGB").save(folder / "grain.png")
    Image.linear_gradient("L").resize((64, 96)).convert("RGB").save(folder / "fade.png")
    Image.linear_gradient("L").resize((2000, 1000)).convert("RGB").save(folder / "large.jpg")
    Image.new("RGB", (640, 65), "red").save(folder / "strip.png")
    return studio(references=folder)


def ordered(one: Studio, provider: Any, like: Mapping[int, str] | None = None, **how: Any) -> list[Fit]:
    """A picture for each of WORDS; `like`: shot → the picture that it shall look like."""
    fits = []
    for shot, prompt in enumerate(WORDS, 1):
        wish = {"like": {"image": like[shot]}} if like and shot in like else {}
        (fit,) = one.fits(provider, 1, prompt, **wish)
        size = {key: how.get(key, 64) for key in ("width", "height")}
        fits.append(provider.fit(replace(fit.shot, id=shot, seed=shot, **size)))
    return fits


def made(one: Studio, provider: Any, fits: list[Fit]) -> dict[int, bytes]:
    return drawn(list(provider.render(fits, one.spool, lambda *_: None)))


def plain(
    models: Path, width: int, height: int, prompts: tuple[str, ...] = WORDS, kind: str = KLEIN, **how: Any
) -> list[bytes]:
    """What the pipeline itself draws of `prompts` in one call, with seeds 1, 2, 3."""
    import diffusers
    import torch

    pipe = diffusers.DiffusionPipeline.from_pretrained(models / kind, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in range(1, len(prompts) + 1)]
    asked = {"num_inference_steps": 2, "guidance_scale": 1.0, "width": width, "height": height} | how
    return [each.tobytes() for each in pipe(prompt=[*prompts], generator=generators, **asked).images]


@pytest.mark.parametrize(("width", "height"), [(64, 64), (80, 48), (48, 80), (128, 32)])
def test_phases_draw_what_the_pipeline_draws_in_one_go(studio: Make, models: Path, width: int, height: int) -> None:
    one = studio()
    provider = one.provider(KLEIN, model="tiny-klein")
    fits = ordered(one, provider, width=width, height=height)
    assert {(fit.request["width"], fit.request["height"]) for fit in fits} == {(width, height)}
    want = plain(models, width, height)
    together = made(one, provider, fits)
    for shot, picture in together.items():
        assert off(picture[-len(want[0]) :], want[shot - 1]) <= ROUNDING
    alone = made(one, provider, fits[:1])
    assert off(alone[1][-len(want[0]) :], plain(models, width, height, prompts=WORDS[:1])[0]) <= ROUNDING
    assert off(together[1], together[3]) > 10  # they are pictures of different words at all


def test_other_words_are_another_picture_of_the_same_seed(studio: Make) -> None:
    one = studio()
    provider = one.provider(KLEIN, model="tiny-klein")
    fox, sea = (pixels(one.draw(provider, 1, prompt=prompt)[0]) for prompt in WORDS[:2])
    assert off(fox, sea) > ROUNDING


def test_the_undistilled_model_is_guided_away_from_what_is_not_wanted(studio: Make, models: Path) -> None:
    one = studio()
    provider = one.provider(KLEIN, model="tiny-klein-base")
    want = plain(models, 64, 64, kind="klein_base", guidance_scale=4.0)
    ours = made(one, provider, ordered(one, provider))
    assert max(off(ours[shot][-64 * 64 * 3 :], want[shot - 1]) for shot in ours) <= ROUNDING
    (unwanted,) = one.draw(provider, 1, prompt=WORDS[0], negative_prompt="blurry")
    assert off(pixels(unwanted), ours[1]) > ROUNDING


def test_what_is_longer_than_the_encoder_reads_is_told(studio: Make) -> None:
    one = studio()
    provider = one.provider(KLEIN, model="tiny-klein")
    short, long = (one.draw(provider, 1, prompt=text, exact=True)[0].facts for text in ("a fox", "a fox " * 100))
    assert "cut" not in short
    assert long["cut"] == long["tokens"] - 512 > 0


def test_the_same_reference_is_the_same_picture_and_another_one_another(looking: Studio) -> None:
    provider = looking.provider(KLEIN, model="tiny-klein")
    pictures = {
        name: made(looking, provider, ordered(looking, provider, dict.fromkeys((1, 2, 3), name) if name else None))
        for name in ("", "grain.png", "fade.png")
    }
    again = made(looking, provider, ordered(looking, provider, dict.fromkeys((1, 2, 3), "grain.png")))
    assert again == pictures["grain.png"]
    for shot in (1, 2, 3):
        seen = {pictures[name][shot] for name in pictures}
        assert len(seen) == 3


def test_a_reference_is_looked_at_as_the_pipeline_itself_would(looking: Studio, models: Path) -> None:
    from PIL import Image

    provider = looking.provider(KLEIN, model="tiny-klein")
    assert looking.references is not None
    with Image.open(looking.references / "grain.png") as image:
        want = plain(models, 64, 64, image=[image])
    ours = made(looking, provider, ordered(looking, provider, dict.fromkeys((1, 2, 3), "grain.png")))
    assert max(off(ours[shot][-64 * 64 * 3 :], want[shot - 1]) for shot in ours) <= ROUNDING


def test_pictures_without_a_reference_are_drawn_as_before_and_never_with_those_that_have_one(looking: Studio) -> None:
    provider = looking.provider(KLEIN, model="tiny-klein")
    before = made(looking, provider, ordered(looking, provider))
    outcomes = list(provider.render(ordered(looking, provider, {2: "grain.png"}), looking.spool, lambda *_: None))
    assert [outcome.facts["batch_size"] for outcome in outcomes] == [1, 1, 1]
    mixed = drawn(outcomes)
    assert differ({1: mixed[1], 3: mixed[3]}, {1: before[1], 3: before[3]}) <= ROUNDING
    assert off(mixed[2], before[2]) > ROUNDING


def test_a_large_reference_is_looked_at_with_a_million_pixels(looking: Studio) -> None:
    provider = looking.provider(KLEIN, model="tiny-klein")
    looking.draw(provider, 1)
    seen: list[tuple[int, ...]] = []
    with looking.host.lend("tiny-klein", 0, pytest.fail) as stack:
        stack.parts["vae"].encoder.register_forward_pre_hook(lambda _module, args: seen.append(tuple(args[0].shape)))
    looking.draw(provider, 1, like={"image": "large.jpg"})
    ((_, _, height, width),) = seen
    assert (width, height) == (1440, 720)


@pytest.mark.parametrize("name", ["gone.png", "strip.png"])
def test_a_reference_that_can_not_be_looked_at_goes_to_the_next_provider(looking: Studio, name: str) -> None:
    provider = looking.provider(KLEIN, model="tiny-klein")
    with pytest.raises(Unfit) as caught:
        looking.draw(provider, 1, like={"image": name})
    assert caught.value.facts["image"] == name


def test_a_reference_that_is_gone_from_our_pictures_leaves_words_alone(looking: Studio) -> None:
    provider = looking.provider(KLEIN, model="tiny-klein")
    (fit,) = looking.fits(provider, 1, like={"image": ""})
    assert "like" not in fit.request
    assert fit.dropped == {"like": "dropped.like"}


def test_the_language_model_leaves_before_the_transformer_works(studio: Make) -> None:
    device = Limited(1 << 40)
    one = studio(device, settings=GpuSettings(plan="phased"))
    provider = one.provider(KLEIN, model="tiny-klein")
    one.draw(provider, 1)
    with one.host.lend("tiny-klein", 0, pytest.fail) as stack:
        sizes = dict(stack.need.parts)
    assert sizes["transformer"] + sizes["vae"] > sizes["text_encoder"] // 4
    tight = Limited(sizes["text_encoder"] * 5 // 4)  # with what it takes to work
    one = studio(tight)
    outcomes = one.draw(one.provider(KLEIN, model="tiny-klein"), 3)
    assert {outcome.facts["plan"] for outcome in outcomes} == {"phased"}
    assert tight.moves.index("-Qwen3ForCausalLM") < tight.moves.index("+Flux2Transformer2DModel")
    assert tight.refused == 0


@pytest.mark.parametrize("part", ["transformer", "vae"])
def test_weights_that_give_no_numbers_are_no_black_picture(studio: Make, part: str) -> None:
    import torch

    one = studio()
    provider = one.provider(KLEIN, model="tiny-klein")
    one.draw(provider, 1)
    with one.host.lend("tiny-klein", 0, pytest.fail) as stack, torch.no_grad():
        out = stack.parts["vae"].decoder.conv_out if part == "vae" else stack.parts["transformer"].proj_out
        out.weight.fill_(float("nan"))
    assert [type(outcome.error) for outcome in one.draw(provider, 2)] == [BadPicture, BadPicture]


def test_too_large_a_batch_is_halved_and_every_picture_is_the_same(studio: Make) -> None:
    plain_one = studio(Limited(1 << 40))
    want = drawn(plain_one.draw(plain_one.provider(KLEIN, model="tiny-klein"), 8))
    device = Limited(plain_one.device.held + 900_000, row=180_000)
    one = studio(device)
    outcomes = one.draw(one.provider(KLEIN, model="tiny-klein"), 8)
    assert device.refused
    assert {outcome.facts["batch_size"] for outcome in outcomes} == {4}
    assert differ(drawn(outcomes), want) <= ROUNDING


def test_a_picture_that_nobody_wants_any_more_ends_at_its_step(studio: Make) -> None:
    one, steps = studio(), []

    def report(shot: int, step: int, _steps: int) -> None:
        steps.append(step)
        if step == 2:
            raise Cancelled("cancelled", shot=shot)

    outcomes = one.draw(one.provider(KLEIN, model="tiny-klein"), 2, report, steps=8)
    assert [type(outcome.error) for outcome in outcomes] == [Cancelled] * 2
    assert max(steps) == 2
