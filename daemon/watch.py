"""The doorbell: watchdog tells that something happened in a folder. It is a hint; the truth is looking."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from watchdog.events import (
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
from watchdog.observers.api import BaseObserver
from watchdog.observers.inotify import InotifyFullEmitter, InotifyObserver
from watchdog.observers.inotify_c import InotifyConstants, Mask

# Without a filter our own reads would ring the bell (opened, closed_no_write).
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent, FileModifiedEvent, FileAttribEvent, FileClosedEvent, FileMovedEvent, FileDeletedEvent,
    DirDeletedEvent, DirMovedEvent,
]  # fmt: skip


class _Prompt(InotifyFullEmitter):
    """Doesn't ask to be told of files that move away.

    watchdog keeps such an event for half a second to pair it with its other half, and all later events with it:
    each of our own moves to `accepted/` would make the next file wait. What is gone is found by looking.
    """

    def get_event_mask_from_filter(self) -> Mask:
        """What to ask the kernel for."""
        return Mask(super().get_event_mask_from_filter() & ~InotifyConstants.IN_MOVED_FROM)


@dataclass(frozen=True, slots=True)
class Ring:
    """Something happened to `path`; `renamed`: it got this name by a rename, so its writer has finished."""

    path: Path
    renamed: bool


class Doorbell(FileSystemEventHandler):
    """Watches folders, not what is below them. `wake` is called for each event, from watchdog's thread."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._rings: deque[Ring] = deque()
        self._observer: BaseObserver | None = None
        self.problem: str | None = None

    def arm(self, folders: list[Path]) -> bool:
        """Start (again) to watch; False where the kernel refuses, and `problem` says why."""
        self.disarm()
        observer = None
        try:
            # Full events: a file that is moved in from elsewhere is told as moved, not as created.
            observer = InotifyObserver(generate_full_events=True)
            observer._emitter_class = _Prompt  # the constructor offers only watchdog's own two
            for folder in folders:
                observer.schedule(self, str(folder), recursive=False, event_filter=_EVENTS)
            observer.start()
        except OSError as error:  # watch or instance limit, or the folder is gone
            self.problem = str(error)
            if observer is not None:
                observer.stop()
            return False
        self._observer, self.problem = observer, None
        return True

    def disarm(self) -> None:
        """Stop watching; the watcher's threads have ended when this returns."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    @property
    def alive(self) -> bool:
        """Whether events can come at all."""
        one = self._observer
        return one is not None and one.is_alive() and all(each.is_alive() for each in one.emitters)

    def rings(self) -> list[Ring]:
        """What has happened since the last call."""
        found = []
        while self._rings:
            found.append(self._rings.popleft())
        return found

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called in watchdog's thread; must not raise, because that would end the thread in silence."""
        moved = isinstance(event, FileMovedEvent) and bool(event.dest_path)
        path = event.dest_path if moved else event.src_path
        name = path.decode(errors="surrogateescape") if isinstance(path, bytes) else path
        self._rings.append(Ring(Path(name), moved))
        self._wake()


WatchKind = Literal["inotify", "polling"]
