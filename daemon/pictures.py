"""Pictures that job files name: seen, settled and read as job files are; moved away with the last file that named them.

A picture alone is nobody's wish and lies where it is. A job file without its picture waits for it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from daemon.names import legible
from daemon.settle import Facts, NotAFile, Settling, StillWritten, facts_of, read_whole
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import Remark
from stockgen.pipeline.references import MOST_BYTES, Beside, References, folded, matching

PATIENCE = 3600.0  # seconds that a job file waits for its picture
A_TURN = 16 << 20  # bytes of a job's pictures that are stored at a time: 0.1 to 0.5 s of a disk


class Awaited(Exception):
    """Of the pictures that a job file names some are `missing`: not there yet, or not whole."""

    def __init__(self, names: Sequence[str], missing: Sequence[str]) -> None:
        super().__init__(", ".join(missing))
        self.names = names
        self.missing = missing


class Unfinished(Exception):
    """Of the pictures that a job file names enough were stored for now; the rest is stored when it is taken again."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture that was stored for a job. `key`: where it lies in the inbox, "" = in `my/control/`; `arrival` tells it
    from any other file that has ever lain there.
    """

    stored: str
    key: str = ""
    arrival: str = ""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A job file. `since` monotonic seconds; `arrival` tells it from another version of it."""

    arrival: str
    since: float
    names: Sequence[str]


class Pictures:
    """Those of one inbox. Times are handed in, monotonic seconds."""

    def __init__(self, inbox: str, quiet: float, shared: Beside, references: References) -> None:
        self._inbox = inbox
        self._settling = Settling(quiet)
        self._shared = shared
        self._references = references
        self._named: dict[tuple[str, str], set[str]] = {}  # folder and folded name → where such pictures lie
        self._waiting: dict[str, _Waiting] = {}
        self._stored: dict[str, tuple[Facts, str]] = {}  # paths that were read: thousands of jobs may name one picture
        self._wake = math.inf  # when those that wait are looked at again
        self._written = 0  # bytes that were stored for the job file in hand

    # -- seeing ------------------------------------------------------------------------------------------------

    def look(self, key: str, now: float, renamed: bool = False) -> None:
        """This is where one lies, or lay."""
        try:
            self._settling.look(key, facts_of(f"{self._inbox}/{key}"), now, renamed)
        except (OSError, NotAFile):
            self._forget(key)
            return
        self._named.setdefault(_place(key), set()).add(key)
        self._wake = min(self._wake, self._settling.due(key))

    def ring(self, key: str, now: float) -> None:
        """Something happened to it."""
        self._settling.ring(key, now)

    def keep_only(self, pictures: Collection[str], jobs: Collection[str], now: float) -> None:
        """All others are gone from the inbox; those in `my/control/` are looked for now."""
        for key in [key for keys in self._named.values() for key in keys if key not in pictures]:
            self._forget(key)
        self._waiting = {key: one for key, one in self._waiting.items() if key in jobs}
        self._wake = now

    def _forget(self, key: str) -> None:
        self._settling.forget(key)
        self._stored.pop(f"{self._inbox}/{key}", None)
        self._named.get(_place(key), set()).discard(key)

    # -- taking ------------------------------------------------------------------------------------------------

    def take(self, job: str, names: Sequence[str], now: float, most: float = math.inf) -> dict[str, Taken]:
        """Store the pictures of a job file, which lie beside it; name → what was stored. `most`: bytes after which it
        is put off.

        Raises Unfinished where it is, Awaited where some are not there, not whole or can't be read yet, JobFileError
        for those that can't be used, StorageFull, StorageLost.
        """
        self._written = 0
        found: dict[str, Taken | None] = {}
        for name in names:
            if self._written >= most:
                raise Unfinished
            found[name] = self._take(_folder(job), name, now)
        missing = [name for name, taken in found.items() if taken is None]
        if missing:
            raise Awaited(names, missing)
        return {name: taken for name, taken in found.items() if taken is not None}

    def _take(self, folder: str, name: str, now: float) -> Taken | None:
        key = self.find(folder, name, now)
        try:
            if not key:
                path = self._shared.find(name)
                return Taken(self._kept(str(path), facts_of(path), name, proof=False)) if path else None
            if not self._settling.is_settled(key, now):
                return None
            facts, proof = self._settling.facts(key), not self._settling.is_quiet(key, now)
            return Taken(self._kept(f"{self._inbox}/{key}", facts, name, proof), key, facts.arrival)
        except (StillWritten, OSError, NotAFile):
            if key:
                self.ring(key, now)
                self.look(key, now)
            return None

    def _kept(self, path: str, facts: Facts, name: str, proof: bool) -> str:
        """The name under which a picture is kept. Raises StillWritten, OSError, NotAFile, JobFileError, StorageFull,
        StorageLost.
        """
        known, stored = self._stored.get(path, (None, ""))
        if known == facts == facts_of(path) and self._references.renew(stored):
            return stored
        stored = self._references.store(read_whole(path, facts, MOST_BYTES, proof), name)
        self._stored[path] = facts, stored
        self._written += facts.size
        return stored

    def find(self, folder: str, name: str, now: float) -> str:
        """Where the picture of a name lies in a folder, "" = nowhere. Also one that nobody has told us of yet."""
        there = self._named.get((folder, folded(name)), set())
        if not there:
            key = f"{folder}/{name}" if folder else name
            self.look(key, now)
            there = self._named.get((folder, folded(name)), set())
        files = {legible(key).rpartition("/")[2]: key for key in there}
        return files.get(matching(name, files), "")

    # -- waiting -----------------------------------------------------------------------------------------------

    def wait(self, key: str, arrival: str, names: Sequence[str], now: float) -> float:
        """A job file waits for pictures; until when, at most."""
        known = self._waiting.get(key)
        since = known.since if known and known.arrival == arrival else now
        self._waiting[key] = _Waiting(arrival, since, names)
        return since + PATIENCE

    def check_patience(self, key: str, arrival: str, names: Sequence[str], now: float) -> None:
        """Raises JobFileError where that file has waited for long enough."""
        known = self._waiting.get(key)
        if known and known.arrival == arrival and now >= known.since + PATIENCE:
            raise JobFileError("job_file", [Remark("reference.missing", facts={"picture": name}) for name in names])

    def is_whole(self, key: str, now: float) -> bool:
        """Whether a picture could be taken."""
        return self._settling.is_settled(key, now)

    def done(self, key: str) -> None:
        """A job file was dealt with."""
        self._waiting.pop(key, None)

    def woken(self, now: float) -> list[str]:
        """Job files whose pictures have all come since somebody asked last."""
        if now < self._wake or not self._waiting:
            return []
        self._wake = min(self._settling.later(now), default=math.inf)
        places = {(_folder(key), name) for key, one in self._waiting.items() for name in one.names}
        ready = {place for place in places if self._ready(*place, now)}
        return [key for key, one in self._waiting.items() if all((_folder(key), name) in ready for name in one.names)]

    def _ready(self, folder: str, name: str, now: float) -> bool:
        key = self.find(folder, name, now)
        return self._settling.is_settled(key, now) if key else self._shared.find(name) is not None

    def is_awaited(self, picture: str) -> bool:
        """Whether a job file that waits (for another one, too) names the picture that lies there."""
        folder, name = _place(picture)
        return any(_folder(key) == folder and name in map(folded, one.names) for key, one in self._waiting.items())

    def next_at(self) -> float:
        """When a picture that somebody waits for may be whole, monotonic seconds."""
        return self._wake if self._waiting else math.inf

    def coming(self, now: float) -> int:
        """How many job files wait for a picture that is there and not whole yet."""
        whole = {key for keys in self._named.values() for key in keys if self._settling.is_settled(key, now)}
        return sum(
            any(self._named.get((_folder(key), folded(name)), set()) - whole for name in one.names)
            for key, one in self._waiting.items()
        )


def _folder(key: str) -> str:
    return legible(key).rpartition("/")[0]


def _place(key: str) -> tuple[str, str]:
    folder, _, name = legible(key).rpartition("/")
    return folder, folded(name)
