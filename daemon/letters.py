"""What people read beside their job files: how a file was understood, what became of it, what to mend."""

from __future__ import annotations

from stockgen.app.build import App
from stockgen.app.outlook import Outlooks
from stockgen.domain.errors import JobFileError
from stockgen.domain.times import wall
from stockgen.domain.words import JobRequest
from stockgen.jobfile import accepted, refused
from stockgen.ledger.jobs import remarks_of

Mended = tuple[str, bytes]  # name and bytes of a copy that would be accepted


class Letters:
    """Written from the ledger and the catalogue of the moment; all are UTF-8 with a mark and CRLF."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._outlooks = Outlooks(app.ledger, app.clock)

    def welcome(self, request: JobRequest, job: str, name: str) -> bytes:
        """The note of a job: how its file was read, and what is to be expected."""
        catalogue = self._app.catalogue
        return accepted(request, job, name, (), catalogue.say, self._outlooks(catalogue, request))

    def of_job(self, job: str) -> bytes:
        """The same for a job that is in the ledger, with all that was found since. Raises LookupError."""
        jobs = self._app.ledger.jobs
        row = jobs.get(job)
        request = JobRequest(orders=tuple(jobs.orders(job)), priority=row["priority"], preset=row["preset"],
                             not_before=wall(row["not_before"]) if row["not_before"] else None,
                             remarks=tuple(remarks_of(row["remarks"])))  # fmt: skip
        return self.welcome(request, job, row["source_name"])

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
        return refused(error, name, self._app.catalogue.say, mended[0] if mended else "", preset), mended
