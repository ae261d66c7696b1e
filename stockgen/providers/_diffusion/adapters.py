"""The one file that speaks to peft, and to what diffusers knows of it: a LoRA's file → adapters in a model's parts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockgen.gpu.stack import dtype_of
from stockgen.providers._diffusion.raw import is_finite

_LORA = re.compile(r"[._]lora")


@dataclass(frozen=True, slots=True)
class Matrices:
    """A LoRA's tensors by the names that diffusers has for layers. `alphas`, `about`: the scales of its layers, in one
    of two forms; `layers` that it changes; `encoders`: some of them are of a text encoder.
    """

    tensors: Mapping[str, Any]
    alphas: Mapping[str, float]
    about: Mapping[str, Any]
    layers: frozenset[str]
    rank: int
    encoders: bool


def read(pipe: Any, file: Path, parts: Mapping[str, Any]) -> Matrices:
    """A file's tensors as a pipeline takes them. Raises ValueError where they are none of its parts', or no numbers,
    OSError, SafetensorError.
    """
    options: dict[str, Any] = {"return_lora_metadata": True, "use_safetensors": True, "local_files_only": True}
    if hasattr(pipe, "unet"):
        options["unet_config"] = pipe.unet.config
    if "return_alphas" in inspect.signature(pipe.lora_state_dict).parameters:
        options["return_alphas"] = True
    tensors, *rest = pipe.lora_state_dict(str(file), **options)
    about, alphas = rest[-1] or {}, (rest[0] or {}) if len(rest) > 1 else {}
    own = {name: tensor for name, tensor in tensors.items() if name.partition(".")[0] in parts}
    if not own or not all("lora" in name for name in own):
        raise ValueError("none of its layers is one of this model's")
    if not all(is_finite(tensor) for tensor in own.values()):
        raise ValueError("it holds values that are no numbers")
    layers = frozenset(_LORA.split(name)[0].replace(".processor", "").removesuffix(".0") for name in own)
    rank = max(
        (one.shape[0] for name, one in own.items() if name.endswith(("lora_A.weight", "down.weight"))), default=1
    )
    encoders = any(not hasattr(parts[name.partition(".")[0]], "load_lora_adapter") for name in own)
    return Matrices(own, alphas, about, layers, rank, encoders)


def insert(part: Any, name: str, given: Matrices, adapter: str, *, hot: bool = False) -> None:
    """Put what is meant for a part into it, as an adapter of that name; `hot`: in place of the one that it has.

    Raises ValueError, RuntimeError and others where it does not fit.
    """
    own = {key: one.to(dtype_of(part)) for key, one in given.tensors.items() if key.startswith(f"{name}.")}
    if not own:
        return
    alphas = {key: one for key, one in given.alphas.items() if key.startswith(f"{name}.")} or None
    about = {key: one for key, one in given.about.items() if key.startswith(f"{name}.")} or None
    if hasattr(part, "load_lora_adapter"):
        part.load_lora_adapter(own, prefix=name, hotswap=hot, adapter_name=adapter, network_alphas=alphas,
                               metadata=None if alphas else about, low_cpu_mem_usage=not hot)  # fmt: skip
    else:
        _into_encoder(part, name, own, alphas, about, adapter)


def _into_encoder(part: Any, name: str, own: Mapping[str, Any], alphas: Any, about: Any, adapter: str) -> None:
    """By peft itself: transformers 5.24, through which diffusers goes, wants a peft that is newer than any there is."""
    from peft import LoraConfig, inject_adapter_in_model, set_peft_model_state_dict

    inside = "" if hasattr(part, "text_model") else "text_model."  # CLIP without projection lost a level in 5

    def plain(key: str) -> str:
        return _peft_name(key.removeprefix(f"{name}.").removeprefix(inside))

    tensors = {plain(key): one for key, one in own.items()}
    ranks = {key.partition(".lora_")[0]: one.shape[0] for key, one in tensors.items() if ".lora_A." in key}
    scaled = {plain(key).partition(".lora_")[0]: one for key, one in (alphas or {}).items()}
    made: dict[str, Any] = {
        "r": 1, "lora_alpha": 1, "rank_pattern": ranks, "alpha_pattern": ranks | scaled, "target_modules": [*ranks],
    }  # fmt: skip
    if about:
        made = {key.removeprefix(f"{name}."): one for key, one in about.items()}
    inject_adapter_in_model(LoraConfig(**made), part, adapter_name=adapter, state_dict=tensors)
    result: Any = set_peft_model_state_dict(part, tensors, adapter)
    if left := result.unexpected_keys:
        raise ValueError(f"not a layer of {name}: {left[0]}")
    part.requires_grad_(False)


def _peft_name(name: str) -> str:
    """A text encoder's layer by peft's name, whichever of diffusers' older ones it has."""
    renamed = re.sub(r"\.to_(q|k|v|out)_lora\.", r".\1_proj.lora.", name)
    renamed = re.sub(r"\.lora(_linear_layer)?\.down\.", ".lora_A.", renamed)
    return re.sub(r"\.lora(_linear_layer)?\.up\.", ".lora_B.", renamed)


def prepare(part: Any, rank: int) -> None:
    """Before a part gets its first adapter: others of up to `rank` will take its place."""
    if hasattr(part, "enable_lora_hotswap"):
        part.enable_lora_hotswap(target_rank=rank, check_compiled="ignore")


def scales(part: Any, adapter: str) -> Iterator[tuple[Any, Any]]:
    """(layer, its scale at a weight of 1) for all layers with that adapter."""
    for layer in _adapted_layers(part):
        if adapter in layer.scaling:
            scale = layer.scaling[adapter]
            yield layer, scale.clone() if hasattr(scale, "clone") else scale


def enable(part: Any, *, on: bool) -> None:
    """Whether a part's adapters do anything."""
    for layer in _adapted_layers(part):
        layer.enable_adapters(on)
        layer.requires_grad_(False)


def adapted(part: Any) -> bool:
    """Whether a part has adapters."""
    return bool(getattr(part, "peft_config", None)) or any(True for _ in _adapted_layers(part))


def strip(part: Any) -> None:
    """Take all adapters out; the layers that are left are the very ones that were there before."""
    import diffusers.utils.peft_utils as old  # has no types

    remove: Any = old.recurse_remove_peft_layers
    remove(part)
    if hasattr(part, "peft_config"):
        del part.peft_config
    if hasattr(part, "load_lora_adapter"):
        part._hf_peft_config_loaded, part._prepare_lora_hotswap_kwargs = None, None


def restream(part: Any) -> None:
    """A part whose layers pass through the device one by one: so do its new ones, and no longer those that left."""
    from diffusers.hooks.group_offloading import _maybe_remove_and_reapply_group_offloading

    _maybe_remove_and_reapply_group_offloading(part)


def _adapted_layers(part: Any) -> Iterator[Any]:
    from peft.tuners.tuners_utils import BaseTunerLayer

    return (layer for layer in part.modules() if isinstance(layer, BaseTunerLayer))
