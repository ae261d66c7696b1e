"""One settled file → one job, or a refusal with a note. The job is in the ledger before the file is moved."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath

from stockgen.app.build import App
from stockgen.app.outlook import Outlooks
from stockgen.domain.errors import JobFileError, StorageFull, StorageLost
from stockgen.domain.times import wall
from stockgen.domain.words import JobRequest
from stockgen.files import fsync_dir, translated, write_softly
from stockgen.jobfile import Outlook, accepted, fixed, refused
from stockgen.ledger.jobs import Source, remarks_of
from stockgen.pipeline.places import job_folder
from stockgen.pipeline.plan import JobPlanned

LIMIT = 1 << 20  # bytes; a job file is text that somebody wrote
NOTE = ".note.txt"
LONGEST = 220  # bytes of a name that other endings are still added to


@dataclass(frozen=True, slots=True)
class _Dropped:
    """A settled file. `arrival` tells it from any other file that ever had its name."""

    path: Path
    name: str  # as people read it; the path may hold bytes that are no text
    data: bytes
    arrival: str


class Intake:
    """Accepts and refuses job files of one inbox."""

    def __init__(self, app: App, inbox: Path) -> None:
        self._app = app
        self._inbox = inbox
        self.accepted_folder = inbox / "accepted"
        self.rejected_folder = inbox / "rejected"
        self.rejected = 0
        self._moved: list[str] = []
        self._after: list[Callable[[], None]] = []  # what follows once the batch is committed
        self._outlooks = Outlooks(app.ledger, app.clock)
        self._immovable: set[str] = set()  # arrivals of files that could not be moved: not to be tried at each look

    def make_folders(self) -> None:
        """Create inbox, accepted and rejected. Raises StorageFull, StorageLost where there can't be an inbox."""
        with translated(self._inbox):
            self._inbox.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # a read-only inbox can still be read; whatever has to be moved there tries again
            self.accepted_folder.mkdir(exist_ok=True)
            self.rejected_folder.mkdir(exist_ok=True)

    def recover(self) -> None:
        """Finish what the program was killed in: files that were moved, but whose notes may be missing.

        Their arrivals are forgotten: should somebody drag such a file back into the inbox, that is a new wish.
        """
        for folder in (self.accepted_folder, self.rejected_folder):
            for half in folder.glob(f".*{NOTE}.tmp"):
                half.unlink(missing_ok=True)
        rows = self._app.ledger.query("SELECT id, source_name FROM jobs WHERE arrival IS NOT NULL")
        there = {row["id"]: self.accepted_folder / accepted_name(row["id"], row["source_name"]) for row in rows}
        moved = [job for job, path in there.items() if path.exists()]
        for job in moved:
            self._tell(job)
        self._app.ledger.jobs.moved(moved)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Jobs that are taken inside become durable together; only then are their files moved and notes written.

        Raises StorageFull, StorageLost where the ledger can't be written; then nothing has happened.
        """
        self._after.clear()
        with self._app.ledger.atomic():
            yield
        for finish in self._after:
            finish()
        self._after.clear()

    def take(self, name: str, data: bytes, arrival: str) -> None:
        """Make a job of a settled file's bytes, or refuse it; inside `batch`. A file that was taken before is only
        moved away.

        Raises StorageFull, StorageLost where the ledger can't be written; then nothing has happened.
        """
        if arrival in self._immovable:
            return
        jobs, dropped = self._app.ledger.jobs, _Dropped(self._inbox / name, legible(name), data, arrival)
        known = jobs.by_arrival(arrival)
        if known is not None:
            self._put_away(dropped, known)
            self._tell(known)
            return
        digest = hashlib.sha256(data).hexdigest()
        twin = jobs.open_twin(dropped.name, digest)
        if twin is not None:
            self._after.append(partial(self._same, dropped, twin))
            return
        try:
            request = self._app.catalogue.read(data, dropped.name)
        except JobFileError as error:
            self._refuse(dropped, error)
            return
        self._accept(dropped, digest, request)

    def settle_moves(self) -> None:
        """Make the moves of this turn durable, then forget the arrivals. Raises StorageFull, StorageLost."""
        if self._moved:
            for folder in (self.accepted_folder, self._inbox):
                if folder.exists():  # else its names are gone with it
                    fsync_dir(folder)
            self._app.ledger.jobs.moved(self._moved)
            self._moved = []

    def tell_planned(self, planned: JobPlanned) -> None:
        """Planning has ended: replace the note where there is more to tell than at acceptance."""
        if planned.told and self._app.ledger.jobs.get(planned.job)["kind"] == "file":
            self._tell(planned.job)

    def _accept(self, dropped: _Dropped, digest: str, request: JobRequest) -> None:
        app, now = self._app, self._app.clock.wall()
        job = app.ledger.jobs.new_id(app.rng)
        folder = job_folder(dropped.name, job, now, app.catalogue.config.timezone)
        source = Source(kind="file", name=dropped.name, sha256=digest, data=dropped.data, arrival=dropped.arrival)
        app.ledger.jobs.add(job, request, source, folder, now)
        self._after.append(partial(self._welcome, dropped, job, request))

    def _welcome(self, dropped: _Dropped, job: str, request: JobRequest) -> None:
        self._app.log.info("file.accepted", file=dropped.name, job=job, pictures=request.pictures)
        there = self._put_away(dropped, job)
        self._note(there, accepted(request, job, dropped.name, (), self._app.catalogue.say, self._outlook(request)))

    def _same(self, dropped: _Dropped, job: str) -> None:
        self._app.log.info("file.accepted", file=dropped.name, job=job, reason="same_job")
        there = self._put_away(dropped, job)
        self._note(there, f"{self._app.catalogue.say('door.same_job')}\r\n".encode("utf-8-sig"))

    def _refuse(self, dropped: _Dropped, error: JobFileError) -> None:
        self.rejected += 1
        reason = "; ".join(str(remark) for remark in error.remarks[:2])[:300]  # the note has all of them
        self._app.log.info("file.rejected", file=dropped.name, reason=reason, faults=len(error.remarks))
        target = free_name(self.rejected_folder, short(dropped.name))
        mended = fixed(dropped.data, target.name, error, self._app.catalogue.known)
        if mended:
            self._lay(self.rejected_folder / mended[0], mended[1])
        told = refused(error, dropped.name, self._app.catalogue.say, mended[0] if mended else "")
        self._note(target, told)  # first: none may lie there without
        self._move(dropped, target)

    def _put_away(self, dropped: _Dropped, job: str) -> Path:
        target = free_name(self.accepted_folder, accepted_name(job, dropped.name))
        if self._move(dropped, target):
            self._moved.append(job)
        return target

    def _tell(self, job: str) -> None:
        """Write, or replace, the note that says how a job was read."""
        ledger = self._app.ledger.jobs
        row = ledger.get(job)
        request = JobRequest(orders=tuple(ledger.orders(job)), priority=row["priority"], preset=row["preset"],
                             not_before=wall(row["not_before"]) if row["not_before"] else None,
                             remarks=tuple(remarks_of(row["remarks"])))  # fmt: skip
        note = accepted(request, job, row["source_name"], (), self._app.catalogue.say, self._outlook(request))
        self._note(self.accepted_folder / accepted_name(job, row["source_name"]), note)

    def _outlook(self, request: JobRequest) -> Outlook:
        return self._outlooks(self._app.catalogue, request)

    def _note(self, file: Path, data: bytes) -> None:
        """Lay a note beside a file."""
        self._lay(file.with_name(f"{file.name}{NOTE}"), data)

    def _lay(self, path: Path, data: bytes) -> None:
        """Write something for the author. It is a courtesy: where it can't be written, the job goes on."""
        try:
            with translated(path.parent):
                path.parent.mkdir(exist_ok=True)  # people tidy up
            write_softly(path, data)
        except (StorageFull, StorageLost) as error:
            self._app.log.warning("file.ignored", file=path.name, reason=str(error))

    def _move(self, dropped: _Dropped, target: Path) -> bool:
        try:
            target.parent.mkdir(exist_ok=True)
            dropped.path.rename(target)
        except FileNotFoundError:
            return True  # its owner took it away again; the job is in the ledger and runs
        except OSError as error:
            self._immovable.add(dropped.arrival)
            self._app.log.warning("file.ignored", file=dropped.name, reason=f"can't be moved: {error.strerror}")
            return False
        return True


def accepted_name(job: str, name: str) -> str:
    """What a job's file is called in `accepted/`."""
    return short(f"{job}_{name}")


def short(name: str) -> str:
    """`name` with room left for `~2` and the note's ending: a file's name has at most 255 bytes."""
    path = PurePath(name)
    stem = path.stem.encode()[: LONGEST - len(path.suffix.encode())].decode(errors="ignore")
    return f"{stem}{path.suffix}" if len(name.encode()) > LONGEST else name


def free_name(folder: Path, name: str) -> Path:
    """`name` in `folder`, or `name~2`, `name~3`… before its ending where it is taken."""
    path, number = folder / name, 2
    stem, dot, ending = name.rpartition(".")
    while path.exists():
        path = folder / (f"{stem}~{number}.{ending}" if dot else f"{name}~{number}")
        number += 1
    return path


def legible(name: str) -> str:
    """A file's name as text. Bytes that are no UTF-8 are read as Korean Windows writes them, else marked as unknown."""
    raw = os.fsencode(name)
    for encoding in ("utf-8", "cp949"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return raw.decode(errors="replace")
