"""Any other pipeline of diffusers, whatever class a folder's `model_index.json` names; drawn as one piece."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from stockgen.domain.protocols import Device
from stockgen.gpu.embeddings import Encoded
from stockgen.gpu.host import Loaded
from stockgen.lanes.spec import Tools
from stockgen.providers._diffusion import loading
from stockgen.providers._diffusion.extras import Choice
from stockgen.providers._diffusion.family import OnStep, Piece, generators, need_of
from stockgen.providers._diffusion.loading import Files
from stockgen.providers._diffusion.provider import Diffusion

DENOISERS = ("transformer", "unet", "prior")  # what a pipeline calls the part that works step by step


class Options(BaseModel):
    """`model`: of the catalogue, where a job names none; "" = jobs must name one."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = ""


def build(options: Options, tools: Tools) -> Diffusion:
    """The provider for `options`."""
    return Diffusion(Choice("diffusers", options.model), Anything(), tools)


@dataclass(frozen=True, slots=True)
class Pipes:
    """`takes`: names of the arguments that the pipeline's call knows."""

    pipe: Any
    takes: frozenset[str]


class Anything:
    """How a pipeline that nobody has described is loaded and made to draw; see `Family`."""

    def load(self, files: Files, place: Device, told: Callable[[], None]) -> Loaded:
        """All parts of the folder. Raises NotConfigured."""
        import torch

        drawing = files.model.drawing
        assert drawing is not None
        dtype = place.dtype(drawing.dtype)
        with loading.readable(files):
            kind = loading.placed(loading.named_pipeline(files.folder), place.name)
            parts = loading.parts_of(files.folder, dtype, told, {})
            pipe = kind.from_pretrained(files.folder, **parts, local_files_only=True)
        loading.rescheduled(pipe, drawing.scheduler)
        loading.quiet(pipe)
        own = {name: part for name, part in pipe.components.items() if isinstance(part, torch.nn.Module)}
        phases: Mapping[str, Sequence[str]] = {"whole": tuple(own)}
        takes = frozenset(inspect.signature(kind.__call__).parameters)
        return Loaded(own, Pipes(pipe, takes), need_of(files.model, own, phases, drawing.batch))

    def layable(self, pipes: Pipes) -> Any:
        """What LoRAs are laid over."""
        return pipes.pipe

    def encode(self, pipes: Pipes, piece: Piece) -> Encoded:
        """The pipeline does it itself."""
        return Encoded({})

    def denoise(self, pipes: Pipes, pieces: Sequence[Piece], on_step: OnStep) -> Sequence[Any]:
        """Whole pictures, from -1 to 1."""
        first = pieces[0].request
        wanted = {
            "prompt": [piece.prompt for piece in pieces],  # by name and in a list of its own: some change what they get
            "negative_prompt": [piece.request["negative_prompt"] for piece in pieces],
            "width": first["width"],
            "height": first["height"],
            "num_inference_steps": first["steps"],
            "guidance_scale": first["guidance"],
            "generator": generators(pieces),
            "output_type": "pt",
        }
        if not any(wanted["negative_prompt"]):
            del wanted["negative_prompt"]
        with _counted(pipes.pipe, first["steps"], on_step):
            made = pipes.pipe(**{name: value for name, value in wanted.items() if name in pipes.takes})
        return [picture * 2 - 1 for picture in made.images]

    def refine(self, pipes: Pipes, pieces: Sequence[Piece], on_step: OnStep) -> Sequence[Any]:
        """There is no refiner."""
        return [piece.latent for piece in pieces]

    def decode(self, pipes: Pipes, piece: Piece) -> Any:
        """It is a picture already."""
        return piece.latent


class _counted:  # noqa: N801 - reads as a word where it is used
    """While it lasts, each call of the denoiser is told as a step: not every pipeline has a callback.

    What `on_step` raises ends the drawing. Pipelines that call it twice a step are told at their end, not before.
    """

    def __init__(self, pipe: Any, steps: int, on_step: OnStep) -> None:
        self._denoiser = next(
            (getattr(pipe, name) for name in DENOISERS if getattr(pipe, name, None) is not None), None
        )
        self._steps, self._on_step, self._calls = steps, on_step, 0
        self._hook: Any = None

    def __enter__(self) -> None:
        if self._denoiser is not None:
            self._hook = self._denoiser.register_forward_pre_hook(self._called)

    def __exit__(self, *_: object) -> None:
        if self._hook is not None:
            self._hook.remove()

    def _called(self, *_: Any) -> None:
        self._on_step(min(self._calls, self._steps))
        self._calls += 1
