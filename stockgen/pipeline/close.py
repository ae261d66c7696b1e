"""The papers of a job that has ended: source, log, contact sheets, and last of all `job.json`.

`job.json` exists ⇔ the folder is final. A job that was cancelled before any of its pictures was begun has no folder: we
create nothing for it, because we would never remove it again. Its author reads of it in the note and in the ledger.
What waited for too long is no part of a job any more when it comes here (`rest`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.names import folder_name
from stockgen.domain.words import Remark
from stockgen.files import discard, fsync_dir
from stockgen.ledger import Row
from stockgen.ledger.assets import NewFile
from stockgen.pipeline.disk import Trouble
from stockgen.pipeline.finish import PixelPool
from stockgen.pipeline.places import Places
from stockgen.pipeline.publish import Publisher, staged_file
from stockgen.pipeline.sheet import Cell, sheets
from stockgen.pipeline.workshop import Workshop

JOB_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class _Papers:
    """What is written: gathered from the ledger first, so that the pool needs no ledger."""

    job: Row
    source: bytes
    log: Sequence[Mapping[str, Any]]
    cells: Sequence[Cell]
    summary: Mapping[str, Any]


class Closer:
    """Closes jobs whose every picture has ended, one at a time."""

    def __init__(self, work: Workshop, publisher: Publisher, pool: PixelPool) -> None:
        self._ledger, self._places, self._clock, self._log = work.ledger, work.places, work.clock, work.log
        self._publisher = publisher
        self._pool = pool
        self._job: str | None = None
        self.storage = Trouble(work.clock, work.log, work.wait)
        self._looked_at = -1  # the ledger's count of changes when `_ready` was found
        self._ready: list[str] = []
        self.closed: list[str] = []  # ids, for whoever wants to tell somebody; they empty it

    def step(self, now: float) -> None:
        """Begin with the next job that has ended. `now` monotonic seconds."""
        if self._job is not None or not self.storage.due:
            return
        if not self.ready():
            self.storage.fine()
        for job in self.ready()[:1]:
            reserved = self._ledger.assets.papers_of(job)  # before a crash: only the links are missing
            if not reserved and self._withdrawn(job):
                self._end(job, Remark("close.withdrawn"))
                return
            self._job = job
            if reserved:
                self._publish([])
                return
            papers = self._gathered(job)
            self._pool.run(partial(_written, papers, self._places), self._publish)

    def ready(self) -> list[str]:
        """Jobs whose every picture has ended; looked up again only after the ledger has changed."""
        if self._looked_at != self._ledger.changes:
            self._ready = self._ledger.jobs.ready_to_close()
            self._looked_at = self._ledger.changes
        return self._ready

    @property
    def busy(self) -> bool:
        """Whether a job is being closed."""
        return self._job is not None

    def closing(self, job: str) -> bool:
        """Whether the papers of an open job are being made or published: nothing can be added to it any more."""
        return self._job == job or bool(self._ledger.assets.papers_of(job))

    def _publish(self, files: Sequence[NewFile] | Exception) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        try:
            if isinstance(files, Exception):
                raise files
            with self._ledger.atomic():
                for file in files:
                    self._ledger.assets.reserve_paper(job, file)
            for row in self._ledger.assets.papers_of(job):
                if row["state"] == "staged":
                    self._publisher.paper(row)
        except (StorageFull, StorageLost) as error:
            self.storage.failed(error, job=job)
            return
        self.storage.fine()
        self._end(job)

    def _withdrawn(self, job: str) -> bool:
        return bool(self._ledger.jobs.get(job)["cancelled"]) and not self._ledger.jobs.begun(job)

    def _end(self, job: str, *told: Remark) -> None:
        result = self._result(job)
        with self._ledger.atomic():
            for remark in told:
                self._ledger.jobs.tell(job, remark)
            self._ledger.jobs.close(job, result, self._clock.wall())
        for row in self._ledger.assets.of_job(job):
            discard(self._places.thumbs / f"{row['shot_id']}.jpg")
        self.closed.append(job)
        self._log.info("job.closed", job=job, result=result, **self._ledger.jobs.counts(job))

    def _result(self, job: str) -> str:
        whole = self._ledger.retries.rest(job) is None
        return result_of(self._ledger.jobs.get(job), self._ledger.jobs.counts(job), whole)

    def _gathered(self, job: str) -> _Papers:
        row = self._ledger.jobs.get(job)
        assets = self._ledger.assets.of_job(job)
        counts = self._ledger.jobs.counts(job)
        cells = [Cell(one["number"], self._picture(one), one["state"] == "review") for one in assets]
        summary = {
            "schema": JOB_SCHEMA, "job": job, "kind": row["kind"], "result": self._result(job),
            "parent": row["parent_id"], "rest": self._ledger.retries.rest(job), "source": row["source_name"],
            "accepted_at": row["accepted_at"], "shots": counts, "orders": json.loads(row["orders"]),
            "pictures": [
                {"number": one["number"], "stem": one["stem"], "state": one["state"], "reason": one["review_reason"]}
                for one in assets
            ],
        }  # fmt: skip
        return _Papers(row, self._ledger.jobs.source(job), self._log_lines(job), cells, summary)

    def _picture(self, asset: Row) -> Path | None:
        """The small picture, else the master, else None where its owner has moved it already."""
        small = self._places.thumbs / f"{asset['shot_id']}.jpg"
        if small.exists():
            return small
        masters = [one["path"] for one in self._ledger.assets.files_of(asset["id"]) if one["role"] == "master"]
        return next((path for one in masters if (path := self._places.outbox / one).exists()), None)

    def _log_lines(self, job: str) -> list[Mapping[str, Any]]:
        lines = []
        for shot in self._ledger.shots.of_job(job):
            for one in self._ledger.shots.attempts(shot["id"]):
                lines.append(
                    {"ts": one["started_at"], "event": "attempt.ended", "shot": shot["id"], "provider": one["provider"],
                     "outcome": one["outcome"], "seconds": one["seconds"], "reason": one["reason"]}
                )  # fmt: skip
            ended = {"ts": shot["updated_at"], "event": f"shot.{shot['state']}", "shot": shot["id"]}
            lines.append(ended | {"reason": shot["reason"]})
        return sorted(lines, key=lambda line: str(line["ts"]))


def result_of(job: Row, counts: Mapping[str, int], whole: bool = True) -> str:
    """`done`: every picture is there. `partial`: some are. `cancelled`, `failed`: none is. `whole`: no other job
    carries the rest.
    """
    made = counts.get("done", 0) + counts.get("review", 0)
    if made and whole and made == sum(counts.values()):
        return "done"
    if made:
        return "partial"
    return "cancelled" if job["cancelled"] else "failed"


def _written(papers: _Papers, places: Places) -> list[NewFile]:
    """Put a job's papers into staging, durably. Raises StorageFull, StorageLost."""
    job, folder = papers.job["id"], papers.job["folder"]
    log = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in papers.log).encode()
    name = Path(papers.job["source_name"])
    source = f"{folder_name(name.stem)}{name.suffix[:8]}"
    summary = json.dumps(papers.summary, ensure_ascii=False, indent=1).encode()
    files = [
        staged_file(places, f"job-{job}-source", papers.source, "source", f"{folder}/info/{source}"),
        staged_file(places, f"job-{job}-log", log, "log", f"{folder}/info/log.jsonl"),
    ]
    for number, sheet in enumerate(sheets(papers.cells, f"{job}  {len(papers.cells)}"), 1):
        name_there = f"{folder}/sheet-{number}.jpg"
        files.append(staged_file(places, f"job-{job}-sheet-{number}", sheet, "sheet", name_there))
    files.append(staged_file(places, f"job-{job}-job", summary, "job", f"{folder}/info/job.json"))
    fsync_dir(places.staging)
    return files
