"""Names that are never job files: half-written, hidden, conflict copies, our own notes, a wish to pause.

Merged from the lists of Nextcloud, Syncthing, paperless-ngx, watchfiles, Dropbox, Seafile and rclone, and from watching
rsync, sed and vim.
"""

from __future__ import annotations

import re
from fnmatch import translate
from unicodedata import normalize

from stockgen.domain.names import PAUSES, RESERVED_FOLDERS

_HALF_WRITTEN = (
    ".*", "*~", "~$*", "~*.tmp", "~syncthing~*", "*.tmp", "*.temp", "*.part", "*.partial", "*.filepart",
    "*.crdownload", "*.download", "*.opdownload", "*.!ut", "*.aria2", "*.sw?", "*.kate-swp", "#*#", "4913",
    "sed[!.][!.][!.][!.][!.][!.]", "*___jb_*", "*.unison*", "*.ocTransferId*", "Thumbs.db", "desktop.ini",
    "@eaDir", "#recycle",
    "__MACOSX", "*.note.txt",
)  # fmt: skip
_CONFLICTS = (
    "*.sync-conflict-*", "*conflicted copy*", "*충돌된 사본*", "*(SFConflict *", "*_conflict-*", "*.conflict[0-9]*",
)  # fmt: skip

_IGNORED = re.compile("|".join(translate(one) for one in _HALF_WRITTEN), re.IGNORECASE)
_CONFLICT = re.compile("|".join(translate(one) for one in _CONFLICTS), re.IGNORECASE)
_PAUSE = re.compile(rf"({'|'.join(PAUSES)})(\..*)?", re.IGNORECASE | re.DOTALL)


def is_ignored(name: str) -> bool:
    """Whether a file of this name is passed over without a word."""
    return bool(_IGNORED.match(name))


def is_conflict(name: str) -> bool:
    """Whether a sync program made this copy: not run, told once."""
    return bool(_CONFLICT.match(_composed(name)))


def is_pause(name: str) -> bool:
    """Whether whoever made this file wants nothing begun while it is there: `PAUSE`, `일시정지`, with any ending."""
    return bool(_PAUSE.fullmatch(_composed(name).strip())) and not is_ignored(name) and not is_conflict(name)


def is_reserved(name: str) -> bool:
    """Whether a folder of this name is ours, in whichever spelling."""
    return _composed(name).casefold() in RESERVED_FOLDERS


def _composed(name: str) -> str:
    """Macs spell Hangul in pieces."""
    return name if name.isascii() else normalize("NFC", name)
