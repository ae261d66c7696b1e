"""What a folder lies on: is it still the same one, is it a mount?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ground:
    """One folder as the kernel knows it. A number of a device or of a folder is used again after it was freed; the
    third number tells a new file system from the one that was mounted there before, where the kernel knows one.
    """

    device: int
    inode: int
    system: int

    def __str__(self) -> str:
        return f"{self.device}:{self.inode}:{self.system:x}"


def ground_of(folder: Path) -> Ground:
    """What is there now. Raises OSError where there is no folder."""
    found = os.stat(f"{folder}/.")  # noqa: PTH116 - pathlib would drop the dot, by which a file answers ENOTDIR
    return Ground(found.st_dev, found.st_ino, os.statvfs(folder).f_fsid)


def is_mount(folder: Path, table: Path = Path("/proc/self/mountinfo")) -> bool:
    """Whether something is mounted just here, bind mounts too; where the kernel doesn't say, no."""
    at = os.fsencode(folder.resolve())
    try:
        lines = table.read_bytes().splitlines()
    except OSError:
        return False
    return any(_unescaped(line.split(b" ")[4]) == at for line in lines)


def _unescaped(path: bytes) -> bytes:
    """Blanks, tabs, line ends and backslashes stand there in octal: proc(5)."""
    for escaped, plain in ((rb"\040", b" "), (rb"\011", b"\t"), (rb"\012", b"\n"), (rb"\134", b"\\")):
        path = path.replace(escaped, plain)
    return path
