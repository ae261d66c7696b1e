"""What people did with the pictures in the outbox. Looking concludes; nothing here touches a file.

- A picture that is missing while its job's folder and `job.json` are there was thrown away: `dropped`.
- A picture from `review/` that lies in its job's `images/` under the same name was approved: `ready`.
- A dropped picture that is there again is what it was.
- What its owner said by number (`keep`, `drop`) outweighs all of that but a file that is gone.

A folder that is missing, or can't be read, is no opinion: it was moved away, or its disk was. Nor is it one where many
jobs lose all of their pictures at once: then they were carried somewhere.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Literal

from stockgen.ledger import Ledger, Row

# From so many jobs, with so many pictures together, that are emptied between two looks, they were moved away.
MANY_JOBS = 3
MANY_PICTURES = 10
CARRIED = "carried"  # a fact that survives a restart: jobs that were emptied, many at once

Where = Literal["images", "review", "gone", "unknown"]


@dataclass(frozen=True, slots=True)
class Seen:
    """Pictures that were thrown away, approved, and brought back since the last look; jobs that are not all there."""

    dropped: int = 0
    approved: int = 0
    restored: int = 0
    away: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Found:
    """One picture. `path`: where its master lies, or lay; `state`: what follows from that."""

    asset: Row
    where: Where
    path: str

    @property
    def state(self) -> str:
        one = self.asset
        if self.where == "unknown":
            return str(one["state"])
        if self.where == "gone" or one["opinion"] == "dropped":
            return "dropped"
        return "review" if self.where == "review" and one["opinion"] != "kept" else "ready"

    @property
    def changed(self) -> bool:
        return (self.state, self.path) != (self.asset["state"], self.asset["path"])

    @property
    def missed(self) -> bool:
        """Whether it was there, as far as we knew."""
        return self.where == "gone" and self.asset["state"] != "dropped"


@dataclass(slots=True)
class _Folders:
    """Names in folders of the outbox, each listed once. Plain text: ten thousand Paths take a second."""

    outbox: Path
    _known: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def names(self, folder: str) -> frozenset[str] | None:
        """None = there is no such folder, or it can't be read."""
        if folder not in self._known:
            try:
                self._known[folder] = frozenset(path.name for path in (self.outbox / folder).iterdir())
            except OSError:
                self._known[folder] = None
        return self._known[folder]

    def has(self, folder: str, name: str) -> bool:
        return name in (self.names(folder) or ())


def look(ledger: Ledger, outbox: Path, review: str, now: float) -> Seen:
    """Look at every picture of closed jobs and record what has changed. `review`: name of that folder in the outbox;
    `now` wall seconds.
    """
    jobs, away, folders = dict[str, list[_Found]](), set[str](), _Folders(outbox)
    for (job, folder), rows in groupby(sorted(ledger.assets.masters(), key=_job), key=_job):
        if _paper(outbox, folder).exists():
            jobs[job] = [_found(one, review, folders) for one in rows]
        else:
            away.add(job)
    away |= {job for job, found in jobs.items() if any(one.where == "unknown" for one in found)}
    carried = _carried(ledger, jobs)
    changes = [one for job, found in jobs.items() if job not in carried for one in found if one.changed]
    # A disk may have gone while we looked at it: then nothing of it counts.
    changes = [one for one in changes if _paper(outbox, one.asset["folder"]).exists()]
    if changes:
        with ledger.atomic():
            for one in changes:
                ledger.assets.seen(one.asset["id"], one.state, one.path, now)
    return _seen(changes, away | carried)


def _found(one: Row, review: str, folders: _Folders) -> _Found:
    folder, _, name = str(one["path"]).rpartition("/")
    images, apart = f"{one['folder']}/images", f"{review}/{one['review_reason']}"
    if folders.has(images, name):
        return _Found(one, "images", f"{images}/{name}")
    if one["review_reason"] and folders.has(apart, name):
        return _Found(one, "review", f"{apart}/{name}")
    return _Found(one, "unknown" if folders.names(folder) is None else "gone", one["path"])


def _carried(ledger: Ledger, jobs: dict[str, list[_Found]]) -> set[str]:
    """Jobs that are empty, and were emptied many at once; those stay no opinion until a picture is back."""
    empty = {
        job: sum(one.missed for one in found)
        for job, found in jobs.items()
        if any(one.missed for one in found) and all(one.where == "gone" for one in found)
    }
    known = {*json.loads(ledger.noted(CARRIED, "[]"))}
    fresh = empty.keys() - known
    many = len(fresh) >= MANY_JOBS and sum(empty[job] for job in fresh) >= MANY_PICTURES
    carried = {*(empty if many else empty.keys() & known)}
    noted = carried | (known - jobs.keys())
    if noted != known:
        ledger.note(CARRIED, json.dumps(sorted(noted)))
    return carried


def _seen(changes: Sequence[_Found], away: set[str]) -> Seen:
    counts = Counter((one.asset["state"], one.state) for one in changes)
    return Seen(
        dropped=sum(count for (before, now), count in counts.items() if before != now == "dropped"),
        approved=counts["review", "ready"],
        restored=sum(count for (before, now), count in counts.items() if before == "dropped" != now),
        away=frozenset(away),
    )


def _job(one: Row) -> tuple[str, str]:
    return one["job_id"], one["folder"]


def _paper(outbox: Path, folder: str) -> Path:
    return outbox / folder / "info" / "job.json"
