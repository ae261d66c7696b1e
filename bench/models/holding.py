"""What it costs to hold a full-size model: loading, changing, releasing, and each plan with its memory and its time.

Through our provider in a process of its own, at the size and steps of the ground. Seconds of wall time; GiB at the peak
as torch allocated them. Loading: a first picture less a second one, from files that were just written, so the disk's
cache may help. Change: the first picture after another model was used less a warm one. Release: until the device has
nothing of it any more. `phased` and `offload` are given just the memory that they need, on a card of any size. On the
CPU (`--dry`) only that it all runs can be seen.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Aim, Effort, Figure
from bench.models.capped import Capped, room
from bench.models.kits import Ground, Kit
from bench.models.studio import Studio, never
from stockgen.gpu.plan import PLANS, Need
from stockgen.gpu.settings import GpuSettings, PlanName

AIM = 10.0  # seconds to give the card back
GIB = 1 << 30


def on_card(_effort: Effort, folder: Path, ground: Ground) -> list[Figure]:
    """With each model of a ground, SDXL also with its refiner where there is one."""
    sets = [(kit, refiner) for kit in ground.models for refiner in ground.refiners(kit)]
    figures = [one for kit, refiner in sets for one in ground.away(_held, ground, kit, refiner, folder)]
    return figures + ground.away(_changed, ground, folder)


def titled(kit: Kit, refiner: str) -> str:
    """`sdxl`, `sdxl + refiner`."""
    return f"{kit.kind} + refiner" if refiner else kit.kind


def _held(ground: Ground, kit: Kit, refiner: str, folder: Path) -> list[Figure]:
    """Loading, releasing, and each plan."""
    studio, title = Studio(ground, folder / "spool"), titled(kit, refiner)
    first, second = (studio.draw(kit, 1, refiner) for _ in range(2))
    with studio.host.lend(studio.host.warm[-1], 0, never) as stack:
        need = stack.need
    del stack  # it would keep the weights alive
    began = time.perf_counter()
    studio.host.release()
    released = time.perf_counter() - began
    limit = Aim(AIM) if ground.aims else None
    loading = max(0.0, first.seconds - second.seconds)
    return [
        Figure(measure=f"loading {title}", value=loading, unit="s", how=f"plan {second.facts['plan']}"),
        Figure(measure=f"releasing {title}", value=released, unit="s", aim=limit, how=_left(ground.device)),
        *(_planned(ground, kit, refiner, plan, need, folder) for plan in PLANS),
    ]


def _left(device: str) -> str:
    """How much is left on a card."""
    if device == "cpu":
        return "the CPU has nothing to give back"
    import torch

    return f"{torch.cuda.memory_allocated() / GIB:.2f} GiB are left of it"


def _planned(ground: Ground, kit: Kit, refiner: str, plan: PlanName, need: Need, folder: Path) -> Figure:
    """The peak of one plan, and in words what a picture takes."""
    from stockgen.gpu.device import device_of

    device = Capped(device_of(ground.device))
    studio = Studio(ground, folder / "spool", GpuSettings(plan=plan, compile="never"), device)
    device.limit = room(need, plan)
    studio.draw(kit, 1, refiner)
    device.restart()
    drawn = studio.draw(kit, 1, refiner)
    most = device.most
    how = f"at the peak; {drawn.seconds:.2f} s a picture, one at a time, plan {drawn.facts['plan']}"
    studio.host.release()
    return Figure(measure=f"memory of {titled(kit, refiner)}, {plan}", value=most / GIB, unit="GiB", how=how)


def _changed(ground: Ground, folder: Path) -> list[Figure]:
    """Seconds that a change to each model costs."""
    studio = Studio(ground, folder / "spool")
    turns: Sequence[Kit] = [*ground.models, *ground.models]
    seconds = [(kit, studio.draw(kit).seconds, studio.draw(kit).seconds) for kit in turns][len(ground.models) :]
    return [
        Figure(measure=f"changing to {kit.kind}", value=max(0.0, after - warm), unit="s",
               how=f"the first picture {after:.2f} s, the next {warm:.2f} s")
        for kit, after, warm in seconds
    ]  # fmt: skip
