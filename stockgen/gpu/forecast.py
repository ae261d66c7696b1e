"""What a card can do with a model before anything is loaded: the catalogue's figures instead of real sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stockgen.data.catalog import Memory, Model, Role
from stockgen.domain.errors import OutOfMemory
from stockgen.gpu.plan import ENCODING, Need, Phase, Plan, choose

# The parts that the catalogue knows figures for, by what is done with them; a provider may split them further.
PHASES: Mapping[str, Sequence[str]] = {
    "encode": ("encoders",),
    "denoise": ("denoiser", "control"),
    "refine": ("refiner",),
    "decode": ("decoder",),
}
LOOKING = frozenset({"Flux2KleinPipeline"})  # pipelines that look at pictures while they denoise, by their VAE


def need(model: Model, *beside: Model | None) -> Need | None:
    """What a model, with those `beside` it (None = none), will ask of a device; None = the catalogue says no figures.

    A refiner brings a denoiser only: it shares the base's encoders and decoder. What reads control pictures works
    beside the denoiser; what reads looks is laid into it, and brings an encoder.
    """
    together = [model, *(one for one in beside if one is not None)]
    there = {one.role: one.memory for one in together if one.memory is not None}
    if len(there) < len(together):
        return None
    parts, drawing = _parts(there), model.drawing
    rigid = frozenset({"denoiser"} if drawing and drawing.quantize else ())
    looks = drawing is not None and drawing.pipeline in LOOKING
    return Need(parts, _phases(parts, there, looks), drawing.batch if drawing else 1, rigid)


def forecast(model: Model, free: int, *beside: Model | None) -> Plan | None:
    """How a model would be held in `free` bytes, with those `beside` it; None = it does not fit at all, or nobody knows
    its figures.
    """
    wanted = need(model, *beside)
    if wanted is None:
        return None
    try:
        return choose(wanted, free)
    except OutOfMemory:
        return None


def quick(plan: Plan) -> bool:
    """Whether what draws stays on the card. What is streamed there passes through it again for every step of every
    picture; an encoder that is streamed passes once for each new prompt, and not at all for one that is known.
    """
    return not plan.streamed & {"denoiser", "control", "refiner"}


def manner(plan: Plan) -> str:
    """The plan's name for people (`plan_name.…`): `words` where only what reads words, or the decoder, is streamed."""
    return "words" if plan.name == "offload" and quick(plan) else plan.name


def _parts(there: Mapping[Role, Memory]) -> dict[str, int]:
    """Bytes of each part; `there`: role → the figures of what has it."""
    memory, look = there["model"], there.get("likeness")
    parts = {"encoders": memory.encoders, "denoiser": memory.denoiser, "decoder": memory.decoder}
    if look is not None:
        parts |= {"encoders": memory.encoders + look.encoders, "denoiser": memory.denoiser + look.denoiser}
    return parts | {role: one.denoiser for role, one in there.items() if role in ("refiner", "control")}


def _phases(parts: Mapping[str, int], there: Mapping[Role, Memory], looks: bool) -> list[Phase]:
    each = max(one.each for role, one in there.items() if role in ("model", "refiner"))
    more = there["control"].each if "control" in there else 0
    active = {"encode": ENCODING, "denoise": each + more, "refine": each, "decode": there["model"].working}
    phases = {**PHASES, "denoise": (*PHASES["denoise"], *PHASES["decode"])} if looks else PHASES
    return [
        Phase(name, frozenset(names) & parts.keys(), active[name], by_picture=name in ("denoise", "refine"))
        for name, names in phases.items()
        if names[0] in parts
    ]
