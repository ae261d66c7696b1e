"""SDXL with an IP-Adapter: the look of a picture goes in beside the words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stockgen.providers._diffusion import loading
from stockgen.providers._diffusion.family import Piece

ADAPTER = "sdxl_models/ip-adapter_sdxl_vit-h.safetensors"  # the one of the official repository that the encoder fits
ENCODER = "models/image_encoder"  # likewise
# How much the look counts, and where: only in the second attention of the first block on the way up, which the authors
# of InstantStyle (arXiv 2404.02733, §3.2) found to hold style, with the same weight as in their code and in diffusers'
# guide "Style & layout control". Everywhere, as IP-Adapter itself does it, the picture's subject would come back, too.
SCALE = 1.0
STYLE_BLOCK, STYLE_LAYER = "block_0", 1
LIKE = "like."  # before the name of the tensor
EMBEDS = f"{LIKE}image_embeds"


def add(base: Any, folder: Path) -> None:
    """Lay the adapter in `folder` into the denoiser of `base`, which keeps its image encoder as a part of its own."""
    import transformers

    kind = transformers.CLIPVisionModelWithProjection
    base.register_modules(image_encoder=loading.module(kind, folder / ENCODER, base.unet.dtype))
    file = _adapter(folder)
    base.load_ip_adapter(str(file.parent), subfolder="", weight_name=file.name, local_files_only=True)
    layers = base.unet.config.layers_per_block + 1
    base.set_ip_adapter_scale({"up": {STYLE_BLOCK: [SCALE * (one == STYLE_LAYER) for one in range(layers)]}})
    base.unet.eval().requires_grad_(False)


def encoded(pipe: Any, piece: Piece, place: str, guided: bool) -> dict[str, Any]:
    """The look of the picture that a piece is shown, and nothing at all for guidance away from it, as one tensor."""
    import torch

    if "like" not in piece.seen:
        return {}
    with torch.inference_mode():
        (embeds,) = pipe.prepare_ip_adapter_image_embeds(piece.seen["like"], None, place, 1, guided)
    return {EMBEDS: embeds}


def told(piece: Piece, place: str, dtype: Any) -> dict[str, Any]:
    """Arguments of the pipeline's call, for all that are drawn with `piece`; {} for one without a picture."""
    embeds = piece.words.tensors.get(EMBEDS)
    return {} if embeds is None else {"ip_adapter_image_embeds": [embeds.to(place, dtype)]}


def _adapter(folder: Path) -> Path:
    """The adapter among what was fetched, which may be more: caches are shared. Raises ValueError."""
    if (folder / ADAPTER).is_file():
        return folder / ADAPTER
    found = [file for file in sorted(folder.rglob("*.safetensors")) if file.parent.name != Path(ENCODER).name]
    if len(found) != 1:
        raise ValueError(f"one adapter was expected in {folder}, not {len(found)}")
    return found[0]
