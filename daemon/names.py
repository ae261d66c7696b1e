"""Names of files in the inbox: in which order they run, how people read them, what they are called afterwards."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path, PurePath

NOTE = ".note.txt"
_NUMBERS = re.compile(r"(\d+)")
LONGEST = 220  # bytes of a name that other endings are still added to


def natural(name: str) -> list[str | int]:
    """Sort key under which `job 2` comes before `job 10`: text and numbers by turns, text first. Small, because
    thousands of them are held at once.
    """
    parts: list[str | int] = [*_NUMBERS.split(name)]
    parts[1::2] = map(int, parts[1::2])
    return parts


def legible(name: str) -> str:
    """A file's name as text. Bytes that are no UTF-8 are read as Korean Windows writes them, else marked as unknown."""
    if name.isascii():
        return name
    raw = os.fsencode(name)
    for encoding in ("utf-8", "cp949"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return raw.decode(errors="replace")


def accepted_name(job: str, name: str) -> str:
    """What a job's file is called in `accepted/`; `name` relative to the inbox, as people read it."""
    return short(f"{job}_{name.rpartition('/')[2]}")


def short(name: str) -> str:
    """`name` with room left for `~2` and the note's ending: a file's name has at most 255 bytes."""
    if len(name.encode()) <= LONGEST:
        return name
    path = PurePath(name)
    stem = path.stem.encode()[: LONGEST - len(path.suffix.encode())].decode(errors="ignore")
    return f"{stem}{path.suffix}"


def free_name(folder: Path, name: str) -> Path:
    """`name` in `folder`, or `name~2`, `name~3`… before its ending where it is taken."""
    free, number = name, 2
    stem, dot, ending = name.rpartition(".")
    while os.path.lexists(f"{folder}/{free}"):
        free = f"{stem}~{number}.{ending}" if dot else f"{name}~{number}"
        number += 1
    return folder / free
