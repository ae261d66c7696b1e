"""An inbox over a real app, turned by hand: its clock stands still unless a test moves it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from daemon.inbox import Inbox
from daemon.intake import Intake
from daemon.names import NOTE
from daemon.watch import Doorbell
from stockgen.config.model import Inbox as Settings
from tests.house import SOON, House

QUIET = 2.0  # seconds
RESCAN = 30.0
SILENCE = 0.2  # real seconds after which the kernel has said what it had to say
GOOD = "prompt: a calm sea\nsize: 64x64\n"
BAD = "promt: a calm sea\n"


class HandClock:
    """Shows what it was set to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.jump = 0.0  # somebody set the clock on the wall

    def monotonic(self) -> float:
        """Seconds."""
        return self.now

    def wall(self) -> float:
        """Seconds; some day in 2026."""
        return 1_790_000_000.0 + self.now + self.jump


class DeafBell(Doorbell):
    """Watches, and is never rung: a network folder, an overflown queue, a mount over the inbox."""

    def on_any_event(self, event: object) -> None:
        """Nothing."""


class Door:
    """`house` must have been built with `clock`."""

    def __init__(self, house: House, clock: HandClock, watch: str = "polling", bell: type[Doorbell] = Doorbell) -> None:
        self.house, self.clock = house, clock
        self.rung = threading.Event()
        self.folder = house.root / "inbox"
        self._watch, self.bell = watch, bell(self.rung.set)
        self.open()

    def open(self) -> None:
        """What a start of the daemon does."""
        self.intake = Intake(self.house.app, self.folder, QUIET, RESCAN)
        self.intake.make_folders()
        self.intake.recover()
        settings = Settings(path=self.folder, settle=f"{QUIET}s", rescan=f"{RESCAN}s", watch=self._watch)  # type: ignore[arg-type]
        self.inbox = Inbox(settings, self.intake, self.bell, self.house.app)
        self.house.app.engine.heed(self.inbox.paused)
        self.inbox.arm([])

    def again(self) -> None:
        """A new start on the same ledger."""
        self.house.again()
        self.open()

    def close(self) -> None:
        """End the watcher's threads."""
        self.bell.disarm()

    def drop(self, text: str = GOOD, name: str = "job.yaml") -> Path:
        """Write a file as an editor does."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def turn(self, seconds: float = 0.0) -> None:
        """Let time pass, then look."""
        self.clock.now += seconds
        while self.inbox.step(self.clock.now):
            pass

    def settle(self) -> None:
        """See what is new, then take what has been quiet."""
        self.turn(RESCAN)
        self.listen()
        self.turn(QUIET)

    def hear(self) -> None:
        """Wait until the kernel has told something, and all that belongs to it, without letting time pass."""
        assert self.rung.wait(SOON)
        self.listen()

    def listen(self) -> None:
        """Turn until the kernel has nothing more to tell: what it told late would put a file off again."""
        while self._watch == "inotify" and self.rung.wait(SILENCE):
            self.rung.clear()
            self.turn()

    def hear_until_taken(self, count: int = 1) -> None:
        """Turn at each ring until so many jobs are there; the clock stands still, so only rings can do it."""
        self.until(lambda: len(self.jobs()) >= count)

    def until(self, holds: Callable[[], bool]) -> None:
        """Turn, without letting time pass, until something holds."""
        end = time.monotonic() + SOON
        while not holds():
            assert time.monotonic() < end
            self.rung.wait(0.05)
            self.rung.clear()
            self.turn()

    # -- looking -----------------------------------------------------------------------------------------------

    def jobs(self) -> list[str]:
        """Names of the files that became jobs, oldest first."""
        rows = self.house.app.ledger.query("SELECT source_name FROM jobs ORDER BY rowid")
        return [row["source_name"] for row in rows]

    def ids(self) -> list[str]:
        """The jobs, oldest first."""
        return [row["id"] for row in self.house.app.ledger.query("SELECT id FROM jobs ORDER BY rowid")]

    def lying(self, folder: str = "") -> list[str]:
        """Names of the files in the inbox, or in a folder of it."""
        return sorted(path.name for path in (self.folder / folder).iterdir() if not path.is_dir())

    def note(self, folder: str, name: str) -> str:
        """The note beside a file."""
        return (self.folder / folder / f"{name}{NOTE}").read_text(encoding="utf-8-sig")

    def told(self, event: str = "file.ignored") -> list[tuple[str, Any]]:
        """What was logged: file and reason."""
        return [(line.get("file", ""), line.get("reason")) for line in self.house.events(event)]
