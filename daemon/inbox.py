"""The door: what lies in the inbox is seen, settles, and is taken. At start through the same door as later."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from daemon.ignored import is_conflict, is_ignored, is_pause, is_reserved
from daemon.intake import LIMIT, Intake
from daemon.names import legible, natural
from daemon.pictures import Awaited, Unfinished
from daemon.presets import preset_of
from daemon.settle import NotAFile, Settling, StillWritten, facts_of, read_whole
from daemon.watch import Doorbell, Ring
from daemon.watching import Watching, WatchKind
from stockgen.app.build import App
from stockgen.config.model import Inbox as Settings
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.protocols import Held
from stockgen.domain.times import iso
from stockgen.domain.words import Place
from stockgen.pipeline.references import is_picture

SLICE = 0.3  # seconds of intake per turn of the loop: in a burst the rest of a turn costs 0.03 to 0.05
RETRY = 30.0  # seconds until a file that could not be taken or moved (full disk, no permission) is tried again
PAUSE_TICK = 1.0  # seconds between looks at whether a PAUSE file is still there
DEAF = 30.0  # seconds until the next look at most, once the kernel's watch has died
FOLLOWED = 64  # folders for presets whose events are heard, a thread each; files in others are found by looking


class Inbox:
    """Looks at one folder: when the bell rings, and every `rescan` seconds whatever the bell says.

    A file is known by where it lies in the inbox: `FILE`, or `FOLDER/FILE` in a folder for a preset.
    """

    def __init__(self, settings: Settings, intake: Intake, bell: Doorbell, app: App) -> None:
        self._folder = settings.path
        self._intake = intake
        self._companions = intake.companions
        self._settling = Settling(settings.settle)
        self._watching = Watching(settings, bell, app.log)
        self._bell = bell
        self._app = app
        self._clock, self._log = app.clock, app.log
        self._told: dict[str, set[str]] = {}  # what lies there → reasons that were logged
        self._ready: deque[str] = deque()  # settled, in order, and not yet tried
        self._pauses: list[str] = []
        self._next_scan = self._next_move = 0.0
        self._last_scan: float | None = None
        self._looked = False

    def arm(self, others: Sequence[Path]) -> None:
        """Start watching the inbox and `others`, or fall back to looking often."""
        self._watching.arm(others, self._clock.monotonic())

    def step(self, now: float) -> bool:
        """Look, and take what has settled; True = there is more to take at once. `now` monotonic seconds."""
        self._listen(now)
        if not self._watching.sound:
            self._next_scan = min(self._next_scan, now + DEAF)
        if now >= self._next_scan:
            self._scan(now)
        self._end_pauses()
        self._intake.resting.step(now)
        self._intake.tell_withdrawn()
        self._companions.sweep(now)
        for key in self._companions.pictures.woken(now):
            self._settling.postpone(key, 0.0)
        return self._take(now)

    def next_at(self, now: float) -> float:
        """When to look again, monotonic seconds."""
        moments = [self._next_scan, self._intake.resting.next_at(), self._companions.pictures.next_at()]
        due = self._settling.next_at()
        moments += [due] if due is not None else []
        moments += [now + PAUSE_TICK] if self._pauses else []
        return max(now, min(moments))

    def paused(self, place: Place, now: float) -> Sequence[Held]:
        """The hold of a PAUSE file, which is named; at every place."""
        return [Held(hold="pause", reason=legible(name)) for name in self._pauses[:1]]

    @property
    def watch(self) -> WatchKind:
        """How news is heard of."""
        return self._watching.kind

    def watched(self, now: float) -> bool:
        """Whether what comes will be found: the watch is sound, or the look that mends it is not overdue."""
        return self._watching.sound or now <= self._next_scan

    @property
    def unsettled(self) -> int:
        """How many files have been seen and could still be taken; before the first look: one."""
        if not self._looked:
            return 1
        return self._settling.unsettled + self._companions.pictures.coming(self._clock.monotonic())

    def facts(self) -> dict[str, object]:
        """As `status --json` shows it."""
        problem = self.lost()
        return {
            "path": str(self._folder), "watch": self.watch, "ok": problem is None, "problem": problem,
            "waiting": len(self._settling), "rejected": self._intake.rejected,
            "last_scan": iso(self._last_scan) if self._last_scan is not None else None,
        }  # fmt: skip

    def lost(self) -> str | None:
        """Why the folder is not watched now, as a sentence; None = it is."""
        problem = self._watching.problem
        return self._app.catalogue.say.tell(problem) if problem else None

    # -- seeing ------------------------------------------------------------------------------------------------

    def _listen(self, now: float) -> None:
        for ring in self._bell.rings():
            self._heard(ring, now)
        if self._bell.overflown():  # some were never told
            self._next_scan = now

    def _heard(self, ring: Ring, now: float) -> None:
        folder = os.path.relpath(ring.folder, self._folder) if ring.folder != str(self._folder) else ""
        if folder == self._intake.folders.accepted.name:
            self._intake.resting.soon()
        elif os.sep in folder:
            return  # a command
        elif folder == os.pardir or is_pause(ring.name) or (ring.is_folder and not folder):
            self._next_scan = now
        elif not ring.is_folder and self._wanted(key := os.path.join(folder, ring.name)):  # noqa: PTH118 - a key
            if is_picture(ring.name):
                self._companions.pictures.ring(key, now)
                self._companions.pictures.look(key, now, ring.renamed)
                return
            self._settling.ring(key, now)
            self._look(key, now, ring.renamed)

    def _scan(self, now: float) -> None:
        self._looked = True
        root = self._watching.check(now)
        self._next_scan = now + self._watching.every
        if root == "lost":
            return
        if root == "fresh":
            self._intake.folders.furnish()
        try:
            files, folders, pauses = self._listed()
        except OSError as error:
            self._watching.unreadable(error)
            return
        self._watching.seen()
        self._last_scan = self._clock.wall()
        self._pauses = sorted(pauses, key=natural)
        for key in files:
            if not is_picture(key):
                self._look(key, now)
        self._look_at_pictures(files, now)
        self._keep_only({*files, *folders, *pauses}, now)

    def _look_at_pictures(self, files: Sequence[str], now: float) -> None:
        pictures = self._companions.pictures
        here = frozenset(filter(is_picture, files))
        for key in here:
            pictures.look(key, now)
            if pictures.is_whole(key, now) and not self._companions.moving.knows(key) and not self._needs(key):
                self._once(key, "picture")
        pictures.keep_only(here, frozenset(files), now)

    def _listed(self) -> tuple[list[str], list[str], list[str]]:
        """What lies there: files that may be jobs, other things, and wishes to pause. Raises OSError."""
        files: list[str] = []
        folders: list[str] = []
        others: list[str] = []
        pauses: list[str] = []
        for entry in _entries(self._folder):
            if is_pause(entry.name):
                pauses.append(entry.name)
            elif entry.is_dir(follow_symlinks=False):
                folders += [] if is_reserved(entry.name) or is_ignored(entry.name) else [entry.name]
            else:
                (files if self._wanted(entry.name) else others).append(entry.name)
        self._follow(folders)
        for folder in folders:
            for entry in _entries(self._folder / folder, missing_ok=True):
                key = f"{folder}/{entry.name}"
                if is_pause(entry.name):
                    pauses.append(key)
                elif entry.is_dir(follow_symlinks=False):
                    others.append(key)
                    if not is_ignored(entry.name):
                        self._once(key, "folder_too_deep")
                else:
                    (files if self._wanted(key) else others).append(key)
        return files, [*folders, *others], pauses

    def _follow(self, folders: Sequence[str]) -> None:
        """Hear what happens in the folders for presets, before they are looked into, and of files that are deleted from
        `accepted/`.
        """
        presets = self._app.catalogue.config.presets
        known_first = sorted(folders, key=lambda name: (not preset_of(name, presets), natural(name)))
        accepted = self._intake.folders.accepted
        self._bell.follow([self._folder / name for name in known_first[:FOLLOWED]], [accepted])

    def _look(self, key: str, now: float, renamed: bool = False) -> None:
        try:
            facts = facts_of(self._at(key))
            if self._intake.lies(key, facts.arrival):
                self._settling.forget(key)
            else:
                self._settling.look(key, facts, now, renamed)
        except (FileNotFoundError, NotADirectoryError):
            self._settling.forget(key)
        except NotAFile:
            self._settling.forget(key)
            self._once(key, "not_a_file")
        except OSError as error:
            self._once(key, str(error.strerror))

    def _at(self, key: str) -> str:
        """Where a file lies. Text: five thousand files at once are five thousand paths, several times over."""
        return f"{self._folder}/{key}"

    def _wanted(self, key: str) -> bool:
        name = key.rpartition("/")[2]
        if is_conflict(name):
            self._once(key, "conflict_copy")
            return False
        return not is_ignored(name)

    def _once(self, key: str, reason: str) -> None:
        """Tell it the first time only: a log must not fill because a file lies there."""
        reasons = self._told.setdefault(key, set())
        if reason not in reasons:
            reasons.add(reason)
            self._log.info("file.ignored", file=legible(key), reason=reason)

    def _keep_only(self, there: set[str], now: float) -> None:
        """What is gone is forgotten: should it come back, it is news."""
        self._settling.keep_only(there)
        self._told = {key: reasons for key, reasons in self._told.items() if key in there}
        if now >= self._next_move:
            self._next_move = now + RETRY
            self._intake.move_again(there)

    def _end_pauses(self) -> None:
        """A deleted PAUSE file ends its pause at once; one that went with its whole folder ends nothing."""
        gone = {name for name in self._pauses if not os.path.lexists(self._folder / name)}
        if gone and self._watching.there:
            self._pauses = [name for name in self._pauses if name not in gone]

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
                    key = self._ready.popleft()
                    if self._settling.is_settled(key, now):
                        tried.append(key)
                        taken += [key] if self._try(key, now) else []
            for key in taken:
                self._settling.forget(key)
                self._companions.pictures.done(key)
            self._intake.settle_moves()
            self._companions.moving.step(now, self._needs)
        except (StorageFull, StorageLost) as error:
            for key in tried:
                self._later(key, str(error), now)
        return bool(self._ready)

    def _try(self, key: str, now: float) -> bool:
        """Hand a file in; False = not now. Raises StorageFull, StorageLost where the ledger can't be written."""
        facts = self._settling.facts(key)
        try:
            data = read_whole(self._at(key), facts, LIMIT, proof=not self._settling.is_quiet(key, now))
        except StillWritten:
            self._settling.ring(key, now)
            self._look(key, now)
            return False
        except (FileNotFoundError, NotADirectoryError, NotAFile):  # it went away again, or turned into something else
            return True
        except OSError as error:
            self._later(key, str(error.strerror), now)
            return False
        try:
            self._intake.take(key, data, facts.arrival)
        except Unfinished:
            self._ready.appendleft(key)
            return False
        except Awaited as error:
            self._settling.postpone(key, self._companions.pictures.wait(key, facts.arrival, error.names, now))
            self._once(key, f"waits for {error}")
            return False
        return True

    def _needs(self, picture: str) -> bool:
        """Whether a job file beside a picture names it, or may: it has not been read yet."""
        folder = picture.rpartition("/")[0]
        unread = any(key.rpartition("/")[0] == folder for key in self._settling.untried())
        return unread or self._companions.pictures.is_awaited(picture)

    def _later(self, key: str, reason: str, now: float) -> None:
        self._settling.postpone(key, now + RETRY)
        self._once(key, reason)


def _entries(folder: Path, missing_ok: bool = False) -> Iterator[os.DirEntry[str]]:
    """What lies in a folder. Raises OSError, unless it has just gone and that is `missing_ok`."""
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError):
        if not missing_ok:
            raise
