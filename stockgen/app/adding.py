"""A finding → an entry of the catalogue: its name, how it draws and what it takes, as those of its kind do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from stockgen.data.catalog import Drawing, Memory, Model, Refusal
from stockgen.data.closed import parsed
from stockgen.domain.errors import NotConfigured, NotPulled, UsageError
from stockgen.domain.words import Language
from stockgen.gpu.findings import BASES, OWN, Finding, Sizes, in_file, in_folder, on_hub
from stockgen.gpu.hub import Hub
from stockgen.gpu.lora_findings import LoraFinding
from stockgen.gpu.pulling import WEIGHTS
from stockgen.inference.reading import OnnxFinding, in_onnx

PAGE = "https://huggingface.co/"
NONCOMMERCIAL = re.compile(r"(^|[-_ ])nc([-_ ]|$)|non-?commercial|research", re.IGNORECASE)
UNKNOWN = "unknown"
ONNX = ".onnx"

# Where the catalogue has no model of the kind: what SDXL, FLUX.1 [schnell], FLUX.2 [klein] and Z-Image Turbo were
# trained for, and bytes that suffice for a picture of a million pixels.
DRAWING: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    "sdxl": {"multiple": 8, "steps": 30, "guidance": 5.0, "guided": True, "tokens": 77, "dtype": "float16"},
    "flux": {"multiple": 16, "steps": 4, "most_steps": 8, "guidance": 0.0, "guided": False, "tokens": 256,
             "dtype": "bfloat16", "batch": 4},
    "flux2_klein": {"multiple": 16, "steps": 4, "most_steps": 8, "guidance": 1.0, "guided": False, "tokens": 500,
                    "foreign": True, "dtype": "bfloat16"},
    "z_image": {"multiple": 16, "steps": 8, "most_steps": 16, "guidance": 0.0, "guided": False, "tokens": 504,
                "foreign": True, "dtype": "bfloat16"},
    "diffusers": {"multiple": 16, "steps": 30, "guidance": 5.0, "guided": True, "tokens": 256, "dtype": "bfloat16",
                  "batch": 1},
})  # fmt: skip
# Of a model that says it is not distilled: what the model page of FLUX.2 [klein] base asks for.
UNDISTILLED: Mapping[str, Any] = MappingProxyType(
    {"steps": 50, "most_steps": 150, "guidance": 4.0, "guided": True}
)  # fmt: skip
MEMORY: Mapping[str, int] = MappingProxyType({
    "encoders": 2 << 30, "denoiser": 5 << 30, "decoder": 170 << 20, "working": 3 << 30, "each": 1 << 30,
})  # fmt: skip


def refuse_traps(refused: Mapping[str, Refusal], source: str, language: Language) -> None:
    """Raises NotPulled where a hub id is one of those that are not to be used."""
    for one in refused.values():
        if source.casefold() in {each.casefold() for each in one.hub}:
            raise refusal(one, language)


def refuse_name(refused: Mapping[str, Refusal], name: str, language: Language) -> None:
    """Raises NotPulled where a file has the name of one that is not to be used."""
    plain = re.sub(r"[^a-z0-9]", "", name.casefold())
    for one in refused.values():
        if plain in {re.sub(r"[^a-z0-9]", "", word.casefold()) for word in (one.name, *one.aliases)}:
            raise refusal(one, language)


def refusal(one: Refusal, language: Language) -> NotPulled:
    """Why a model is not to be used, and what is used instead."""
    facts = {"title": one.title.said(language), "reason": one.reason.said(language)}
    if one.instead:
        return NotPulled("refused_model", instead=one.instead, **facts)
    return NotPulled("refused_model_alone", **facts)


def find(
    what: str, hub: Hub, refused: Mapping[str, Refusal], language: Language
) -> Finding | LoraFinding | OnnxFinding:
    """Given a hub id (or its page's address), a folder, a `.safetensors` or an `.onnx`, return what it is.

    Raises NotPulled where it can't be used, UsageError where there is no such thing.
    """
    path = Path(what).expanduser()
    if path.is_dir():
        return in_folder(path.resolve())
    if path.is_file() and path.suffix == WEIGHTS:
        return in_file(path.resolve())
    if path.is_file() and path.suffix == ONNX:
        refuse_name(refused, path.stem, language)
        return in_onnx(path.resolve())
    source = what.removeprefix(PAGE).strip("/")
    if path.exists() or re.fullmatch(r"[\w.-]+/[\w.-]+", source) is None or source.startswith((".", "~")):
        raise UsageError("add_what", found=what)
    refuse_traps(refused, source, language)
    for origin in hub.look(source, "main").made_from:  # what is made from a trap is bound by the trap's licence
        refuse_traps(refused, origin, language)
    return on_hub(hub, source)


def check_provider(found: Finding) -> None:
    """Raises NotPulled `add_class` where the installed diffusers has no such pipeline, NotConfigured without it."""
    if found.pipeline in OWN:
        return
    from stockgen.providers._diffusion.loading import pipeline_class

    try:
        pipeline_class(found.pipeline)
    except AttributeError as error:
        raise NotPulled("add_class", found=found.pipeline) from error
    except ImportError as error:
        raise NotConfigured("no_packages") from error


def free_name(wanted: str, source: str, models: Mapping[str, Model]) -> str:
    """The name that was asked for, else one from the source. Raises UsageError where it is taken or no name."""
    own = Path(source).name.removesuffix(WEIGHTS).removesuffix(ONNX).lower()
    name = wanted or re.sub(r"[^a-z0-9.]+", "-", own).strip("-.")
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name) is None:
        raise UsageError("add_name", found=name)
    taken = {word.casefold() for one in models.values() for word in (one.name, *one.aliases)}
    if name.casefold() in taken:
        raise UsageError("add_name_taken", found=name)
    return name


def entry(name: str, found: Finding, sellable: bool, models: Mapping[str, Model]) -> dict[str, Any]:
    """What is written into `my/catalog/added.yaml`. Raises ConfigError where that would be no entry."""
    kin = nearest(found, models)
    weights: dict[str, Any] = {"source": found.source, "bytes": found.bytes}
    if found.revision:
        weights |= {"revision": found.revision, "gated": found.gated}
    if found.files:
        weights["files"] = [*found.files]
    plain = {
        "title": {"en": name, "ko": name},
        "provider": found.provider,
        "licence": found.licence or UNKNOWN,
        "licence_url": found.licence_url,
        "sellable": sellable,
        "look": "diffusion",
        "source": f"{PAGE}{found.source}" if found.revision else found.source,
        "base": found.base,
        "weights": weights,
        "drawing": drawing(found, kin),
        "memory": memory(found.sizes, kin, models.get(found.base)),
    }
    parsed(Model, name, plain | {"name": name})
    return {key: value for key, value in plain.items() if value != ""}


def nearest(found: Finding, models: Mapping[str, Model]) -> Model | None:
    """The model of the catalogue that draws most alike: of its pipeline, and the best known, first."""
    known = BASES.get(found.provider, "")

    def unlike(one: Model) -> tuple[bool, bool, bool]:
        drawn = one.drawing
        return (drawn is None or drawn.pipeline != found.pipeline, one.name != known, drawn is None or not drawn.guided)

    alike = [one for one in _drawn(models.values()) if one.provider == found.provider]
    return min(alike, key=unlike, default=None)


def drawing(found: Finding, kin: Model | None) -> dict[str, Any]:
    """How it draws: like the nearest model."""
    plain = kin.drawing.model_dump(exclude_defaults=True) if kin and kin.drawing else dict(DRAWING[found.provider])
    plain.pop("quantize", None)
    plain |= UNDISTILLED if found.undistilled else {}
    return Drawing(**plain | {"pipeline": found.pipeline}).model_dump(mode="json", exclude_defaults=True)


def memory(sizes: Sizes, kin: Model | None, base: Model | None) -> dict[str, int]:
    """Its own parts' sizes; what it lacks is its base's, what only a run can tell the nearest model's."""
    plain = _memory(kin) or dict(MEMORY)
    rest = _memory(base) or plain
    own = {"encoders": sizes.encoders, "denoiser": sizes.denoiser, "decoder": sizes.decoder}
    return plain | {part: size or rest[part] for part, size in own.items()}


def is_noncommercial(licence: str) -> bool:
    """Whether a licence's name says that it is not for sale."""
    return NONCOMMERCIAL.search(licence) is not None


def _memory(model: Model | None) -> dict[str, int]:
    held: Memory | None = model.memory if model else None
    return held.model_dump() if held else {}


def _drawn(models: Iterable[Model]) -> list[Model]:
    return [one for one in models if one.drawing is not None and one.role == "model"]


def onnx_entry(name: str, found: OnnxFinding, licence: str, sellable: bool) -> dict[str, Any]:
    """What is written of a model that cuts out or enlarges. Raises ConfigError where that would be no entry."""
    special: dict[str, Any] = (
        {"matting": {"session": found.session}}
        if found.role == "matting"
        else {"upscaling": {"scale": found.scale, "multiple": found.multiple}}
    )
    plain = {
        "title": {"en": name, "ko": name},
        "provider": "onnx",
        "licence": licence,
        "sellable": sellable,
        "look": "diffusion",
        "source": found.source,
        "role": found.role,
        "weights": {"source": found.source, "bytes": found.bytes},
        **special,
    }
    parsed(Model, name, plain | {"name": name})
    return plain
