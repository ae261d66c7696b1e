"""Measures with full-size models on a card: `python -m bench.run --gpu`.

SDXL with its refiner and FLUX.1 [schnell], random weights, as many as the real ones, 1024², 30 and 4 steps, bfloat16.
Their folders take 46 GB of disk in the temporary folder; the processor's memory should hold the largest part, 24 GB.
Not run on a card yet: `--dry` takes small parts on the CPU the same way, and shows only that it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from bench.figures import Effort, Figure
from bench.full_size import write
from bench.models import batches, efficiency, holding, loras, memory, swaps, warm
from bench.models.away import away
from bench.models.kits import FILES, LIKE, Ground, Kind, Kit, catalogued
from stockgen.data import Shelf

Measure = Callable[[Effort, Path, Ground], list[Figure]]
MEASURES: Mapping[str, Measure] = MappingProxyType({
    "batches": batches.on_card, "holding": holding.on_card, "warm": warm.on_card, "efficiency": efficiency.on_card,
    "swaps": swaps.on_card, "memory": memory.on_card,
    "loras": loras.on_card,
})  # fmt: skip
KINDS: Sequence[Kind] = ("sdxl", "flux", "refiner")
STEPS: Mapping[str, int] = MappingProxyType({"sdxl": 30, "flux": 4, "refiner": 30})  # as in the catalogue
DEVICE = "cuda:0"


def measures(folder: Path, found: tuple[str, int] | None) -> Mapping[str, Callable[[Effort, Path], list[Figure]]]:
    """What can be measured on a card, by name, once its models lie in `folder`; None = a dry run."""
    ground = full_size(folder / "models", found[1]) if found else dry(folder / "models")
    return {name: _on(ground, one) for name, one in MEASURES.items()}


def _on(ground: Ground, measure: Measure) -> Callable[[Effort, Path], list[Figure]]:
    return lambda effort, own: measure(effort, own, ground)


def card() -> tuple[str, int] | None:
    """Name and bytes of the card that torch would use; None = there is none. Asked in a process of its own."""
    return away(DEVICE, _card)


def _card() -> tuple[str, int] | None:
    import torch

    if not torch.cuda.is_available():
        return None
    found = torch.cuda.get_device_properties(0)
    return found.name, found.total_memory


def full_size(folder: Path, memory: int) -> Ground:
    """Full-size models, written into `folder` by the first card, which has so many bytes of memory."""
    away(DEVICE, _written, folder, DEVICE, small=False)
    kits = [_kit(kind, folder / kind, 1024, STEPS[kind]) for kind in KINDS]
    return Ground(DEVICE, catalogued(kits, folder), kits, aims=True, bytes=memory)


def dry(folder: Path, apart: bool = True) -> Ground:
    """Small models on the CPU, written and used the same way; `apart`: in processes of their own."""
    kits = [_kit(kind, folder / kind, 64, 5) for kind in KINDS]
    ground = Ground("cpu", catalogued(kits, folder), kits, apart=apart)
    ground.away(_written, folder, "cpu", small=True)
    return ground


def _written(folder: Path, device: str, small: bool) -> None:
    for kind in KINDS:
        write(kind, folder / kind, device, small)


def _kit(kind: Kind, folder: Path, side: int, steps: int) -> Kit:
    """Figures of the shipped catalogue; those of small models for small ones."""
    figures = Shelf().load("catalog", FILES[kind])[LIKE[kind]]["memory"]
    small = dict.fromkeys(figures, 300_000)
    return Kit(kind, folder, side, steps, 8 if side > 64 else 2, "bfloat16", figures if side > 64 else small)
