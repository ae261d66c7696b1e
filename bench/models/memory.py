"""Memory of the process that draws after 200 pictures ÷ after 20.

VmRSS (all that is resident) and RssAnon (without files that are mapped) of a lane's process in a real daemon, from
/proc/PID/status, MB of 10^6 bytes. One long job in batches; what grows here grows all night.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Aim, Effort, Figure
from bench.models.kits import PROMPT, Ground, Kit, tiny

AIM = 1.05
FIELDS: Mapping[str, str] = {"VmRSS": "resident", "RssAnon": "resident and no file"}


@dataclass(frozen=True, slots=True)
class Size:
    """After how many pictures memory is read, first and last; `steps` of each; `side`: how large tiny models draw."""

    first: int
    last: int
    side: int = 128
    steps: int = 2


SIZES: dict[Effort, Size] = {"tiny": Size(4, 8, 64), "quick": Size(20, 200), "full": Size(20, 200)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """With a tiny model on the CPU."""
    size = SIZES[effort]
    ground = tiny(folder / "models", effort, size.side, size.steps)
    return _growth(ground, ground.models[0], size, folder / "daemon")


def on_card(effort: Effort, folder: Path, ground: Ground) -> list[Figure]:
    """With each model of a ground."""
    return [one for kit in ground.models for one in _growth(ground, kit, SIZES[effort], folder / f"daemon-{kit.kind}")]


def _growth(ground: Ground, kit: Kit, size: Size, root: Path) -> list[Figure]:
    job = f"prompt: {PROMPT}\ncount: {size.last}\nsize: {kit.side}x{kit.side}\nsteps: {size.steps}\nmodel: {kit.name}\n"
    with ground.daemon(root) as daemon:
        (daemon.inbox / "job.yaml").write_text(job, encoding="utf-8")
        daemon.until({"shot.rendered": size.first})
        before = {name: daemon.lane_memory(name) for name in FIELDS}
        daemon.until({"shot.rendered": size.last - size.first})
        after = {name: daemon.lane_memory(name) for name in FIELDS}
    return [
        Figure(
            measure=f"{name} after {size.last} pictures ÷ after {size.first}, {kit.kind}",
            value=after[name] / before[name], unit="", aim=Aim(AIM),
            how=f"{after[name]:.0f} ÷ {before[name]:.0f} MB {meaning}, the process that draws",
        )
        for name, meaning in FIELDS.items()
    ]  # fmt: skip
