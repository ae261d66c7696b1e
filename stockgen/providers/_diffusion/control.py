"""SDXL with a ControlNet union beside its denoiser: a picture says where things are, the words say what they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from stockgen.providers._diffusion import canny, loading
from stockgen.providers._diffusion.family import Piece

if TYPE_CHECKING:
    from PIL.Image import Image

# The number of each type in the union's own list: README of github.com/xinsir6/ControlNetPlus, "ControlMode" (0 pose, 1
# depth, 2 thick lines, 3 thin lines such as canny's, 4 normals, 5 segments).
MODES: Mapping[str, int] = MappingProxyType({"pose": 0, "depth": 1, "canny": 3})


def pipeline(base: Any, folder: Path, place: str) -> Any:
    """A pipeline over the very parts of `base`, with the ControlNet in `folder`, in the precision of its denoiser."""
    import diffusers

    kind = loading.placed(diffusers.StableDiffusionXLControlNetUnionPipeline, place)
    net = loading.module(diffusers.ControlNetUnionModel, folder, base.unet.dtype)
    zeros = base.config.force_zeros_for_empty_prompt
    pipe = kind(**base.components, controlnet=net, force_zeros_for_empty_prompt=zeros, add_watermarker=False)
    loading.quiet(pipe)
    return pipe


def told(piece: Piece) -> dict[str, Any]:
    """Arguments of the pipeline's call; {} for a piece without a control picture."""
    wanted = piece.request.get("control")
    if not wanted:
        return {}
    return {
        "control_image": [shown(piece.seen["control"], wanted["type"])],
        "control_mode": [MODES[wanted["type"]]],
        "controlnet_conditioning_scale": float(wanted["strength"]),
    }


def shown(picture: Image, kind: str) -> Image:
    """The map that a picture becomes. Edges are found in any; maps of depth and poses are ready, as edges may be."""
    import numpy as np
    from PIL import Image as Pictures

    pixels = np.asarray(picture)
    if kind != "canny" or canny.is_ready(pixels):
        return picture
    return Pictures.fromarray(canny.edges(pixels)).convert("RGB")
