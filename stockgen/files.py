"""Durable writes: what these functions have returned survives a power cut.

The order is always: write, fsync the file, fsync its folder. fsync is never retried after an error, because Linux
forgets the dirty pages (fsyncgate); the file is thrown away instead.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stockgen.domain.errors import StockgenError, StorageFull, StorageLost

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_LOST = frozenset({errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EIO, errno.EACCES, errno.EPERM, errno.ESTALE})


def storage_error(error: OSError, path: Path) -> StockgenError | None:
    """Given an error of the operating system, return ours for it, or None where it is no matter of storage."""
    if error.errno in _FULL:
        return StorageFull("storage_full", path=str(path))
    if error.errno in _LOST:
        return StorageLost("storage_lost", path=str(path), detail=os.strerror(error.errno or 0))
    return None


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn errors of storage into StorageFull and StorageLost; others pass."""
    try:
        yield
    except OSError as error:
        ours = storage_error(error, path)
        if ours is None:
            raise
        raise ours from error


def fsync_dir(folder: Path) -> None:
    """Make the names in `folder` durable. Raises StorageLost, StorageFull."""
    with translated(folder):
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def write_new(path: Path, data: bytes) -> None:
    """Write a new file and fsync it; its name is durable only after `fsync_dir`. Whatever lay there is replaced.

    Raises StorageFull, StorageLost; then nothing is left at `path`.
    """
    with translated(path):
        try:
            with path.open("wb") as file:  # BufferedWriter goes on after a short write; a bare os.write does not
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there whole or not at all under this name. Raises as `write_new`."""
    temporary = path.with_name(f".{path.name}.tmp")
    write_new(temporary, data)
    with translated(path):
        temporary.replace(path)
    fsync_dir(path.parent)


def write_softly(path: Path, data: bytes) -> None:
    """Like `write_durably` without any fsync: for what is only a courtesy and can be lost, never half there."""
    temporary = path.with_name(f".{path.name}.tmp")
    with translated(path):
        temporary.write_bytes(data)
        temporary.replace(path)


def make_folders(folder: Path) -> None:
    """Create `folder` with its parents, each name durable. Raises StorageFull, StorageLost."""
    missing = []
    at = folder
    while not at.exists():
        missing.append(at)
        at = at.parent
    for each in reversed(missing):
        with translated(each):
            each.mkdir(exist_ok=True)
        fsync_dir(each.parent)


def link_new(source: Path, target: Path) -> None:
    """Publish `source` under `target` by one link. Raises FileExistsError, never overwrites; StorageFull, StorageLost."""
    with translated(target):
        os.link(source, target)


def sha256_file(path: Path) -> str:
    """Hex digest of a file, read in pieces of 1 MiB. Raises FileNotFoundError where it is gone."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
