"""The folder where what was rendered waits to be finished, batch by batch."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from stockgen.files import discard


def sweep_spool(folder: Path, needed: set[str]) -> None:
    """Remove the files of a batch's folder that no row needs, and the folder once it is empty."""
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if file.is_dir():
            shutil.rmtree(file, ignore_errors=True)  # a provider's own scratch
        elif f"{folder.name}/{file.name}" not in needed:
            discard(file)
    with suppress(OSError):  # not empty: other pictures of the batch still wait to be finished
        folder.rmdir()
