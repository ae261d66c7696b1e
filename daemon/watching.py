"""Is the inbox there, is it still the same one, and how do we hear of news in it?

An empty folder where something was mounted before is no inbox whose files were deleted: nothing is concluded from it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from daemon.ground import Ground, ground_of, is_mount
from daemon.watch import Doorbell
from stockgen.config.model import Inbox as Settings
from stockgen.domain.words import Remark
from stockgen.files import why
from stockgen.filesystems import shared
from stockgen.logs import Logger

WatchKind = Literal["inotify", "polling"]
Root = Literal["same", "fresh", "lost"]  # `fresh`: it was lost, or is another folder than before

FIRST_PAUSE = 60.0  # seconds until a watch that failed is tried again; doubled each time, as Syncthing does
LONGEST_PAUSE = 3600.0


class Watching:
    """The root of the inbox, watched by the kernel where that works, else by looking often."""

    def __init__(self, settings: Settings, bell: Doorbell, log: Logger) -> None:
        self._folder = settings.path
        self._wanted = settings.watch
        self._often, self._seldom = min(settings.rescan, settings.settle), settings.rescan
        self._bell = bell
        self._log = log
        self._others: Sequence[Path] = ()
        self._ground: Ground | None = None
        self._mounted = False
        self._gone = False
        self._trouble: Remark | None = None  # with the folder
        self._deaf: Remark | None = None  # why the kernel tells us nothing
        self._armed = -math.inf  # when the watch was set after it had ended by itself
        self._again = 0.0  # when it may be set again
        self._failures = 0
        self.kind: WatchKind = "polling"

    def arm(self, others: Sequence[Path], now: float) -> None:
        """Begin to watch the inbox, and `others` with it. `now` monotonic seconds."""
        self._others, self._ground = others, None
        self.check(now)

    @property
    def problem(self) -> Remark | None:
        """What is wrong, for people."""
        return self._trouble or self._deaf

    @property
    def sound(self) -> bool:
        """False = events should come and can't any more: the next `check` finds that, and mends it."""
        return self.kind == "polling" or self._bell.alive or self.problem is not None

    @property
    def every(self) -> float:
        """Seconds between two looks."""
        return self._seldom if self.kind == "inotify" else self._often

    @property
    def there(self) -> bool:
        """Whether the folder is, at this moment, the one that was looked at last."""
        try:
            return not self._gone and ground_of(self._folder) == self._ground
        except OSError:
            return False

    def check(self, now: float) -> Root:
        """Look at the root, and set the watch (again) where it is needed. `now` monotonic seconds.

        `fresh` until somebody says that its files were `seen`.
        """
        try:
            ground = ground_of(self._folder)
        except OSError as error:
            return self._lost(Remark("door.lost", facts={"why": why(error)}))
        if ground == self._ground:
            return "fresh" if self._tend(now) or self._gone else "same"
        mounted = is_mount(self._folder)
        if self._mounted and not mounted:
            return self._lost(Remark("door.unmounted"))
        if self._ground is not None:
            self._lost(Remark("door.another"))
        self._ground, self._mounted, self._failures = ground, mounted, 0
        self._set(now)
        return "fresh"

    def seen(self) -> None:
        """Its files could be listed."""
        if self._gone:
            self._gone, self._trouble = False, None
            self._log.info("inbox.watch_restored", watch=self.kind)

    def unreadable(self, error: OSError) -> None:
        """It is there, and its files can't be listed."""
        self._lost(Remark("door.lost", facts={"why": why(error)}))

    def _lost(self, trouble: Remark) -> Root:
        if not self._gone:
            self._log.warning("inbox.watch_lost", reason=str(trouble))
        self._trouble, self._gone = trouble, True
        return "lost"

    # -- the watch ---------------------------------------------------------------------------------------------

    def _tend(self, now: float) -> bool:
        """Set a watch again that has ended, at once the first time; whether that was done."""
        if self.kind == "inotify" and not self._bell.alive:
            hasty, self._armed = now - self._armed < FIRST_PAUSE, now  # again and again: no use in hurrying
            self._log.warning("inbox.watch_lost", reason="ended")
            self._deaf, self.kind = Remark("door.watch_ended"), "polling"
            self._failures = self._failures if hasty else 0
            self._again = now + self._pause() if hasty else now
        if self._deaf is None or now < self._again or not self._set(now):
            return False
        self._armed = now
        self._log.info("inbox.watch_restored", watch=self.kind)
        return True

    def _set(self, now: float) -> bool:
        """By the kernel if it can be; where it does not hear of all changes (a network), or shall not, by looking.

        False = it should, and can't.
        """
        self._deaf, self.kind = None, "polling"
        if self._wanted == "polling" or (self._wanted == "auto" and shared(self._folder)):
            self._bell.disarm()
        elif self._bell.arm([self._folder, *self._others]):
            self.kind = "inotify"
        else:
            self._deaf = self._bell.problem or Remark("door.watch_ended")
            if self._failures == 0:  # the tries that follow are nobody's news
                self._log.warning("inbox.watch_lost", reason=str(self._deaf))
            self._again = now + self._pause()
        return self._deaf is None

    def _pause(self) -> float:
        """Seconds until the next try."""
        self._failures += 1
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (self._failures - 1))
