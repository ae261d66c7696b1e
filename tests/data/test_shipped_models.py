"""Models of the catalogue: nobody sells what may not be sold, fetches what can run code, or plans with wrong sizes."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from stockgen.data import Shelf
from stockgen.data.catalog import Model, load_catalog, load_refused
from stockgen.domain.errors import ConfigError
from stockgen.modes.wording import has_hangul

MODELS = load_catalog(Shelf())
REFUSED = load_refused(Shelf())
WITH_WEIGHTS = [pytest.param(one, id=name) for name, one in MODELS.items() if one.weights and one.weights.on_hub]
IN_A_FILE = [pytest.param(one, id=name) for name, one in MODELS.items() if one.weights and not one.weights.on_hub]

# Parameters of each part, counted from the published configs.
UNET, REFINER, LIGHTNING = 2_567_463_684, 2_259_526_660, 2_567_463_684
CLIP_L, BIG_G, T5_XXL = 123_060_480, 694_659_840, 4_762_310_656
CONTROL, VIT_H, ADAPTER = 1_255_958_800, 632_076_800, 349_188_096
TRANSFORMER, SDXL_VAE, FLUX_VAE = 11_891_178_560, 83_653_863, 83_819_683
KLEIN, KLEIN_VAE, Z_IMAGE, QWEN = 3_875_544_576, 84_046_115, 6_154_908_736, 4_022_468_096
PARAMETERS = {  # encoders, denoiser, decoder
    "sdxl-base": (CLIP_L + BIG_G, UNET, SDXL_VAE),
    "sdxl-lightning": (CLIP_L + BIG_G, LIGHTNING, SDXL_VAE),
    "sdxl-refiner": (0, REFINER, 0),
    "sdxl-vae-fp16-fix": (0, 0, SDXL_VAE),
    "sdxl-control-union": (0, CONTROL, 0),
    "sdxl-ip-adapter": (VIT_H, ADAPTER, 0),
    "flux-schnell": (CLIP_L + T5_XXL, TRANSFORMER, FLUX_VAE),
    "flux-schnell-4bit": (CLIP_L + T5_XXL, TRANSFORMER, FLUX_VAE),
    "flux2-klein-4b": (QWEN, KLEIN, KLEIN_VAE),
    "flux2-klein-4b-4bit": (QWEN, KLEIN, KLEIN_VAE),
    "z-image-turbo": (QWEN, Z_IMAGE, FLUX_VAE),
    "z-image-turbo-4bit": (QWEN, Z_IMAGE, FLUX_VAE),
    "z-image-base": (QWEN, Z_IMAGE, FLUX_VAE),
}
PARTS = ("unet", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "transformer", "vae", "scheduler")
# What repositories hold besides: formats that run code when they are read, and the same weights once more.
UNWANTED = [
    *(f"{part}/{file}" for part in PARTS
      for file in ("pytorch_model.bin", "diffusion_pytorch_model.fp16.bin", "model.ckpt", "model.pt", "model.pth",
                   "model.pkl", "model.onnx", "model.onnx_data", "flax_model.msgpack", "openvino_model.bin", "run.py")),
    "pytorch_lora_weights.bin", "model.ckpt", "sd_xl_base_1.0.safetensors", "sd_xl_base_1.0_0.9vae.safetensors",
    "sd_xl_refiner_1.0.safetensors", "sd_xl_offset_example-lora_1.0.safetensors", "sdxl_vae.safetensors",
    "sdxl.vae.safetensors", "diffusion_pytorch_model.bin", "sdxl_lightning_4step.safetensors",
    "sdxl_lightning_4step_lora.safetensors", "sdxl_lightning_8step_unet.safetensors", "flux1-schnell.safetensors",
    "flux-2-klein-4b.safetensors", "diffusion_pytorch_model_promax.safetensors",
    "sdxl_models/ip-adapter_sdxl_vit-h.bin", "sdxl_models/ip-adapter-plus_sdxl_vit-h.safetensors",
    "sdxl_models/image_encoder/model.safetensors", "models/image_encoder/pytorch_model.bin",
    "models/ip-adapter_sd15.safetensors", "ae.safetensors", "vae_1_0/diffusion_pytorch_model.safetensors",
]  # fmt: skip


@pytest.mark.parametrize("model", WITH_WEIGHTS)
def test_no_pattern_lets_in_a_pickle_or_the_same_weights_twice(model: Model) -> None:
    assert model.weights is not None
    assert model.weights.files
    admitted = [name for name in UNWANTED for pattern in model.weights.files if fnmatchcase(name, pattern)]
    assert admitted == []


@pytest.mark.parametrize("model", WITH_WEIGHTS)
def test_what_is_fetched_is_pinned_by_commit(model: Model) -> None:
    assert model.weights is not None
    assert len(model.weights.revision) == 40
    assert set(model.weights.revision) <= set("0123456789abcdef")


@pytest.mark.parametrize("model", WITH_WEIGHTS)
def test_no_fact_of_a_model_is_without_its_source(model: Model) -> None:
    assert all(model.sources.get(fact) for fact in ("licence", "drawing", "memory"))
    assert model.licence_url.startswith("https://")
    assert model.verified_at is not None
    assert model.memory is not None


@pytest.mark.parametrize("model", IN_A_FILE)
def test_what_an_address_gives_is_known_before_it_is_fetched(model: Model) -> None:
    assert model.weights is not None
    assert model.weights.address
    assert model.weights.source.endswith(".onnx")
    assert model.weights.sum
    assert all(model.sources.get(fact) for fact in ("licence", "weights"))
    assert model.licence_url.startswith("https://")
    assert model.verified_at is not None


@pytest.mark.parametrize("model", WITH_WEIGHTS)
def test_no_card_is_planned_with_sizes_that_the_parts_do_not_have(model: Model) -> None:
    memory = model.memory
    assert memory is not None
    encoders, denoiser, decoder = PARAMETERS[model.name]
    assert (memory.encoders, memory.decoder) == (encoders * 2, decoder * 2)
    if model.drawing and model.drawing.quantize:  # four bits and what is kept beside them, less than eight
        assert denoiser * 4.5 / 8 < memory.denoiser < denoiser
    else:
        assert memory.denoiser == denoiser * 2


def test_no_download_is_larger_than_it_was_told() -> None:
    told = {name: one.weights.bytes for name, one in MODELS.items() if one.weights and one.weights.on_hub}
    assert told == {
        "sdxl-base": (CLIP_L + BIG_G + UNET) * 2,
        "sdxl-refiner": REFINER * 2,
        "sdxl-vae-fp16-fix": SDXL_VAE * 4,
        "sdxl-lightning": LIGHTNING * 2,
        "sdxl-control-union": CONTROL * 2,
        "sdxl-ip-adapter": VIT_H * 4 + ADAPTER * 2,
        "flux-schnell": (CLIP_L + T5_XXL + TRANSFORMER + FLUX_VAE) * 2,
        "flux-schnell-4bit": (CLIP_L + T5_XXL + TRANSFORMER + FLUX_VAE) * 2,
        "flux2-klein-4b": (QWEN + KLEIN + KLEIN_VAE) * 2,
        "flux2-klein-4b-4bit": (QWEN + KLEIN + KLEIN_VAE) * 2,
        "z-image-turbo": (QWEN + FLUX_VAE) * 2 + Z_IMAGE * 4,
        "z-image-turbo-4bit": (QWEN + FLUX_VAE) * 2 + Z_IMAGE * 4,
        "z-image-base": (QWEN + Z_IMAGE + FLUX_VAE) * 2,
    }


def test_no_model_names_a_part_that_is_not_there() -> None:
    for name, model in MODELS.items():
        assert not model.base or MODELS[model.base].role == "model", name
        assert not model.vae or MODELS[model.vae].role == "vae", name


def test_every_model_is_found_by_a_korean_name() -> None:
    shown = [one for one in MODELS.values() if one.role == "model"]
    assert [one.name for one in shown if not any(has_hangul(alias) for alias in one.aliases)] == []


def test_nothing_in_the_catalogue_that_draws_may_not_be_sold() -> None:
    assert [name for name, one in MODELS.items() if not one.sellable] == []


def test_no_refused_model_is_also_a_usable_one() -> None:
    usable = {word.casefold() for one in MODELS.values() for word in (one.name, *one.aliases)}
    usable |= {one.weights.source.casefold() for one in MODELS.values() if one.weights}
    refused = [word.casefold() for one in REFUSED.values() for word in (one.name, *one.aliases, *one.hub)]
    assert usable & set(refused) == set()
    assert len(refused) == len(set(refused))


def test_nobody_is_sent_to_a_model_that_does_not_exist() -> None:
    for name, one in REFUSED.items():
        assert not one.instead or (MODELS[one.instead].role, MODELS[one.instead].sellable) == ("model", True), name


def test_no_refusal_is_without_a_reason_in_both_languages() -> None:
    for name, one in REFUSED.items():
        assert has_hangul(one.reason.ko) and not has_hangul(one.reason.en), name
        assert one.reason.en.endswith(".") and one.reason.ko.endswith("."), name
        assert one.source and one.licence and one.verified_at, name


def test_the_traps_that_many_fall_into_are_refused() -> None:
    hub = {one.casefold() for refusal in REFUSED.values() for one in refusal.hub}
    assert {"black-forest-labs/flux.1-dev", "black-forest-labs/flux.2-klein-9b", "qwen/qwen-image-2.1"} <= hub
    assert {"4x-ultrasharp", "bria-rmbg", "dmd2", "sdxl-turbo"} <= REFUSED.keys()


def test_a_slip_in_ones_own_refusals_is_told(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "refused.yaml").write_text("other: 3\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_refused(Shelf(tmp_path))
    assert caught.value.remarks[0].facts["path"] == "catalog/refused.yaml"
