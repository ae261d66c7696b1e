"""Killed with a hundred thousand pictures still to make: how soon is the daemon ready again?

The ledger is filled by SQL, a hundred pictures a job, and each job's file with its note lies in `accepted/`. A daemon
then claims one picture, is killed, and starts again, so that every start but the first meets what a kill leaves.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from bench.claim import filled
from bench.figures import Aim, Effort, Figure, median
from bench.intake import NIGHT
from bench.site import Daemon

AIM = 2.0  # seconds
OVER = {"chains": {"auto": ["paced"]}, "providers": {"paced": {"seconds": NIGHT}}, "limits": {"starts": 20}}


@dataclass(frozen=True, slots=True)
class Size:
    """How many pictures are planned, and how often the daemon is killed."""

    shots: int
    kills: int


SIZES: dict[Effort, Size] = {"tiny": Size(1_000, 1), "quick": Size(20_000, 3), "full": Size(100_000, 9)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    size = SIZES[effort]
    planned(folder, size.shots)
    killed(folder)
    starts, claims = zip(*[killed(folder) for _ in range(size.kills)], strict=True)
    name, often = f"{size.shots:,} planned", f"median of {size.kills}, the slowest {{:.2f}} s"
    return [
        Figure(measure=f"kill → ready, {name}", value=median(starts), unit="s", aim=Aim(AIM),
               how=often.format(max(starts))),
        Figure(measure=f"kill → claim, {name}", value=median(claims), unit="s", how=often.format(max(claims))),
    ]  # fmt: skip


def planned(folder: Path, shots: int) -> None:
    """A state with so many planned pictures, and an inbox in which their files were accepted."""
    ledger = filled(folder / ".stockgen", shots, 1)
    accepted = folder / "inbox" / "accepted"
    accepted.mkdir(parents=True)
    for row in ledger.query("SELECT id, source_name FROM jobs"):
        file = accepted / f"{row['id']}_{row['source_name']}"
        file.write_text("prompt: misty hills\n")
        file.with_name(f"{file.name}.note.txt").write_text("misty hills\n")
    ledger.close()


def killed(folder: Path) -> tuple[float, float]:
    """Seconds from exec until it is ready, and until it has claimed a picture; then it is killed."""
    with Daemon(folder, OVER) as daemon:
        ready, claimed = daemon.until({"daemon.ready": 1, "shot.claimed": 1})
        time.sleep(0.1)
        return ready.at - daemon.spawned, claimed.at - daemon.spawned
