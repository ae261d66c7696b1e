"""The folder where what was rendered waits to be finished, batch by batch."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from stockgen.files import discard


def retouched_name(raw: str) -> str:
    """What a raw picture's file is called once it was cut out or enlarged."""
    return f"{raw}.retouched"


def sweep_spool(folder: Path, needed: set[str]) -> None:
    """Remove the files of a batch's folder that no row needs, and the folder once it is empty."""
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if file.is_dir():
            shutil.rmtree(file, ignore_errors=True)  # a provider's own scratch
        elif f"{folder.name}/{raw_of(file.name)}" not in needed:
            discard(file)
    with suppress(OSError):  # not empty: other pictures of the batch still wait to be finished
        folder.rmdir()


def raw_of(name: str) -> str:
    """The raw picture that a file belongs to, also while somebody writes it."""
    plain = name.removesuffix(".tmp").removeprefix(".") if name.endswith(".tmp") else name
    return plain.removesuffix(retouched_name(""))
