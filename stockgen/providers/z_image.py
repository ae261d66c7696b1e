"""Z-Image and Z-Image Turbo: a language model reads the prompt, also Korean and Chinese, and has a phase of its own.

No step is ever taken from a cache: with eight there is nothing to save, and diffusers has none for this architecture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from stockgen.domain.protocols import Device
from stockgen.gpu.embeddings import Encoded
from stockgen.gpu.host import Loaded
from stockgen.lanes.spec import Tools
from stockgen.providers._diffusion.extras import Choice
from stockgen.providers._diffusion.family import OnStep, Piece, generators, joined, telling
from stockgen.providers._diffusion.loading import Files
from stockgen.providers._diffusion.provider import Diffusion
from stockgen.providers._diffusion.transformer import loaded

MOST_TOKENS = 512  # that a prompt may have, with its template; what the model was trained for (diffusers' default)
ROUND = 32  # tokens up to whose multiple the denoiser fills prompts itself: such of one length need no mask
MASK = "_mask"  # behind the name of embeddings: which of their rows are tokens
PHASES: Mapping[str, Sequence[str]] = {
    "encode": ("text_encoder",),
    "denoise": ("transformer",),
    "decode": ("vae",),
}


class Options(BaseModel):
    """`model`: of the catalogue, where a job names none."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = "z-image-turbo"


def build(options: Options, tools: Tools) -> Diffusion:
    """The provider for `options`."""
    return Diffusion(Choice("z_image", options.model), ZImage(), tools)


@dataclass(frozen=True, slots=True)
class Pipes:
    """The pipeline, and the device where it works."""

    z_image: Any
    place: str


class ZImage:
    """How Z-Image is loaded and made to draw; see `Family`."""

    def load(self, files: Files, place: Device, told: Callable[[], None]) -> Loaded:
        """All parts; the transformer made small on the way where the catalogue says so. Raises NotConfigured."""
        found = loaded(files, place, told, PHASES)
        return replace(found, pipes=Pipes(found.pipes, place.name))

    def layable(self, pipes: Pipes) -> Any:
        """What LoRAs are laid over."""
        return pipes.z_image

    def encode(self, pipes: Pipes, piece: Piece) -> Encoded:
        """The prompt in its chat template, and for guidance what is not wanted; what is more than 512 tokens is told.

        Prompts have as many rows as tokens. They are filled up, with a mask, to what the denoiser would fill them up to
        itself, so that equal shapes can be drawn together.
        """
        import torch

        pipe, asked = pipes.z_image, piece.request
        words = {"prompt_embeds": piece.prompt}
        if asked["guidance"] > 0:  # with this pipeline guidance begins at 0, not at 1
            words["negative_prompt_embeds"] = asked["negative_prompt"]
        tensors: dict[str, Any] = {}
        with torch.inference_mode():
            for name, text in words.items():  # a list of its own each: the pipeline writes its template into it
                ((rows,), _) = pipe.encode_prompt(
                    [text], do_classifier_free_guidance=False, max_sequence_length=MOST_TOKENS
                )
                tensors[name], tensors[name + MASK] = _filled(rows)
        tokens = len(pipe.tokenizer(_templated(pipe.tokenizer, piece.prompt), verbose=False).input_ids)
        return Encoded(tensors, {"tokens": tokens} | ({"cut": tokens - MOST_TOKENS} if tokens > MOST_TOKENS else {}))

    def denoise(self, pipes: Pipes, pieces: Sequence[Piece], on_step: OnStep) -> Sequence[Any]:
        """Latents, in float32 whatever the transformer computes in."""
        first = pieces[0].request
        words = joined(pieces, pipes.place, pipes.z_image.transformer)
        made = pipes.z_image(
            **{name: _rows(words[name], words[name + MASK]) for name in words if not name.endswith(MASK)},
            width=first["width"],
            height=first["height"],
            num_inference_steps=first["steps"],
            guidance_scale=first["guidance"],
            max_sequence_length=MOST_TOKENS,
            generator=generators(pieces),
            output_type="latent",
            callback_on_step_end=telling(lambda index: on_step(index + 1)),
        )
        return list(made.images.unsqueeze(1))

    def refine(self, pipes: Pipes, pieces: Sequence[Piece], on_step: OnStep) -> Sequence[Any]:
        """There is no refiner."""
        return [piece.latent for piece in pieces]

    def decode(self, pipes: Pipes, piece: Piece) -> Any:
        """One latent by the VAE."""
        import torch

        vae = pipes.z_image.vae
        latent = piece.latent.to(pipes.place, vae.dtype)
        with torch.inference_mode():
            latent = latent / vae.config.scaling_factor + (vae.config.shift_factor or 0.0)
            return vae.decode(latent, return_dict=False)[0][0]


def _filled(rows: Any) -> tuple[Any, Any]:
    """Given tokens × width, return 1 × filled × width, and 1 × filled with 1 for each row that is a token."""
    import torch

    missing = -len(rows) % ROUND
    filled = torch.nn.functional.pad(rows, (0, 0, 0, missing))
    mask = torch.nn.functional.pad(rows.new_ones(len(rows)), (0, missing))
    return filled[None], mask[None]


def _rows(filled: Any, mask: Any) -> list[Any]:
    """The tokens of each picture alone, as the pipeline takes them."""
    return [rows[kept.bool()] for rows, kept in zip(filled, mask, strict=True)]


def _templated(tokenizer: Any, prompt: str) -> str:
    """What the language model is really told, as the pipeline writes it."""
    asked = [{"role": "user", "content": prompt}]
    return str(tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True, enable_thinking=True))
