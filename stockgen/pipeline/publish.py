"""From staging to the outbox: reserve names in the ledger, link without clobbering, tick off.

Staged files are durable before the row exists, so a file that is neither in staging nor in the outbox, or that is in
staging and has a second name elsewhere, was published and then moved by its owner. It is never made again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from stockgen.checks.cutout import WHOLE
from stockgen.checks.findings import score
from stockgen.domain.errors import StorageFull, StorageLost
from stockgen.domain.names import slug
from stockgen.domain.times import iso
from stockgen.files import discard, fsync_dir, link_new, make_folders, sha256_file, translated, write_new
from stockgen.ledger import Row
from stockgen.ledger.assets import NewAsset, NewFile
from stockgen.pipeline.describe import Described, attempt_of, sidecar
from stockgen.pipeline.finish import Finished
from stockgen.pipeline.originals import Originals, provenance_told
from stockgen.pipeline.places import Places
from stockgen.pipeline.spool import retouched_name
from stockgen.pipeline.workshop import Workshop


class NameTaken(Exception):
    """A foreign file lies where ours should go."""


class Publisher:
    """Gives finished pictures and papers their names in the outbox. `bought` as in `Originals`."""

    def __init__(self, work: Workshop, review: str, bought: Collection[str] = ()) -> None:
        self._ledger, self._places, self._clock, self._log = work.ledger, work.places, work.clock, work.log
        self._review = review
        self._originals = Originals(work.places, bought)

    def picture(self, this: Described, finished: Finished, similar_to: str | None = None) -> None:
        """Publish a finished picture with its sidecar. Raises StorageFull, StorageLost: then nothing is lost.

        `similar_to`: the stem of the picture that it is too much like.
        """
        number = self._ledger.assets.next_number(this.shot["job_id"])
        while True:
            asset, files = self._named(this, finished, number, similar_to)
            number += 1
            if any(os.path.lexists(self._places.outbox / file.path) for file in files):
                continue
            fsync_dir(self._places.staging)
            key = self._ledger.assets.reserve(asset, files, self._clock.wall())
            try:
                self.complete(key, this.shot)
                return
            except NameTaken:
                self._ledger.assets.unpublish(key, self._clock.wall())

    def complete(self, asset: int, shot: Row) -> None:
        """Link the files of a reserved picture, sidecar first, and end its shot. Safe to repeat after a crash.

        Raises NameTaken; then none of ours is left under these names.
        """
        files = self._ledger.assets.files_of(asset)
        original = self._original(shot)
        try:
            for file in files:
                self._refuse_foreign(file)
            for file in files:
                self._link(file)
        except NameTaken:
            for file in files:
                self._withdraw(file)
            if original:
                self._originals.withdraw(shot["raw_path"], original)
            raise
        if original and not self._originals.keep(shot["raw_path"], original):
            self._log.warning("original.lost", shot=shot["id"], job=shot["job_id"], path=original)
        self._ledger.assets.done(asset, [file["id"] for file in files], self._clock.wall())
        self._log.info("shot.published", shot=shot["id"], job=shot["job_id"], path=files[-1]["path"])
        for file in files:
            discard(self._places.staging / file["staged"])
        self.drop_raw(shot["raw_path"])

    def _original(self, shot: Row) -> str | None:
        stem = self._ledger.assets.of_shot(shot["id"])["stem"]
        return self._originals.path(shot, attempt_of(self._ledger, shot["id"]), stem)

    def paper(self, file: Row) -> None:
        """Link one of a job's papers and tick it off. A foreign file of that name stays, and is told."""
        try:
            self._link(file)
        except NameTaken:
            self._log.warning("paper.name_taken", job=file["job_id"], path=file["path"])
        self._ledger.assets.published(file["id"])
        discard(self._places.staging / file["staged"])

    def sweep(self) -> None:
        """Remove from staging what no row needs; only while nothing is being finished."""
        needed = self._ledger.assets.staged_names()
        for path in self._places.staging.iterdir():
            if path.is_file() and path.name not in needed:
                discard(path)

    def _named(
        self, this: Described, finished: Finished, number: int, similar_to: str | None
    ) -> tuple[NewAsset, list[NewFile]]:
        job = self._ledger.jobs.get(this.shot["job_id"])
        this = replace(this, uncut=any(one.name == WHOLE and not one.ok for one in finished.checks))
        stem = f"{slug(this.idea.title['en'])}-{job['id']}-{number:03d}"
        created = iso(self._clock.wall())
        checks, merit = [one.to_json() for one in finished.checks], score(finished.checks)
        facts = {"width": finished.width, "height": finished.height, "checks": checks, "score": merit,
                 "sha256": finished.sha256} | ({"similar_to": similar_to} if similar_to else {})  # fmt: skip
        facts |= {"best_of": dict(finished.tried)} if finished.tried else {}
        path = self._originals.path(this.shot, this.attempt, stem)
        facts["provenance"] = provenance_told(this.model, finished.provenance, path, this.shot["raw_sha256"])
        data = sidecar(this, stem, facts, self._ledger.shots.attempts(this.shot["id"]), created)
        beside = staged_file(self._places, f"shot-{this.shot['id']}.json", data, "sidecar",
                             f"{job['folder']}/info/{stem}.json")  # fmt: skip
        review = "degraded" if this.shot["degraded"] else finished.review
        folder = f"{self._review}/{review}" if review else f"{job['folder']}/images"
        path = f"{folder}/{stem}{Path(finished.staged).suffix}"
        master = NewFile(role="master", path=path, staged=finished.staged, sha256=finished.sha256, bytes=finished.bytes)
        asset = NewAsset(
            shot=this.shot["id"], job=job["id"], number=number, stem=stem, kind=this.order.sold_as, look=this.look,
            review=review, checks=checks, sellable=this.sellable, width=finished.width, height=finished.height,
            score=merit, phash=finished.likeness.phash, kept=finished.likeness.kept,
        )  # fmt: skip
        return asset, [beside, master]

    def _refuse_foreign(self, file: Row) -> None:
        source, target = self._places.staging / file["staged"], self._places.outbox / file["path"]
        if os.path.lexists(target) and not _ours(source, target, file["sha256"]):
            raise NameTaken(file["path"])

    def _link(self, file: Row) -> None:
        source, target = self._places.staging / file["staged"], self._places.outbox / file["path"]
        if _published(source, target):
            return
        make_folders(target.parent)
        try:
            link_new(source, target)
        except FileExistsError as error:
            if not _ours(source, target, file["sha256"]):
                raise NameTaken(file["path"]) from error
        try:
            fsync_dir(target.parent)
        except (StorageFull, StorageLost):
            with suppress(StorageFull, StorageLost):  # a second fsync could lie: the name is made anew
                self._withdraw(file)
            raise

    def _withdraw(self, file: Row) -> None:
        """Take a link of ours back, made a moment ago for a picture that gets another name after all."""
        source, target = self._places.staging / file["staged"], self._places.outbox / file["path"]
        with translated(target):
            if source.exists() and target.exists() and target.samefile(source):
                target.unlink()

    def drop_raw(self, raw: str) -> None:
        """Remove a raw picture that nobody needs any more, and its batch's folder after the last one."""
        path = self._places.spool / raw
        discard(path)
        discard(path.with_name(retouched_name(path.name)))
        if self._ledger.shots.in_hand(path.parent.name):
            return  # a lane still writes there
        with suppress(OSError):  # other pictures of the batch are still there
            path.parent.rmdir()


def _published(source: Path, target: Path) -> bool:
    """Whether a staged file was in the outbox before: nothing is staged any more, or it has a second name elsewhere,
    because its owner moved it at once. Where it is now is its owner's business.
    """
    try:
        return source.stat().st_nlink > 1 and not os.path.lexists(target)
    except FileNotFoundError:
        return True


def _ours(source: Path, target: Path, sha256: str) -> bool:
    """Whether what lies in the outbox is what we put there; its owner may have written into it since."""
    try:
        return (source.exists() and target.samefile(source)) or sha256_file(target) == sha256
    except OSError:  # a folder, a link to nowhere, nothing that we may read
        return False


def staged_file(places: Places, staged: str, data: bytes, role: str, path: str) -> NewFile:
    """Write a small file into staging, fsynced; `path` is where it will be in the outbox."""
    write_new(places.staging / staged, data)
    return NewFile(role=role, path=path, staged=staged, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
