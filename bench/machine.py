"""On what machine figures were measured: without it they mean nothing."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import PIL

from bench.figures import median

SYNCS = 40


def machine(folder: Path) -> dict[str, str]:
    """Facts about this machine, by name; `folder`: where the measures write."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "CPU": _field(Path("/proc/cpuinfo"), "model name"),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(_field(Path('/proc/meminfo'), 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "kernel": platform.release(),
        "file system": f"{_file_system(folder)}, one 4 KiB write and fsync takes {_sync(folder) * 1e3:.2f} ms",
        "Python": sys.version.split()[0],
        "SQLite": sqlite3.sqlite_version,
        "Pillow": PIL.__version__,
        "load average": load(),
    }


def load() -> str:
    """How busy the machine was in the last 1, 5 and 15 minutes, by everything on it."""
    return " ".join(f"{one:.2f}" for one in os.getloadavg())


def _field(file: Path, name: str) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")


def _file_system(folder: Path) -> str:
    """The type of the mount that `folder` is on: the longest mount point that leads to it."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    place = folder.resolve()
    return max((len(point), kind) for point, kind in mounts if place.is_relative_to(point))[1]


def _sync(folder: Path) -> float:
    """Median seconds of a small durable write."""
    taken = []
    with (folder / "sync-test").open("wb") as file:
        for _ in range(SYNCS):
            file.write(b"x" * 4096)
            began = time.perf_counter()
            file.flush()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken)
