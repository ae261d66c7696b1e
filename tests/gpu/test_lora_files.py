"""What a LoRA is made for, told by its header alone: one that does not fit must be named before it is drawn with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from stockgen.domain.errors import NotConfigured
from stockgen.gpu.headers import Header, Tensor, header_of
from stockgen.gpu.lora_files import LoraFiles
from stockgen.gpu.loras import recognised, said
from stockgen.gpu.weights import WeightsIndex
from tests.models_cmd.weights import safetensors

Shapes = Mapping[str, tuple[int, int]]


def header(layers: Shapes, ends: tuple[str, str] = ("lora_down", "lora_up"), rank: int = 16, **about: str) -> Header:
    """A LoRA for layers of (in, out)."""
    down, up = ends
    tensors = {f"{name}.{down}.weight": (rank, width) for name, (width, _) in layers.items()}
    tensors |= {f"{name}.{up}.weight": (high, rank) for name, (_, high) in layers.items()}
    return Header({name: Tensor("F16", shape, 2 * shape[0] * shape[1]) for name, shape in tensors.items()}, about)


PEFT = ("lora_A", "lora_B")
FOUND = {
    "kohya, SDXL": (header({
        "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k": (2048, 640),
        "lora_te1_text_model_encoder_layers_0_self_attn_q_proj": (768, 768),
    }), "sdxl", True),
    "kohya, SDXL without cross-attention": (
        header({"lora_unet_down_blocks_2_attentions_1_transformer_blocks_7_attn1_to_q": (1280, 1280)}), "sdxl", False),
    "diffusers, SDXL": (
        header({"unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_v": (2048, 640)}, PEFT), "sdxl", False),
    "kohya, SD 1.5": (header({
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k": (768, 320),
        "lora_te_text_model_encoder_layers_0_self_attn_q_proj": (768, 768),
    }), "sd15", True),
    "SD 2": (
        header({"lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k": (1024, 320)}), "sd2",
        False),
    "SDXL's refiner": (
        header({"unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k": (1280, 768)}, PEFT),
        "sdxl-refiner", False),
    "kohya, FLUX.1": (header({
        "lora_unet_double_blocks_0_img_attn_proj": (3072, 3072), "lora_unet_double_blocks_0_img_mlp_0": (3072, 12288),
    }), "flux", False),
    "diffusers, FLUX.1": (header({
        "transformer.transformer_blocks.0.attn.to_k": (3072, 3072), "transformer.transformer_blocks.0.norm1.linear":
        (3072, 18432)}, PEFT), "flux", False),
    "attention alone, FLUX.1": (header({
        f"transformer.transformer_blocks.{number}.attn.to_k": (3072, 3072) for number in range(19)}, PEFT), "flux",
        False),
    "FLUX.2 [klein] 4B": (header({
        "transformer.single_transformer_blocks.0.attn.to_qkv_mlp_proj": (3072, 27648),
        "transformer.transformer_blocks.0.attn.to_q": (3072, 3072)}, PEFT), "flux2_klein", False),
    "ComfyUI, FLUX.2 [klein] 4B": (header({
        "diffusion_model.double_blocks.0.img_mlp.0": (3072, 18432), "diffusion_model.double_blocks.0.img_attn.qkv":
        (3072, 9216)}, PEFT), "flux2_klein", False),
    "FLUX.2 [klein] 9B": (header({
        "diffusion_model.single_blocks.3.linear1": (4096, 36864)}, PEFT), "flux2-klein-9b", False),
    "FLUX.2 [dev]": (header({
        "diffusion_model.single_blocks.3.linear1": (6144, 55296)}, PEFT), "flux2-dev", False),
    "Z-Image": (header({"diffusion_model.layers.4.attention.to_q": (3840, 3840)}, PEFT), "z_image", False),
    "LyCORIS": (Header({"lora_unet_down_blocks_0_attentions_0_proj_in.hada_w1_a": Tensor("F16", (320, 8), 1)}),
                "lycoris", False),
    "another": (header({"transformer.blocks.0.attn.q": (100, 100)}, PEFT), "unknown", False),
    "none": (Header({"weight": Tensor("F16", (4, 4), 32)}), "unknown", False),
    "written down": (header({"transformer.transformer_blocks.0.attn.to_k": (3072, 3072)}, PEFT,
                            **{"modelspec.architecture": "flux-1-dev/lora"}), "flux", False),
    "shapes before words": (header({
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k": (768, 320)},
        ss_base_model_version="sdxl_base_v1-0"), "sd15", False),
}  # fmt: skip


@pytest.mark.parametrize("which", FOUND)
def test_it_is_recognised_by_names_and_shapes(which: str) -> None:
    given, made_for, encoders = FOUND[which]
    found = recognised(given)
    assert (found.made_for, found.encoders) == (made_for, encoders)
    assert found.usable == (made_for in ("sdxl", "flux", "flux2_klein", "z_image"))


def test_what_its_maker_wrote_down_is_read() -> None:
    given = header({}, **{"modelspec.trigger_phrase": " w4t3r ", "modelspec.license": "MIT",
                          "ss_sd_model_name": "sd_xl_base_1.0.safetensors", "ss_output_name": "water"})  # fmt: skip
    told = said(given)
    assert (told.trigger, told.licence, told.base, told.title) == (
        "w4t3r",
        "MIT",
        "sd_xl_base_1.0.safetensors",
        "water",
    )
    assert said(header({})).trigger == ""


SDXL = {"unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_v.lora_A.weight": ("F16", (4, 2048)),
        "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_v.lora_B.weight": ("F16", (640, 4))}  # fmt: skip


def test_a_file_that_no_entry_names_can_be_used_but_its_pictures_can_not_be_sold(tmp_path: Path) -> None:
    folder = tmp_path / "loras"
    folder.mkdir()
    (folder / "수채화.safetensors").write_bytes(safetensors(SDXL, {"modelspec.trigger_phrase": "w4t3r"}))
    (folder / "notes.txt").write_text("no LoRA")
    files = LoraFiles({}, WeightsIndex(None, tmp_path))
    assert files.names() == ["수채화"]
    model = files.find("수채화").model
    assert (model.provider, model.licence, model.sellable, model.lora.trigger) == ("sdxl", "unknown", False, "w4t3r")


def test_a_folder_full_of_files_is_listed_without_reading_any(tmp_path: Path) -> None:
    folder = tmp_path / "loras"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}.safetensors").write_bytes(b"no header")
    files = LoraFiles({}, WeightsIndex(None, tmp_path))
    assert len(files.names()) == 20
    with pytest.raises(NotConfigured) as told:
        files.find("00")
    assert (told.value.code, told.value.facts["lora"]) == ("lora_unusable", "00")


def test_a_file_that_was_replaced_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "loras" / "one.safetensors"
    file.parent.mkdir()
    file.write_bytes(safetensors(SDXL, {"modelspec.trigger_phrase": "old"}))
    files = LoraFiles({}, WeightsIndex(None, tmp_path))
    before = files.find("one")
    stamp = before.stamp
    file.write_bytes(safetensors(SDXL, {"modelspec.trigger_phrase": "newer"}))
    after = files.find("one")
    assert (before.model.lora.trigger, after.model.lora.trigger) == ("old", "newer")
    assert stamp != after.stamp
    assert header_of(file).about == {"modelspec.trigger_phrase": "newer"}
