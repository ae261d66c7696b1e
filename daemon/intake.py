"""One settled file → one job, or a refusal with a note. The job is in the ledger before the file is moved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from daemon.companions import Companions
from daemon.folders import Folders
from daemon.letters import Letters
from daemon.names import NOTE, accepted_name, free_name, legible, short
from daemon.presets import preset_of
from daemon.resting import Resting
from daemon.settle import arrival_now
from daemon.stuck import Stuck, StuckFiles
from stockgen.app.build import App
from stockgen.domain.errors import JobFileError
from stockgen.domain.words import JobRequest, Remark
from stockgen.files import fsync_dir, make_folders, write_whole
from stockgen.jobfile import unknown_preset
from stockgen.ledger.jobs import Source
from stockgen.pipeline.places import job_folder
from stockgen.pipeline.planning import JobPlanned
from stockgen.pipeline.references import given, wanted

LIMIT = 1 << 20  # bytes; a job file is text that somebody wrote


@dataclass(frozen=True, slots=True)
class _Dropped:
    """A settled file. `arrival` tells it from any other file that ever had its name."""

    path: str  # text, because a burst has many
    key: str  # where it lies in the inbox: `FILE` or `FOLDER/FILE`, maybe in bytes that are no text
    name: str  # the same as people read it
    data: bytes
    digest: str  # sha256
    arrival: str

    @property
    def folder(self) -> str:
        return _folder(self.name)

    @property
    def file(self) -> str:
        return self.name.rpartition("/")[2]


class Intake:
    """Accepts and refuses job files of one inbox."""

    def __init__(self, app: App, inbox: Path, quiet: float, every: float) -> None:
        self._app = app
        self._inbox = inbox
        self.folders = Folders(app, inbox)
        self.rejected = 0
        self.resting = Resting(app, self.folders.accepted, quiet, every)
        self._moved: list[str] = []
        self._taken_away: list[str] = []
        self._left = {""}  # folders of the inbox that files were moved out of; "" = itself
        self._after: list[Callable[[], None]] = []  # what follows once the batch is committed
        self._stuck = StuckFiles()
        self._letters = Letters(app)
        self.companions = Companions(app, inbox, self.folders, quiet)

    def make_folders(self) -> None:
        """Create inbox, accepted and rejected. Raises StorageFull, StorageLost where there can't be an inbox."""
        make_folders(self._inbox)
        self.folders.furnish()

    def recover(self) -> None:
        """Finish what the program was killed in: files that were moved, but whose notes may be missing, or empty where
        the power was cut.

        Their arrivals are forgotten: should somebody drag such a file back into the inbox, that is a new wish.
        """
        self.folders.sweep()
        rows = self._app.ledger.query("SELECT id, source_name, arrival FROM jobs WHERE arrival IS NOT NULL")
        there = {row["id"]: self.folders.accepted / accepted_name(row["id"], row["source_name"]) for row in rows}
        moved = [job for job, path in there.items() if path.exists()]
        for job in moved:
            self._tell(job)
        for row in rows:  # of those that still lie in the inbox
            now = arrival_now(self._inbox / row["source_name"], row["arrival"])
            if now and now != row["arrival"]:
                self._app.ledger.jobs.arrived(row["id"], now)
        for job in (*self._letters.overtaken(self._file_of), *self._letters.parted(self._file_of)):
            self._retell(job)
        for note in self.folders.emptied():
            self._write_again(note)
        self._app.ledger.jobs.moved(moved, self.resting.mark())
        self.companions.moving.recover()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Jobs that are taken inside become durable together; only then are their files moved and notes written.

        Raises StorageFull, StorageLost where the ledger can't be written; then nothing has happened.
        """
        self._after.clear()
        self.companions.moving.begin()
        with self._app.ledger.atomic():
            yield
            self.companions.moving.note()
        self.companions.moving.end()
        for finish in self._after:
            finish()
        self._after.clear()

    def take(self, key: str, data: bytes, arrival: str) -> None:
        """Make a job of a settled file's bytes, or refuse it; inside `batch`. A file that was taken before is only
        moved away. `key`: where it lies in the inbox.

        Raises StorageFull, StorageLost where the ledger can't be written, Unfinished or Awaited where pictures that it
        names are not stored yet; then nothing has happened.
        """
        digest = hashlib.sha256(data).hexdigest()
        dropped = _Dropped(f"{self._inbox}/{key}", key, legible(key), data, digest, arrival)
        known = self._app.ledger.jobs.by_arrival(arrival)
        if known is not None:
            self._after.append(partial(self._again, dropped, known))
        elif not self._touched(dropped):
            self._judge(dropped)

    def settle_moves(self) -> None:
        """Make the moves of this turn durable, then forget the arrivals. Raises StorageFull, StorageLost."""
        if self._moved:
            for folder in (self.folders.accepted, *(self._inbox / each for each in self._left)):
                if folder.exists():  # else its names are gone with it
                    fsync_dir(folder)
            self._app.ledger.jobs.moved(self._moved, self.resting.mark())
            self._moved, self._left = [], {""}
        if self._taken_away:
            self._app.ledger.jobs.moved(self._taken_away, None)
            self._taken_away = []

    def tell_planned(self, planned: JobPlanned) -> None:
        """Planning has ended, or words are in English now: what the note said is awaited is known."""
        if self._app.ledger.jobs.get(planned.job)["kind"] == "file":
            self._retell(planned.job)

    def tell_closed(self, job: str) -> None:
        """A job has ended: the note of one that was cancelled says so, and that of one whose rest another carries."""
        ledger = self._app.ledger
        asked = ledger.retries.asked(job)
        parted = asked != job or ledger.retries.rest(job) is not None
        if ledger.jobs.get(asked)["kind"] == "file" and (parted or ledger.jobs.get(job)["cancelled"]):
            self._retell(asked)

    def tell_withdrawn(self) -> None:
        """Say in the note what taking the file away has done."""
        for job in self.resting.withdrawn:
            self._retell(self._app.ledger.retries.asked(job))
        self.resting.withdrawn.clear()

    # -- files that can't be moved away -------------------------------------------------------------------------

    def lies(self, key: str, arrival: str) -> bool:
        """Whether this very file was dealt with and still lies in the inbox, because it can't be moved."""
        return self._stuck.lies(key, arrival)

    def move_again(self, there: Collection[str]) -> None:
        """Try once more to move such files; `there`: all that lies in the inbox. Never raises for one that stays."""
        self._taken_away += [one.job for one in self._stuck.taken_away(there) if one.job]
        for key, one in self._stuck.all():
            with suppress(OSError):
                target = free_name(one.target.parent, one.target.name)
                self.folders.take_in(one.path, target)
                self._stuck.forget(key)
                self._left.add(_folder(key))
                self._moved += [one.job] if one.job else []
                self._note(target, one.note)

    def _touched(self, dropped: _Dropped) -> bool:
        """Whether it is a file that can't be moved, with the same bytes as before: only its time is another."""
        stuck = self._stuck.touched(dropped.key, dropped.arrival, dropped.digest)
        if stuck and stuck.job:
            self._app.ledger.jobs.arrived(stuck.job, dropped.arrival)
        return stuck is not None

    # -- judging -----------------------------------------------------------------------------------------------

    def _judge(self, dropped: _Dropped) -> None:
        same_name = self._app.ledger.jobs.named(dropped.name)
        twin = next((one["id"] for one in same_name if one["source_sha256"] == dropped.digest), None)
        if twin is not None:
            self.companions.came_again(dropped.key, twin)
            self._after.append(partial(self._same, dropped, twin))
            return
        try:
            request = self._read(dropped)
            names = wanted(request)
            taken = self.companions.take(dropped.key, dropped.arrival, names) if names else {}
        except JobFileError as error:
            self._after.append(partial(self._refuse, dropped, error))
            return
        request = given(request, {name: one.stored for name, one in taken.items()}) if taken else request
        earlier = next((one["id"] for one in same_name if one["kind"] in ("file", "rest")), None)
        job = self._renew(dropped, request, earlier) if earlier else self._accept(dropped, request)
        self.companions.use(taken, job)

    def _read(self, dropped: _Dropped) -> JobRequest:
        catalogue, preset = self._app.catalogue, self._preset(dropped)
        if dropped.folder and not preset:
            raise unknown_preset(dropped.folder, catalogue.known)
        return catalogue.read(dropped.data, dropped.file, preset, self._app.ledger)

    def _preset(self, dropped: _Dropped) -> str:
        return preset_of(dropped.folder, self._app.catalogue.config.presets) if dropped.folder else ""

    def _renew(self, dropped: _Dropped, request: JobRequest, earlier: str) -> str:
        """The same name with other bytes: instead of the earlier job while none of its pictures has been claimed."""
        jobs = self._app.ledger.jobs
        if jobs.begun(earlier) or jobs.get(earlier)["kind"] == "rest":
            return self._accept(dropped, _with(request, Remark("door.beside", facts={"job": earlier})))
        self._app.engine.cancel(earlier)
        job = self._accept(dropped, _with(request, Remark("door.replaces", facts={"job": earlier})), earlier)
        jobs.tell(earlier, Remark("door.replaced", facts={"job": job}))
        self._after.append(partial(self._tell, earlier))
        return job

    def _accept(self, dropped: _Dropped, request: JobRequest, replaces: str | None = None) -> str:
        app, now = self._app, self._app.clock.wall()
        job = app.ledger.jobs.new_id(app.rng)
        folder = job_folder(dropped.file, job, now, app.catalogue.config.timezone)
        source = Source(kind="file", name=dropped.name, sha256=dropped.digest, data=dropped.data,
                        arrival=dropped.arrival)  # fmt: skip
        app.ledger.jobs.add(job, request, source, folder, now)
        self._after.append(partial(self._welcome, dropped, job, request, replaces))
        return job

    # -- what follows, once it is in the ledger -----------------------------------------------------------------

    def _welcome(self, dropped: _Dropped, job: str, request: JobRequest, replaces: str | None) -> None:
        facts = {"replaces": replaces} if replaces else {}
        self._app.log.info("file.accepted", file=dropped.name, job=job, pictures=request.pictures, **facts)
        self._put_away(dropped, job, self._letters.welcome(request, job, dropped.name))

    def _again(self, dropped: _Dropped, job: str) -> None:
        """Killed before its file was moved, or it could not be moved then."""
        self._put_away(dropped, job, self._letters.of_job(job))

    def _same(self, dropped: _Dropped, job: str) -> None:
        self._app.log.info("file.accepted", file=dropped.name, job=job, reason="same_job")
        self._put_away(dropped, job, self._letters.same(job))

    def _refuse(self, dropped: _Dropped, error: JobFileError) -> None:
        self.rejected += 1
        reason = "; ".join(str(remark) for remark in error.remarks[:2])[:300]  # the note has all of them
        self._app.log.info("file.rejected", file=dropped.name, reason=reason, faults=len(error.remarks))
        target = free_name(self.folders.rejected, short(dropped.file))
        note, mended = self._letters.refusal(error, dropped.file, dropped.data, target.name, self._preset(dropped))
        if mended:
            self.folders.lay(self.folders.rejected / mended[0], mended[1], write_whole)
        # First: none may lie there without. No ledger knows what is in it.
        self.folders.lay(_beside(target), note, write_whole)
        self._move(dropped, target, None, note)

    def _put_away(self, dropped: _Dropped, job: str, note: bytes) -> None:
        target = free_name(self.folders.accepted, accepted_name(job, dropped.name))
        if self._move(dropped, target, job, note):
            self._note(target, note)

    def _tell(self, job: str) -> None:
        """Write, or replace, the note that says how a job was read."""
        self._note(self._file_of(job), self._letters.of_job(job))

    def _retell(self, job: str) -> None:
        """Replace a job's note; where the note and the file are gone, nobody wants to know."""
        file = self._file_of(job)
        self._stuck.renew(file, partial(self._letters.of_job, job))
        if file.exists() or _beside(file).exists():
            self._tell(job)

    def _write_again(self, note: Path) -> None:
        """What a note of a job says, or that its file came twice; of a file that we know nothing of, nothing."""
        job = note.name.partition("_")[0]
        with suppress(LookupError):
            first = note == _beside(self._file_of(job))
            self.folders.lay(note, self._letters.of_job(job) if first else self._letters.same(job))

    def _file_of(self, job: str) -> Path:
        return self.folders.accepted / accepted_name(job, self._app.ledger.jobs.get(job)["source_name"])

    def _note(self, file: Path, data: bytes) -> None:
        """Lay a note beside a file."""
        self.folders.lay(_beside(file), data)

    def _move(self, dropped: _Dropped, target: Path, job: str | None, note: bytes) -> bool:
        """Move a file that was dealt with; False = it stays where it is, for now."""
        try:
            self.folders.take_in(dropped.path, target)
        except FileNotFoundError:  # its owner took it away again; the job is in the ledger and runs
            self._taken_away += [job] if job else []
            return True
        except OSError as error:
            one = Stuck(dropped.path, dropped.arrival, dropped.digest, job, target, note)
            self._stuck.add(dropped.key, one)
            self._app.log.warning("file.ignored", file=dropped.name, reason=f"can't be moved: {error.strerror}")
            return False
        self._stuck.forget(dropped.key)
        self._left.add(_folder(dropped.key))
        self._moved += [job] if job else []
        return True


def _beside(file: Path) -> Path:
    """Where a file's note lies."""
    return file.with_name(f"{file.name}{NOTE}")


def _folder(key: str) -> str:
    """Where in the inbox a file lies, "" = in none of its folders."""
    return key.rpartition("/")[0]


def _with(request: JobRequest, remark: Remark) -> JobRequest:
    return replace(request, remarks=(*request.remarks, remark))
