"""One settled file → one job, or a refusal with a note. The job is in the ledger before the file is moved."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from stockgen.app import App
from stockgen.domain.errors import JobFileError, StorageFull, StorageLost
from stockgen.domain.words import JobRequest, Remark
from stockgen.files import fsync_dir, translated, write_softly
from stockgen.jobfile import accepted, refused
from stockgen.ledger.jobs import Source, remarks_of
from stockgen.pipeline.places import job_folder
from stockgen.pipeline.plan import JobPlanned

LIMIT = 1 << 20  # bytes; a job file is text that somebody wrote
NOTE = ".note.txt"


class Intake:
    """Accepts and refuses job files of one inbox."""

    def __init__(self, app: App, inbox: Path) -> None:
        self._app = app
        self._inbox = inbox
        self.accepted_folder = inbox / "accepted"
        self.rejected_folder = inbox / "rejected"
        self.rejected = 0
        self._moved: list[str] = []
        self._notes: dict[str, str] = {}  # job → name of its file in accepted/, until planning has ended
        self._immovable: set[str] = set()  # arrivals of files that could not be moved: not to be tried at each look

    def make_folders(self) -> None:
        """Create inbox, accepted and rejected. Raises StorageFull, StorageLost."""
        for folder in (self._inbox, self.accepted_folder, self.rejected_folder):
            with translated(folder):
                folder.mkdir(parents=True, exist_ok=True)

    def take(self, name: str, data: bytes, arrival: str) -> None:
        """Make a job of a settled file's bytes, or refuse it. A file that was taken before is only moved away."""
        if arrival in self._immovable:
            return
        jobs = self._app.ledger.jobs
        known = jobs.by_arrival(arrival)
        if known is not None:
            self._put_away(name, known, arrival)
            return
        digest = hashlib.sha256(data).hexdigest()
        twin = jobs.open_twin(name, digest)
        if twin is not None:
            self._app.log.info("file.accepted", file=name, job=twin, reason="same_job")
            self._put_away(name, twin, arrival)
            return
        try:
            request = self._app.catalogue.read(data, name)
        except JobFileError as error:
            self._refuse(name, error, arrival)
            return
        job = self._add(name, data, digest, request, arrival)
        self._put_away(name, job, arrival, request)

    def settle_moves(self) -> None:
        """Make the moves of this turn durable, then forget the arrivals. Raises StorageFull, StorageLost."""
        if self._moved:
            fsync_dir(self.accepted_folder)
            fsync_dir(self._inbox)
            self._app.ledger.jobs.moved(self._moved)
            self._moved = []

    def tell_planned(self, planned: JobPlanned) -> None:
        """Planning has ended: replace the note where there is more to tell than at acceptance."""
        name = self._notes.pop(planned.job, None)
        if name is None or not planned.told:
            return
        row = self._app.ledger.jobs.get(planned.job)
        request = JobRequest(
            orders=tuple(self._app.ledger.jobs.orders(planned.job)), priority=row["priority"], preset=row["preset"],
            remarks=tuple(remarks_of(row["remarks"])),
        )  # fmt: skip
        self._note(name, planned.job, row["source_name"], request, ())

    def _add(self, name: str, data: bytes, digest: str, request: JobRequest, arrival: str) -> str:
        app, now = self._app, self._app.clock.wall()
        job = app.ledger.jobs.new_id(app.rng)
        folder = job_folder(name, job, now, app.catalogue.config.timezone)
        source = Source(kind="file", name=name, sha256=digest, data=data, arrival=arrival)
        app.ledger.jobs.add(job, request, source, folder, now)
        app.log.info("file.accepted", file=name, job=job, pictures=request.pictures)
        return job

    def _put_away(self, name: str, job: str, arrival: str, request: JobRequest | None = None) -> None:
        target = free_name(self.accepted_folder, f"{job}_{name}")
        if not self._move(name, target, arrival):
            return
        self._moved.append(job)
        if request is not None:
            self._notes[job] = target.name
            self._note(target.name, job, name, request, ())

    def _note(self, file: str, job: str, name: str, request: JobRequest, told: Sequence[Remark]) -> None:
        data = accepted(request, job, name, told, self._app.catalogue.say)
        write_softly(self.accepted_folder / f"{file}{NOTE}", data)

    def _refuse(self, name: str, error: JobFileError, arrival: str) -> None:
        target = free_name(self.rejected_folder, name)
        self.rejected += 1
        self._app.log.info("file.rejected", file=name, reason=str(error), faults=len(error.remarks))
        try:
            note = refused(error, name, self._app.catalogue.say)
            write_softly(target.with_name(target.name + NOTE), note)
        except (StorageFull, StorageLost) as lost:
            self._app.log.warning("file.ignored", file=name, reason=str(lost))
        self._move(name, target, arrival)

    def _move(self, name: str, target: Path, arrival: str) -> bool:
        try:
            os.rename(self._inbox / name, target)  # noqa: PTH104 - names may be bytes that Path would refuse to show
        except FileNotFoundError:
            return True  # its owner took it away again; the job is in the ledger and runs
        except OSError as error:
            self._immovable.add(arrival)
            self._app.log.warning("file.ignored", file=name, reason=f"can't be moved: {error.strerror}")
            return False
        return True


def free_name(folder: Path, name: str) -> Path:
    """`name` in `folder`, or `name~2`, `name~3`… before its ending where it is taken."""
    path, number = folder / name, 2
    stem, dot, ending = name.rpartition(".")
    while path.exists():
        path = folder / (f"{stem}~{number}.{ending}" if dot else f"{name}~{number}")
        number += 1
    return path
