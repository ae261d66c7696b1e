"""A tiny SDXL in one file, as fine-tunes are shared: the weights of a folder under the original program's names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

LAYERS = 1  # resnets in each block of the tiny UNet
BLOCKS = 4  # of the tiny VAE
UNET = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
        "conv_in": "input_blocks.0.0",
        "conv_norm_out": "out.0", "conv_out": "out.2", "add_embedding.linear_1": "label_emb.0.0",
        "add_embedding.linear_2": "label_emb.0.2"}  # fmt: skip
RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3",
          "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection"}  # fmt: skip
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
CLIP = {"layers.": "resblocks.", "layer_norm1": "ln_1", "layer_norm2": "ln_2", ".fc1.": ".c_fc.", ".fc2.": ".c_proj.",
        ".self_attn.out_proj": ".attn.out_proj"}  # fmt: skip


def write_checkpoint(pipeline: Any, file: Path) -> Path:
    """Write a pipeline's weights into one `.safetensors`; return `file`."""
    from safetensors.torch import save_file

    tensors = {
        **_named("model.diffusion_model.", _unet(pipeline.unet.state_dict())),
        **_named("first_stage_model.", _vae(pipeline.vae.state_dict())),
        **_named("conditioner.embedders.0.transformer.", _hugging(pipeline.text_encoder.state_dict())),
        **_named("conditioner.embedders.1.model.", _open_clip(pipeline.text_encoder_2.state_dict())),
    }
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file)
    return file


def _named(prefix: str, pairs: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    return {prefix + name: tensor for name, tensor in pairs}


def _unet(state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    attended = {key.split(".")[1] for key in state if key.startswith("up_blocks") and "attentions" in key}
    for key, tensor in state.items():
        module, _, end = key.rpartition(".")
        if module in UNET:
            yield f"{UNET[module]}.{end}", tensor
            continue
        path = key.replace("mid_block.", "mid_block.0.", 1)  # as if there were several
        place, block, kind, layer, rest = path.split(".", 4)
        at = int(block) * (LAYERS + 1) + int(layer)
        slot = {"resnets": 0, "attentions": 1}.get(kind, 0)
        if place == "mid_block":
            where = f"middle_block.{int(layer) * 2 + slot}"
        elif place == "down_blocks":
            where = f"input_blocks.{1 + at}.{slot}"
        else:
            where = f"output_blocks.{at}.{slot}"
        if kind == "downsamplers":
            yield f"input_blocks.{1 + int(block) * (LAYERS + 1) + LAYERS}.0.op.{end}", tensor
        elif kind == "upsamplers":
            yield f"output_blocks.{int(block) * (LAYERS + 1) + LAYERS}.{1 + (block in attended)}.conv.{end}", tensor
        elif kind == "resnets":
            yield f"{where}.{RESNET[rest.rpartition('.')[0]]}.{end}", tensor
        else:
            yield f"{where}.{rest}", tensor


def _vae(state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, tensor in state.items():
        name = key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
        name = re.sub(r"down_blocks\.(\d)\.resnets", r"down.\1.block", name)
        name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
        name = re.sub(r"up_blocks\.(\d)\.resnets", lambda at: f"up.{BLOCKS - 1 - int(at[1])}.block", name)
        name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda at: f"up.{BLOCKS - 1 - int(at[1])}.upsample", name)
        name = re.sub(r"mid_block\.resnets\.(\d)", lambda at: f"mid.block_{int(at[1]) + 1}", name)
        if "attentions.0" in name:
            head, _, part = name.partition("mid_block.attentions.0.")
            module, _, end = part.rpartition(".")
            name = f"{head}mid.attn_1.{ATTENTION[module]}.{end}"
            tensor = tensor[..., None, None] if tensor.ndim == 2 else tensor
        yield name, tensor


def _hugging(state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, tensor in state.items():
        yield key if key.startswith("text_model.") else f"text_model.{key}", tensor


def _open_clip(state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    import torch

    plain = {key if key.startswith("text_") else f"text_model.{key}": tensor for key, tensor in state.items()}
    yield "positional_embedding", plain["text_model.embeddings.position_embedding.weight"]
    yield "token_embedding.weight", plain["text_model.embeddings.token_embedding.weight"]
    yield "text_projection", plain["text_projection.weight"].T
    for end in ("weight", "bias"):
        yield f"ln_final.{end}", plain[f"text_model.final_layer_norm.{end}"]
    for key, tensor in plain.items():
        if ".layers." not in key:
            continue
        name = key.replace("text_model.encoder.", "transformer.")
        for ours, theirs in CLIP.items():
            name = name.replace(ours, theirs)
        if "_proj." in key and "out_proj" not in key:
            if "q_proj" in key:
                three = [plain[key.replace("q_proj", which)] for which in ("q_proj", "k_proj", "v_proj")]
                yield re.sub(r"\.self_attn\.q_proj\.", ".attn.in_proj_", name), torch.cat(three)
            continue
        yield name, tensor
