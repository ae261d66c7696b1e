"""Plain diffusers, as an article shows it: load a folder, call it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.models.kits import PROMPT, Kit

TOKENS = 256  # of a prompt that FLUX.1 schnell reads
GUIDANCE = {"sdxl": 5.0, "flux": 0.0, "flux2_klein": 1.0, "z_image": 0.0}  # as in the catalogue


def loaded(kit: Kit, device: str) -> Any:
    """The pipeline on the device, in the precision that a provider takes there."""
    import diffusers
    import torch

    dtype = torch.float32 if device == "cpu" else getattr(torch, kit.dtype)
    kind: Any = diffusers.DiffusionPipeline  # its methods have no types
    pipe = kind.from_pretrained(kit.folder, dtype=dtype, local_files_only=True)
    pipe.vae.enable_slicing()  # as ours: eight pictures decoded at once take 20 GB
    pipe.set_progress_bar_config(disable=True)
    return pipe.to(device)


def drawn(pipe: Any, kit: Kit, seeds: Sequence[int]) -> Sequence[Any]:
    """One Pillow image for each seed, drawn together."""
    import torch

    own = {"max_sequence_length": TOKENS} if kit.kind == "flux" else {}
    made = pipe(
        prompt=[PROMPT] * len(seeds), width=kit.side, height=kit.side, num_inference_steps=kit.steps,
        guidance_scale=GUIDANCE[kit.kind], generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
        **own,
    )  # fmt: skip
    images: Sequence[Any] = made.images
    return images
