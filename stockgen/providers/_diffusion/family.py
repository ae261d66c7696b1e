"""What sets one architecture apart from another: the seam between a batch's work and `sdxl`, `flux`, `diffusers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from stockgen.data.catalog import Memory, Model
from stockgen.domain.protocols import Device
from stockgen.gpu.embeddings import Encoded
from stockgen.gpu.host import Loaded
from stockgen.gpu.plan import Need, Phase, encoding
from stockgen.gpu.stack import bytes_of, dtype_of
from stockgen.providers._diffusion.loading import Files

if TYPE_CHECKING:
    from PIL.Image import Image

# For models that the catalogue tells nothing about: an SDXL-like decoder, and SDXL's activations with guidance.
WORKING = 2 << 30
EACH = 1 << 30

OnStep = Callable[[int], None]


@dataclass(slots=True)
class Piece:
    """One picture on its way through the phases. `request`: what `fit` promised; `words`: its encoded prompt; `seen`:
    the pictures that the request names, by its keys; `done`: the phases that it has behind it, and `latent` what the
    last of them left, in the computer's memory.
    """

    shot: int
    prompt: str
    seed: int
    request: Mapping[str, Any]
    words: Encoded = field(default_factory=lambda: Encoded({}))
    seen: Mapping[str, Image] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    latent: Any = None
    together: int = 1  # pictures that the denoiser worked on at a time

    def tensors(self, place: Any, dtype: Any) -> dict[str, Any]:
        """Its words where and as they are needed."""
        return {name: one if one is None else one.to(place, dtype) for name, one in self.words.tensors.items()}

    def shown(self, key: str) -> str:
        """What it is shown under a key of its request: equal for equal pictures; "" = nothing."""
        return str(self.request[key]) if key in self.seen else ""

    @property
    def alike(self) -> tuple[Any, ...]:
        """Equal for pictures that can be drawn together."""
        shapes = tuple((name, None if one is None else tuple(one.shape)) for name, one in self.words.tensors.items())
        seen = tuple(str(self.request.get(key)) for key in ("control", "like"))
        return (*(self.request[key] for key in ("width", "height", "steps", "guidance")), seen, shapes)


class Family(Protocol):
    """How models of one architecture are loaded and made to draw; works with torch, so only in a lane's process."""

    def load(self, files: Files, place: Device, told: Callable[[], None]) -> Loaded:
        """All parts, in the computer's memory. `told` is called after each. Raises NotConfigured."""
        ...

    def layable(self, pipes: Any) -> Any:
        """The pipeline of diffusers that LoRAs are laid over."""
        ...

    def encode(self, pipes: Any, piece: Piece) -> Encoded:
        """The prompt as tensors; `told`: its `tokens`, and how many of them were `cut`."""
        ...

    def denoise(self, pipes: Any, pieces: Sequence[Piece], on_step: OnStep) -> Sequence[Any]:
        """The latents of pieces that are alike, one for each. `on_step` gets how many of all steps are done."""
        ...

    def refine(self, pipes: Any, pieces: Sequence[Piece], on_step: OnStep) -> Sequence[Any]:
        """The same once more by the refiner."""
        ...

    def decode(self, pipes: Any, piece: Piece) -> Any:
        """One picture, 3 × height × width, floats from -1 to 1."""
        ...


def generators(pieces: Sequence[Piece]) -> list[Any]:
    """One for each picture, on the CPU: then its noise is the same whatever card, precision or batch it is in."""
    import torch

    return [torch.Generator("cpu").manual_seed(piece.seed) for piece in pieces]


def need_of(
    model: Model, parts: Mapping[str, Any], phases: Mapping[str, Sequence[str]], most: int,
    beside: Mapping[str, Model] = MappingProxyType({}),
) -> Need:  # fmt: skip
    """What a loaded model asks of a device: real sizes of its parts, the catalogue's figures for the rest.

    `phases`: name → the parts it works with, those that there are. `most`: pictures at a time. `beside`: role → what is
    loaded with it; what reads control pictures adds to each picture while it is denoised.
    """
    memory: Memory | None = model.memory
    each = memory.each if memory else EACH
    control = beside["control"].memory if "control" in beside else None
    more = {"denoise": control.each if control else 0}
    sizes = {name: bytes_of(part) for name, part in parts.items()}
    reading = encoding(sum(sizes.get(name, 0) for name in phases.get("encode", ())))
    once = {"encode": reading, "decode": memory.working if memory else WORKING}
    made = [
        Phase(
            name, frozenset(names) & parts.keys(), once.get(name, each + more.get(name, 0)), by_picture=name not in once
        )
        for name, names in phases.items()
    ]
    return Need(sizes, [one for one in made if one.parts], most)


def telling(told: Callable[[int], None]) -> Callable[..., dict[str, Any]]:
    """A callback of diffusers that only tells how far it is; what it raises ends the drawing at once."""

    def after(_pipe: Any, index: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        told(index)
        return tensors

    return after


def joined(pieces: Sequence[Piece], place: str, denoiser: Any, prefix: str = "") -> dict[str, Any]:
    """The words of several pieces as one batch, on the device and in the precision of the denoiser.

    `prefix`: of the names that are meant; the others begin with none.
    """
    import torch

    rows = [piece.tensors(place, dtype_of(denoiser)) for piece in pieces]
    own = [name for name in rows[0] if ("." in name) == bool(prefix) and name.startswith(prefix)]
    return {name.removeprefix(prefix): torch.cat([row[name] for row in rows]) for name in own}
