"""The published configurations of full-size models: SDXL base and refiner, FLUX.1 [schnell], FLUX.2 [klein] 4B,
Z-Image, and their encoders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a pipeline: the `library` and class that load it, and the values of its config."""

    library: str
    kind: str
    config: Mapping[str, Any]


_CROSS, _CROSS_UP = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"
_CLIP = {
    "vocab_size": 49408, "max_position_embeddings": 77, "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1,
}  # fmt: skip
_VAE = {
    "in_channels": 3, "out_channels": 3, "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2,
    "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
    "norm_num_groups": 32, "sample_size": 1024, "force_upcast": False,
}  # fmt: skip
_UNET = {
    "sample_size": 128, "in_channels": 4, "out_channels": 4, "layers_per_block": 2, "use_linear_projection": True,
    "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
}  # fmt: skip
CLIP_L = Part("transformers", "CLIPTextModel", _CLIP | {
    "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
    "hidden_act": "quick_gelu", "projection_dim": 768,
})  # fmt: skip
CLIP_G = Part("transformers", "CLIPTextModelWithProjection", _CLIP | {
    "hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 20,
    "hidden_act": "gelu", "projection_dim": 1280,
})  # fmt: skip
T5_XXL = Part("transformers", "T5EncoderModel", {
    "vocab_size": 32128, "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24, "num_heads": 64,
    "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False,
})  # fmt: skip
SDXL_UNET = Part("diffusers", "UNet2DConditionModel", _UNET | {
    "block_out_channels": [320, 640, 1280], "attention_head_dim": [5, 10, 20], "cross_attention_dim": 2048,
    "transformer_layers_per_block": [1, 2, 10], "projection_class_embeddings_input_dim": 2816,
    "down_block_types": ["DownBlock2D", _CROSS, _CROSS], "up_block_types": [_CROSS_UP, _CROSS_UP, "UpBlock2D"],
})  # fmt: skip
REFINER_UNET = Part("diffusers", "UNet2DConditionModel", _UNET | {
    "block_out_channels": [384, 768, 1536, 1536], "attention_head_dim": [6, 12, 24, 24], "cross_attention_dim": 1280,
    "transformer_layers_per_block": 4, "projection_class_embeddings_input_dim": 2560,
    "down_block_types": ["DownBlock2D", _CROSS, _CROSS, "DownBlock2D"],
    "up_block_types": ["UpBlock2D", _CROSS_UP, _CROSS_UP, "UpBlock2D"],
})  # fmt: skip
FLUX_TRANSFORMER = Part("diffusers", "FluxTransformer2DModel", {
    "patch_size": 1, "in_channels": 64, "num_layers": 19, "num_single_layers": 38, "attention_head_dim": 128,
    "num_attention_heads": 24, "joint_attention_dim": 4096, "pooled_projection_dim": 768, "guidance_embeds": False,
    "axes_dims_rope": [16, 56, 56],
})  # fmt: skip
_QWEN = {
    "vocab_size": 151936, "hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36, "head_dim": 128,
    "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 40960, "tie_word_embeddings": True,
    "bos_token_id": None, "eos_token_id": 258, "pad_token_id": 256,
}  # fmt: skip
QWEN_TALKING, QWEN = Part("transformers", "Qwen3ForCausalLM", _QWEN), Part("transformers", "Qwen3Model", _QWEN)
KLEIN_TRANSFORMER = Part("diffusers", "Flux2Transformer2DModel", {
    "patch_size": 1, "in_channels": 128, "num_layers": 5, "num_single_layers": 20, "attention_head_dim": 128,
    "num_attention_heads": 24, "joint_attention_dim": 7680, "timestep_guidance_channels": 256, "mlp_ratio": 3.0,
    "axes_dims_rope": [32] * 4, "rope_theta": 2000, "guidance_embeds": False,
})  # fmt: skip
KLEIN_VAE = Part("diffusers", "AutoencoderKLFlux2", {"latent_channels": 32, "sample_size": 1024})
Z_TRANSFORMER = Part("diffusers", "ZImageTransformer2DModel", {
    "in_channels": 16, "dim": 3840, "n_layers": 30, "n_refiner_layers": 2, "n_heads": 30, "n_kv_heads": 30,
    "cap_feat_dim": 2560, "axes_dims": [32, 48, 48], "axes_lens": [1536, 512, 512],
})  # fmt: skip
SDXL_VAE = Part("diffusers", "AutoencoderKL", _VAE | {"latent_channels": 4, "scaling_factor": 0.13025})
FLUX_VAE = Part("diffusers", "AutoencoderKL", _VAE | {
    "latent_channels": 16, "scaling_factor": 0.3611, "shift_factor": 0.1159, "use_quant_conv": False,
    "use_post_quant_conv": False,
})  # fmt: skip
SHAPES: Mapping[str, Mapping[str, Part]] = MappingProxyType({
    "sdxl": {"text_encoder": CLIP_L, "text_encoder_2": CLIP_G, "unet": SDXL_UNET, "vae": SDXL_VAE},
    "refiner": {"unet": REFINER_UNET},  # it takes its other parts from the base
    "flux": {
        "text_encoder": CLIP_L, "text_encoder_2": T5_XXL, "transformer": FLUX_TRANSFORMER, "vae": FLUX_VAE,
    },
    "flux2_klein": {"text_encoder": QWEN_TALKING, "transformer": KLEIN_TRANSFORMER, "vae": KLEIN_VAE},
    "z_image": {"text_encoder": QWEN, "transformer": Z_TRANSFORMER, "vae": FLUX_VAE},
})  # fmt: skip
