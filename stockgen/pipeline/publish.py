"""From staging to the outbox: reserve names in the ledger, link without clobbering, tick off.

Staged files are durable before the row exists, so a file that is neither in staging nor in the outbox was published
and then moved by its owner. It is never made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from stockgen.domain.names import slug
from stockgen.domain.protocols import Clock
from stockgen.domain.times import iso
from stockgen.files import fsync_dir, link_new, make_folders, sha256_file, write_new
from stockgen.ledger import Ledger, Row
from stockgen.ledger.assets import NewAsset, NewFile
from stockgen.logs import Logger
from stockgen.pipeline.describe import Described, sidecar
from stockgen.pipeline.finish import Finished
from stockgen.pipeline.places import Places


class NameTaken(Exception):
    """A foreign file lies where ours should go."""


class Publisher:
    """Gives finished pictures and papers their names in the outbox."""

    def __init__(self, ledger: Ledger, places: Places, review: str, clock: Clock, log: Logger) -> None:
        self._ledger = ledger
        self._places = places
        self._review = review
        self._clock = clock
        self._log = log

    def picture(self, this: Described, finished: Finished) -> None:
        """Publish a finished picture with its sidecar. Raises StorageFull, StorageLost: then nothing is lost."""
        number = self._ledger.assets.next_number(this.shot["job_id"])
        while True:
            asset, files = self._named(this, finished, number)
            number += 1
            if any((self._places.outbox / file.path).exists() for file in files):
                continue
            fsync_dir(self._places.staging)
            key = self._ledger.assets.reserve(asset, files, self._clock.wall())
            try:
                self.complete(key, this.shot)
                return
            except NameTaken:
                self._ledger.assets.unpublish(key, self._clock.wall())

    def complete(self, asset: int, shot: Row) -> None:
        """Link the files of a reserved picture, sidecar first, and end its shot. Safe to repeat after a crash."""
        files = self._ledger.assets.files_of(asset)
        self._refuse_foreign(files)
        for file in files:
            self._link(file)
        self._ledger.assets.done(asset, [file["id"] for file in files], self._clock.wall())
        self._log.info("shot.published", shot=shot["id"], job=shot["job_id"], path=files[-1]["path"])
        for file in files:
            (self._places.staging / file["staged"]).unlink(missing_ok=True)
        self._drop_raw(shot["raw_path"])

    def paper(self, file: Row) -> None:
        """Link one of a job's papers and tick it off. A foreign file of that name stays, and is told."""
        try:
            self._refuse_foreign([file])
            self._link(file)
        except NameTaken:
            self._log.warning("paper.name_taken", job=file["job_id"], path=file["path"])
        self._ledger.assets.published(file["id"])
        (self._places.staging / file["staged"]).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove from staging what no row needs; only while nothing is being finished."""
        needed = self._ledger.assets.staged_names()
        for path in self._places.staging.iterdir():
            if path.is_file() and path.name not in needed:
                path.unlink(missing_ok=True)

    def _named(self, this: Described, finished: Finished, number: int) -> tuple[NewAsset, list[NewFile]]:
        job = self._ledger.jobs.get(this.shot["job_id"])
        stem = f"{slug(this.idea.title['en'])}-{job['id']}-{number:03d}"
        created = iso(self._clock.wall())
        facts = {"width": finished.width, "height": finished.height, "checks": list(finished.checks),
                 "sha256": finished.sha256}  # fmt: skip
        data = sidecar(this, stem, facts, self._ledger.shots.attempts(this.shot["id"]), created)
        beside = staged_file(self._places, f"shot-{this.shot['id']}.json", data, "sidecar",
                             f"{job['folder']}/info/{stem}.json")  # fmt: skip
        review = "degraded" if this.shot["degraded"] else finished.review
        folder = f"{self._review}/{review}" if review else f"{job['folder']}/images"
        master = NewFile(role="master", path=f"{folder}/{stem}.jpg", staged=finished.staged, sha256=finished.sha256,
                         bytes=finished.bytes)  # fmt: skip
        asset = NewAsset(
            shot=this.shot["id"], job=job["id"], number=number, stem=stem, kind=this.order.kind, look=this.look,
            review=review, checks=list(finished.checks), sellable=this.sellable, width=finished.width,
            height=finished.height,
        )  # fmt: skip
        return asset, [beside, master]

    def _refuse_foreign(self, files: Sequence[Row]) -> None:
        for file in files:
            target = self._places.outbox / file["path"]
            with suppress(FileNotFoundError):
                if sha256_file(target) != file["sha256"]:
                    raise NameTaken(file["path"])

    def _link(self, file: Row) -> None:
        source, target = self._places.staging / file["staged"], self._places.outbox / file["path"]
        if not source.exists():
            return  # published before the crash; whether it is still there is its owner's business
        make_folders(target.parent)
        with suppress(FileExistsError):  # ours, from before a crash: `_refuse_foreign` compared it
            link_new(source, target)
        fsync_dir(target.parent)

    def _drop_raw(self, raw: str | None) -> None:
        if raw:
            path: Path = self._places.spool / raw
            path.unlink(missing_ok=True)
            with suppress(OSError):  # other pictures of the batch are still there
                path.parent.rmdir()


def staged_file(places: Places, staged: str, data: bytes, role: str, path: str) -> NewFile:
    """Write a small file into staging, fsynced; `path` is where it will be in the outbox."""
    write_new(places.staging / staged, data)
    return NewFile(role=role, path=path, staged=staged, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
