"""What sees for the tiny SDXL: a ControlNet union and an IP-Adapter, in the folders of the real repositories.

Fresh weights of both do nothing on purpose (they begin as zeros), so these are filled.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.gpu.tiny import WIDE, WIDTH, unet

CROSS = WIDTH + WIDE
SEEN = 16  # numbers that a picture becomes


def build(kind: str, folder: Path, seed: int = 0) -> Path:
    """Write a model of a kind (see KINDS) into `folder`, replacing what is there; return `folder`."""
    import torch

    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(seed)
    KINDS[kind](folder)
    return folder


def control(folder: Path) -> None:
    import diffusers
    import torch

    made = diffusers.ControlNetUnionModel(
        block_out_channels=(8, 16, 16), layers_per_block=1, attention_head_dim=(2, 2, 4), cross_attention_dim=CROSS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"), norm_num_groups=4,
        transformer_layers_per_block=(1, 1, 2), use_linear_projection=True, addition_embed_type="text_time",
        addition_time_embed_dim=8, projection_class_embeddings_input_dim=6 * 8 + WIDE,
        conditioning_embedding_out_channels=(4, 8, 8, 8), num_trans_channel=8, num_trans_head=2, num_proj_channel=8,
    )  # fmt: skip
    with torch.no_grad():
        for weight in made.parameters():
            if not weight.any():
                weight.normal_(0, 0.3)
        for weight in made.controlnet_cond_embedding.parameters():  # what is seen counts, not what is added to it
            weight.zero_() if weight.ndim == 1 else weight.normal_(0, 2 / weight[0].numel() ** 0.5)
    made.save_pretrained(folder, safe_serialization=True)


def likeness(folder: Path) -> None:
    import torch
    import transformers
    from safetensors.torch import save_file
    from transformers.utils import logging

    logging.disable_progress_bar()
    config = transformers.CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=32, patch_size=8,
        projection_dim=SEEN,
    )  # fmt: skip
    transformers.CLIPVisionModelWithProjection(config).save_pretrained(folder / "models" / "image_encoder")
    image_proj = {
        "image_proj.proj.weight": torch.randn(4 * CROSS, SEEN), "image_proj.proj.bias": torch.randn(4 * CROSS),
        "image_proj.norm.weight": torch.ones(CROSS), "image_proj.norm.bias": torch.zeros(CROSS),
    }  # fmt: skip
    (folder / "sdxl_models").mkdir()
    save_file(image_proj | dict(_attention()), folder / "sdxl_models" / "ip-adapter_sdxl_vit-h.safetensors")


def _attention() -> Any:
    """Keys and values for each cross-attention, numbered as the adapter's own program numbers them: every second."""
    import torch

    processors = [name for name in unet(CROSS, 6).attn_processors if not name.endswith("attn1.processor")]
    for at, name in enumerate(processors):
        block = int(name.split(".")[1]) if not name.startswith("mid") else -1
        width = {"d": (8, 16, 16), "u": (16, 16, 8), "m": (16,)}[name[0]][block]
        for which in ("to_k_ip", "to_v_ip"):
            yield f"ip_adapter.{2 * at + 1}.{which}.weight", torch.randn(width, CROSS)


KINDS: Mapping[str, Callable[[Path], None]] = {"control": control, "likeness": likeness}
