"""Names that are never job files: half-written, hidden, conflict copies, our own notes.

Merged from the lists of Nextcloud, Syncthing, paperless-ngx, watchfiles, rclone and from watching rsync, sed and vim.
"""

from __future__ import annotations

import re
from fnmatch import translate

_HALF_WRITTEN = (
    ".*", "*~", "~$*", "~*.tmp", "~syncthing~*", "*.tmp", "*.temp", "*.part", "*.partial", "*.filepart",
    "*.crdownload", "*.download", "*.opdownload", "*.!ut", "*.aria2", "*.sw?", "*.kate-swp", "#*#", "4913",
    "sed[!.][!.][!.][!.][!.][!.]", "*___jb_*", "*.unison*", "*.ocTransferId*", "Thumbs.db", "desktop.ini",
    "@eaDir", "#recycle",
    "__MACOSX", "*.note.txt",
)  # fmt: skip
_CONFLICTS = ("*.sync-conflict-*", "*conflicted copy*", "*_conflict-*", "*.conflict[0-9]*")

_IGNORED = re.compile("|".join(translate(one) for one in _HALF_WRITTEN), re.IGNORECASE)
_CONFLICT = re.compile("|".join(translate(one) for one in _CONFLICTS), re.IGNORECASE)

RESERVED_FOLDERS = frozenset({"accepted", "rejected", "results", "결과"})


def is_ignored(name: str) -> bool:
    """Whether a file of this name is passed over without a word."""
    return bool(_IGNORED.match(name))


def is_conflict(name: str) -> bool:
    """Whether a sync program made this copy: not run, told once."""
    return bool(_CONFLICT.match(name))
