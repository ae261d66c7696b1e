"""FLUX.2 [klein] 4B: four steps without guidance; its language model has a phase of its own, and it looks at pictures
whose look is wanted by itself.
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
from stockgen.providers._diffusion.extras import OWN, Choice
from stockgen.providers._diffusion.family import OnStep, Piece, generators, joined, telling
from stockgen.providers._diffusion.loading import Files
from stockgen.providers._diffusion.provider import Diffusion
from stockgen.providers._diffusion.transformer import loaded

MOST_TOKENS = 512  # that every prompt is filled up to, and the denoiser looks at the filling, too: never fewer
PHASES: Mapping[str, Sequence[str]] = {
    "encode": ("text_encoder",),
    "denoise": ("transformer", "vae"),  # the VAE reads pictures whose look is wanted, and knows how latents are spread
    "decode": ("vae",),
}


class Options(BaseModel):
    """`model`: of the catalogue, where a job names none."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = "flux2-klein-4b"


def build(options: Options, tools: Tools) -> Diffusion:
    """The provider for `options`."""
    return Diffusion(Choice("flux2_klein", options.model, likeness=OWN), Klein(), tools)


@dataclass(frozen=True, slots=True)
class Pipes:
    """The pipeline, and where it works."""

    klein: Any
    place: str


class Klein:
    """How FLUX.2 [klein] is loaded and made to draw; see `Family`."""

    def load(self, files: Files, place: Device, told: Callable[[], None]) -> Loaded:
        """All parts; the transformer made small on the way where the catalogue says so. Raises NotConfigured."""
        found = loaded(files, place, told, PHASES)
        return replace(found, pipes=Pipes(found.pipes, place.name))

    def layable(self, pipes: Pipes) -> Any:
        """What LoRAs are laid over."""
        return pipes.klein

    def encode(self, pipes: Pipes, piece: Piece) -> Encoded:
        """The prompt in its chat template, filled up to 512 tokens; what is more is cut off and told.

        For guidance, which only the undistilled model knows, what is not wanted, too.
        """
        import torch

        klein, guided = pipes.klein, piece.request["guidance"] > 1 and not pipes.klein.config.is_distilled
        tokens = len(klein.tokenizer(_templated(klein.tokenizer, piece.prompt), verbose=False).input_ids)
        words = {"prompt_embeds": piece.prompt} | (
            {"negative_prompt_embeds": piece.request["negative_prompt"]} if guided else {}
        )
        with torch.inference_mode():
            tensors = {
                name: klein.encode_prompt(text, max_sequence_length=MOST_TOKENS)[0] for name, text in words.items()
            }
        return Encoded(tensors, {"tokens": tokens} | ({"cut": tokens - MOST_TOKENS} if tokens > MOST_TOKENS else {}))

    def denoise(self, pipes: Pipes, pieces: Sequence[Piece], on_step: OnStep) -> Sequence[Any]:
        """Latents as the VAE takes them: unpacked, and spread as its statistics say."""
        first, look = pieces[0].request, pieces[0].seen.get("like")
        made = pipes.klein(
            **joined(pieces, pipes.place, pipes.klein.transformer),  # by name: what comes first is a picture, not words
            image=[look] if look else None,
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

        vae = pipes.klein.vae
        with torch.inference_mode():
            return vae.decode(piece.latent.to(pipes.place, vae.dtype), return_dict=False)[0][0]


def _templated(tokenizer: Any, prompt: str) -> str:
    """What the language model is really told, as the pipeline writes it."""
    asked = [{"role": "user", "content": prompt}]
    return str(tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True, enable_thinking=False))
