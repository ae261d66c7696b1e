"""Denoisers as their makers name the weights: what single files for other programs hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KLEIN = {
    "x_embedder.": "img_in.", "context_embedder.": "txt_in.", "proj_out.": "final_layer.linear.",
    "time_guidance_embed.timestep_embedder.linear_1.": "time_in.in_layer.",
    "time_guidance_embed.timestep_embedder.linear_2.": "time_in.out_layer.",
    "_modulation_img.linear.": "_modulation_img.lin.", "_modulation_txt.linear.": "_modulation_txt.lin.",
    "stream_modulation.linear.": "stream_modulation.lin.",
    "single_transformer_blocks.": "single_blocks.", "transformer_blocks.": "double_blocks.",
    ".attn.to_qkv_mlp_proj.": ".linear1.", ".ff.linear_in.": ".img_mlp.0.", ".ff.linear_out.": ".img_mlp.2.",
    ".ff_context.linear_in.": ".txt_mlp.0.", ".ff_context.linear_out.": ".txt_mlp.2.",
    ".attn.to_add_out.": ".txt_attn.proj.", ".attn.to_out.0.": ".img_attn.proj.", ".attn.to_out.": ".linear2.",
    ".attn.norm_added_q.weight": ".txt_attn.norm.query_norm.scale",
    ".attn.norm_added_k.weight": ".txt_attn.norm.key_norm.scale",
}  # fmt: skip
ATTENTION = {"to_q": "img_attn", "to_k": "img_attn", "to_v": "img_attn",
             "add_q_proj": "txt_attn", "add_k_proj": "txt_attn", "add_v_proj": "txt_attn"}  # fmt: skip
Z_IMAGE = {
    "all_final_layer.2-1.": "final_layer.", "all_x_embedder.2-1.": "x_embedder.", ".to_out.0.": ".out.",
    ".norm_q.": ".q_norm.", ".norm_k.": ".k_norm.",
}  # fmt: skip


def klein(state: Mapping[str, Any]) -> dict[str, Any]:
    """FLUX.2 [klein], as Black Forest Labs publish it."""
    import torch

    made, parts = {}, dict[str, dict[str, Any]]()
    for name, tensor in state.items():
        block, _, part = name.removesuffix(".weight").partition(".attn.")
        if part in ATTENTION:
            parts.setdefault(_renamed(f"{block}.", KLEIN) + f"{ATTENTION[part]}.qkv.weight", {})[part.split("_")[1]] = (
                tensor
            )
        elif name == "norm_out.linear.weight":  # scale and shift the other way round
            made["final_layer.adaLN_modulation.1.weight"] = torch.cat([*reversed(tensor.chunk(2))])
        elif part in ("norm_q", "norm_k"):
            where = "norm" if block.startswith("single") else "img_attn.norm"
            made[_renamed(f"{block}.", KLEIN) + f"{where}.{'query' if part[-1] == 'q' else 'key'}_norm.scale"] = tensor
        else:
            made[_renamed(name, KLEIN)] = tensor
    return made | _joined(parts)


def z_image(state: Mapping[str, Any]) -> dict[str, Any]:
    """Z-Image, as programs that are not diffusers publish it."""
    made, parts = {}, dict[str, dict[str, Any]]()
    for name, tensor in state.items():
        block, _, part = name.removesuffix(".weight").rpartition(".to_")
        if part in ("q", "k", "v"):
            parts.setdefault(f"{block}.qkv.weight", {})[part] = tensor
        else:
            made[_renamed(name, Z_IMAGE)] = tensor
    return {f"model.diffusion_model.{name}": tensor for name, tensor in (made | _joined(parts)).items()}


def _joined(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Three tensors as one."""
    import torch

    return {name: torch.cat([three[part] for part in "qkv"]) for name, three in parts.items()}


def _renamed(name: str, names: Mapping[str, str]) -> str:
    for ours, theirs in names.items():
        name = name.replace(ours, theirs)
    return name
