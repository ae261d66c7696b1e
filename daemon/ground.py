"""What a folder lies on: is it still the same one, is it a mount, do its events reach us at all?"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path

# statfs(2), f_type: what others change there is not told by inotify(7).
NETWORK = {
    0x6969: "nfs", 0xFF534D42: "cifs", 0xFE534D42: "smb2", 0x517B: "smb", 0x65735546: "fuse", 0x01021997: "9p",
    0x00C36400: "ceph", 0x5346414F: "afs", 0x6B414653: "afs", 0x564C: "ncp", 0x73757245: "coda", 0x786F4256: "vboxsf",
    0x013111A8: "ibrix", 0x0BD00BD0: "lustre", 0x47504653: "gpfs", 0xAAD7AAEA: "panfs", 0x61636673: "acfs",
}  # fmt: skip
_ROOM = 32  # longs; struct statfs has fewer everywhere


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


def network(folder: Path) -> str:
    """The kind of network or user-space file system that a folder lies on, "" = none. Raises OSError."""
    room = (ctypes.c_long * _ROOM)()
    if ctypes.CDLL(None, use_errno=True).statfs(os.fsencode(folder), room):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(folder))
    return NETWORK.get(room[0] & 0xFFFFFFFF, "")


def _unescaped(path: bytes) -> bytes:
    """Blanks, tabs, line ends and backslashes stand there in octal: proc(5)."""
    for escaped, plain in ((rb"\040", b" "), (rb"\011", b"\t"), (rb"\012", b"\n"), (rb"\134", b"\\")):
        path = path.replace(escaped, plain)
    return path
