"""Files of weights without weight: right headers, few bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random

SIZES = {"F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "U8": 1}
XL_UNET = {"add_embedding.linear_1.weight": ("F16", (2, 2816)), "down_blocks.0.resnets.0.conv1.weight": ("F16", (4, 4))}
XL_WHOLE = {
    "model.diffusion_model.label_emb.0.0.weight": ("F16", (2, 2816)),
    "first_stage_model.decoder.conv_in.weight": ("F32", (3, 3)),
    "conditioner.embedders.0.transformer.weight": ("F16", (5, 5)),
}
FLUX = {"double_blocks.0.img_attn.qkv.weight": ("BF16", (8, 4))}
FLUX_DEV = FLUX | {"guidance_in.in_layer.weight": ("BF16", (2, 2))}
KLEIN = {"double_stream_modulation_img.lin.weight": ("BF16", (6, 3072)), **FLUX}
KLEIN_9B = {"double_stream_modulation_img.lin.weight": ("BF16", (6, 4096)), **FLUX}
KLEIN_FP8 = {**KLEIN, "double_blocks.0.img_attn.qkv.weight_scale": ("F32", (1,))}
Z_IMAGE = {
    "model.diffusion_model.layers.0.adaLN_modulation.0.weight": ("BF16", (4, 2)),
    "model.diffusion_model.cap_embedder.1.weight": ("BF16", (4, 2)),
}
LORA = {"lora_unet_down_blocks_0.lora_up.weight": ("F16", (2, 2))}
SD15 = {"model.diffusion_model.input_blocks.0.0.weight": ("F16", (2, 2))}

Tensors = Mapping[str, tuple[str, tuple[int, ...]]]


def safetensors(tensors: Tensors, about: Mapping[str, str] | None = None, seed: int = 0) -> bytes:
    """A real `.safetensors` with numbers of no meaning."""
    header: dict[str, object] = {"__metadata__": dict(about)} if about else {}
    at = 0
    for name, (kind, shape) in tensors.items():
        count = SIZES[kind]
        for side in shape:
            count *= side
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [at, at + count]}
        at += count
    plain = json.dumps(header).encode()
    return len(plain).to_bytes(8, "little") + plain + Random(seed).randbytes(at)


def heavy(count: int, seed: int = 0) -> bytes:
    """One of `count` bytes and a bit."""
    return safetensors({"weight": ("U8", (count,))}, seed=seed)


def xl_pipeline(size: int = 1000) -> dict[str, bytes]:
    """A pipeline as repositories hold it: in fp32 and fp16, as pickles, as one file, with things that nobody needs."""
    index = {
        "_class_name": "StableDiffusionXLPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "image_encoder": [None, None],
    }
    return {
        "model_index.json": json.dumps(index).encode(),
        "README.md": b"# a card",
        "run_me.py": b"raise SystemExit",
        "unet/run_me_too.py": b"raise SystemExit",
        "unet/config.json": b"{}",
        "unet/diffusion_pytorch_model.safetensors": heavy(2 * size, 1),
        "unet/diffusion_pytorch_model.fp16.safetensors": heavy(size, 2),
        "unet/diffusion_pytorch_model.bin": b"a pickle",
        "vae/config.json": b"{ }",
        "vae/diffusion_pytorch_model.safetensors": heavy(size // 2, 3),
        "text_encoder/config.json": b"{  }",
        "text_encoder/model.safetensors": heavy(size // 4, 4),
        "tokenizer/merges.txt": b"a b",
        "tokenizer/vocab.json": b"[]",
        "onnx/model.safetensors": heavy(size, 5),
        "whole.safetensors": heavy(3 * size, 6),
    }
