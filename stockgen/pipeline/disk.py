"""Disks that are full, nearly full, or gone: holds that come and go by themselves, and how much a job will need."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeGuard, TypeVar

from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.protocols import Clock, Held
from stockgen.domain.words import Remark
from stockgen.logs import Logger

WAIT = 30.0  # seconds until a full or lost disk is tried again
INODES = 500  # files that must still fit: a job of many pictures makes four for each before anybody looks again
RELIEF = 1.05  # a hold at the edge must not go off and on with each picture: it goes once so much more is free
# Bytes of a master for each pixel, before this ledger has any. Measured with JPEG at quality 95 of 2500 × 2500: meshes
# 0.08, low poly 0.10, patterns 0.22, flowing lines 0.75, woven checks 1.04; a photograph 0.75, and 0.27 where it was
# enlarged from 1024².
BYTES_PER_PIXEL = 1.0
BESIDE = 60_000  # bytes of sidecar, sheet and log for each picture, rounded up
T = TypeVar("T")


class Trouble:
    """A `Hold`: on from a write that failed until one has succeeded. Logged once, however often it is tried again."""

    def __init__(self, clock: Clock, log: Logger, wait: float = WAIT) -> None:
        self._clock, self._log, self._wait = clock, log, wait
        self._where = ""
        self._retry = -math.inf  # monotonic seconds: a wall clock that is set must not lengthen it

    @property
    def on(self) -> bool:
        """Whether the last write failed."""
        return bool(self._where)

    @property
    def due(self) -> bool:
        """Whether it makes sense to try: nothing has failed, or long enough ago."""
        return not self._where or self._clock.monotonic() >= self._retry

    def failed(self, error: StorageFull | StorageLost, **about: object) -> None:
        """A write failed; `about` goes into the log."""
        if not self._where:
            self._log.warning("hold.on", hold="disk", reason=str(error), **about)
        self._where = str(error.facts.get("path", error.code))
        self._retry = self._clock.monotonic() + self._wait

    def fine(self) -> None:
        """A write succeeded, or nobody is left who would try."""
        if self._where:
            self._log.info("hold.off", hold="disk", reason=self._where)
        self._where = ""

    def over(self, result: T | Exception) -> TypeGuard[T]:
        """Whether a write that ended in `result` succeeded; where its disk failed it is to be tried again. Raises any
        other error.
        """
        if isinstance(result, StorageFull | StorageLost):
            self.failed(result)
            return False
        if isinstance(result, Exception):
            raise result
        self.fine()
        return True

    def __call__(self, place: str, now: float) -> Sequence[Held]:
        """Everything is held everywhere; `now` wall seconds."""
        if not self._where:
            return ()
        left = max(0.0, self._retry - self._clock.monotonic())
        # Whole seconds: else the same moment would be told anew at each look.
        return (Held(hold="disk", reason=self._where, until=float(round(now + left))),)


class Reserve:
    """A `Hold`: on while less than `bytes` are free where we write, so that what is begun can still be ended.

    A reload replaces `bytes`; 0 = never. `folders`: state and outbox. A folder that is gone is no matter of space.
    """

    def __init__(self, folders: Sequence[Path], reserve: int) -> None:
        self.bytes = reserve
        self._folders = folders
        self._held: set[Path] = set()

    def __call__(self, place: str, now: float) -> Sequence[Held]:
        """The end is when somebody has freed space; nobody knows when."""
        self._held = {folder for folder in self._folders if self._low(folder)}
        return [Held(hold="disk", reason=str(folder)) for folder in self._folders if folder in self._held]

    def _low(self, folder: Path) -> bool:
        space = room(folder)
        if not self.bytes or space is None:
            return False
        relief = RELIEF if folder in self._held else 1.0
        return space[0] < self.bytes * relief or space[1] < INODES * relief


def room(folder: Path) -> tuple[int, float] | None:
    """How many bytes, and how many files, still fit into a folder; None where nobody can say.

    File systems that don't count files (btrfs) say 0 of 0: then there is no limit.
    """
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize, found.f_favail if found.f_files else math.inf


def needed(pixels: int, pictures: int, each: float | None) -> int:
    """How many bytes `pictures` of `pixels` in all will take in the outbox. `each`: bytes a pixel of the pictures that
    were made of late, None = none were.
    """
    return round(pixels * (BYTES_PER_PIXEL if each is None else each)) + pictures * BESIDE


def told(wanted: int, folder: Path, reserve: int) -> Remark | None:
    """What the author of a job hears whose pictures will not fit into `folder`; None = they will, or nobody knows."""
    space = room(folder)
    if space is None or wanted + reserve <= space[0]:
        return None
    free = max(0, space[0] - reserve)
    return Remark("disk.wont_fit", facts={"needed": _gib(wanted), "free": _gib(free), "path": str(folder)})


def _gib(size: int) -> str:
    return f"{size / (1 << 30):.1f}"
