"""What a `.safetensors` says of itself in its first bytes: names, shapes and kinds of its tensors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Literal

from stockgen.domain.errors import NotPulled

LENGTH = 8  # bytes in front of a header that say how long it is
LONGEST = 100 << 20  # bytes of a header; the format's own limit
HALF = 2  # bytes of a number in float16 and bfloat16
FULL = frozenset({"F64", "F32", "F16", "BF16"})  # kinds that are halved or kept when a part is loaded
WHOLE = ("model.diffusion_model.", "first_stage_model.", "conditioner.")  # denoiser, decoder, encoders of SDXL

KLEIN = 3072  # width of FLUX.2 [klein] 4B; 9B has 4096, [dev] 6144
SCALES = ("weight_scale", "scale_weight", "input_scale", "scale_input")  # ends of names beside weights in 8 bits
Z_IMAGE = ("layers.0.adaLN_modulation.0.weight", "cap_embedder.1.weight")  # Lumina 2, whose kin it is, lacks the first

Architecture = Literal[
    "sdxl", "sdxl-unet", "flux", "flux-dev", "klein", "flux2", "z-image", "scaled", "lora", "unknown"
]


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor. `kind`: as the format names it (`F16`, `BF16`, `F8_E4M3`…); `bytes` in the file."""

    kind: str
    shape: tuple[int, ...]
    bytes: int

    @property
    def loaded(self) -> int:
        """Bytes once it is loaded in 16 bits; what is stored smaller than that is widened, what is quantised stays."""
        widened = self.kind in FULL or self.kind.startswith("F8")
        return prod(self.shape) * HALF if widened else self.bytes


@dataclass(frozen=True, slots=True)
class Header:
    """`about`: what its maker wrote down, such as `modelspec.license`."""

    tensors: Mapping[str, Tensor]
    about: Mapping[str, str] = field(default_factory=dict)

    def loaded(self, prefix: str = "") -> int:
        """Bytes of all tensors whose names begin so, once they are loaded in 16 bits."""
        return sum(one.loaded for name, one in self.tensors.items() if name.startswith(prefix))


def header_of(file: Path) -> Header:
    """Read a file's header. Raises NotPulled `not_safetensors`, OSError."""
    with file.open("rb") as opened:
        length = header_length(opened.read(LENGTH), str(file))
        return parsed_header(opened.read(length), str(file))


def header_length(first: bytes, where: str) -> int:
    """Given a file's first 8 bytes, return how many bytes of header follow. Raises NotPulled `not_safetensors`."""
    length = int.from_bytes(first, "little")
    if len(first) < LENGTH or not 0 < length <= LONGEST:
        raise NotPulled("not_safetensors", path=where)
    return length


def parsed_header(data: bytes, where: str) -> Header:
    """Given a header's bytes, return it. Raises NotPulled `not_safetensors`."""
    try:
        plain = json.loads(data)
        about = {str(key): str(value) for key, value in plain.pop("__metadata__", {}).items()}
        return Header({name: _tensor(one) for name, one in plain.items()}, about)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:  # the last: nested too deeply
        raise NotPulled("not_safetensors", path=where) from error


def architecture(header: Header) -> Architecture:
    """What kind of model the names of its tensors speak of; `sdxl` is a whole checkpoint, the others denoisers.

    A model with guidance embeddings is FLUX.1 [dev] or made from it; [schnell] has none. `flux2`: of the FLUX.2 family,
    but not the size of [klein] 4B. `scaled`: weights in 8 bits with scales of their own, which diffusers does not read.
    """
    names = [name.removeprefix(WHOLE[0]) for name in header.tensors]
    if any("lora_" in name or ".lora" in name for name in names):
        return "lora"
    if any(name.endswith(SCALES) for name in names):
        return "scaled"
    if not _sdxl(header):
        return _transformer(header, names)
    return "sdxl" if all(_has(list(header.tensors), prefix) for prefix in WHOLE[:2]) else "sdxl-unet"


def _transformer(header: Header, names: Sequence[str]) -> Architecture:
    if _has(names, "double_stream_modulation_img."):  # FLUX.2 has `double_blocks.`, too
        return "klein" if _width(header, "double_stream_modulation_img.") == KLEIN else "flux2"
    if all(_has(names, mark) for mark in Z_IMAGE):
        return "z-image"
    if _has(names, "double_blocks.", "transformer_blocks.0.attn.add_k_proj."):
        return "flux-dev" if _has(names, "guidance_in.", "time_text_embed.guidance_embedder.") else "flux"
    return "unknown"


def _tensor(plain: Mapping[str, object]) -> Tensor:
    shape, offsets = plain["shape"], plain["data_offsets"]
    if not isinstance(shape, list) or not isinstance(offsets, list):
        raise TypeError("a tensor needs a shape and offsets")
    return Tensor(str(plain["dtype"]), tuple(int(each) for each in shape), int(offsets[1]) - int(offsets[0]))


def _width(header: Header, beginning: str) -> int:
    """How many numbers go into the first tensor whose name begins so."""
    found = (one.shape for name, one in header.tensors.items() if name.removeprefix(WHOLE[0]).startswith(beginning))
    return next((shape[-1] for shape in found if len(shape) > 1), 0)


def _has(names: Sequence[str], *beginnings: str) -> bool:
    return any(name.startswith(beginnings) for name in names)


def _sdxl(header: Header) -> bool:
    """SDXL's UNet is told size and crop beside 1280 numbers of the prompt; older ones are not, the refiner less."""
    marks = ("label_emb.0.0.weight", "add_embedding.linear_1.weight")
    found = [one.shape for name, one in header.tensors.items() if name.removeprefix(WHOLE[0]) in marks]
    return any(shape[-1:] == (2816,) for shape in found)
