"""What to do about pictures that are no numbers: SDXL's VAE overflows in float16, and some denoisers do, too."""

from __future__ import annotations

from stockgen.gpu.stack import Stack, dtype_of

VAE = "vae"


def widened(stack: Stack) -> bool:
    """Decode in float32 from now on; False = it did already, or there is no VAE of its own."""
    import torch

    vae = stack.parts.get(VAE)
    if vae is None or vae.dtype == torch.float32 or VAE in stack.streaming:
        return False
    vae.to(dtype=torch.float32)
    return True


def rebased(stack: Stack) -> bool:
    """Compute in bfloat16 from now on, which has float32's range; False = it did already, or is wider anyway."""
    import torch

    narrow = {name: part for name, part in stack.parts.items() if dtype_of(part) == torch.float16}
    if not narrow or stack.streaming or narrow.keys() & stack.need.rigid:
        return False
    for part in narrow.values():
        part.to(dtype=torch.bfloat16)
    return True


def precision(stack: Stack, part: str) -> str:
    """The precision that a part computes in, for the sidecar: `float16`; "" where there is no such part."""
    return str(dtype_of(stack.parts[part])).removeprefix("torch.") if part in stack.parts else ""
