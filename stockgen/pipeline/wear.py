"""When a process that renders has been used long enough: libraries leak, and a fresh one costs seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from stockgen.domain.names import base_of

GROWTH = 4 << 30  # bytes that a process may grow by since it loaded its model
SHARE = 0.85  # of the machine's memory that it may hold
_KIB = re.compile(r"^(RssAnon|MemTotal):\s+(\d+) kB$", re.MULTILINE)


def worn(made: int, recycle_after: int, anon: int, anon_loaded: int, total: int) -> str:
    """Why a lane should be replaced, "" = it is still good.

    `made`: pictures so far. `anon`: bytes of its own memory now, `anon_loaded` when it had just loaded its model,
    `total` of the machine; 0 = unknown.
    """
    if made >= recycle_after:
        return f"pictures: {made}"
    if anon and anon_loaded and anon - anon_loaded >= GROWTH:
        return f"grown: bytes={anon - anon_loaded}"
    if anon and total and anon > SHARE * total:
        return f"large: bytes={anon}"
    return ""


@dataclass
class Wear:
    """What one lane's process has been through. `proc`: where the kernel tells of processes."""

    proc: Path = Path("/proc")
    made: int = 0
    stack: str | None = None
    anon_loaded: int = 0

    def note(self, made: int, stack: str | None, pid: int, recycle_after: int) -> str:
        """A batch has ended with so many pictures of a stack; return why the lane is worn, "" = it is not."""
        self.made += made
        anon, loaded = _bytes(self.proc / str(pid) / "status"), base_of(stack) if stack else stack
        if loaded != self.stack:
            self.stack, self.anon_loaded = loaded, anon
        return worn(self.made, recycle_after, anon, self.anon_loaded, _bytes(self.proc / "meminfo"))


def _bytes(path: Path) -> int:
    """What a file of the kernel says of memory; 0 where it says nothing (another system, a process that has ended)."""
    try:
        found = _KIB.search(path.read_text(encoding="ascii", errors="replace"))
    except OSError:
        return 0
    return int(found[2]) * 1024 if found else 0
