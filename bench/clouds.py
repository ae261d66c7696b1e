"""Buying pictures: how long a batch takes beside what the service itself takes.

The service is a process of its own that speaks OpenAI's wire format, with real pictures, each after a fixed time; the
daemon, the official SDK, the ledger with its money, finishing and publishing are real.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bench.figures import Aim, Effort, Figure
from bench.site import Daemon
from tests.clouds import Clouds

RATIO = 1.1  # of the time that the service alone would take
CAP = 1000  # USD, more than any of these batches costs


@dataclass(frozen=True, slots=True)
class Size:
    """How many pictures, how many requests at a time, seconds of each."""

    pictures: int
    parallel: int
    latency: float


SIZES: Mapping[Effort, Size] = MappingProxyType({
    "tiny": Size(8, 4, 0.3), "quick": Size(64, 8, 2.0), "full": Size(200, 8, 2.0),
})  # fmt: skip


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    size = SIZES[effort]
    with Clouds(latency=size.latency) as clouds:
        wall = _bought(folder, clouds, size)
        billed, delivered = clouds.images, clouds.delivered
    if billed != size.pictures or delivered != size.pictures:
        raise RuntimeError(f"{billed} billed and {delivered} delivered of {size.pictures}")
    ideal = math.ceil(size.pictures / size.parallel) * size.latency
    return [
        Figure(
            measure="a batch that is bought ÷ the service's own time", value=wall / ideal, unit="", aim=Aim(RATIO),
            how=f"{size.pictures} pictures, {size.parallel} at a time, {size.latency:g} s each",
        )
    ]  # fmt: skip


def _bought(folder: Path, clouds: Clouds, size: Size) -> float:
    """Seconds from the first claim until the last picture is in the spool."""
    environment = {"OPENAI_API_KEY": clouds.openai_key}
    with Daemon(folder, config(clouds, size), environment) as daemon:
        daemon.until({"daemon.ready": 1})
        lines = "".join(f'  - "plain paper number {number}"\n' for number in range(size.pictures))
        (daemon.inbox / "job.yaml").write_text(
            f"prompts:\n{lines}count: 1\nsize: 1024x1024\nmodel: openai\nmarkets: []\n"
        )
        told = daemon.until({"shot.claimed": 1, "shot.rendered": size.pictures})
    return told[-1].at - next(line.at for line in told if line.event == "shot.claimed")


def config(clouds: Clouds, size: Size) -> dict[str, Any]:
    """One provider, a cap that is no hindrance, small pictures that may be alike."""
    openai = {"parallel": size.parallel, "per_minute": 0, "quality": "low", "most": 1, "megapixels": 1.1}
    return {
        "inbox": {"settle": "100ms"}, "chains": {"auto": ["openai"]},
        "providers": {"openai": {"base_url": clouds.openai_url, **openai}},
        "money": {"per_month_usd": CAP}, "limits": {"free_disk": "0B"},
        "checks": {"duplicate": {"distance": 0}, "artefacts": {"excess": 10}},
    }  # fmt: skip
