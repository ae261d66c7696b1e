"""Ten thousand jobs in half an hour: does the daemon take the last one as it took the first, and does it grow?

Files are dropped by rename at a steady pace, each a job of one small picture, so that what is measured is everything
around the picture: intake, planning, claim, lane, finish, publish, close. Latency is that of `bench.intake`: from just
before the rename to the commit. Memory and descriptors are looked at once a twentieth of the jobs is closed; what the
first tenth of the jobs brought (libraries that come with the first picture, caches that fill) is the start from which
growth is counted. What the daemon remembers of each picture that was ever finished (`stockgen/checks/index.py`) is no
growth. Latencies grow with whatever else the machine does; the processor's time for a job does not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.figures import Aim, Effort, Figure, median
from bench.site import Daemon

PARTS = 20  # looks at memory and descriptors
WARM = 2  # of them are over before growth is counted
FLAT = 10.0  # MB that a process may grow and still count as flat
KEPT = 0.0016  # MB that are kept of a picture, for finding those like it: 0.8 KB, and room for as many again
UNCHANGED = 1.25  # times that the last files may take longer than the first
FEW = 4  # descriptors that may be open just then: a picture that is being written, the ledger's copy
SIDE = 96  # pixels


@dataclass(frozen=True, slots=True)
class Size:
    """How many jobs come in how many seconds; `edge`: how many count as the first, and as the last."""

    jobs: int
    seconds: float
    edge: int

    @property
    def part(self) -> int:
        """How many jobs are closed from one look to the next."""
        return self.jobs // PARTS

    @property
    def flat(self) -> float:
        """MB that the daemon may grow."""
        return FLAT + KEPT * self.jobs


SIZES: dict[Effort, Size] = {
    "tiny": Size(40, 4.0, 10), "quick": Size(300, 30.0, 60), "full": Size(10_000, 1800.0, 1000),
}  # fmt: skip
OVER: Mapping[str, Any] = {
    "chains": {"auto": ["paced"]},
    "providers": {"paced": {"seconds": 0.0, "side": SIDE}},
    "defaults": {"count": 1, "markets": []},
    # The same few pictures again and again must not go to review.
    "checks": {"duplicate": {"distance": 0}},
    "limits": {"free_disk": "0B"},
}


@dataclass
class Soaked:
    """What was seen: seconds of each job from the rename to the commit, in order; MB and descriptors at each look."""

    waits: list[float] = field(default_factory=list)
    main: list[float] = field(default_factory=list)
    lane: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)  # seconds of the processor until then
    behind: float = 0.0  # seconds from the last rename until the last job was closed

    @property
    def grown(self) -> tuple[float, float, int]:
        """How much more than after the first tenth there ever was: MB of the daemon, MB of its lane, descriptors."""
        main, lane, open_ = (max(one[WARM:]) - one[WARM - 1] for one in (self.main, self.lane, self.descriptors))
        return main, lane, int(open_)

    @property
    def dearer(self) -> tuple[float, float]:
        """Seconds of the processor for a part, in the first quarter after the warming and in the last."""
        parts = [after - before for before, after in pairwise(self.busy[WARM - 1 :])]
        quarter = len(parts) // 4
        return sum(parts[:quarter]) / quarter, sum(parts[-quarter:]) / quarter

    def slower(self, edge: int) -> tuple[float, float]:
        """Median seconds of the first and of the last jobs."""
        return median(self.waits[:edge]), median(self.waits[-edge:])


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    size = SIZES[effort]
    seen = soaked(folder / "soak", size)
    first, last = seen.slower(size.edge)
    main, lane, open_ = seen.grown
    cheap, dear = (seconds / size.part * 1e3 for seconds in seen.dearer)
    often = f"{size.jobs:,} jobs in {size.seconds / 60:.0f} min"
    return [
        Figure(measure="intake, last ÷ first", value=last / first, unit="", aim=Aim(UNCHANGED),
               how=f"{last * 1e3:.2f} ÷ {first * 1e3:.2f} ms, medians of {size.edge:,}; {often}"),
        Figure(measure="processor for a job, last ÷ first", value=dear / cheap, unit="", aim=Aim(UNCHANGED),
               how=f"main process, {dear:.1f} ÷ {cheap:.1f} ms, means of a quarter"),
        Figure(measure="growth of the daemon", value=main, unit="MB", aim=Aim(size.flat),
               how=f"most beyond the first tenth, {seen.main[WARM - 1]:.0f} MB; {seen.main[-1]:.0f} MB at the end"),
        Figure(measure="growth of its lane", value=lane, unit="MB", aim=Aim(FLAT),
               how=f"most beyond the first tenth, {seen.lane[WARM - 1]:.0f} MB; {seen.lane[-1]:.0f} MB at the end"),
        Figure(measure="more descriptors", value=open_, unit="", aim=Aim(FEW),
               how=f"most beyond the first tenth, {seen.descriptors[WARM - 1]}; {seen.descriptors[-1]} at the end"),
        Figure(measure="all closed after the last file", value=seen.behind, unit="s", how=often),
    ]  # fmt: skip


def soaked(folder: Path, size: Size) -> Soaked:
    """Drop that many jobs and see each of them closed. Raises RuntimeError where one failed."""
    seen, began = Soaked(), dict[str, float]()
    with Daemon(folder, OVER, patience=size.seconds * 3 + 60) as daemon:
        daemon.until({"daemon.ready": 1})
        dropper = threading.Thread(target=_dropped, args=(daemon.inbox, size, began), daemon=True)
        dropper.start()
        waits, closed = dict[str, float](), 0
        for line in daemon.lines():
            if line.event == "file.accepted":
                waits[line.facts["file"]] = line.at - began[line.facts["file"]]
            elif line.event == "job.closed":
                closed += 1
                if line.facts["result"] != "done":
                    raise RuntimeError(f"a job came to nothing: {line.facts}")
                if closed % size.part == 0:
                    _look(daemon, seen)
            if closed == size.jobs:
                break
        dropper.join()
        seen.behind = line.at - max(began.values())
    seen.waits = [waits[name] for name in began]
    return seen


def _look(daemon: Daemon, seen: Soaked) -> None:
    seen.main.append(daemon.memory())
    seen.lane.append(daemon.lane_memory("VmRSS"))
    seen.descriptors.append(daemon.descriptors())
    seen.busy.append(daemon.processor())


def _dropped(inbox: Path, size: Size, began: dict[str, float]) -> None:
    """One file after the other at a steady pace; `began` gets each one's wall seconds just before its rename."""
    start, gap = time.monotonic(), size.seconds / size.jobs
    for number in range(size.jobs):
        name = f"job {number}.yaml"
        hidden = inbox / f".{name}"
        hidden.write_text(f"prompt: misty hills at dawn, view {number}\nsize: {SIDE}x{SIDE}\n", encoding="utf-8")
        time.sleep(max(0.0, start + number * gap - time.monotonic()))
        began[name] = time.time()
        hidden.rename(inbox / name)
