"""FLUX.2 [klein]: its phases draw what its pipeline draws in one go, and it looks at pictures whose look is wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stockgen.domain.errors import BadPicture, Cancelled
from stockgen.gpu.settings import GpuSettings
from tests.gpu.compared import WORDS, apart, made, ordered, plain
from tests.gpu.conftest import Studio, off, pixels
from tests.gpu.limited import Limited
from tests.gpu.test_work import ROUNDING, differ, drawn

Make = Callable[..., Studio]
KLEIN = "flux2_klein"
GRAIN = dict.fromkeys((1, 2, 3), "grain.png")


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


@pytest.mark.parametrize("size", [(64, 64), (80, 48), (48, 80), (128, 32)])
def test_phases_draw_what_the_pipeline_draws_in_one_go(studio: Make, models: Path, size: tuple[int, int]) -> None:
    one = studio()
    provider = one.provider(KLEIN, model="tiny-flux2-klein")
    together = made(one, provider, ordered(one, provider, size=size))
    assert apart(together, plain(models / KLEIN, size=size, guidance_scale=1.0)) <= ROUNDING
    alone = made(one, provider, ordered(one, provider, WORDS[:1], size=size))
    assert apart(alone, plain(models / KLEIN, WORDS[:1], size, guidance_scale=1.0)) <= ROUNDING


def test_other_words_are_another_picture_of_the_same_seed(studio: Make) -> None:
    one = studio()
    provider = one.provider(KLEIN, model="tiny-flux2-klein")
    fox, sea = (pixels(one.draw(provider, 1, prompt=prompt)[0]) for prompt in WORDS[:2])
    assert off(fox, sea) > ROUNDING


def test_the_undistilled_model_is_guided_away_from_what_is_not_wanted(studio: Make, models: Path) -> None:
    one = studio()
    provider = one.provider(KLEIN, model="tiny-klein-base")
    ours = made(one, provider, ordered(one, provider))
    assert apart(ours, plain(models / "klein_base", guidance_scale=4.0)) <= ROUNDING
    (unwanted,) = one.draw(provider, 1, prompt=WORDS[0], negative_prompt="blurry")
    assert off(pixels(unwanted), ours[1]) > ROUNDING


def test_what_is_longer_than_the_encoder_reads_is_told(studio: Make) -> None:
    one = studio()
    provider = one.provider(KLEIN, model="tiny-flux2-klein")
    short, long = (one.draw(provider, 1, prompt=text, exact=True)[0].facts for text in ("a fox", "a fox " * 100))
    assert "cut" not in short
    assert long["cut"] == long["tokens"] - 512 > 0


def test_the_same_reference_is_the_same_picture_and_another_one_another(looking: Studio) -> None:
    provider = looking.provider(KLEIN, model="tiny-flux2-klein")
    pictures = {
        name: made(looking, provider, ordered(looking, provider, like=dict.fromkeys((1, 2, 3), name) if name else None))
        for name in ("", "grain.png", "fade.png")
    }
    assert made(looking, provider, ordered(looking, provider, like=GRAIN)) == pictures["grain.png"]
    for shot in (1, 2, 3):
        assert len({pictures[name][shot] for name in pictures}) == 3


def test_a_reference_is_looked_at_as_the_pipeline_itself_would(looking: Studio, models: Path) -> None:
    from PIL import Image

    provider = looking.provider(KLEIN, model="tiny-flux2-klein")
    assert looking.references is not None
    with Image.open(looking.references / "grain.png") as image:
        want = plain(models / KLEIN, guidance_scale=1.0, image=[image])
    assert apart(made(looking, provider, ordered(looking, provider, like=GRAIN)), want) <= ROUNDING


def test_pictures_without_a_reference_are_drawn_as_before_and_never_with_those_that_have_one(looking: Studio) -> None:
    provider = looking.provider(KLEIN, model="tiny-flux2-klein")
    before = made(looking, provider, ordered(looking, provider))
    outcomes = list(provider.render(ordered(looking, provider, like={2: "grain.png"}), looking.spool, lambda *_: None))
    assert [outcome.facts["batch_size"] for outcome in outcomes] == [1, 1, 1]
    mixed = drawn(outcomes)
    assert differ({1: mixed[1], 3: mixed[3]}, {1: before[1], 3: before[3]}) <= ROUNDING
    assert off(mixed[2], before[2]) > ROUNDING


def test_a_large_reference_is_looked_at_with_a_million_pixels(looking: Studio) -> None:
    provider = looking.provider(KLEIN, model="tiny-flux2-klein")
    looking.draw(provider, 1)
    seen: list[tuple[int, ...]] = []
    with looking.host.lend("tiny-flux2-klein", 0, pytest.fail) as stack:
        stack.parts["vae"].encoder.register_forward_pre_hook(lambda _module, args: seen.append(tuple(args[0].shape)))
    looking.draw(provider, 1, like={"image": "large.jpg"})
    ((_, _, height, width),) = seen
    assert (width, height) == (1440, 720)


def test_a_reference_is_read_on_the_card_not_beside_it(looking: Studio, models: Path) -> None:
    device = Limited(1 << 40)
    one = Studio(models / "my", looking.spool, device, GpuSettings(plan="phased"), references=looking.references)
    provider = one.provider(KLEIN, model="tiny-flux2-klein")
    one.draw(provider, 1)
    where: list[bool] = []
    with one.host.lend("tiny-flux2-klein", 0, pytest.fail) as stack:
        vae = stack.parts["vae"]
        vae.encoder.register_forward_pre_hook(lambda *_: where.append(id(vae) in device._there))
        stack.budget = stack.need.weights - 1  # nothing stays that is not needed
    one.draw(provider, 1, prompt="a hare", like={"image": "grain.png"})
    assert where == [True]


@pytest.mark.parametrize(("name", "code"), [("gone.png", "reference_gone"), ("strip.png", "reference_narrow")])
def test_a_reference_that_can_not_be_looked_at_goes_to_the_next_provider_and_costs_no_other_picture(
    looking: Studio, name: str, code: str
) -> None:
    provider = looking.provider(KLEIN, model="tiny-flux2-klein")
    fits = ordered(looking, provider, like={1: "grain.png", 2: name, 3: "grain.png"})
    outcomes = {outcome.shot: outcome.error for outcome in provider.render(fits, looking.spool, lambda *_: None)}
    assert (outcomes[1], outcomes[3]) == (None, None)
    error = outcomes[2]
    assert isinstance(error, BadPicture)
    assert (error.code, error.facts["name"], error.facts["exhausted"]) == (code, name, True)


def test_a_reference_that_is_gone_from_our_pictures_leaves_words_alone(looking: Studio) -> None:
    provider = looking.provider(KLEIN, model="tiny-flux2-klein")
    (fit,) = looking.fits(provider, 1, like={"image": ""})
    assert "like" not in fit.request
    assert fit.dropped == {"like": "dropped.like"}


def test_the_language_model_leaves_before_the_transformer_works(studio: Make) -> None:
    plenty = studio()
    plenty.draw(plenty.provider(KLEIN, model="tiny-flux2-klein"), 1)
    with plenty.host.lend("tiny-flux2-klein", 0, pytest.fail) as stack:
        tight = Limited(stack.need.weights - 1)
    one = studio(tight)
    outcomes = one.draw(one.provider(KLEIN, model="tiny-flux2-klein"), 3)
    assert {outcome.facts["plan"] for outcome in outcomes} == {"phased"}
    assert tight.moves.index("-Qwen3ForCausalLM") < tight.moves.index("+Flux2Transformer2DModel")
    assert tight.refused == 0


@pytest.mark.parametrize("part", ["transformer", "vae"])
def test_weights_that_give_no_numbers_are_no_black_picture(studio: Make, part: str) -> None:
    import torch

    one = studio()
    provider = one.provider(KLEIN, model="tiny-flux2-klein")
    one.draw(provider, 1)
    with one.host.lend("tiny-flux2-klein", 0, pytest.fail) as stack, torch.no_grad():
        out = stack.parts["vae"].decoder.conv_out if part == "vae" else stack.parts["transformer"].proj_out
        out.weight.fill_(float("nan"))
    assert [type(outcome.error) for outcome in one.draw(provider, 2)] == [BadPicture, BadPicture]


def test_too_large_a_batch_is_halved_and_every_picture_is_the_same(studio: Make) -> None:
    plain_one = studio(Limited(1 << 40))
    want = drawn(plain_one.draw(plain_one.provider(KLEIN, model="tiny-flux2-klein"), 8))
    device = Limited(plain_one.device.held + 900_000, row=180_000)
    one = studio(device)
    outcomes = one.draw(one.provider(KLEIN, model="tiny-flux2-klein"), 8)
    assert device.refused
    assert {outcome.facts["batch_size"] for outcome in outcomes} == {4}
    assert differ(drawn(outcomes), want) <= ROUNDING


def test_a_picture_that_nobody_wants_any_more_ends_at_its_step(studio: Make) -> None:
    one, steps = studio(), []

    def report(shot: int, step: int, _steps: int) -> None:
        steps.append(step)
        if step == 2:
            raise Cancelled("cancelled", shot=shot)

    outcomes = one.draw(one.provider(KLEIN, model="tiny-flux2-klein"), 2, report, steps=8)
    assert [type(outcome.error) for outcome in outcomes] == [Cancelled] * 2
    assert max(steps) == 2
