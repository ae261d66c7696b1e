"""What a card can do with a model before anything is loaded: the catalogue's figures instead of real sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stockgen.data.catalog import Memory, Model
from stockgen.domain.errors import OutOfMemory
from stockgen.gpu.plan import ENCODING, Need, Phase, Plan, choose

# The parts that the catalogue knows figures for, by what is done with them; a provider may split them further.
PHASES: Mapping[str, Sequence[str]] = {
    "encode": ("encoders",),
    "denoise": ("denoiser",),
    "refine": ("refiner",),
    "decode": ("decoder",),
}
LOOKING = frozenset(
    {"Flux2KleinPipeline"}
)  # pipelines that look at pictures while they denoise, by their decoder's VAE


def need(model: Model, refiner: Model | None = None) -> Need | None:
    """What a model, with a refiner where there is one, will ask of a device; None = the catalogue says no figures.

    A refiner brings a denoiser only: it shares the base's encoders and decoder.
    """
    memory = model.memory
    if memory is None or (refiner is not None and refiner.memory is None):
        return None
    parts = {"encoders": memory.encoders, "denoiser": memory.denoiser, "decoder": memory.decoder}
    if refiner is not None and refiner.memory is not None:
        parts["refiner"] = refiner.memory.denoiser
    each = max(one.memory.each for one in (model, refiner) if one is not None and one.memory is not None)
    rigid = frozenset({"denoiser"} if model.drawing and model.drawing.quantize else ())
    looks = model.drawing is not None and model.drawing.pipeline in LOOKING
    return Need(parts, _phases(parts, memory, each, looks), model.drawing.batch if model.drawing else 1, rigid)


def forecast(model: Model, free: int, refiner: Model | None = None) -> Plan | None:
    """How a model would be held in `free` bytes; None = it does not fit at all, or nobody knows its figures."""
    wanted = need(model, refiner)
    if wanted is None:
        return None
    try:
        return choose(wanted, free)
    except OutOfMemory:
        return None


def _phases(parts: Mapping[str, int], memory: Memory, each: int, looks: bool) -> list[Phase]:
    once = {"encode": ENCODING, "decode": memory.working}
    phases = {**PHASES, "denoise": (*PHASES["denoise"], *PHASES["decode"])} if looks else PHASES
    return [
        Phase(name, frozenset(names), once.get(name, each), by_picture=name not in once)
        for name, names in phases.items()
        if parts.keys() >= set(names)
    ]
