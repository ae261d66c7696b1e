"""Stable Diffusion XL: base with an optional refiner, and its fine-tunes and Lightning-like few-step versions; with a
ControlNet and an IP-Adapter for jobs that bring pictures.

Base and refiner share their second text encoder and the VAE; the refiner does the last fifth of the steps, which is
what it was trained for (the "ensemble of expert denoisers" of the SDXL paper, arXiv 2307.01952, §2.5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from stockgen.domain.protocols import Device
from stockgen.gpu.embeddings import Encoded
from stockgen.gpu.host import Loaded
from stockgen.gpu.stack import dtype_of
from stockgen.lanes.spec import Tools
from stockgen.providers._diffusion import clip, control, likeness, loading
from stockgen.providers._diffusion.extras import Choice
from stockgen.providers._diffusion.family import OnStep, Piece, generators, joined, need_of, telling
from stockgen.providers._diffusion.laying import bare
from stockgen.providers._diffusion.loading import Files
from stockgen.providers._diffusion.provider import Diffusion

SPLIT = 0.8  # of the steps, which the base does; gpu/diffusers docs "SDXL: base + refiner" and the paper's 200 of 1000
REFINER = "refiner."  # before the names of tensors that are meant for it
SHARED = ("text_encoder_2", "vae")  # parts that the refiner takes from the base
PHASES: Mapping[str, Sequence[str]] = {
    "encode": ("text_encoder", "text_encoder_2", "image_encoder"),
    "denoise": ("unet", "control"),
    "refine": ("refiner",),
    "decode": ("vae",),
}


class Options(BaseModel):
    """All of the catalogue. `model`: where a job names none; `refiner`: "" = none; `control`, `likeness`: what reads
    the pictures that jobs bring, used once their weights are here, "" = never.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = "sdxl-base"
    refiner: str = ""
    control: str = "sdxl-control-union"
    likeness: str = "sdxl-ip-adapter"


def build(options: Options, tools: Tools) -> Diffusion:
    """The provider for `options`."""
    choice = Choice("sdxl", options.model, options.refiner, options.control, options.likeness)
    return Diffusion(choice, Sdxl(), tools)


@dataclass(frozen=True, slots=True)
class Pipes:
    """The pipelines of a stack; they hold the same objects for the parts that they share. `drawing`: does the base's
    steps, and is the base itself or that with a ControlNet.
    """

    base: Any
    drawing: Any
    refiner: Any | None
    place: str


class Sdxl:
    """How SDXL is loaded and made to draw; see `Family`."""

    def load(self, files: Files, place: Device, told: Callable[[], None]) -> Loaded:
        """Base, and what else there is: refiner, ControlNet, IP-Adapter. Raises NotConfigured."""
        with loading.readable(files):
            base = _base(files, place, told)
            if files.likeness:
                likeness.add(base, files.likeness)
                told()
            drawing = control.pipeline(base, files.control, place.name) if files.control else base
            refiner = _refiner(files, base, place, told) if files.refiner else None
        parts = {name: getattr(base, name) for name in ("text_encoder", "text_encoder_2", "unet", "vae")}
        more = {"control": getattr(drawing, "controlnet", None), "refiner": refiner and refiner.unet,
                "image_encoder": getattr(base, "image_encoder", None)}  # fmt: skip
        parts |= {name: part for name, part in more.items() if part is not None}
        for name in parts.keys() & {"unet", "control", "refiner", "vae"}:
            loading.arranged(parts[name], place.name)
        most = files.model.drawing.batch if files.model.drawing else 1
        pipes = Pipes(base, drawing, refiner, place.name)
        return Loaded(parts, pipes, need_of(files.model, parts, PHASES, most, files.beside))

    def layable(self, pipes: Pipes) -> Any:
        """What LoRAs are laid over."""
        return pipes.base

    def encode(self, pipes: Pipes, piece: Piece) -> Encoded:
        """The prompt, and for guidance what is not wanted; for the refiner, too, which has one encoder only."""
        guided = piece.request["guidance"] > 1
        negative = piece.request["negative_prompt"]
        tokens = [len(clip.pieces(pipes.base.tokenizer, text)) for text in (piece.prompt, negative)]
        tensors = _words(pipes.base, piece.prompt, negative, guided, max(tokens))
        if pipes.refiner is not None:
            with bare(pipes.refiner.text_encoder_2):  # the refiner was not there when a LoRA was trained
                words = _words(pipes.refiner, piece.prompt, negative, guided, max(tokens))
            tensors |= {f"{REFINER}{name}": one for name, one in words.items()}
        tensors |= likeness.encoded(pipes.base, piece, pipes.place, guided)
        return Encoded(tensors, {"pieces": tokens[0]})

    def denoise(self, pipes: Pipes, pieces: Sequence[Piece], on_step: OnStep) -> Sequence[Any]:
        """Latents of the base, complete or, where a refiner follows, up to the split."""
        first = pieces[0].request
        made = pipes.drawing(
            **joined(pieces, pipes.place, pipes.base.unet),
            **control.told(pieces[0]),
            **likeness.told(pieces[0], pipes.place, dtype_of(pipes.base.unet)),
            width=first["width"],
            height=first["height"],
            num_inference_steps=first["steps"],
            guidance_scale=first["guidance"],
            denoising_end=SPLIT if pipes.refiner is not None else None,
            generator=generators(pieces),
            output_type="latent",
            callback_on_step_end=telling(lambda index: on_step(index + 1)),
        )
        return list(made.images.unsqueeze(1))

    def refine(self, pipes: Pipes, pieces: Sequence[Piece], on_step: OnStep) -> Sequence[Any]:
        """The rest of the steps, by the refiner."""
        import torch

        refiner, first = pipes.refiner, pieces[0].request
        assert refiner is not None
        made = refiner(
            **joined(pieces, pipes.place, refiner.unet, REFINER),
            image=torch.cat([piece.latent for piece in pieces]),
            num_inference_steps=first["steps"],
            guidance_scale=first["guidance"],
            denoising_start=SPLIT,
            generator=generators(pieces),
            output_type="latent",
            callback_on_step_end=telling(lambda index: on_step(first["steps"] - refiner.num_timesteps + index + 1)),
        )
        return list(made.images.unsqueeze(1))

    def decode(self, pipes: Pipes, piece: Piece) -> Any:
        """One latent by the VAE, in the VAE's own precision."""
        import torch

        vae = pipes.base.vae
        latent = piece.latent.to(pipes.place, vae.dtype)
        mean, deviation = getattr(vae.config, "latents_mean", None), getattr(vae.config, "latents_std", None)
        latent = latent / vae.config.scaling_factor
        if mean is not None and deviation is not None:  # some fine-tunes bring a normalised VAE
            shape = [torch.tensor(each).view(1, -1, 1, 1).to(latent) for each in (deviation, mean)]
            latent = latent * shape[0] + shape[1]
        with torch.inference_mode():
            return vae.decode(latent, return_dict=False)[0][0]


def _base(files: Files, place: Device, told: Callable[[], None]) -> Any:
    drawing = files.model.drawing
    assert drawing is not None
    dtype = place.dtype(drawing.dtype)
    kind = loading.placed(loading.pipeline_class(drawing.pipeline), place.name)
    if loading.is_whole(files.path):
        pipe = loading.whole(kind, files.path, files.folder, dtype)
    else:
        given = loading.denoiser_from(files, "unet", dtype)
        given |= {"vae": _vae(files.vae, dtype)} if files.vae else {}
        parts = loading.parts_of(files.folder, dtype, told, given)
        pipe = kind.from_pretrained(files.folder, **parts, add_watermarker=False, local_files_only=True)
    _widened(pipe.vae)
    loading.rescheduled(pipe, drawing.scheduler)
    loading.quiet(pipe)
    return pipe


def _refiner(files: Files, base: Any, place: Device, told: Callable[[], None]) -> Any:
    import diffusers

    assert files.refiner is not None
    given = {name: getattr(base, name) for name in SHARED}
    parts = loading.parts_of(files.refiner, base.unet.dtype, told, given)
    kind = loading.placed(diffusers.StableDiffusionXLImg2ImgPipeline, place.name)
    pipe = kind.from_pretrained(files.refiner, **parts, add_watermarker=False, local_files_only=True)
    loading.quiet(pipe)
    return pipe


def _vae(folder: Path, dtype: Any) -> Any:
    import diffusers

    return loading.module(diffusers.AutoencoderKL, folder, dtype)


def _widened(vae: Any) -> None:
    """A VAE that says it overflows in float16 gets float32 from the start."""
    import torch

    if vae.config.force_upcast and vae.dtype == torch.float16:
        vae.to(dtype=torch.float32)


def _words(pipe: Any, prompt: str, negative: str, guided: bool, count: int) -> dict[str, Any]:
    """Embeddings by the names of the pipeline's arguments; those of what is not wanted only where they matter."""
    import torch

    both = [(pipe.tokenizer, pipe.text_encoder), (pipe.tokenizer_2, pipe.text_encoder_2)]
    tokenizers, encoders = zip(*[pair for pair in both if pair[0] is not None], strict=True)
    with torch.inference_mode():
        embeds, pooled = clip.embedded(tokenizers, encoders, prompt, count)
        tensors = {"prompt_embeds": embeds, "pooled_prompt_embeds": pooled}
        if guided and not negative and pipe.config.force_zeros_for_empty_prompt:
            tensors |= {f"negative_{name}": torch.zeros_like(one) for name, one in tensors.items()}
        elif guided:
            embeds, pooled = clip.embedded(tokenizers, encoders, negative, count)
            tensors |= {"negative_prompt_embeds": embeds, "negative_pooled_prompt_embeds": pooled}
    return tensors
