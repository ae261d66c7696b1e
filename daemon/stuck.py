"""Files that were dealt with and can't be moved out of the inbox: each is one job all the same, and told once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Stuck:
    """One such file. `job` None = it was refused; `target`, `note`: where it belongs, and what lies beside it there."""

    path: str
    arrival: str
    digest: str
    job: str | None
    target: Path
    note: bytes


class StuckFiles:
    """All of them, by where they lie in the inbox. Forgotten at a stop: the ledger knows the jobs."""

    def __init__(self) -> None:
        self._files: dict[str, Stuck] = {}

    def add(self, key: str, one: Stuck) -> None:
        """It could not be moved."""
        self._files[key] = one

    def forget(self, key: str) -> None:
        """It could."""
        self._files.pop(key, None)

    def lies(self, key: str, arrival: str) -> bool:
        """Whether this very file was dealt with and still lies there."""
        return key in self._files and self._files[key].arrival == arrival

    def touched(self, key: str, arrival: str, digest: str) -> Stuck | None:
        """The file of which only the time is another than before, its bytes being the same; known by that from now on.
        None = it is no such file.
        """
        one = self._files.get(key)
        if one is None or _same_file(one.arrival) != _same_file(arrival) or one.digest != digest:
            return None
        one.arrival = arrival
        return one

    def taken_away(self, there: Collection[str]) -> list[Stuck]:
        """Those that their owner took away: `there` is all that lies in the inbox."""
        gone = self._files.keys() - there
        return [self._files.pop(key) for key in gone]

    def renew(self, target: Path, note: Callable[[], bytes]) -> None:
        """There is more to tell of the file that belongs to `target`."""
        for one in self._files.values():
            if one.target == target:
                one.note = note()

    def all(self) -> list[tuple[str, Stuck]]:
        """Each with where it lies."""
        return list(self._files.items())


def _same_file(arrival: str) -> list[str]:
    """Device and inode."""
    return arrival.split(":")[:2]
