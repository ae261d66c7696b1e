"""How fast the daemon is up, what it costs while it has nothing to do, and how fast `stockgen status` answers.

As a user has it: `stockgen init`, nothing configured, nothing made, and every module compiled, as pip does when it
installs. Times of starting count the interpreter's own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Aim, Effort, Figure, median
from bench.site import ROOT, Daemon

SETTLED = 3.0  # seconds after which a start is over


@dataclass(frozen=True, slots=True)
class Size:
    """How often things are started, and for how many seconds the daemon idles."""

    starts: int
    idle: float


SIZES: dict[Effort, Size] = {"tiny": Size(1, 0.5), "quick": Size(3, 10.0), "full": Size(9, 30.0)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    size, kept = SIZES[effort], _compiled(folder / "compiled")
    _start(folder / "first", kept)
    starts = [_start(folder / f"start-{number}", kept) for number in range(size.starts)]
    with Daemon(folder / "idle", environment=kept) as daemon:
        daemon.until({"daemon.ready": 1})
        time.sleep(min(SETTLED, size.idle))
        memory = daemon.memory()
        before = daemon.processor()
        time.sleep(size.idle)
        share = (daemon.processor() - before) / size.idle * 100
        _status(daemon.config, kept)
        status = [_status(daemon.config, kept) for _ in range(size.starts)]
    python = median([_timed([sys.executable, "-c", "pass"], kept) for _ in range(size.starts)])
    often = f"median of {size.starts}, the best {{:.2f}} s"
    return [
        Figure(measure="start → ready", value=median(starts), unit="s", aim=Aim(1.0), how=often.format(min(starts))),
        Figure(measure="idle memory", value=memory, unit="MB", aim=Aim(80.0), how="resident, main process, no lane"),
        Figure(measure="idle CPU", value=share, unit="%", aim=Aim(0.2), how=f"of one core, over {size.idle:.0f} s"),
        Figure(measure="stockgen status", value=median(status), unit="s", aim=Aim(0.35),
               how=f"{often.format(min(status))}; Python itself {python:.2f} s"),
    ]  # fmt: skip


def _compiled(folder: Path) -> Mapping[str, str]:
    """Variables with which Python keeps in `folder` what it has compiled, also where it was told to keep nothing."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder)}


def _start(root: Path, kept: Mapping[str, str]) -> float:
    """Seconds from exec to the line `daemon.ready`."""
    with Daemon(root, environment=kept) as daemon:
        return daemon.until({"daemon.ready": 1})[0].at - daemon.spawned


def _status(config: Path, kept: Mapping[str, str]) -> float:
    return _timed([sys.executable, "-m", "stockgen", "--config", str(config), "status"], kept)


def _timed(command: list[str], kept: Mapping[str, str]) -> float:
    """Seconds of wall time. Raises CalledProcessError."""
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=os.environ | kept, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
