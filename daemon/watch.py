"""The doorbell: watchdog tells that something happened in a folder. It is a hint; the truth is looking.

The only file that knows watchdog.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import EventEmitter, ObservedWatch
from watchdog.observers.inotify import InotifyFullEmitter, InotifyObserver
from watchdog.observers.inotify_c import InotifyConstants, Mask

from daemon.ground import Ground, ground_of
from stockgen.domain.words import Remark
from stockgen.files import why

MOST = 16384  # rings kept between two turns, as many as the kernel keeps; beyond that looking at everything is cheaper

# Without a filter our own reads would ring the bell (opened, closed_no_write).
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent, FileModifiedEvent, FileAttribEvent, FileClosedEvent, FileMovedEvent, FileDeletedEvent,
    DirCreatedEvent, DirDeletedEvent, DirMovedEvent,
]  # fmt: skip
_REMOVALS: list[type[FileSystemEvent]] = [FileDeletedEvent]
_OVERFLOWN = logging.getLogger("watchdog.observers.inotify_c")  # says it nowhere else


class _Prompt(InotifyFullEmitter):
    """Doesn't ask to be told of files that move away.

    watchdog keeps such an event for half a second to pair it with its other half, and all later events with it:
    each of our own moves to `accepted/` would make the next file wait. What is gone is found by looking.
    """

    def get_event_mask_from_filter(self) -> Mask:
        """What to ask the kernel for."""
        return Mask(super().get_event_mask_from_filter() & ~InotifyConstants.IN_MOVED_FROM)

    @property
    def watching(self) -> bool:
        """Whether the kernel still has the watch: after an unmount the thread lives on without one, and where it may
        not be had (EACCES) watchdog goes on without a word.
        """
        group = self._inotify
        return self.is_alive() and group is not None and any(wd >= 0 for wd in group._active_callbacks_by_watch)


class _Overflow(logging.Handler):
    """Hears watchdog's complaint that the kernel dropped events."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Called in watchdog's thread."""
        if "overflow" in record.getMessage():
            self._tell()


@dataclass(frozen=True, slots=True)
class Ring:
    """Something happened to `name` in `folder`. `renamed`: it got this name by a rename, so its writer has finished;
    `is_folder`: it is a folder itself.
    """

    folder: str
    name: str
    renamed: bool
    is_folder: bool


class Doorbell(FileSystemEventHandler):
    """Watches folders, not what is below them. `wake` is called from watchdog's thread when there is news."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = Lock()
        self._rings: dict[tuple[str, str], tuple[bool, bool]] = {}
        self._overflown = False
        self._hearing = _Overflow(self._overflow)
        self._observer: InotifyObserver | None = None
        self._needed: list[EventEmitter] = []
        self._others: dict[Path, tuple[ObservedWatch, Ground]] = {}
        self.problem: Remark | None = None

    def arm(self, folders: Sequence[Path]) -> bool:
        """Start (again) to watch these, and nothing else; False where the kernel refuses, and `problem` says why."""
        self.disarm()
        observer = None
        try:
            # Full events: a file that is moved in from elsewhere is told as moved, not as created.
            observer = InotifyObserver(generate_full_events=True)
            observer._emitter_class = _Prompt  # the constructor offers only watchdog's own two
            for folder in folders:
                observer.schedule(self, str(folder), event_filter=_EVENTS, follow_symlink=True)
            self._needed = list(observer.emitters)
            observer.start()
        except OSError as error:
            self.problem = _refused(error)
            if observer is not None:
                observer.stop()
            return False
        _OVERFLOWN.addHandler(self._hearing)
        self._observer, self.problem = observer, None
        return True

    def follow(self, folders: Collection[Path], removals: Collection[Path] = ()) -> None:
        """Watch these as well, as far as the kernel lets us; of `removals` only what is deleted there is told. What
        was followed before and is not named, or is another folder by now, is let go.
        """
        observer = self._observer
        if observer is None:
            return
        wanted = dict.fromkeys(folders, _EVENTS) | dict.fromkeys(removals, _REMOVALS)
        for path, (watch, ground) in list(self._others.items()):
            emitter = observer._emitter_for_watch.get(watch)
            if path not in wanted or not _watches(emitter) or _ground(path) != ground:
                observer.unschedule(watch)
                del self._others[path]
        for path in wanted.keys() - self._others.keys():
            with suppress(OSError):  # it has just gone, or there is no room for one more: then it is looked at in turn
                ground = ground_of(path)
                self._others[path] = observer.schedule(self, str(path), event_filter=wanted[path]), ground

    def disarm(self) -> None:
        """Stop watching; the watcher's threads have ended when this returns."""
        _OVERFLOWN.removeHandler(self._hearing)
        self._others.clear()
        self._needed = []
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    @property
    def alive(self) -> bool:
        """Whether events of what `arm` was given can come at all."""
        one = self._observer
        return one is not None and one.is_alive() and one._inotify_fd.is_alive() and all(map(_watches, self._needed))

    def rings(self) -> list[Ring]:
        """What has happened since the last call; of each name the last event only."""
        with self._lock:
            found, self._rings = self._rings, {}
        return [Ring(*where, *what) for where, what in found.items()]

    def overflown(self) -> bool:
        """Whether events were lost since the last call: then everything must be looked at."""
        with self._lock:
            lost, self._overflown = self._overflown, False
        return lost

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called in watchdog's thread; must not raise, because that would end the thread in silence."""
        moved = isinstance(event, FileMovedEvent | DirMovedEvent) and bool(event.dest_path)
        where = os.path.split(os.fsdecode(event.dest_path if moved else event.src_path))
        with self._lock:
            first = not self._rings
            if len(self._rings) < MOST or where in self._rings:
                self._rings[where] = (moved, event.is_directory)
            else:
                self._rings.clear()
                self._overflown = True
        if first:
            self._wake()

    def _overflow(self) -> None:
        with self._lock:
            self._overflown = True
        self._wake()


def _watches(emitter: EventEmitter | None) -> bool:
    return isinstance(emitter, _Prompt) and emitter.watching


def _ground(path: Path) -> Ground | None:
    try:
        return ground_of(path)
    except OSError:
        return None


def _refused(error: OSError) -> Remark:
    """Why there is no watch. inotify(7) answers ENOSPC at the limit of watches, EMFILE at that of instances, or where
    this process may open nothing more.
    """
    if error.errno == errno.ENOSPC:
        return Remark("door.no_watches")
    if error.errno == errno.EMFILE and _can_open():
        return Remark("door.no_instances")
    return Remark("door.no_watch", facts={"why": why(error)})


def _can_open() -> bool:
    try:
        os.close(os.open("/", os.O_RDONLY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
