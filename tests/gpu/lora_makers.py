"""LoRAs for the tiny models, made by peft and written by diffusers, as trainers write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
READING = ("q_proj", "v_proj")
DENOISER = {"sdxl": "unet", "flux": "transformer", "z_image": "transformer", "flux2_klein": "transformer"}
XL = "stable-diffusion-xl-v1-base/lora"


def matrices(module: Any, targets: Sequence[str], rank: int, alpha: float, size: float) -> dict[str, Any]:
    """Random A and B for the layers of these names, by peft's names for them."""
    import torch

    found = {}
    for name, layer in module.named_modules():
        if isinstance(layer, torch.nn.Linear) and name.endswith(tuple(targets)):
            found[f"{name}.lora_A.weight"] = torch.randn(rank, layer.in_features) * size
            found[f"{name}.lora_B.weight"] = torch.randn(layer.out_features, rank) * size * alpha / rank
    return found


def lora(
    models: Path, file: Path, kind: str = "sdxl", *, seed: int = 1, rank: int = 4, targets: Sequence[str] = ATTENTION,
    encoders: bool = False, denoiser: bool = True, size: float = 0.4, about: Mapping[str, str] | None = None,
    alphas: float | None = None,
) -> Path:  # fmt: skip
    """Write a LoRA for a tiny model to `file`. `alphas`: kohya's names, with that alpha in each layer."""
    import torch
    from diffusers import DiffusionPipeline
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    pipe = DiffusionPipeline.from_pretrained(models / kind, local_files_only=True)
    parts = {DENOISER[kind]: targets} if denoiser else {}
    if encoders:
        parts |= {
            name: READING for name in ("text_encoder", "text_encoder_2") if hasattr(pipe, name) and kind == "sdxl"
        }
    tensors = {}
    for part, names in parts.items():
        made = matrices(getattr(pipe, part), names, rank, rank, size)
        tensors |= {f"{part}.{name}": one for name, one in made.items()}
    if alphas is not None:
        tensors = kohya(tensors, alphas)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: one.contiguous() for name, one in tensors.items()}, file, dict(about or {}) or None)
    return file


def kohya(tensors: Mapping[str, Any], alpha: float) -> dict[str, Any]:
    """The same by the names of kohya's trainer."""
    import torch

    front = {"unet": "lora_unet", "transformer": "lora_unet", "text_encoder": "lora_te1", "text_encoder_2": "lora_te2"}
    renamed = {}
    for name, one in tensors.items():
        part, _, rest = name.partition(".")
        layer, _, end = rest.partition(".lora_")
        if part.startswith("text_encoder") and not layer.startswith("text_model"):
            layer = f"text_model.{layer}"
        base = f"{front[part]}_{layer.replace('.', '_')}"
        renamed[f"{base}.lora_{'down' if end.startswith('A') else 'up'}.weight"] = one
        renamed[f"{base}.alpha"] = torch.tensor(alpha)
    return renamed
