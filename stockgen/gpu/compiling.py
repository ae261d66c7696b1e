"""torch.compile for the blocks of a denoiser, where the queue pays for it."""

from __future__ import annotations

from typing import Any

# What it saves of a picture's time: between 1.16 (L20) and 1.56 (H100) times as fast for FLUX, 1.3 for SDXL on an A100
# (diffusers' torch.compile guide; sayakpaul/diffusers-torchao); the low end is taken.
GAIN = 0.14
# Seconds that it takes: 8 on an H200 host for a FLUX transformer's blocks (sgl-project/sglang #28193); a home computer
# is several times slower, and a second compilation follows for the last, smaller batch.
COST = 60.0


def pays(seconds: float, ahead: int) -> bool:
    """Whether compiling is worth it for `ahead` more pictures of so many seconds each."""
    return ahead * seconds * GAIN > COST


def compile_blocks(denoiser: Any) -> bool:
    """Compile the blocks that repeat, at their next use; False = this denoiser has none. What can't be compiled runs as
    it was.
    """
    import torch

    if not getattr(denoiser, "_repeated_blocks", None):
        return False
    torch._dynamo.config.suppress_errors = True  # no compiler, no Triton: slower, not broken
    denoiser.compile_repeated_blocks(fullgraph=True)
    return True
