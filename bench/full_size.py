"""Folders of full-size models with random weights, for `from_pretrained`: SDXL, its refiner, FLUX.1 [schnell], FLUX.2
[klein] 4B, Z-Image.

Only times and memory mean anything with them: what they draw is noise. One part after the other is made on the device
in 16 bits, without a copy in 32 bits, saved, and forgotten; SDXL takes 7 GB of disk, its refiner 4.5, FLUX.1 34,
[klein] 16, Z-Image 21. Not run on a card yet: what is tested is the number of weights of each part, and the way with
small parts on the CPU.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.models.kits import Kind
from bench.models.shapes import SHAPES, Part

EMPTY = {"refiner": {"text_encoder": [None, None], "tokenizer": [None, None]}}
SHARED = {"refiner": {
    "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"], "vae": ["diffusers", "AutoencoderKL"],
}}  # fmt: skip
SWITCHES: Mapping[str, Mapping[str, Any]] = {
    "sdxl": {"_class_name": "StableDiffusionXLPipeline", "force_zeros_for_empty_prompt": True},
    "refiner": {"_class_name": "StableDiffusionXLImg2ImgPipeline", "force_zeros_for_empty_prompt": False,
                "requires_aesthetics_score": True},
    "flux": {"_class_name": "FluxPipeline"},
    "flux2_klein": {"_class_name": "Flux2KleinPipeline", "is_distilled": True},
    "z_image": {"_class_name": "ZImagePipeline"},
}  # fmt: skip


def write(kind: Kind, folder: Path, device: str, small: bool = False) -> Path:
    """Write a model; return `folder`. `small`: parts of a megabyte instead, to try the way out."""
    import diffusers

    parts = shrunk(kind) if small else SHAPES[kind]
    index: dict[str, Any] = {"_diffusers_version": diffusers.__version__, **SWITCHES[kind], **EMPTY.get(kind, {})}
    index |= SHARED.get(kind, {})
    for name, part in parts.items():
        made(part, device).save_pretrained(folder / name, safe_serialization=True)
        index[name] = [part.library, part.kind]
    for name, other in _others(kind).items():
        other.save_pretrained(folder / name)
        index[name] = [type(other).__module__.partition(".")[0], type(other).__name__]
    (folder / "model_index.json").write_text(json.dumps(index, indent=1), encoding="utf-8")
    return folder


def made(part: Part, device: str) -> Any:
    """One part with random weights in bfloat16, on the device; on `meta` it takes no memory and no time."""
    from importlib import import_module

    kind = getattr(import_module(part.library), part.kind)
    with _born(device):
        if part.library == "diffusers":
            return kind.from_config(dict(part.config)).eval()
        return kind(kind.config_class(**part.config)).eval()


@contextmanager
def _born(device: str) -> Iterator[None]:
    """New tensors lie on `device`, in bfloat16."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(before)


def _others(kind: Kind) -> dict[str, Any]:
    """Tokenizers that read letters, and the scheduler."""
    import diffusers

    from tests.gpu.tiny import EULER, clip_tokenizer, qwen_tokenizer, t5_tokenizer

    kinds: Any = diffusers  # its constructors have no types
    if kind == "flux":
        flow = kinds.FlowMatchEulerDiscreteScheduler(shift=1.0, use_dynamic_shifting=False)
        return {"tokenizer": clip_tokenizer(), "tokenizer_2": t5_tokenizer(), "scheduler": flow}
    if kind in ("flux2_klein", "z_image"):
        shift = {"shift": 3.0, "use_dynamic_shifting": kind == "flux2_klein"}
        return {"tokenizer": qwen_tokenizer(), "scheduler": kinds.FlowMatchEulerDiscreteScheduler(**shift)}
    both = {} if kind == "refiner" else {"tokenizer": clip_tokenizer()}
    return {**both, "tokenizer_2": clip_tokenizer(pad="!"), "scheduler": kinds.EulerDiscreteScheduler(**EULER)}


def shrunk(kind: Kind) -> dict[str, Part]:
    """The same parts with the configurations of the tests' tiny models."""
    from tests.gpu.tiny import KINDS

    pipe = KINDS[kind]()
    found = {name: getattr(pipe, name).config for name in SHAPES[kind]}
    plain = {name: config.to_dict() if hasattr(config, "to_dict") else dict(config) for name, config in found.items()}
    return {name: Part(part.library, part.kind, plain[name]) for name, part in SHAPES[kind].items()}
