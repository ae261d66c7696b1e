"""When is a file complete? Quiet for long enough, and nobody still has it open for writing."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

EMPTY_FACTOR = 15  # an empty file is usually one that is about to be written: it gets that many times the quiet time


class StillWritten(Exception):
    """Somebody has the file open for writing, or it changed while it was read."""


class NotAFile(Exception):
    """A link, a pipe, a device: nothing that we read."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What must not change while a file settles."""

    device: int
    inode: int
    size: int
    mtime_ns: int

    @property
    def arrival(self) -> str:
        """These facts as the ledger keeps them."""
        return f"{self.device}:{self.inode}:{self.size}:{self.mtime_ns}"


@dataclass(slots=True)
class _Watched:
    facts: Facts
    since: float
    whole: bool  # it arrived by rename: whoever did that had finished writing
    not_before: float = 0.0  # it could not be taken, and is left alone until then


class Settling:
    """Files that have been seen and not yet been taken. Pure: times are handed in, monotonic seconds."""

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._files: dict[str, _Watched] = {}

    def look(self, name: str, facts: Facts, now: float, renamed: bool = False) -> None:
        """This is what the file looks like now."""
        known = self._files.get(name)
        if known is None or known.facts != facts:
            self._files[name] = _Watched(facts, now, renamed)
        elif renamed:
            known.whole = True

    def ring(self, name: str, now: float) -> None:
        """Something happened to the file."""
        if name in self._files:
            self._files[name] = _Watched(self._files[name].facts, now, whole=False)

    def settled(self, now: float) -> list[str]:
        """Names of the files that may be tried."""
        return [name for name, one in self._files.items() if now >= self._due(one)]

    def is_settled(self, name: str, now: float) -> bool:
        """Whether a file may still be tried."""
        return name in self._files and now >= self._due(self._files[name])

    def is_quiet(self, name: str, now: float) -> bool:
        """Whether nothing has happened to a file for long enough, however it came."""
        one = self._files[name]
        return now >= one.since + self._quiet_for(one)

    def postpone(self, name: str, until: float) -> None:
        """It can't be taken now: leave it alone until then, or until something happens to it."""
        if name in self._files:
            self._files[name].not_before = until

    def facts(self, name: str) -> Facts:
        """What the file looked like when it was seen last. Raises KeyError."""
        return self._files[name].facts

    def forget(self, name: str) -> None:
        """It was taken, or is gone."""
        self._files.pop(name, None)
        if not self._files:
            self._files.clear()  # a dict that was only emptied keeps its room for all of a burst

    def keep_only(self, names: Iterable[str]) -> None:
        """All other files are gone."""
        there = set(names)
        self._files = {name: one for name, one in self._files.items() if name in there}

    def next_at(self) -> float | None:
        """When the next file may be tried; None = there is none."""
        return min((self._due(one) for one in self._files.values()), default=None)

    def due(self, name: str) -> float:
        """When a file may be tried. Raises KeyError."""
        return self._due(self._files[name])

    def later(self, now: float) -> Iterator[float]:
        """When those may be tried that may not now."""
        return (due for one in self._files.values() if (due := self._due(one)) > now)

    def untried(self) -> Iterator[str]:
        """Names of the files that are not postponed."""
        return (name for name, one in self._files.items() if not one.not_before)

    @property
    def unsettled(self) -> int:
        """How many files will be tried as soon as they are quiet; those that were postponed don't count."""
        return sum(not one.not_before for one in self._files.values())

    def __len__(self) -> int:
        return len(self._files)

    def _due(self, one: _Watched) -> float:
        wait = 0.0 if one.whole else self._quiet_for(one)
        return max(one.since + wait, one.not_before)

    def _quiet_for(self, one: _Watched) -> float:
        return self._quiet * (EMPTY_FACTOR if one.facts.size == 0 else 1)


def facts_of(path: Path | str) -> Facts:
    """What a file looks like. Raises NotAFile, FileNotFoundError, PermissionError."""
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode):
        raise NotAFile(str(path))
    return _facts(found)


def arrival_now(path: Path | str, before: str) -> str | None:
    """How a file is known now that was known as `before` when another process looked: its disk may have got another
    number since, at a reboot or when it was mounted anew. None = it is another file, or there is none.
    """
    try:
        now = facts_of(path).arrival
    except (OSError, NotAFile):
        return None
    return now if now.partition(":")[2] == before.partition(":")[2] else None


def read_whole(path: Path | str, facts: Facts, limit: int, proof: bool = False) -> bytes:
    """Read a settled file, at most `limit` + 1 bytes of it.

    Raises StillWritten where a writer has it open (asked by a read lease: fcntl(2), F_SETLEASE) or where it is no
    longer what `facts` says; FileNotFoundError, PermissionError. A lease that can't be had (another owner, a network
    file system) proves nothing either way: then the quiet time alone decides, and a file that has not been quiet for
    so long (`proof`) is still written.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket: swapped in since somebody looked
            raise NotAFile(str(path)) from error
        raise
    try:
        _expect(fd, facts)  # before reading too: what was swapped in may be a pipe
        if not _leased(fd) and proof:
            raise StillWritten(str(path))
        data = _read(fd, limit + 1)
        _expect(fd, facts)
        return data
    finally:
        os.close(fd)  # gives the lease back too


def _facts(found: os.stat_result) -> Facts:
    return Facts(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _expect(fd: int, facts: Facts) -> None:
    if _facts(os.fstat(fd)) != facts:
        raise StillWritten(str(fd))


def _leased(fd: int) -> bool:
    """Whether it is sure that nobody has it open for writing. Raises StillWritten where somebody has."""
    try:
        # A broken lease is told by a signal; SIGIO would end the process, SIGURG is ignored by default.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        if error.errno == errno.EAGAIN:
            raise StillWritten(str(fd)) from error
        return False
    return True


def _read(fd: int, limit: int) -> bytes:
    pieces = []
    while limit > 0 and (piece := os.read(fd, limit)):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)
