"""Processes by their /proc entries, and waiting for their end without asking again and again."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def children(pid: int) -> list[int]:
    """The processes that `pid` started and that still run, with theirs."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):  # it has just ended
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


@contextmanager
def noted(pids: list[int]) -> Iterator[list[int]]:
    """Handles of processes, by which their end can be waited for whoever gets their numbers later."""
    handles = []
    for pid in pids:
        with suppress(ProcessLookupError):
            handles.append(os.pidfd_open(pid))
    try:
        yield handles
    finally:
        for handle in handles:
            os.close(handle)


def gone(handles: list[int], seconds: float) -> bool:
    """Wait until all of them have ended; False where one still runs after so many seconds."""
    end = time.monotonic() + seconds
    return all(select.select([handle], [], [], max(0.0, end - time.monotonic()))[0] for handle in handles)
