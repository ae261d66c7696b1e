"""Tiny models with random weights in real folders: the shapes of the real ones, a megabyte each, built in 50 ms.

They are loaded by the same `from_pretrained` as real weights and draw noise of 64 × 64 pixels.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

WIDTH = 32  # of text encoders
WIDE = 48  # of SDXL's second: single files tell the two by their widths
EULER = {
    "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
    "steps_offset": 1, "timestep_spacing": "leading",
}  # fmt: skip


def build(kind: str, folder: Path, seed: int = 0) -> Path:
    """Write a model of a kind (see KINDS) into `folder`, replacing what is there; return `folder`."""
    import torch

    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(seed)
    _at_peace(lambda: KINDS[kind]().save_pretrained(folder, safe_serialization=True))
    return folder


def _at_peace(work: Callable[[], Any]) -> None:
    """Without the bars that transformers draws."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    work()


def alphabet() -> list[str]:
    """The 256 characters by which CLIP writes bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    pairs = [(byte, byte) for byte in shown] + [(byte, 256 + number) for number, byte in enumerate(hidden)]
    return [chr(sign) for _, sign in sorted(pairs)]


def clip_tokenizer(pad: str = "<|endoftext|>") -> Any:
    """One token a letter; as in the real one, special ones come last and "!" is 0, with which SDXL's second pads."""
    from transformers import CLIPTokenizer

    signs = alphabet()
    words = [*signs, *(f"{sign}</w>" for sign in signs)]
    words.remove("!")
    vocab = {word: number for number, word in enumerate(["!", *words, "<|startoftext|>", "<|endoftext|>"])}
    return CLIPTokenizer(vocab=vocab, merges=[], pad_token=pad, model_max_length=77)


def t5_tokenizer() -> Any:
    """One token a letter."""
    from transformers import T5Tokenizer

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    return T5Tokenizer(vocab=[*pieces, *((chr(c), -3.0) for c in range(33, 127))], extra_ids=0, model_max_length=512)


def clip_encoder(kind: str, tokenizer: Any, width: int = WIDTH) -> Any:
    import transformers

    config = transformers.CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=77, projection_dim=width, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    return getattr(transformers, kind)(config)


def vae(channels: int, scaling: float, **more: Any) -> Any:
    """Eight pixels to one latent, as in the real ones."""
    import diffusers

    return diffusers.AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, block_out_channels=(8,) * 4, layers_per_block=1,
        latent_channels=channels, norm_num_groups=4, sample_size=64, scaling_factor=scaling, **more,
    )  # fmt: skip


def scaled(decoding: Any) -> Any:
    """The same VAE, but one that shows how its latents are scaled: norms of fresh weights hide that."""
    import torch

    with torch.no_grad():
        decoding.decoder.conv_in.bias.normal_()
    return decoding


def unet(cross: int, ids: int) -> Any:
    """`ids`: size conditions; the base has six, the refiner five."""
    import diffusers

    return diffusers.UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(8, 16, 16), layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(2, 2, 4),
        transformer_layers_per_block=(1, 1, 2), use_linear_projection=True, cross_attention_dim=cross,
        addition_embed_type="text_time", addition_time_embed_dim=8, norm_num_groups=4,
        projection_class_embeddings_input_dim=ids * 8 + WIDE,
    )  # fmt: skip


def sdxl() -> Any:
    import diffusers

    one, two = clip_tokenizer(), clip_tokenizer(pad="!")
    return diffusers.StableDiffusionXLPipeline(
        vae=vae(4, 0.13025, force_upcast=False), text_encoder=clip_encoder("CLIPTextModel", one),
        text_encoder_2=clip_encoder("CLIPTextModelWithProjection", two, WIDE), tokenizer=one, tokenizer_2=two,
        unet=unet(WIDTH + WIDE, 6), scheduler=diffusers.EulerDiscreteScheduler(**EULER),
    )  # fmt: skip


def refiner() -> Any:
    import diffusers

    two = clip_tokenizer(pad="!")
    return diffusers.StableDiffusionXLImg2ImgPipeline(
        vae=vae(4, 0.13025, force_upcast=False), text_encoder=None, tokenizer=None,
        text_encoder_2=clip_encoder("CLIPTextModelWithProjection", two, WIDE), tokenizer_2=two, unet=unet(WIDE, 5),
        scheduler=diffusers.EulerDiscreteScheduler(**EULER), requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False,
    )  # fmt: skip


def nan() -> Any:
    """A model whose VAE gives no numbers, in any precision."""
    import torch

    made = sdxl()
    with torch.no_grad():
        made.vae.decoder.conv_out.weight.fill_(float("nan"))
    return made


def overflowing() -> Any:
    """A model whose VAE is too large for float16 and fine in float32, as SDXL's own is."""
    import torch

    made = sdxl()
    with torch.no_grad():
        made.vae.decoder.conv_in.weight.mul_(3e4)
        made.vae.decoder.conv_in.bias.mul_(3e4)
    return made


def flux() -> Any:
    import diffusers
    import transformers

    one, two = clip_tokenizer(), t5_tokenizer()
    config = transformers.T5Config(
        vocab_size=len(two), d_model=WIDTH, d_kv=16, d_ff=64, num_layers=2, num_heads=2,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False,
    )  # fmt: skip
    return diffusers.FluxPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=1.0, use_dynamic_shifting=False),
        vae=vae(16, 0.3611, shift_factor=0.1159, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=clip_encoder("CLIPTextModel", one), tokenizer=one,
        text_encoder_2=transformers.T5EncoderModel(config), tokenizer_2=two,
        transformer=diffusers.FluxTransformer2DModel(
            patch_size=1, in_channels=64, num_layers=2, num_single_layers=2, attention_head_dim=16,
            num_attention_heads=2, joint_attention_dim=WIDTH, pooled_projection_dim=WIDTH, guidance_embeds=False,
            axes_dims_rope=(4, 6, 6),
        ),
    )  # fmt: skip


def qwen_tokenizer() -> Any:
    """One token a letter, and the signs of a talk; its template has the end that asks not to think, as the real one."""
    from transformers import Qwen2Tokenizer

    signs = [*alphabet(), "<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Qwen2Tokenizer(
        vocab={sign: number for number, sign in enumerate(signs)}, merges=[], pad_token="<|endoftext|>",
        eos_token="<|im_end|>", additional_special_tokens=["<|im_start|>", "<|im_end|>"], model_max_length=1024,
    )  # fmt: skip
    tokenizer.chat_template = (
        "{%- for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{%- endfor %}"
        "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
        "{%- if enable_thinking is false %}{{ '<think></think>' }}{%- endif %}{%- endif %}"
    )
    return tokenizer


def qwen_encoder(kind: str, tokenizer: Any, layers: int) -> Any:
    import transformers

    config = transformers.Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=layers,
        num_attention_heads=2, num_key_value_heads=1, head_dim=16, max_position_embeddings=2048,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, bos_token_id=None,
    )  # fmt: skip
    return getattr(transformers, kind)(config)


def z_image() -> Any:
    import diffusers
    import torch

    tokenizer = qwen_tokenizer()
    transformer = diffusers.ZImageTransformer2DModel(
        in_channels=16, dim=32, n_layers=2, n_refiner_layers=1, n_heads=2, n_kv_heads=2, cap_feat_dim=WIDTH,
        axes_dims=[8, 4, 4], axes_lens=[1536, 512, 512],
    )  # fmt: skip
    with torch.no_grad():  # these two are not initialised by their class and may be NaN
        transformer.x_pad_token.fill_(0.02)
        transformer.cap_pad_token.fill_(0.02)
    return diffusers.ZImagePipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=False),
        vae=scaled(vae(16, 0.3611, shift_factor=0.1159, use_quant_conv=False, use_post_quant_conv=False)),
        text_encoder=qwen_encoder("Qwen3Model", tokenizer, layers=2), tokenizer=tokenizer, transformer=transformer,
    )  # fmt: skip


def flux2_klein(distilled: bool = True) -> Any:
    """28 layers, because the pipeline reads the 9th, 18th and 27th; latents are spread as no fresh VAE says, and words
    and references count for more than fresh weights let them.
    """
    import diffusers
    import torch

    tokenizer = qwen_tokenizer()
    spread = scaled(diffusers.AutoencoderKLFlux2(
        block_out_channels=(8,) * 4, layers_per_block=1, latent_channels=32, norm_num_groups=4, sample_size=64,
    ))  # fmt: skip
    spread.bn.running_mean.normal_(0, 0.5)
    spread.bn.running_var.uniform_(0.5, 3)
    transformer = diffusers.Flux2Transformer2DModel(
        patch_size=1, in_channels=128, num_layers=1, num_single_layers=2, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=3 * WIDTH, timestep_guidance_channels=32, mlp_ratio=3.0, axes_dims_rope=(4,) * 4,
        guidance_embeds=False,
    )  # fmt: skip
    with torch.no_grad():
        for name, weight in transformer.named_parameters():
            weight.mul_(10 if "modulation" in name else 3 if "to_out" in name or "to_v" in name else 1)
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler(
        shift=3.0, use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15, base_image_seq_len=256,
        max_image_seq_len=4096,
    )  # fmt: skip
    return diffusers.Flux2KleinPipeline(
        scheduler=scheduler, vae=spread, text_encoder=qwen_encoder("Qwen3ForCausalLM", tokenizer, layers=28),
        tokenizer=tokenizer, transformer=transformer, is_distilled=distilled,
    )  # fmt: skip


KINDS: Mapping[str, Callable[[], Any]] = {
    "sdxl": sdxl, "refiner": refiner, "nan": nan, "overflowing": overflowing, "flux": flux, "z_image": z_image,
    "flux2_klein": flux2_klein, "klein_base": lambda: flux2_klein(distilled=False),
}  # fmt: skip
