"""The door: what lies in the inbox is seen, settles, and is taken. At start through the same door as later."""

from __future__ import annotations

import os
import re
from collections import deque
from pathlib import Path

from daemon.ignored import RESERVED_FOLDERS, is_conflict, is_ignored
from daemon.intake import LIMIT, Intake, legible
from daemon.settle import NotAFile, Settling, StillWritten, facts_of, read_whole
from daemon.watch import Doorbell, WatchKind
from stockgen.config.model import Inbox as Settings
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.protocols import Clock
from stockgen.domain.times import iso
from stockgen.files import storage_error
from stockgen.logs import Logger

SLICE = 0.15  # seconds of intake per turn of the loop: in a burst the rest of a turn costs 0.03
RETRY = 30.0  # seconds until a file that could not be taken (full disk, no permission) is tried again


class Inbox:
    """Looks at one folder: when the bell rings, and every `rescan` seconds whatever the bell says."""

    def __init__(self, settings: Settings, intake: Intake, bell: Doorbell, clock: Clock, log: Logger) -> None:
        self._folder = settings.path
        self._intake = intake
        self._settling = Settling(settings.settle)
        self._rescan = settings.rescan
        self._settle = settings.settle
        self._wanted = settings.watch
        self._bell = bell
        self._clock = clock
        self._log = log
        self._told: set[str] = set()
        self._ready: deque[str] = deque()  # settled, in order, and not yet tried
        self._next_scan = 0.0
        self._last_scan: float | None = None
        self._root: tuple[int, int] | None = None
        self._others: list[Path] = []
        self.watch: WatchKind = "polling"
        self.problem: str | None = None

    def arm(self, others: list[Path]) -> None:
        """Start watching the inbox and `others`, or fall back to looking often."""
        self.watch = "polling"
        if self._wanted != "polling" and self._bell.arm([self._folder, *others]):
            self.watch = "inotify"
        elif self._wanted != "polling":
            self.problem = self._bell.problem
            self._log.warning("inbox.watch_lost", reason=self.problem)
        self._others = others
        self._root = self._identity()

    def step(self, now: float) -> bool:
        """Look, and take what has settled; True = there is more to take at once. `now` monotonic seconds."""
        self._listen(now)
        if now >= self._next_scan:
            self._scan(now)
        return self._take(now)

    def next_at(self, now: float) -> float:
        """When to look again, monotonic seconds."""
        due = self._settling.next_at()
        return max(now, self._next_scan if due is None else min(self._next_scan, due))

    @property
    def unsettled(self) -> int:
        """How many files have been seen and could still be taken; before the first look: one."""
        return self._settling.unsettled if self._last_scan is not None else 1

    def facts(self) -> dict[str, object]:
        """As `status --json` shows it."""
        return {
            "path": str(self._folder), "watch": self.watch, "ok": self.problem is None, "problem": self.problem,
            "waiting": len(self._settling), "rejected": self._intake.rejected,
            "last_scan": iso(self._last_scan) if self._last_scan is not None else None,
        }  # fmt: skip

    # -- seeing ------------------------------------------------------------------------------------------------

    def _listen(self, now: float) -> None:
        for ring in self._bell.rings():
            if ring.path.parent == self._folder and self._wanted_name(ring.path.name):
                self._settling.ring(ring.path.name, now)
                self._look(ring.path.name, now, ring.renamed)

    def _scan(self, now: float) -> None:
        self._next_scan = now + (self._rescan if self.watch == "inotify" else min(self._rescan, self._settle))
        try:
            with os.scandir(self._folder) as entries:
                names = [entry.name for entry in entries if self._wanted_entry(entry)]
        except OSError as error:
            self._lost(str(error))
            return
        self._restore()
        self._last_scan = self._clock.wall()
        for name in names:
            self._look(name, now)
        self._settling.keep_only(names)

    def _look(self, name: str, now: float, renamed: bool = False) -> None:
        try:
            self._settling.look(name, facts_of(self._folder / name), now, renamed)
        except FileNotFoundError:
            self._settling.forget(name)
        except NotAFile:
            self._settling.forget(name)
            self._once(name, "not_a_file")
        except OSError as error:
            self._once(name, str(error.strerror))

    def _wanted_entry(self, entry: os.DirEntry[str]) -> bool:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in RESERVED_FOLDERS and not is_ignored(entry.name):
                self._once(entry.name, "folder")
            return False
        return self._wanted_name(entry.name)

    def _wanted_name(self, name: str) -> bool:
        if is_conflict(name):
            self._once(name, "conflict_copy")
            return False
        return not is_ignored(name)

    def _once(self, name: str, reason: str) -> None:
        """Tell it the first time only: a log must not fill because a file lies there."""
        if (key := f"{name}\0{reason}") not in self._told:
            self._told.add(key)
            self._log.info("file.ignored", file=legible(name), reason=reason)

    # -- taking ------------------------------------------------------------------------------------------------

    def _take(self, now: float) -> bool:
        until = self._clock.monotonic() + SLICE
        tried: list[str] = []
        taken: list[str] = []
        if not self._ready:
            self._ready = deque(sorted(self._settling.settled(now), key=natural))
        try:
            with self._intake.batch():
                while self._ready and self._clock.monotonic() < until:
                    name = self._ready.popleft()
                    if self._settling.is_settled(name, now):
                        tried.append(name)
                        taken += [name] if self._try(name, now) else []
            for name in taken:
                self._settling.forget(name)
            self._intake.settle_moves()
        except (StorageFull, StorageLost) as error:
            for name in tried:
                self._later(name, str(error), now)
        return bool(self._ready)

    def _try(self, name: str, now: float) -> bool:
        """Hand a file in; False = not now. Raises StorageFull, StorageLost where the ledger can't be written."""
        path, facts = self._folder / name, self._settling.facts(name)
        try:
            data = read_whole(path, facts, LIMIT)
        except StillWritten:
            self._settling.ring(name, now)
            self._look(name, now)
            return False
        except (FileNotFoundError, NotAFile):  # it went away again, or turned into something else
            return True
        except OSError as error:
            self._later(name, str(storage_error(error, path) or error), now)
            return False
        self._intake.take(name, data, facts.arrival)
        return True

    def _later(self, name: str, reason: str, now: float) -> None:
        self._settling.postpone(name, now + RETRY)
        self._once(name, reason)

    # -- the root ----------------------------------------------------------------------------------------------

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._folder.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _lost(self, reason: str) -> None:
        if self.problem is None:
            self._log.warning("inbox.watch_lost", reason=reason)
        self.problem = reason
        self._root = None

    def _restore(self) -> None:
        """The folder is there: is it the one that is being watched?"""
        stale = self._root != self._identity() or (self.watch == "inotify" and not self._bell.alive)
        if stale:
            self.problem = None
            self._intake.make_folders()
            self.arm(self._others)
            self._log.info("inbox.watch_restored", watch=self.watch)


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key under which `job 2` comes before `job 10`."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name)]
