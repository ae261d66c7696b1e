"""Small file systems in memory, mounted where a test wants them. Whoever may not mount skips with the reason."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[None]:
    """Within the block an empty file system lies over `folder`; afterwards it is gone as if a disk was pulled out."""
    given = arguments or ("-t", "tmpfs", "-o", "size=8m", "stockgen-test")
    tried = subprocess.run(["mount", *given, str(folder)], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"needs the right to mount: {tried.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
