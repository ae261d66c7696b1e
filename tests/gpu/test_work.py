"""Batches through real pipelines: what memory, broken numbers and cancelling do to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.errors import BadPicture, Cancelled, NotConfigured, OutOfMemory
from stockgen.gpu.settings import GpuSettings
from tests.gpu.conftest import Studio, off, pixels
from tests.gpu.limited import Limited

Make = Callable[..., Studio]
ARCHITECTURES = [
    ("sdxl", "tiny-sdxl"),
    ("flux", "tiny-flux"),
    ("flux2_klein", "tiny-flux2-klein"),
    ("z_image", "tiny-z-image"),
]
ROUNDING = 1  # levels of 255: the same noise in another batch or by another plan agrees to float rounding


def drawn(outcomes: list[Any]) -> dict[int, bytes]:
    return {outcome.shot: pixels(outcome) for outcome in outcomes}


def differ(one: dict[int, bytes], other: dict[int, bytes]) -> int:
    assert one.keys() == other.keys()
    return max(off(one[shot], other[shot]) for shot in one)


def test_a_picture_is_the_one_that_diffusers_itself_would_draw(studio: Make, models: Path) -> None:
    import diffusers
    import torch

    one = studio()
    ours = drawn(one.draw(one.provider("sdxl", model="tiny-sdxl"), 1, negative_prompt="blurry"))[1]
    pipe = diffusers.DiffusionPipeline.from_pretrained(models / "sdxl", local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    made = pipe("a red fox", negative_prompt="blurry", num_inference_steps=5, guidance_scale=5.0, width=64, height=64,
                generator=[torch.Generator("cpu").manual_seed(1)])  # fmt: skip
    assert off(ours[-64 * 64 * 3 :], made.images[0].tobytes()) <= ROUNDING


def test_base_and_refiner_share_their_second_encoder_and_the_vae_instead_of_loading_them_twice(studio: Make) -> None:
    one = studio()
    provider = one.provider("sdxl", model="tiny-sdxl", refiner="tiny-refiner")
    one.draw(provider, 1)
    with one.host.lend("tiny-sdxl+tiny-refiner", 0, pytest.fail) as stack:
        base, refiner = stack.pipes.base, stack.pipes.refiner
        assert base.text_encoder_2 is refiner.text_encoder_2
        assert base.vae is refiner.vae
        assert base.unet is not refiner.unet
        assert set(stack.parts) == {"text_encoder", "text_encoder_2", "unet", "refiner", "vae"}


def test_base_and_refiner_together_do_each_step_once(studio: Make) -> None:
    one, steps = studio(), []
    provider = one.provider("sdxl", model="tiny-sdxl", refiner="tiny-refiner")
    one.draw(provider, 1, lambda _shot, step, of: steps.append((step, of)), steps=10)
    assert [step for step, _ in steps if step] == list(range(1, 11))
    assert {of for _, of in steps} == {10}


def test_a_refined_picture_is_the_one_that_diffusers_itself_would_draw(studio: Make, models: Path) -> None:
    import diffusers
    import torch

    one = studio()
    ours = drawn(one.draw(one.provider("sdxl", model="tiny-sdxl", refiner="tiny-refiner"), 1))[1]
    base = diffusers.DiffusionPipeline.from_pretrained(models / "sdxl", local_files_only=True)
    refiner = diffusers.StableDiffusionXLImg2ImgPipeline.from_pretrained(
        models / "refiner", vae=base.vae, text_encoder_2=base.text_encoder_2, local_files_only=True
    )
    how = {"num_inference_steps": 5, "guidance_scale": 5.0, "generator": [torch.Generator("cpu").manual_seed(1)]}
    latent = base("a red fox", denoising_end=0.8, width=64, height=64, output_type="latent", **how).images
    made = refiner("a red fox", image=latent, denoising_start=0.8, **how)
    assert off(ours[-64 * 64 * 3 :], made.images[0].tobytes()) <= ROUNDING


@pytest.mark.parametrize("plan", ["phased", "offload"])
@pytest.mark.parametrize(("name", "model"), ARCHITECTURES)
def test_a_frugal_plan_draws_the_same_picture(studio: Make, name: str, model: str, plan: Any) -> None:
    plain, frugal = studio(), studio(Limited(1 << 40), settings=GpuSettings(plan=plan))
    want = drawn(plain.draw(plain.provider(name, model=model), 2))
    outcomes = frugal.draw(frugal.provider(name, model=model), 2)
    assert {outcome.facts["plan"] for outcome in outcomes} == {plan}
    assert differ(drawn(outcomes), want) <= ROUNDING


def test_what_is_not_in_use_leaves_a_card_that_is_too_small_for_all_of_it(studio: Make) -> None:
    whole = studio(Limited(1 << 40))
    whole.draw(whole.provider("sdxl", model="tiny-sdxl"), 2)
    tight = Limited(whole.device.held * 3 // 4, row=20_000)
    small = studio(tight)
    outcomes = small.draw(small.provider("sdxl", model="tiny-sdxl"), 2)
    assert [outcome.facts["plan"] for outcome in outcomes] == ["phased", "phased"]
    assert tight.refused == 0
    assert tight.peak <= tight.limit


def test_too_large_a_batch_is_halved_until_it_fits_and_every_picture_comes(studio: Make) -> None:
    plain = studio(Limited(1 << 40))
    want = drawn(plain.draw(plain.provider("sdxl", model="tiny-sdxl"), 8))
    # The catalogue says 100,000 bytes a picture; in truth it is twice 90,000, because guidance doubles the rows.
    device = Limited(plain.device.held + 900_000, row=90_000)
    one = studio(device)
    outcomes = one.draw(one.provider("sdxl", model="tiny-sdxl"), 8)
    assert device.refused
    assert {outcome.facts["batch_size"] for outcome in outcomes} == {4}
    assert differ(drawn(outcomes), want) <= ROUNDING


def test_a_card_too_small_for_one_picture_gets_a_more_frugal_plan(studio: Make) -> None:
    plain = studio(Limited(1 << 40))
    plain.draw(plain.provider("sdxl", model="tiny-sdxl"), 1)
    device = Limited(plain.device.held + 110_000, row=120_000)
    one = studio(device)
    outcomes = one.draw(one.provider("sdxl", model="tiny-sdxl"), 2)
    assert device.refused
    assert {outcome.facts["plan"] for outcome in outcomes} == {"phased"}


def test_when_no_plan_helps_the_next_provider_is_asked_and_nothing_stays_on_the_card(studio: Make) -> None:
    device = Limited(1 << 30, row=1 << 40)
    one = studio(device)
    with pytest.raises(OutOfMemory) as caught:
        one.draw(one.provider("sdxl", model="tiny-sdxl"), 2)
    assert caught.value.facts["exhausted"]
    assert device.held == 0


def test_nothing_of_a_try_that_ran_out_of_memory_is_alive_when_the_next_begins(studio: Make) -> None:
    import gc

    import torch

    one = studio(Limited(1 << 30, row=1 << 40))
    provider = one.provider("sdxl", model="tiny-sdxl")
    with pytest.raises(OutOfMemory):
        one.draw(provider, 4)
    gc.collect()
    shapes = {tuple(each.shape) for each in gc.get_objects() if isinstance(each, torch.Tensor) and each.ndim == 4}
    assert not [shape for shape in shapes if shape[-2:] == (8, 8) and shape[0] in (4, 8)]  # latents of the batch


def test_a_vae_that_overflows_in_half_precision_decodes_in_full(studio: Make) -> None:
    one = studio(Limited(1 << 40, dtype="float16"))
    outcomes = one.draw(one.provider("sdxl", model="tiny-overflowing"), 2)
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert {(o.facts["dtype"], o.facts["vae_dtype"]) for o in outcomes} == {("float16", "float32")}


def test_a_model_that_only_gives_nan_ends_after_each_precision_and_never_as_a_black_picture(studio: Make) -> None:
    one = studio(Limited(1 << 40, dtype="float16"))
    outcomes = one.draw(one.provider("sdxl", model="tiny-nan"), 2)
    assert [type(outcome.error) for outcome in outcomes] == [BadPicture, BadPicture]
    assert all(outcome.error.facts["exhausted"] for outcome in outcomes)
    with one.host.lend("tiny-nan", 0, pytest.fail) as stack:
        import torch

        assert stack.parts["unet"].dtype == torch.bfloat16
        assert stack.parts["vae"].dtype == torch.float32


def test_a_denoiser_that_overflows_in_half_precision_computes_in_bfloat16(studio: Make) -> None:
    import torch

    one = studio(Limited(1 << 40, dtype="float16"))
    provider = one.provider("sdxl", model="tiny-sdxl")
    one.draw(provider, 1)
    with one.host.lend("tiny-sdxl", 0, pytest.fail) as stack, torch.no_grad():
        stack.parts["unet"].conv_in.weight.mul_(1e3)
        stack.parts["unet"].conv_out.weight.mul_(6e4)  # beyond float16's 65,504, well within bfloat16's range
    outcomes = one.draw(provider, 2)
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert {outcome.facts["dtype"] for outcome in outcomes} == {"bfloat16"}


def test_a_cancelled_picture_costs_its_neighbours_nothing(studio: Make) -> None:
    one = studio()
    provider = one.provider("sdxl", model="tiny-sdxl")
    want = drawn(one.draw(provider, 3))

    def report(shot: int, step: int, _steps: int) -> None:
        if shot == 2 and step == 2:
            raise Cancelled("cancelled", shot=shot)

    outcomes = {outcome.shot: outcome for outcome in one.draw(provider, 3, report)}
    assert isinstance(outcomes.pop(2).error, Cancelled)
    assert differ(drawn(list(outcomes.values())), {shot: want[shot] for shot in (1, 3)}) <= ROUNDING


def test_when_nobody_wants_a_batch_it_ends_at_the_next_step(studio: Make) -> None:
    one, steps = studio(), []

    def report(shot: int, step: int, _steps: int) -> None:
        steps.append(step)
        if step == 2:
            raise Cancelled("cancelled", shot=shot)

    outcomes = one.draw(one.provider("sdxl", model="tiny-sdxl"), 3, report, steps=50)
    assert [type(outcome.error) for outcome in outcomes] == [Cancelled] * 3
    assert max(steps) == 2
    assert one.draw(one.provider("sdxl", model="tiny-sdxl"), 1)[0].error is None


def test_a_finished_picture_leaves_before_the_next_group_is_begun(studio: Make) -> None:
    one = studio(settings=GpuSettings())
    provider = one.provider("flux", model="tiny-flux")
    one.draw(provider, 1)
    with one.host.lend("tiny-flux", 0, pytest.fail) as stack:
        from dataclasses import replace

        stack.plan = replace(stack.plan, batch=2)
    steps: list[int] = []
    stream = provider.render(one.fits(provider, 4), one.spool, lambda shot, _step, _steps: steps.append(shot))
    next(stream)
    assert set(steps) == {1, 2}
    assert len(list(stream)) == 3


def test_pictures_of_different_sizes_and_steps_do_not_share_a_batch(studio: Make) -> None:
    one = studio()
    provider = one.provider("sdxl", model="tiny-sdxl")
    fits = one.fits(provider, 2) + one.fits(provider, 2, steps=3)
    fits = [type(fit)(**{**{name: getattr(fit, name) for name in fit.__slots__}, "shot": _numbered(fit.shot, number)})
            for number, fit in enumerate(fits, 1)]  # fmt: skip
    outcomes = list(provider.render(fits, one.spool, lambda *_: None))
    assert [outcome.facts["batch_size"] for outcome in outcomes] == [2, 2, 2, 2]


def _numbered(shot: Any, number: int) -> Any:
    from dataclasses import replace

    return replace(shot, id=number)


def test_words_that_were_read_before_are_not_encoded_again(studio: Make) -> None:
    device = Limited(1 << 40)
    one = studio(device, settings=GpuSettings(plan="phased"))
    provider = one.provider("flux", model="tiny-flux")
    one.draw(provider, 2)
    device.moves.clear()
    one.draw(provider, 2)
    assert not [move for move in device.moves if move.startswith("+T5")]


def test_weights_that_can_not_be_read_name_the_model_and_what_is_wrong(
    studio: Make, models: Path, tmp_path: Path
) -> None:
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(models / "sdxl", broken)
    (broken / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"half a file")
    my = tmp_path / "my"
    from tests.gpu.entries import write_catalog

    write_catalog(my, tmp_path)
    (tmp_path / "sdxl").symlink_to(broken)
    one = Studio(my, tmp_path, Limited(1 << 40))
    with pytest.raises(NotConfigured) as caught:
        one.draw(one.provider("sdxl", model="tiny-sdxl"), 1)
    assert caught.value.code == "weights_unusable"
    assert caught.value.facts["model"] == "tiny-sdxl"


def test_an_encoder_that_gives_the_same_for_any_words_is_found_before_a_picture_is_drawn(studio: Make) -> None:
    import torch

    one = studio()
    provider = one.provider("flux", model="tiny-flux")
    load = provider._family.load

    def tied_wrongly(*how: Any) -> Any:
        made = load(*how)
        with torch.no_grad():
            made.parts["text_encoder_2"].shared.weight.zero_()
        return made

    provider._family.load = tied_wrongly
    with pytest.raises(NotConfigured) as caught:
        one.draw(provider, 1)
    assert "does not tell words apart" in str(caught.value)


def test_what_worked_after_running_out_is_kept_for_the_next_batch(studio: Make) -> None:
    plain = studio(Limited(1 << 40))
    plain.draw(plain.provider("sdxl", model="tiny-sdxl"), 1)
    device = Limited(plain.device.held + 900_000, row=90_000)
    one = studio(device)
    provider = one.provider("sdxl", model="tiny-sdxl")
    one.draw(provider, 8)
    refused = device.refused
    assert {outcome.facts["batch_size"] for outcome in one.draw(provider, 8)} == {4}
    assert device.refused == refused


def test_a_card_that_only_a_new_process_can_use_ends_the_process(studio: Make) -> None:
    one = studio()
    provider = one.provider("sdxl", model="tiny-sdxl")

    def poisoned(_shot: int, step: int, _steps: int) -> None:
        if step == 2:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with pytest.raises(SystemExit) as ended:
        one.draw(provider, 1, poisoned)
    assert ended.value.code == 70
