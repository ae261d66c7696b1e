"""Durable writes: what these functions have returned survives a power cut.

The order is always: write, fsync the file, fsync its folder. fsync is never retried after an error, because Linux
forgets the dirty pages (fsyncgate); the file is thrown away instead.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stockgen.domain.errors import StockgenError, StorageFull, StorageLost
from stockgen.domain.words import Remark

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_LOST = frozenset({
    errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EIO, errno.EACCES, errno.EPERM, errno.ESTALE,
    errno.EXDEV,  # something was mounted, or unmounted, while we ran
})  # fmt: skip


# What happens to people; the kernel's other complaints are told in its own words.
_KNOWN = frozenset({
    "EACCES", "EEXIST", "EIO", "EISDIR", "ELOOP", "EMFILE", "ENAMETOOLONG", "ENOENT", "ENOSPC", "ENOTDIR", "EPERM",
    "EROFS", "ETXTBSY", "EXDEV",
})  # fmt: skip


def why(error: OSError) -> Remark:
    """The operating system's reason as a sentence for people, not yet in a language."""
    name = errno.errorcode.get(error.errno or 0, "")
    if name in _KNOWN:
        return Remark(f"system.{name}")
    return Remark("system.other", facts={"text": error.strerror or str(error)})


def storage_error(error: OSError, path: Path) -> StockgenError | None:
    """Given an error of the operating system, return ours for it, or None where it is no matter of storage."""
    if error.errno in _FULL:
        return StorageFull("storage_full", path=str(path))
    if error.errno in _LOST:
        return StorageLost("storage_lost", path=str(path), detail=why(error))
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


def fsync_file(path: Path) -> None:
    """Make what somebody else has written durable. Raises StorageLost, StorageFull."""
    with translated(path):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


@contextmanager
def _gone_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise


def write_new(path: Path, data: bytes) -> None:
    """Write a new file and fsync it; its name is durable only after `fsync_dir`. Whatever lay there is replaced.

    What lay there is not written into, because the outbox may hold a link to it. Raises StorageFull, StorageLost;
    then nothing is left at `path`.
    """
    with translated(path):
        path.unlink(missing_ok=True)
        # BufferedWriter goes on after a short write; a bare os.write does not.
        with _gone_on_failure(path), path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there whole or not at all under this name. Raises as `write_new`."""
    write_whole(path, data)
    fsync_dir(path.parent)


def write_private(path: Path, data: bytes) -> None:
    """Like `write_durably`, for what nobody but its owner may ever read, not even while it is written."""
    temporary = path.with_name(f".{path.name}.tmp")
    with translated(path):
        temporary.unlink(missing_ok=True)
        with _gone_on_failure(temporary):
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(fd)
            temporary.replace(path)
    fsync_dir(path.parent)


def write_whole(path: Path, data: bytes) -> None:
    """Like `write_durably`, for what can be lost: after a power cut it is there whole, or not there."""
    temporary = path.with_name(f".{path.name}.tmp")
    write_new(temporary, data)
    with translated(path), _gone_on_failure(temporary):
        temporary.replace(path)


def write_softly(path: Path, data: bytes) -> None:
    """Like `write_durably` without any fsync: for what is only a courtesy and can be lost. A kill leaves none half
    there; a power cut within half a minute may leave it empty.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    with translated(path), _gone_on_failure(temporary):
        temporary.write_bytes(data)
        temporary.replace(path)


def make_folders(folder: Path) -> None:
    """Create `folder` with its parents, each name durable. Raises StorageFull, StorageLost."""
    missing = []
    at = folder
    with translated(folder):
        while not at.exists():
            missing.append(at)
            at = at.parent
        if not at.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(at))
    for each in reversed(missing):
        with translated(each):
            each.mkdir(exist_ok=True)
        try:
            fsync_dir(each.parent)
        except (StorageFull, StorageLost):
            with suppress(OSError):  # whoever tries again must find it missing, and make its name durable anew
                each.rmdir()
            raise


OWNER_ONLY = 0o700


def closed_to_others(folder: Path) -> bool:
    """Let nobody but the owner into a folder; True = others could read it until now, False = they could not, or it
    belongs to somebody else, who must do it.
    """
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & ~OWNER_ONLY == 0:
        return False
    with suppress(OSError):
        folder.chmod(mode & OWNER_ONLY)
        return True
    return False


def link_new(source: Path, target: Path) -> None:
    """Publish `source` under `target` by one link. Never overwrites: FileExistsError. Also StorageFull, StorageLost."""
    with translated(target):
        os.link(source, target)


def discard(path: Path) -> None:
    """Remove a file of ours that nobody needs. Where the disk refuses, it stays until the next start sweeps."""
    with suppress(OSError):
        path.unlink()


def sha256_file(path: Path) -> str:
    """Hex digest of a file, read in pieces of 1 MiB. Raises FileNotFoundError where it is gone."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
