"""Which file system a folder lies on, as far as it matters: whether other machines or programs change it behind the
kernel's back. Of what they do there inotify(7) tells nothing, and SQLite's WAL shares memory between processes through
the file, which none of these keeps (sqlite.org/wal.html, "does not work over a network filesystem").
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

# f_type of statfs(2); linux/magic.h and the sources of each.
SHARED: Mapping[int, str] = MappingProxyType({
    0x6969: "NFS", 0x517B: "SMB", 0xFF534D42: "CIFS", 0xFE534D42: "SMB2", 0x65735546: "FUSE", 0x01021997: "9p",
    0x00C36400: "Ceph", 0x5346414F: "AFS", 0x6B414653: "AFS", 0x73757245: "Coda", 0x0BD00BD0: "Lustre",
    0x47504653: "GPFS", 0x19830326: "BeeGFS", 0x01161970: "GFS2", 0x7461636F: "OCFS2", 0x786F4256: "VirtualBox",
    0xBACBACBC: "VMware", 0x564C: "NCP", 0x013111A8: "Ibrix", 0xAAD7AAEA: "PanFS", 0x61636673: "ACFS",
})  # fmt: skip
_BYTES = 256  # more than any struct statfs
_MASK = 0xFFFFFFFF


def shared(folder: Path) -> str:
    """The name of the network file system, or FUSE, that a folder lies on; "" = a local disk, or nobody can say."""
    return SHARED.get(_magic(folder), "")


def _magic(folder: Path) -> int:
    if not sys.platform.startswith("linux"):
        return 0
    statfs = ctypes.CDLL(None, use_errno=True).statfs
    found = ctypes.create_string_buffer(_BYTES)
    if statfs(os.fsencode(folder), found):
        return 0
    return int(ctypes.cast(found, ctypes.POINTER(ctypes.c_long))[0]) & _MASK
