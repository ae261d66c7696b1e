"""What people read beside their job files: how a file was understood, what became of it, what to mend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from daemon.names import NOTE
from stockgen.app.build import App
from stockgen.app.outlook import Outlooks
from stockgen.domain.errors import JobFileError
from stockgen.domain.times import wall
from stockgen.domain.words import JobRequest
from stockgen.jobfile import accepted, missing, refused
from stockgen.ledger.jobs import remarks_of

A_TURN = 200  # ideas; more are not planned in one turn of the loop, after which their notes are renewed

Mended = tuple[str, bytes]  # name and bytes of a copy that would be accepted


class Letters:
    """Written from the ledger and the catalogue of the moment; all are UTF-8 with a mark and CRLF."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._outlooks = Outlooks(app.ledger, app.clock)

    def welcome(self, request: JobRequest, job: str, name: str) -> bytes:
        """The note of a job that is not planned yet: how its file was read, and what is known and what is awaited."""
        catalogue = self._app.catalogue
        outlook = self._outlooks(catalogue, request, job=job, awaiting=True)
        return accepted(request, job, name, (), catalogue.say, outlook)

    def of_job(self, job: str) -> bytes:
        """The note of a job that is in the ledger, with all that was found since; where it will not be made, or has
        been, there is nothing to look ahead to. Raises LookupError.
        """
        jobs = self._app.ledger.jobs
        row = jobs.get(job)
        request = JobRequest(orders=tuple(jobs.orders(job)), priority=row["priority"], preset=row["preset"],
                             budget=row["budget_micros"],
                             not_before=wall(row["not_before"]) if row["not_before"] else None,
                             remarks=tuple(remarks_of(row["remarks"])))  # fmt: skip
        catalogue, name = self._app.catalogue, row["source_name"]
        if row["cancelled"] or row["state"] == "closed":
            rests = [jobs.get(one) for one in self._app.ledger.retries.line(job)]
            ended = all(one["cancelled"] or one["state"] == "closed" for one in rests)
            return accepted(request, job, name, (), catalogue.say, ended=ended)
        if row["state"] == "planning":
            return self.welcome(request, job, name)
        return accepted(request, job, name, (), catalogue.say, self._outlooks(catalogue, request, job=job, queued=True))

    def overtaken(self, where: Callable[[str], Path]) -> list[str]:
        """Jobs whose note still awaits their planning, though it has ended: the program was killed in between. `where`
        says where a job's file was laid.
        """
        awaiting = self._app.catalogue.say("job_file.note.awaiting").encode()
        rows = self._app.ledger.query(
            """SELECT DISTINCT j.id FROM (SELECT job_id FROM ideas ORDER BY id DESC LIMIT :many) i
               JOIN jobs j ON j.id = i.job_id WHERE j.state <> 'planning' AND j.kind = 'file'""",
            many=A_TURN,
        )
        files = {row["id"]: where(row["id"]) for row in rows}
        notes = {job: file.with_name(f"{file.name}{NOTE}") for job, file in files.items()}
        return [job for job, note in notes.items() if note.is_file() and awaiting in note.read_bytes()]

    def parted(self, where: Callable[[str], Path]) -> list[str]:
        """Jobs whose rest another one carries and whose note does not say so, as above."""
        rests = {row["id"]: row["parent_id"] for row in self._app.ledger.retries.carried()}
        files = {rest: where(job) for rest, job in rests.items() if self._app.ledger.jobs.get(job)["kind"] == "file"}
        notes = {rest: file.with_name(f"{file.name}{NOTE}") for rest, file in files.items()}
        return [
            rests[rest] for rest, note in notes.items() if note.is_file() and rest.encode() not in note.read_bytes()
        ]

    def same(self, job: str) -> bytes:
        """The file came twice while its job is open."""
        return f"{self._app.catalogue.say('door.same_job', job=job)}\r\n".encode("utf-8-sig")

    def refusal(
        self, error: JobFileError, name: str, data: bytes, target: str, preset: str = ""
    ) -> tuple[bytes, Mended | None]:
        """The note of a refused file that will lie under the name `target`, and the mended copy where a guess holds.
        `preset`: that of the folder that it came from.
        """
        mended = self._app.catalogue.mended(data, target, error, preset)
        copy, lost = (mended[0], missing(data, mended[1])) if mended else ("", ())
        return refused(error, name, self._app.catalogue.say, copy, preset, lost), mended
