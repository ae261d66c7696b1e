"""A folder on a real FUSE file system, where there is bindfs and it may mount."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted_by_fuse(below: Path, place: Path) -> Iterator[None]:
    """`below` shows at `place`, an existing folder. Skips the test where that can't be had."""
    if shutil.which("bindfs") is None:
        pytest.skip("needs bindfs")
    if subprocess.run(["bindfs", str(below), str(place)], capture_output=True, check=False).returncode:
        pytest.skip("FUSE may not be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
