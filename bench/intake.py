"""File settled → job committed: a real daemon process, files that arrive by rename.

A rename settles a file at once, so the time runs from just before the rename to the line `file.accepted`, which is
logged after the job's transaction is on the disk. Meanwhile one picture renders that never ends in time: the lane is
busy, as it is when somebody drops a file at night.

Each file costs a new inode, that of its note. ext4 passes over inodes freed in the last minutes one by one
(`recently_deleted` in fs/ext4/ialloc.c): where thousands of files were just deleted, a note takes 0.1 to 0.6 ms of the
processor instead of 0.03 (Linux 6.18), more than all the rest. Measure in a $TMPDIR that nobody has just emptied.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Aim, Effort, Figure, median, percentile
from bench.site import Daemon

NIGHT = 3600.0  # seconds that the one picture takes
GAP = 0.04  # seconds between single files, so that each meets a daemon at rest
FLAT = 10.0  # MB that the main process may grow and still count as flat
AIM, AIM_FILES = 8.0, 5000  # seconds for so many files at once


@dataclass(frozen=True, slots=True)
class Size:
    """How many files come one by one, how many at once; `rest` seconds after which the daemon is at rest."""

    single: int
    many: int
    rest: float = 1.5  # longer than a tick of the loop


SIZES: dict[Effort, Size] = {"tiny": Size(4, 12, 0.1), "quick": Size(60, 1000), "full": Size(300, 5000)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    size = SIZES[effort]
    with _busy(folder / "single", size) as daemon:
        waits = [_single(daemon, number) * 1e3 for number in range(size.single)]
    with _busy(folder / "many", size) as daemon:
        before = daemon.memory()
        taken, planned = _at_once(daemon, size)
        time.sleep(size.rest)
        after = daemon.memory()
    limit = Aim(AIM * size.many / AIM_FILES)
    each = f"real daemon, {size.single} files by rename, one after the other"
    return [
        Figure(measure="intake p50", value=median(waits), unit="ms", how=each),
        Figure(measure="intake p99", value=percentile(waits, 0.99), unit="ms", aim=Aim(100.0), how=each),
        Figure(measure=f"intake of {size.many:,} at once", value=taken, unit="s", aim=limit,
               how="first rename → last commit, while they are planned too"),
        Figure(measure="until they are planned", value=planned, unit="s", how="first rename → last job planned"),
        Figure(measure="memory that they leave", value=after - before, unit="MB", aim=Aim(FLAT),
               how=f"main process, {before:.0f} MB before, {after:.0f} MB when all are planned"),
    ]  # fmt: skip


@contextmanager
def _busy(folder: Path, size: Size) -> Iterator[Daemon]:
    """A daemon whose lane renders one picture without end."""
    over = {"chains": {"auto": ["paced"]}, "providers": {"paced": {"seconds": NIGHT}}}
    with Daemon(folder, over) as daemon:
        daemon.until({"daemon.ready": 1})
        _drop(daemon, [("first.yaml", "prompt: the one that renders\ncount: 1\n")], GAP)
        daemon.until({"shot.claimed": 1})
        time.sleep(size.rest)
        yield daemon


def _single(daemon: Daemon, number: int) -> float:
    """Seconds from the rename of one file to its commit."""
    began = _drop(daemon, [_job(number)], GAP)
    return daemon.until({"file.accepted": 1})[-1].at - began


def _at_once(daemon: Daemon, size: Size) -> tuple[float, float]:
    """Seconds from the first rename to the last commit, and until the last job is planned."""
    began = _drop(daemon, [_job(number) for number in range(size.many)], size.rest)
    lines = daemon.until(dict.fromkeys(("file.accepted", "job.planned"), size.many))
    return max(line.at for line in lines if line.event == "file.accepted") - began, lines[-1].at - began


def _drop(daemon: Daemon, jobs: list[tuple[str, str]], rest: float) -> float:
    """Write files under hidden names, `rest`, then rename them as rsync does; return the wall time just before that.

    Both names are in the inbox: of a file that comes from elsewhere watchdog can't tell that it was renamed.
    """
    for name, text in jobs:
        (daemon.inbox / f".{name}").write_text(text, encoding="utf-8")
    time.sleep(rest)
    began = time.time()
    for name, _ in jobs:
        (daemon.inbox / f".{name}").rename(daemon.inbox / name)
    return began


def _job(number: int) -> tuple[str, str]:
    """Name and text of a small job file."""
    return f"job {number}.yaml", f"prompt: misty hills at dawn, view {number}\ncount: 1\ntags: [hills, mist]\n"
