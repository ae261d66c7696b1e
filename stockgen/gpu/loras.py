"""What a LoRA is made for: read from the names and shapes of its tensors alone, whoever trained it.

Names of kohya's trainer (`lora_unet_…`, `lora_te1_…`), of diffusers (`unet.….lora_A`), of PEFT and ComfyUI
(`transformer.…`, `diffusion_model.…`). Shapes are those of the published configs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from stockgen.gpu.headers import Header, Tensor

# The pipelines that a LoRA of each kind can be laid over; what is not here has no LoRAs.
MADE_FOR: Mapping[str, str] = MappingProxyType({
    "StableDiffusionXLPipeline": "sdxl", "FluxPipeline": "flux", "Flux2KleinPipeline": "flux2_klein",
    "ZImagePipeline": "z_image",
})  # fmt: skip
USABLE = frozenset(MADE_FOR.values())
LYCORIS, UNKNOWN = "lycoris", "unknown"

_PREFIX = re.compile(r"^(base_model_model_|lora_unet_|lora_|unet_|transformer_(?!blocks)|diffusion_model_|model_)+")
_ENCODER = re.compile(r"^(base_model\.model\.)?(lora_te\d?_|text_encoder|te\d?\.|conditioner\.)")
_OTHER = (".hada_", ".lokr_", ".oft_", ".boft_", ".glora", ".on_input", ".w_norm", ".b_norm")  # not matrices A and B
_DOWN = re.compile(r"^(.+?)\.(lora_A|lora_down|lora\.down|lora_a|down)(\.\w+)?\.weight$")
_UP = re.compile(r"^(.+?)\.(lora_B|lora_up|lora\.up|lora_b|up)(\.\w+)?\.weight$")

# What cross-attention reads: the width of the text embedding (configs of SD 1.5, 2.1, SDXL and its refiner).
_CROSS = MappingProxyType({768: "sd15", 1024: "sd2", 2048: "sdxl", 1280: "sdxl-refiner"})
# FLUX.2's three sizes by the width of their blocks (24, 32, 48 heads of 128); FLUX.1's is 3072, too.
_FLUX2 = MappingProxyType({3072: "flux2_klein", 4096: "flux2-klein-9b", 6144: "flux2-dev"})
_OF_FLUX2 = ("stream_modulation", "to_qkv_mlp_proj", "ff_linear_in", "ff_context_linear", "attn_to_out_mlp")
_OF_FLUX1 = ("ff_net_0", "ff_context_net", "norm1_linear", "norm_linear", "img_mod", "txt_mod", "modulation_lin",
             "proj_mlp", "proj_out")  # fmt: skip
# What `mlp.0` and `linear1` widen a stream to: 4 and 7 times its width in FLUX.1, 6 and 9 times in FLUX.2, which gates.
_ROWS1 = frozenset({4 * 3072, 7 * 3072})
_ROWS2 = frozenset(times * width for width in _FLUX2 for times in (6, 9))
_FLUX2_MOST = (8, 24)  # double and single blocks that no FLUX.2 [klein] has more of (9B); FLUX.1 has 19 and 38
_Z_WIDTH = 3840

# What trainers write down about the model they worked with (`modelspec.architecture`, `ss_base_model_version`).
_WRITTEN: Sequence[tuple[str, str]] = (
    (r"stable-diffusion-xl|sdxl", "sdxl"), (r"stable-diffusion-v1|sd_v1|sd_1\.5|sd-v1", "sd15"),
    (r"stable-diffusion-v2|sd_v2", "sd2"), (r"flux-?\.?2.*klein-?_?9b", "flux2-klein-9b"),
    (r"flux-?\.?2.*klein", "flux2_klein"), (r"flux-?\.?2", "flux2-dev"), (r"flux-?\.?1|flux1|flux-", "flux"),
    (r"z-?_?image|zimage", "z_image"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recognised:
    """`made_for`: one of USABLE, or what it is that nobody here draws with. `rank`: the largest of its layers;
    `encoders`: it changes text encoders, too.
    """

    made_for: str
    rank: int
    encoders: bool

    @property
    def usable(self) -> bool:
        """Whether a model of ours could wear it."""
        return self.made_for in USABLE


@dataclass(frozen=True, slots=True)
class Said:
    """What a LoRA's maker wrote down: words that a prompt must have, the model that it was trained on, its licence and
    title. "" = nothing.
    """

    trigger: str = ""
    base: str = ""
    licence: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str  # with `_` for every sign between words, without whatever a trainer puts in front
    tensor: Tensor


def recognised(header: Header) -> Recognised:
    """What a header's LoRA is made for, by shapes first, by what is written down where they don't tell."""
    names = list(header.tensors)
    down = [*_layers(header, _DOWN)]
    encoders = any(_ENCODER.match(name) for name in names)
    rank = max((one.tensor.shape[0] for one in down if one.tensor.shape), default=0)
    if any(mark in name for name in names for mark in _OTHER):
        return Recognised(LYCORIS, rank, encoders)
    if not down:
        return Recognised(UNKNOWN, 0, encoders)
    own = [one for one in down if not one.name.startswith("te:")]
    shaped = _unet(own, names) or _flux(own, [*_layers(header, _UP)]) or _z_image(own)
    return Recognised(shaped or _written(header.about) or UNKNOWN, rank, encoders)


def said(header: Header) -> Said:
    """What a LoRA says of itself (`modelspec.*` of the Stability AI model specification, `ss_*` of kohya's trainer)."""
    about = header.about
    return Said(
        trigger=_first(about, "modelspec.trigger_phrase", "trigger_word", "trigger_words", "instance_prompt"),
        base=_first(about, "modelspec.base_model", "base_model", "ss_sd_model_name", "ss_base_model_version",
                    "modelspec.architecture"),
        licence=_first(about, "modelspec.license", "license"),
        title=_first(about, "modelspec.title", "ss_output_name"),
    )  # fmt: skip


def _first(about: Mapping[str, str], *keys: str) -> str:
    return next((about[key].strip() for key in keys if about.get(key, "").strip()), "")


def _layers(header: Header, side: re.Pattern[str]) -> Iterator[_Layer]:
    for name, tensor in header.tensors.items():
        found = side.match(name)
        if found is None:
            continue
        if _ENCODER.match(name):
            yield _Layer(f"te:{found[1]}", tensor)
        else:
            yield _Layer(_PREFIX.sub("", found[1].replace(".", "_")), tensor)


def _unet(layers: Sequence[_Layer], names: Sequence[str]) -> str:
    """One of the UNets: by what their cross-attention reads, else by what only SDXL's has."""
    widths = {one.tensor.shape[1] for one in layers if re.search(r"_attn2_to_[kv]$", one.name)}
    found = {_CROSS[width] for width in widths if width in _CROSS}
    if len(found) == 1:
        return found.pop()
    blocks = [one.name for one in layers if re.search(r"^(down|mid|up|input|middle|output)_blocks?_", one.name)]
    if not blocks:
        return ""
    deep = any(re.search(r"transformer_blocks_[1-9]", name) for name in blocks)  # SD 1 and 2 have one in each
    two = any(re.match(r"(base_model\.model\.)?(lora_te2_|text_encoder_2)", name) for name in names)
    return "sdxl" if (deep or two) and not widths else ""


def _flux(layers: Sequence[_Layer], up: Sequence[_Layer]) -> str:
    """One of the FLUX transformers. Both generations have blocks of two streams and of one."""
    double = r"^(double_blocks|transformer_blocks)_(\d+)_"
    single = r"^(single_blocks|single_transformer_blocks)_(\d+)_"
    inside = [one for one in layers if re.search(double, one.name) or re.search(single, one.name)]
    if not inside:
        return ""
    second = any(mark in one.name for one in layers for mark in _OF_FLUX2) or _rows(up, _ROWS2)
    if second:
        width = next(
            (one.tensor.shape[1] for one in inside if re.search(r"_(to_q|to_k|to_v|qkv|linear1)$", one.name)), 0
        )
        return _FLUX2.get(width, "")
    if any(mark in one.name for one in inside for mark in _OF_FLUX1) or _rows(up, _ROWS1):
        return "flux"
    counts = [_most(layers, pattern) for pattern in (double, single)]
    if any(count > most for count, most in zip(counts, _FLUX2_MOST, strict=True)):
        return "flux"
    return ""


def _rows(layers: Sequence[_Layer], of: frozenset[int]) -> bool:
    """Whether a layer that widens its stream gives so many rows."""
    return any(one.tensor.shape[0] in of for one in layers if one.name.endswith(("mlp_0", "linear1")))


def _z_image(layers: Sequence[_Layer]) -> str:
    blocks = [one for one in layers if re.search(r"^(layers|noise_refiner|context_refiner)_\d+_", one.name)]
    if not blocks:
        return ""
    wide = any(one.tensor.shape[1] == _Z_WIDTH for one in blocks)
    return "z_image" if wide else ""


def _most(layers: Sequence[_Layer], pattern: str) -> int:
    """How many blocks there are, as far as the layers tell."""
    found = [int(match[2]) for one in layers if (match := re.search(pattern, one.name))]
    return max(found, default=-1) + 1


def _written(about: Mapping[str, str]) -> str:
    told = " ".join(about.get(key, "") for key in ("modelspec.architecture", "ss_base_model_version", "base_model"))
    return next((kind for pattern, kind in _WRITTEN if re.search(pattern, told, re.IGNORECASE)), "")
