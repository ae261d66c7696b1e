"""Z-Image: its phases draw what its pipeline draws in one go, whatever the lengths of the prompts beside each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.errors import BadPicture, Cancelled
from stockgen.providers._diffusion.family import Piece
from tests.gpu.compared import WORDS, apart, made, ordered, plain
from tests.gpu.conftest import Studio, off, pixels
from tests.gpu.limited import Limited
from tests.gpu.test_work import ROUNDING, differ, drawn

Make = Callable[..., Studio]
Z_IMAGE = "z_image"
LONG = "the sea at night, long and wide, under a sky of many stars"


@pytest.mark.parametrize("size", [(64, 64), (80, 48), (48, 80), (128, 32)])
@pytest.mark.parametrize(("model", "guidance"), [("tiny-z-image", 0.0), ("tiny-z-guided", 4.0)])
def test_phases_draw_what_the_pipeline_draws_in_one_go(
    studio: Make, models: Path, model: str, guidance: float, size: tuple[int, int]
) -> None:
    one = studio()
    provider = one.provider(Z_IMAGE, model=model)
    together = made(one, provider, ordered(one, provider, size=size))
    assert apart(together, plain(models / Z_IMAGE, size=size, guidance_scale=guidance)) <= ROUNDING
    alone = made(one, provider, ordered(one, provider, WORDS[:1], size=size))
    assert apart(alone, plain(models / Z_IMAGE, WORDS[:1], size, guidance_scale=guidance)) <= ROUNDING


def calls_of(one: Studio, model: str) -> list[int]:
    """Rows of every later call of the transformer; it must be loaded."""
    rows: list[int] = []
    with one.host.lend(model, 0, pytest.fail) as stack:
        stack.parts["transformer"].register_forward_pre_hook(lambda _module, args: rows.append(len(args[0])))
    return rows


def test_turbo_is_never_guided_and_no_step_is_left_out(studio: Make) -> None:
    one = studio()
    provider = one.provider(Z_IMAGE, model="tiny-z-image")
    one.draw(provider, 1)
    rows = calls_of(one, "tiny-z-image")
    one.draw(provider, 3, guidance=5.0, negative_prompt="blurry", steps=8)
    assert rows == [3] * 8


def test_prompts_of_one_length_are_drawn_together_and_others_beside_them_without_loss(
    studio: Make, models: Path
) -> None:
    one = studio()
    provider = one.provider(Z_IMAGE, model="tiny-z-image")
    words = ("a red fox", "snow", LONG, "a hare")  # with their template 32, 32, 96, 32 rows
    one.draw(provider, 1)
    rows = calls_of(one, "tiny-z-image")
    together = made(one, provider, ordered(one, provider, words))
    assert rows == [2, 2, 1, 1, 1, 1]
    assert apart(together, plain(models / Z_IMAGE, words, guidance_scale=0.0)) <= ROUNDING


def test_guidance_below_one_guides_and_is_not_taken_for_none(studio: Make, models: Path) -> None:
    one = studio()
    provider = one.provider(Z_IMAGE, model="tiny-z-guided")
    for guidance in (0.0, 0.5, 4.0, 0.0):
        ours = made(one, provider, ordered(one, provider, guidance=guidance))
        assert apart(ours, plain(models / Z_IMAGE, guidance_scale=guidance)) <= ROUNDING


def test_what_is_not_wanted_counts_where_there_is_guidance(studio: Make, models: Path) -> None:
    one = studio()
    provider = one.provider(Z_IMAGE, model="tiny-z-guided")
    without, unwanted = (
        made(one, provider, ordered(one, provider, negative_prompt=text)) for text in ("", "흐림, blurry")
    )
    want = plain(models / Z_IMAGE, guidance_scale=4.0, negative_prompt=["흐림, blurry"] * 3)
    assert apart(unwanted, want) <= ROUNDING
    assert differ(without, unwanted) > ROUNDING


def test_a_prompt_that_is_encoded_again_has_its_template_once(studio: Make) -> None:
    one = studio()
    provider = one.provider(Z_IMAGE, model="tiny-z-image")
    (fit,) = one.fits(provider, 1)
    with one.host.lend("tiny-z-image", 0, lambda: provider._family.load(*_files(one, provider), lambda: None)) as stack:
        piece = Piece(1, "a red fox", 1, fit.request)
        first, second = (provider._family.encode(stack.pipes, piece) for _ in range(2))
    assert piece.prompt == "a red fox"
    assert first.tensors["prompt_embeds"].equal(second.tensors["prompt_embeds"])
    assert first.told == second.told == {"tokens": len("<user\na red fox>\n<assistant\n")}


def _files(one: Studio, provider: Any) -> Any:
    model, _ = provider._model("tiny-z-image")
    return provider._files(model, {}), one.host.place


def test_other_words_are_another_picture_of_the_same_seed(studio: Make) -> None:
    one = studio()
    provider = one.provider(Z_IMAGE, model="tiny-z-image")
    fox, sea = (pixels(one.draw(provider, 1, prompt=prompt)[0]) for prompt in WORDS[:2])
    assert off(fox, sea) > ROUNDING


def test_what_is_longer_than_the_encoder_reads_is_told(studio: Make) -> None:
    one = studio()
    provider = one.provider(Z_IMAGE, model="tiny-z-image")
    short, long = (one.draw(provider, 1, prompt=text, exact=True)[0].facts for text in ("a fox", "a fox " * 100))
    assert "cut" not in short
    assert long["cut"] == long["tokens"] - 512 > 0


def test_the_language_model_leaves_before_the_transformer_works(studio: Make) -> None:
    plenty = studio()
    plenty.draw(plenty.provider(Z_IMAGE, model="tiny-z-image"), 1)
    with plenty.host.lend("tiny-z-image", 0, pytest.fail) as stack:
        tight = Limited(stack.need.weights - 1)
    one = studio(tight)
    outcomes = one.draw(one.provider(Z_IMAGE, model="tiny-z-image"), 3)
    assert {outcome.facts["plan"] for outcome in outcomes} == {"phased"}
    assert tight.moves.index("-Qwen3Model") < tight.moves.index("+ZImageTransformer2DModel")


@pytest.mark.parametrize("part", ["transformer", "vae"])
def test_weights_that_give_no_numbers_are_no_black_picture(studio: Make, part: str) -> None:
    import torch

    one = studio()
    provider = one.provider(Z_IMAGE, model="tiny-z-image")
    one.draw(provider, 1)
    with one.host.lend("tiny-z-image", 0, pytest.fail) as stack, torch.no_grad():
        broken = stack.parts["vae"].decoder.conv_out if part == "vae" else stack.parts["transformer"].cap_embedder[1]
        broken.weight.fill_(float("nan"))
    assert [type(outcome.error) for outcome in one.draw(provider, 2)] == [BadPicture, BadPicture]


def test_too_large_a_batch_is_halved_and_every_picture_is_the_same(studio: Make) -> None:
    first = studio(Limited(1 << 40))
    want = drawn(first.draw(first.provider(Z_IMAGE, model="tiny-z-guided"), 8))
    device = Limited(first.device.held + 900_000, row=90_000)  # type: ignore[attr-defined]
    one = studio(device)
    outcomes = one.draw(one.provider(Z_IMAGE, model="tiny-z-guided"), 8)
    assert device.refused
    assert {outcome.facts["batch_size"] for outcome in outcomes} == {4}
    assert differ(drawn(outcomes), want) <= ROUNDING


def test_a_picture_that_nobody_wants_any_more_ends_at_its_step(studio: Make) -> None:
    one, steps = studio(), []

    def report(shot: int, step: int, _steps: int) -> None:
        steps.append(step)
        if step == 2:
            raise Cancelled("cancelled", shot=shot)

    outcomes = one.draw(one.provider(Z_IMAGE, model="tiny-z-image"), 2, report, steps=8)
    assert [type(outcome.error) for outcome in outcomes] == [Cancelled] * 2
    assert max(steps) == 2
