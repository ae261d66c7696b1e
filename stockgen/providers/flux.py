"""FLUX.1 [schnell]: four steps, no guidance; its large text encoder has a phase of its own."""

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

MOST_TOKENS = 512  # that T5 may read; diffusers refuses more. Schnell was trained with 256, which is the catalogue's
PHASES: Mapping[str, Sequence[str]] = {
    "encode": ("text_encoder", "text_encoder_2"),
    "denoise": ("transformer",),
    "decode": ("vae",),
}


class Options(BaseModel):
    """`model`: of the catalogue, where a job names none."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = "flux-schnell"


def build(options: Options, tools: Tools) -> Diffusion:
    """The provider for `options`."""
    return Diffusion(Choice("flux", options.model), Flux(), tools)


@dataclass(frozen=True, slots=True)
class Pipes:
    """`tokens`: of a prompt that the model was trained for."""

    flux: Any
    tokens: int
    place: str


class Flux:
    """How FLUX.1 is loaded and made to draw; see `Family`."""

    def load(self, files: Files, place: Device, told: Callable[[], None]) -> Loaded:
        """All parts; the transformer made small on the way where the catalogue says so. Raises NotConfigured."""
        drawing = files.model.drawing
        assert drawing is not None
        found = loaded(files, place, told, PHASES)
        return replace(found, pipes=Pipes(found.pipes, drawing.tokens, place.name))

    def layable(self, pipes: Pipes) -> Any:
        """What LoRAs are laid over."""
        return pipes.flux

    def encode(self, pipes: Pipes, piece: Piece) -> Encoded:
        """The prompt by both encoders. T5 reads 256 tokens, or 512 where that is too short; what is more is told."""
        import torch

        tokens = len(pipes.flux.tokenizer_2(piece.prompt, verbose=False).input_ids)
        most = pipes.tokens if tokens <= pipes.tokens else MOST_TOKENS
        with torch.inference_mode():
            embeds, pooled, _ = pipes.flux.encode_prompt(piece.prompt, None, max_sequence_length=most)
        told = {"tokens": tokens} | ({"cut": tokens - most} if tokens > most else {})
        return Encoded({"prompt_embeds": embeds, "pooled_prompt_embeds": pooled}, told)

    def denoise(self, pipes: Pipes, pieces: Sequence[Piece], on_step: OnStep) -> Sequence[Any]:
        """Packed latents: rows of 2 × 2 patches."""
        first = pieces[0].request
        made = pipes.flux(
            **joined(pieces, pipes.place, pipes.flux.transformer),
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

        flux, vae, asked = pipes.flux, pipes.flux.vae, piece.request
        packed = piece.latent.to(pipes.place, vae.dtype)
        latent = flux._unpack_latents(packed, asked["height"], asked["width"], flux.vae_scale_factor)
        with torch.inference_mode():
            latent = latent / vae.config.scaling_factor + (vae.config.shift_factor or 0.0)
            return vae.decode(latent, return_dict=False)[0][0]
