"""What lies in state, staging and baskets and is of no use any more, kind by kind. Looking changes nothing.

- `spare`: tries that were not the best of their picture, older than the config keeps them, or all of them.
- `spool`, `staging`, `references`, `originals`: files that nothing in the ledger needs, and that nobody has written
  into for a day, because whoever writes one tells the ledger of it only afterwards.
- `ledger_copies`: the ledger as it was before an upgrade, all but the newest.
- `baskets`: pictures in baskets of which the market has had every one. They are copies of those in the job folders; the
  basket's table stays, because a ledger that is restored learns from it what that market was given.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stockgen.domain.names import is_reference
from stockgen.ledger import FILE_NAME, Ledger
from stockgen.ledger.connection import BEFORE
from stockgen.pipeline.baskets.folder import PICTURES
from stockgen.pipeline.originals import FOLDER as ORIGINALS
from stockgen.pipeline.places import Places
from stockgen.pipeline.references import GRACE, named
from stockgen.pipeline.spool import raw_of
from stockgen.pipeline.tries.spares import ENDINGS

Kind = Literal["spare", "spool", "staging", "references", "originals", "ledger_copies", "baskets"]
BLOCK = 512  # bytes of what stat calls a block, whatever the file system's own are: stat(2)


@dataclass(frozen=True, slots=True)
class Found:
    """Files of one kind that can go. `rows`: the ledger's assets, or baskets, that say so afterwards."""

    kind: Kind
    files: Sequence[Path]
    rows: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """Where is looked. `now` wall seconds; `spares_before`: wall seconds, from before which spares go, None = of any
    age, 0 = none goes.
    """

    ledger: Ledger
    places: Places
    now: float
    spares_before: float | None

    def found(self) -> list[Found]:
        """All kinds of which there is something."""
        orphans: dict[Kind, Iterator[Path]] = {
            "spool": self._spool(), "staging": self._staging(), "references": self._references(),
            "originals": self._originals(), "ledger_copies": self._copies(),
        }  # fmt: skip
        kinds = [self._spares(), self._baskets(), *(Found(kind, sorted(files)) for kind, files in orphans.items())]
        return [one for one in kinds if one.files or one.rows]

    def _spares(self) -> Found:
        """With those that no row knows: their row says `cleaned` already, or was never written."""
        folder, lying = self.places.spare, self.ledger.tries.lying()
        rows = self.ledger.tries.from_before(self.spares_before)
        files = [folder / f"{row['stem']}.{ending}" for row in rows for ending in ENDINGS]
        strange = [path for path in _files(folder) if path.stem not in lying and self._aged(path)]
        return Found("spare", [path for path in files if path.exists()] + sorted(strange), [row["id"] for row in rows])

    def _spool(self) -> Iterator[Path]:
        """A batch that a lane has in hand is its own; of the others what belongs to no rendered picture goes."""
        needed = self.ledger.shots.raw_paths()
        for batch in _folders(self.places.spool):
            if self.ledger.shots.in_hand(batch.name):
                continue
            for path in _files(batch):
                known = path.parent == batch and f"{batch.name}/{raw_of(path.name)}" in needed
                if not known and self._aged(path):
                    yield path

    def _staging(self) -> Iterator[Path]:
        """What a row needs stays, and what belongs to a picture, a job or a basket that has not ended."""
        needed, folder, busy = self.ledger.assets.staged_names(), self.places.staging, tuple(self._unended())
        for path in _files(folder):
            top = path.relative_to(folder).parts[0]
            if top not in needed and not top.startswith(busy) and self._aged(path):
                yield path

    def _unended(self) -> Iterator[str]:
        """How the names begin of what may be about to be reserved, however long ago it was written: a computer that
        sleeps for a week goes on where it was.
        """
        for shot in self.ledger.query("SELECT id FROM shots WHERE state IN ('rendered', 'publishing')"):
            yield f"shot-{shot['id']}."
        for job in self.ledger.query("SELECT id FROM jobs WHERE state <> 'closed'"):
            yield f"job-{job['id']}-"
        if self.ledger.baskets.unpublished():
            yield "basket-"

    def _references(self) -> Iterator[Path]:
        kept = named(self.ledger)
        for path in _files(self.places.references):
            ours = is_reference(path.name.removeprefix(".").removesuffix(".tmp"))
            if ours and path.name not in kept and self._aged(path):
                yield path

    def _originals(self) -> Iterator[Path]:
        """What was paid for goes only where the ledger knows its job and knows no such picture of it: a ledger that was
        restored from an old copy may not know the job at all.
        """
        for folder in _folders(self.places.state / ORIGINALS):
            job = self.ledger.query("SELECT state FROM jobs WHERE id = :id", id=folder.name)
            if not job or job[0]["state"] != "closed":
                continue
            rows = self.ledger.query("SELECT stem FROM assets WHERE job_id = :job", job=folder.name)
            stems = {row["stem"] for row in rows}
            yield from (path for path in _files(folder) if path.stem not in stems and self._aged(path))

    def _copies(self) -> Iterator[Path]:
        copies = sorted(self.places.state.glob(f"{Path(FILE_NAME).stem}{BEFORE}*.db"), key=_written)
        yield from (path for path in copies[:-1] if path.is_file())

    def _baskets(self) -> Found:
        """Only what we put there: whatever else its owner keeps in a basket's folder stays."""
        files: list[Path] = []
        rows: list[int] = []
        for basket in self.ledger.baskets.over():
            stems = frozenset(json.loads(basket["stems"]))
            here = [path for path in _files(self.places.outbox / basket["path"] / PICTURES) if path.stem in stems]
            files += sorted(here)
            rows += [basket["id"]] if here else []
        return Found("baskets", files, rows)

    def _aged(self, path: Path) -> bool:
        return _written(path) < self.now - GRACE


def spares_before(after: float | None, everything: bool, now: float) -> float | None:
    """`Ground.spares_before` for a config that keeps them for `after` seconds, None = for ever."""
    if everything:
        return None
    return 0.0 if after is None else now - after


def freed(files: Sequence[Path]) -> int:
    """How many bytes of the disk come free when all of these are removed: those of a file with several names only
    where they are all among them.
    """
    seen: dict[tuple[int, int], tuple[int, os.stat_result]] = {}
    for path in files:
        with suppress(OSError):
            found = path.lstat()
            key = found.st_dev, found.st_ino
            seen[key] = seen.get(key, (0, found))[0] + 1, found
    return sum(found.st_blocks * BLOCK for names, found in seen.values() if names >= found.st_nlink)


def _written(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:  # somebody has taken it
        return float("inf")


def _folders(folder: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    return []


def _files(folder: Path) -> Iterator[Path]:
    """All files below; a link to a folder elsewhere is not followed."""
    for at, _, names in os.walk(folder):
        for path in (Path(at, name) for name in names):
            with suppress(OSError):
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path
