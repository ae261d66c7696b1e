"""Pictures that are drawn by a control picture or in the look of another: by real pipelines with tiny weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from stockgen.domain.errors import BadPicture
from stockgen.domain.protocols import Fit, Outcome, Shot
from stockgen.gpu.settings import GpuSettings
from stockgen.providers._diffusion import canny
from tests.gpu.conftest import Studio, off, pixels
from tests.gpu.limited import Limited
from tests.gpu.test_work import ROUNDING

SIDE = 64
SEES = {"model": "tiny-sdxl", "control": "tiny-control", "likeness": "tiny-likeness"}
Make = Callable[..., Studio]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """`disc.png`, `box.png` (with edges), `red.png`, `blue.png` (with looks) and `depth.png`, as references."""
    folder = tmp_path / "references"
    folder.mkdir()
    for name, draw in (("disc", ImageDraw.ImageDraw.ellipse), ("box", ImageDraw.ImageDraw.rectangle)):
        image = Image.new("RGB", (SIDE, SIDE), (240, 230, 210))
        draw(ImageDraw.Draw(image), (12, 16, 50, 48), fill=(180, 40, 40))
        image.save(folder / f"{name}.png")
    for name, colour in (("red", (220, 30, 20)), ("blue", (20, 40, 220))):
        noise = np.random.default_rng(1).integers(0, 30, (SIDE, SIDE, 3)) + np.array(colour)
        Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(folder / f"{name}.png")
    Image.fromarray(np.tile(np.arange(0, 256, 4, dtype=np.uint8), (SIDE, 1))).save(folder / "depth.png")
    return folder


@pytest.fixture
def seeing(studio: Make, pictures: Path) -> Callable[..., tuple[Studio, Any]]:
    """A studio with those references, and an SDXL that sees in it."""

    def make(device: Any = None, *, refiner: str = "", **more: Any) -> tuple[Studio, Any]:
        one = studio(device, references=pictures, **more)
        return one, one.provider("sdxl", **SEES, refiner=refiner)

    return make


def by(image: str, kind: str = "canny", strength: float = 0.8) -> dict[str, Any]:
    return {"control": {"image": f"{image}.png", "type": kind, "strength": strength}}


def like(image: str) -> dict[str, Any]:
    return {"like": {"image": f"{image}.png"}}


def fits(provider: Any, *wishes: dict[str, Any], seed: int | None = None) -> list[Fit]:
    """A picture for each wish, numbered from 1; `seed`: one for all."""
    return [
        provider.fit(
            Shot(id=at, job="k7m2q", idea=1, prompt="a red fox", seed=at if seed is None else seed, width=SIDE,
                 height=SIDE, wish=wish, needs=frozenset({"control"} & wish.keys()))
        )
        for at, wish in enumerate(wishes, 1)
    ]  # fmt: skip


def drawn(one: Studio, provider: Any, *wishes: dict[str, Any], seed: int | None = 5) -> list[Outcome]:
    got = provider.render(fits(provider, *wishes, seed=seed), one.spool, lambda *_: None)
    return sorted(got, key=lambda outcome: outcome.shot)


def picture(one: Studio, provider: Any, wish: dict[str, Any]) -> bytes:
    (outcome,) = drawn(one, provider, wish)
    return pixels(outcome)


def itself(models: Path, pictures: Path, *, control: str = "", like: str = "", refiner: bool = False) -> bytes:
    """What diffusers alone draws with the same weights, called as its documentation says."""
    import diffusers
    import torch

    kind = diffusers.StableDiffusionXLPipeline
    more: dict[str, Any] = {}
    if control:
        kind = diffusers.StableDiffusionXLControlNetUnionPipeline
        more["controlnet"] = diffusers.ControlNetUnionModel.from_pretrained(models / "control", local_files_only=True)
    pipe = kind.from_pretrained(models / "sdxl", local_files_only=True, **more)
    pipe.set_progress_bar_config(disable=True)
    how: dict[str, Any] = {"num_inference_steps": 5, "guidance_scale": 5.0,
                           "generator": [torch.Generator("cpu").manual_seed(5)]}  # fmt: skip
    seen: dict[str, Any] = {}
    if control:
        edges = canny.edges(np.asarray(Image.open(pictures / f"{control}.png")))
        seen = {"control_image": Image.fromarray(edges), "control_mode": 3, "controlnet_conditioning_scale": 0.8}
    if like:
        pipe.load_ip_adapter(models / "likeness", subfolder="sdxl_models", local_files_only=True,
                             weight_name="ip-adapter_sdxl_vit-h.safetensors",
                             image_encoder_folder="models/image_encoder")  # fmt: skip
        pipe.set_ip_adapter_scale({"up": {"block_0": [0.0, 1.0]}})  # this UNet has two layers there, the real one three
        seen |= {"ip_adapter_image": Image.open(pictures / f"{like}.png")}
    if not refiner:
        made = pipe("a red fox", width=SIDE, height=SIDE, **seen, **how).images[0]
    else:
        second = diffusers.StableDiffusionXLImg2ImgPipeline.from_pretrained(
            models / "refiner", vae=pipe.vae, text_encoder_2=pipe.text_encoder_2, local_files_only=True
        )
        latent = pipe("a red fox", width=SIDE, height=SIDE, denoising_end=0.8, output_type="latent", **seen, **how)
        made = second("a red fox", image=latent.images, denoising_start=0.8, **how).images[0]
    return bytes(made.tobytes())


HOW: dict[str, dict[str, Any]] = {
    "control": {"control": "disc"}, "like": {"like": "red"}, "both": {"control": "disc", "like": "red"},
    "refined": {"control": "disc", "refiner": True}, "all": {"control": "disc", "like": "red", "refiner": True},
}  # fmt: skip


@pytest.mark.parametrize("how", HOW)
def test_a_picture_is_the_one_that_diffusers_itself_would_draw(
    seeing: Callable[..., tuple[Studio, Any]], models: Path, pictures: Path, how: str
) -> None:
    asked = HOW[how]
    one, provider = seeing(refiner="tiny-refiner" if asked.get("refiner") else "")
    wish = (by(asked["control"]) if "control" in asked else {}) | (like(asked["like"]) if "like" in asked else {})
    ours = picture(one, provider, wish)
    assert off(ours[-SIDE * SIDE * 3 :], itself(models, pictures, **asked)) <= ROUNDING


def test_another_control_picture_draws_another_picture(seeing: Callable[..., tuple[Studio, Any]]) -> None:
    one, provider = seeing()
    disc, box, again = (picture(one, provider, by(name)) for name in ("disc", "box", "disc"))
    assert disc == again
    assert off(disc, box) > 10


def test_a_control_of_strength_zero_draws_what_is_drawn_without_and_a_strong_one_does_not(
    seeing: Callable[..., tuple[Studio, Any]],
) -> None:
    one, provider = seeing()
    plain, none, weak, strong = (
        picture(one, provider, wish)
        for wish in ({}, by("disc", strength=0), by("disc", strength=0.2), by("disc", strength=1))
    )
    assert off(plain, none) <= ROUNDING
    assert off(plain, strong) > 10
    assert off(weak, strong) > 10


def test_each_type_is_its_own_and_a_map_that_is_ready_is_shown_as_it_is(
    seeing: Callable[..., tuple[Studio, Any]],
) -> None:
    one, provider = seeing()
    seen = list(watched(one, provider, by("depth", "depth"), by("depth", "pose")))
    assert [type_ for _, type_ in seen] == [[0, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]]
    ramp = np.tile(np.arange(0, 256, 4), (SIDE, 1)) / 255
    assert np.allclose(seen[0][0], ramp[None], atol=1e-6)


def test_what_reaches_the_controlnet_are_the_edges_of_the_picture(
    seeing: Callable[..., tuple[Studio, Any]], pictures: Path
) -> None:
    one, provider = seeing()
    edges = canny.edges(np.asarray(Image.open(pictures / "disc.png")))
    assert edges.any()
    Image.fromarray(edges).save(pictures / "ready.png")
    (found, kind), (ready, _) = watched(one, provider, by("disc"), by("ready"))
    assert kind == [0, 0, 0, 1, 0, 0]
    for seen in (found, ready):  # edges of edges would be doubled
        assert np.array_equal(seen, np.repeat(edges[None] / 255, 3, axis=0).astype(seen.dtype))


def watched(one: Studio, provider: Any, *wishes: dict[str, Any]) -> Iterator[tuple[Any, list[int]]]:
    """The first control picture (3 × height × width) and type that the ControlNet is given for each wish."""
    (stack,) = {fit.stack for fit in fits(provider, *wishes)}
    for wish in wishes:
        given: list[tuple[Any, list[int]]] = []

        def look(_net: Any, _given: Any, how: dict[str, Any], into: list[Any] = given) -> None:
            into.append((how["controlnet_cond"][0][0].numpy().copy(), how["control_type"][0].int().tolist()))

        if stack not in one.host.warm:
            drawn(one, provider, wish)
        with one.host.lend(stack, 0, pytest.fail) as lent:
            hook = lent.parts["control"].register_forward_pre_hook(look, with_kwargs=True)
        drawn(one, provider, wish)
        hook.remove()
        yield given[0]


def test_pictures_with_other_control_pictures_do_not_share_a_batch(seeing: Callable[..., tuple[Studio, Any]]) -> None:
    one, provider = seeing()
    wishes = [by("disc"), by("disc"), by("box"), by("box", strength=0.3), by("disc", "depth")]
    together = drawn(one, provider, *wishes)
    assert [outcome.facts["batch_size"] for outcome in together] == [2, 2, 1, 1, 1]
    for wish, outcome in zip(wishes, together, strict=True):
        assert off(pixels(outcome), picture(one, provider, wish)) <= ROUNDING


def test_another_look_draws_another_picture_and_each_picture_its_own(seeing: Callable[..., tuple[Studio, Any]]) -> None:
    one, provider = seeing()
    red, blue = drawn(one, provider, like("red"), like("blue"))
    assert off(pixels(red), pixels(blue)) > 3
    assert off(pixels(blue), picture(one, provider, like("blue"))) <= ROUNDING
    assert [outcome.facts["batch_size"] for outcome in (red, blue)] == [1, 1]


def test_only_the_blocks_of_style_look_at_the_picture(seeing: Callable[..., tuple[Studio, Any]]) -> None:
    one, provider = seeing()
    drawn(one, provider, like("red"))
    with one.host.lend("tiny-sdxl+tiny-likeness", 0, pytest.fail) as stack:
        looking = {name: processor.scale for name, processor in stack.parts["unet"].attn_processors.items()
                   if hasattr(processor, "scale")}  # fmt: skip
    at = {name for name, scale in looking.items() if scale != [0.0]}
    assert at
    assert {name.partition(".transformer_blocks")[0] for name in at} == {"up_blocks.0.attentions.1"}


def test_a_reference_is_read_once_whatever_the_words(seeing: Callable[..., tuple[Studio, Any]]) -> None:
    device = Limited(1 << 40)
    one, provider = seeing(device, settings=GpuSettings(plan="phased"))
    drawn(one, provider, like("red"))
    device.moves.clear()
    drawn(one, provider, like("red"))
    assert not [move for move in device.moves if move.startswith("+CLIP")]


def test_the_base_draws_as_before_after_another_stack_had_an_adapter(seeing: Callable[..., tuple[Studio, Any]]) -> None:
    one, provider = seeing()
    before = picture(one, provider, {})
    drawn(one, provider, by("disc") | like("red"))
    assert picture(one, provider, {}) == before
    with one.host.lend("tiny-sdxl", 0, pytest.fail) as stack:
        assert set(stack.parts) == {"text_encoder", "text_encoder_2", "unet", "vae"}


@pytest.mark.parametrize("plan", ["phased", "offload"])
def test_a_frugal_plan_draws_the_same_picture(seeing: Callable[..., tuple[Studio, Any]], plan: Any) -> None:
    wish = by("disc") | like("red")
    plain = picture(*seeing(), wish)
    one, provider = seeing(Limited(1 << 40), settings=GpuSettings(plan=plan))
    (outcome,) = drawn(one, provider, wish)
    assert outcome.facts["plan"] == plan
    assert off(pixels(outcome), plain) <= ROUNDING


def test_a_card_that_can_not_hold_denoiser_and_controlnet_streams_one_of_them(
    seeing: Callable[..., tuple[Studio, Any]],
) -> None:
    whole, provider = seeing(Limited(1 << 40))
    want = picture(whole, provider, by("disc"))
    with whole.host.lend("tiny-sdxl+tiny-control", 0, pytest.fail) as stack:
        unet, net = stack.need.parts["unet"], stack.need.parts["control"]
    small, provider = seeing(Limited(unet + net // 2 + 200_000))
    (outcome,) = drawn(small, provider, by("disc"))
    assert outcome.facts["plan"] == "offload"
    assert off(pixels(outcome), want) <= ROUNDING


def test_half_precision_reaches_every_part(seeing: Callable[..., tuple[Studio, Any]]) -> None:
    one, provider = seeing(Limited(1 << 40, dtype="bfloat16"))
    (outcome,) = drawn(one, provider, by("disc") | like("red"))
    assert outcome.error is None
    assert outcome.facts["dtype"] == "bfloat16"


def test_a_picture_that_is_gone_costs_only_its_own(seeing: Callable[..., tuple[Studio, Any]], pictures: Path) -> None:
    one, provider = seeing()
    (pictures / "broken.png").write_bytes(b"no picture")
    first, gone, broken, last = drawn(one, provider, by("disc"), by("nowhere"), by("broken"), by("disc"))
    assert [outcome.error for outcome in (first, last)] == [None, None]
    for outcome, code in ((gone, "reference_gone"), (broken, "reference_unreadable")):
        assert isinstance(outcome.error, BadPicture)
        assert (outcome.error.code, outcome.error.facts["exhausted"]) == (code, True)


def test_a_picture_keeps_what_it_was_drawn_by(seeing: Callable[..., tuple[Studio, Any]]) -> None:
    one, provider = seeing()
    plain, drawn_by = drawn(one, provider, {})[0], drawn(one, provider, by("disc", strength=0.5) | like("red"))[0]
    assert "control" not in plain.facts and "like" not in plain.facts
    assert drawn_by.facts["control"] == {"model": "tiny-control", "image": "disc.png", "type": "canny", "strength": 0.5}
    assert drawn_by.facts["like"] == {"model": "tiny-likeness", "image": "red.png"}


def test_the_stack_says_what_is_loaded_beside_the_model(seeing: Callable[..., tuple[Studio, Any]]) -> None:
    _, provider = seeing(refiner="tiny-refiner")
    stacks = [fit.stack for fit in fits(provider, {}, by("disc"), like("red"), by("disc") | like("red"))]
    assert stacks == [
        "tiny-sdxl+tiny-refiner",
        "tiny-sdxl+tiny-refiner+tiny-control",
        "tiny-sdxl+tiny-refiner+tiny-likeness",
        "tiny-sdxl+tiny-refiner+tiny-control+tiny-likeness",
    ]


def test_a_photograph_that_is_called_a_map_is_taken_and_told(seeing: Callable[..., tuple[Studio, Any]]) -> None:
    one, provider = seeing()
    photo, ready, edges = fits(provider, by("red", "depth"), by("depth", "depth"), by("red"))
    assert photo.dropped == {"control": "dropped.control_map"}
    assert ready.dropped == edges.dropped == {}
    assert drawn(one, provider, by("red", "depth"))[0].error is None


def test_without_its_weights_a_control_names_the_command_and_a_look_is_told_in_words(
    studio: Make, pictures: Path
) -> None:
    from stockgen.domain.errors import NotConfigured

    one = studio(references=pictures)
    provider = one.provider("sdxl", model="tiny-sdxl")  # what reads pictures is what is shipped, and not here
    shot = replace(fits(provider, {})[0].shot, wish=by("disc"), needs=frozenset({"control"}))
    with pytest.raises(NotConfigured) as caught:
        provider.fit(shot)
    assert caught.value.facts["command"] == "stockgen models pull sdxl-control-union"
    (seen,) = fits(provider, like("red"))
    assert seen.dropped == {"like": "dropped.likeness"}
    assert seen.stack == "tiny-sdxl"
