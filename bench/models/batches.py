"""Seconds a picture with 1, 2, 4 and 8 at a time, and what channels_last and compiling give.

Through our provider in a process of its own, warm, the plan that fits by itself. Each figure is the median of some
batches; each line says the number that was really drawn at a time. Without channels_last: the convolutions of denoiser
and VAE are laid back plainly. Compiled: the blocks of the denoiser, after one batch that compiles and is told apart.
On the CPU (`--dry`) nothing is compiled and nothing laid out otherwise: only that it all runs can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import Effort, Figure, median
from bench.models.away import away
from bench.models.holding import titled
from bench.models.kits import Ground, Kit
from bench.models.studio import Studio, never


@dataclass(frozen=True, slots=True)
class Size:
    """Pictures at a time, and how many batches of each after one that is not counted."""

    counts: tuple[int, ...]
    rounds: int


SIZES: dict[Effort, Size] = {"tiny": Size((1, 2), 1), "quick": Size((1, 4), 1), "full": Size((1, 2, 4, 8), 3)}


def on_card(effort: Effort, folder: Path, ground: Ground) -> list[Figure]:
    """With each model of a ground, SDXL also with its refiner where there is one."""
    sets = [(kit, refiner) for kit in ground.models for refiner in ground.refiners(kit)]
    return [one for each in sets for one in away(ground.device, _drawn, ground, *each, SIZES[effort], folder)]


def _drawn(ground: Ground, kit: Kit, refiner: str, size: Size, folder: Path) -> list[Figure]:
    bench = Bench(Studio(ground, folder / "spool"), kit, refiner, size.rounds)
    figures = [bench.figure(count, f"{count} at a time") for count in size.counts]
    most = size.counts[-1]
    with bench.lent() as stack:
        plan, denoiser = stack.plan.name, "unet" if kit.kind == "sdxl" else "transformer"
    if plan != "resident":  # what moves can't be laid out or compiled side by side with this
        return figures
    with bench.lent() as stack:
        _plain(stack.parts)
    figures.append(bench.figure(most, f"{most} at a time, without channels_last"))
    with bench.lent() as stack:
        _lined(stack.parts)
        stack.compiled = _compiled(stack.parts[denoiser])
    first = bench.studio.draw(kit, most, refiner).seconds
    return [*figures, bench.figure(most, f"{most} at a time, compiled", f"; the batch that compiles {first:.1f} s")]


@dataclass(frozen=True, slots=True)
class Bench:
    """One model in a studio."""

    studio: Studio
    kit: Kit
    refiner: str
    rounds: int

    def lent(self) -> Any:
        """The stack that is warm."""
        return self.studio.host.lend(self.studio.host.warm[-1], 0, never)

    def figure(self, count: int, how: str, more: str = "") -> Figure:
        """Seconds a picture, so many at a time."""
        drawn = [self.studio.draw(self.kit, count, self.refiner) for _ in range(self.rounds + 1)][1:]
        facts = drawn[0].facts
        told = f"plan {facts['plan']}, {facts['batch_size']} together, {facts['dtype']}, {self.kit.steps} steps{more}"
        seconds = median([one.seconds / count for one in drawn])
        return Figure(measure=f"{titled(self.kit, self.refiner)}, {how}", value=seconds, unit="s", how=told)


def _compiled(denoiser: Any) -> bool:
    from stockgen.gpu.compiling import compile_blocks

    return compile_blocks(denoiser)


def _plain(parts: Any) -> None:
    import torch

    for name in parts.keys() & {"unet", "refiner", "vae"}:
        parts[name].to(memory_format=torch.contiguous_format)


def _lined(parts: Any) -> None:
    """As the provider has them on a card; FLUX.1 leaves its VAE as it is."""
    import torch

    for name in parts.keys() & {"unet", "refiner", "vae"} if "unet" in parts else ():
        parts[name].to(memory_format=torch.channels_last)
