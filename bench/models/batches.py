"""Seconds a picture with 1, 2, 4 and 8 at a time, and what channels_last and compiling give.

Through our provider in a process of its own, warm, the plan that fits by itself. Each figure is the median of some
batches; each line says the number that was really drawn at a time. Without channels_last: the convolutions of denoiser
and VAE are laid back plainly. Compiled: the blocks of the denoiser, after one batch that compiles and is told apart.
On the CPU (`--dry`) nothing is compiled, only that it all runs can be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import Effort, Figure, median
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
    return [one for each in sets for one in ground.away(_drawn, ground, *each, SIZES[effort], folder)]


def _drawn(ground: Ground, kit: Kit, refiner: str, size: Size, folder: Path) -> list[Figure]:
    bench = Bench(Studio(ground, folder / "spool"), kit, refiner, size.rounds)
    figures = [bench.figure(count, f"{count} at a time") for count in size.counts]
    most = size.counts[-1]
    with bench.lent() as stack:
        plan, denoiser = stack.plan.name, "unet" if kit.kind == "sdxl" else "transformer"
    if plan != "resident":  # what comes and goes is neither laid out nor compiled
        return figures
    if kit.kind == "sdxl":
        figures.append(bench.plain(most))
    return [*figures, bench.compiled(most, denoiser, ground.device)]


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

    def plain(self, count: int) -> Figure:
        """Without channels_last, which comes back afterwards."""
        import torch

        with self.lent() as stack:
            _laid(stack.parts, torch.contiguous_format)
        figure = self.figure(count, f"{count} at a time, without channels_last")
        with self.lent() as stack:
            _laid(stack.parts, torch.channels_last)
        return figure

    def compiled(self, count: int, denoiser: str, device: str) -> Figure:
        """With the denoiser's blocks compiled; a refiner is not."""
        import torch

        from stockgen.gpu.compiling import compile_blocks

        stance: Any = torch.compiler.set_stance  # has no types
        with stance("force_eager" if device == "cpu" else "default"):
            with self.lent() as stack:
                stack.compiled = compile_blocks(stack.parts[denoiser])
            first = self.studio.draw(self.kit, count, self.refiner).seconds
            return self.figure(count, f"{count} at a time, compiled", f"; the batch that compiles {first:.1f} s")


def _laid(parts: Mapping[str, Any], how: Any) -> None:
    """Lay convolutions out; on a card the provider has SDXL's by channels_last, as here afterwards."""
    for name in parts.keys() & {"unet", "refiner", "vae"}:
        parts[name].to(memory_format=how)
