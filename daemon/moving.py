"""Pictures that were taken for jobs, until they are out of the inbox. Kept in the state: a kill in between leaves none
behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from daemon.folders import Folders
from daemon.names import accepted_name, free_name, legible
from daemon.settle import NotAFile, arrival_now, facts_of
from stockgen.app.build import App
from stockgen.files import fsync_dir, write_durably

RETRY = 30.0  # seconds until a picture that could not be moved is tried again
NOTED = "moving.json"


@dataclass(frozen=True, slots=True)
class Used:
    """A picture in the inbox. `arrival` tells it from any other that has ever lain there; `job`: the one that took it
    last.
    """

    key: str
    arrival: str
    job: str


class Moving:
    """They go to `accepted/`, beside the job files that named them."""

    def __init__(self, app: App, inbox: Path, folders: Folders) -> None:
        self._app = app
        self._inbox = inbox
        self._folders = folders
        self._file = app.places.references / NOTED
        self._used: dict[str, Used] = {}
        self._new: dict[str, Used] = {}  # of a batch that is not committed yet
        self._next = 0.0
        self._told: set[str] = set()

    def recover(self) -> None:
        """What the program was killed with: pictures of jobs that are in the ledger."""
        with suppress(OSError, ValueError, TypeError):  # a file that is not there, or is none of ours
            noted = [Used(**one) for one in json.loads(self._file.read_bytes())]
            rows = self._app.ledger.query("SELECT id FROM jobs WHERE id IN (SELECT value FROM json_each(:jobs))",
                                          jobs=json.dumps([one.job for one in noted]))  # fmt: skip
            known = {row["id"] for row in rows}
            self._used = {one.key: self._as_now(one) for one in noted if one.job in known}

    def _as_now(self, one: Used) -> Used:
        return replace(one, arrival=arrival_now(self._inbox / one.key, one.arrival) or one.arrival)

    def knows(self, key: str) -> bool:
        """Whether a picture was taken and has not been moved yet."""
        return key in self._used

    def begin(self) -> None:
        """A batch begins; one that failed has used nothing."""
        self._new = {}

    def use(self, key: str, arrival: str, job: str) -> None:
        """A job of this batch takes a picture."""
        self._new[key] = Used(key, arrival, job)

    def note(self) -> None:
        """Before the batch is committed. Raises StorageFull, StorageLost."""
        if self._new:
            self._write({**self._used, **self._new})

    def end(self) -> None:
        """The batch is committed."""
        self._used |= self._new
        self._new = {}

    def step(self, now: float, is_needed: Callable[[str], bool]) -> None:
        """Move those that no job file of the inbox needs any more. `now` monotonic seconds. Raises StorageFull,
        StorageLost where that can't be noted: then it is looked at again.
        """
        if not self._used or now < self._next:
            return
        self._next = now
        before = len(self._used)
        for key, one in list(self._used.items()):
            if not is_needed(key) and self._moved(one):
                del self._used[key]
            elif key in self._told:
                self._next = now + RETRY
        if len(self._used) != before:
            self._write(self._used)

    def _moved(self, one: Used) -> bool:
        """Whether a picture is out of the inbox, or another one lies there now; False = it can't be moved."""
        path = self._inbox / one.key
        target = free_name(self._folders.accepted, accepted_name(one.job, legible(one.key)))
        try:
            if facts_of(path).arrival == one.arrival:
                self._folders.take_in(str(path), target)
                fsync_dir(target.parent)
                fsync_dir(path.parent)
        except (FileNotFoundError, NotADirectoryError, NotAFile):
            return True
        except OSError as error:
            if one.key not in self._told:
                self._app.log.warning("file.ignored", file=legible(one.key), reason=f"can't be moved: {error.strerror}")
            self._told.add(one.key)
            return False
        self._told.discard(one.key)
        return True

    def _write(self, used: dict[str, Used]) -> None:
        write_durably(self._file, json.dumps([asdict(one) for one in used.values()]).encode())
