"""Finished pictures and every file that we publish: reserve in the ledger, link, tick off."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stockgen.domain.times import iso
from stockgen.ledger.connection import Connection, Row
from stockgen.ledger.likeness import Likenesses


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that lies fsynced in staging. `path` is where it will be, relative to the outbox."""

    role: str
    path: str
    staged: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAsset:
    """A finished picture; `review` is the reason why a person should look at it, None = it is ready.

    `phash`, `kept`: what it looks like (docs/checks.md); None and b"" where nobody could look at it any more.
    """

    shot: int
    job: str
    number: int  # on the contact sheet, from 1; that of a spare is below 0
    stem: str
    kind: str
    look: str
    review: str | None
    checks: Sequence[Mapping[str, Any]]
    sellable: bool
    width: int
    height: int
    score: float | None = None
    phash: int | None = None
    kept: bytes = b""


class Assets:
    """Pictures that exist, under names that are used once for ever."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._likenesses = Likenesses(connection)

    def next_number(self, job: str) -> int:
        """The next file number of a job, from 1."""
        return int(
            self._db.one(
                "SELECT coalesce(max(number), 0) + 1 AS n FROM assets WHERE job_id = :job AND number > 0", job=job
            )["n"]
        )

    def reserve(self, asset: NewAsset, files: Sequence[NewFile], now: float) -> int:
        """Take the names and put the shot to `publishing`, in one transaction. Return the asset's id."""
        with self._db.atomic():
            row = self._db.one(
                """INSERT INTO assets (shot_id, job_id, number, stem, kind, state, review_reason, look, degraded,
                                       score, phash, checks, sellable, width, height, created_at)
                   SELECT :shot, :job, :number, :stem, :kind, :state, :review, :look, degraded, :score, :phash, :checks,
                          :sellable, :width, :height, :now FROM shots WHERE id = :shot RETURNING id""",
                shot=asset.shot, job=asset.job, number=asset.number, stem=asset.stem, kind=asset.kind, look=asset.look,
                state="review" if asset.review else "ready", review=asset.review, checks=json.dumps(asset.checks),
                score=asset.score, phash=asset.phash,
                sellable=asset.sellable, width=asset.width, height=asset.height, now=iso(now),
            )  # fmt: skip
            for file in files:
                self._add_file(file, asset=row["id"], job=asset.job)
            if asset.kept:
                self._likenesses.add(row["id"], asset.shot, asset.kept)
            self._db.write(
                "UPDATE shots SET state = 'publishing', updated_at = :now WHERE id = :shot AND state = 'rendered'",
                shot=asset.shot, now=iso(now),
            )  # fmt: skip
        return int(row["id"])

    def reserve_paper(self, job: str, file: NewFile) -> None:
        """Take the name of one of a job's papers."""
        self._add_file(file, asset=None, job=job)

    def _add_file(self, file: NewFile, asset: int | None, job: str) -> None:
        self._db.write(
            """INSERT INTO files (asset_id, job_id, role, path, staged, sha256, bytes, state)
               VALUES (:asset, :job, :role, :path, :staged, :sha, :bytes, 'staged')""",
            asset=asset, job=job, role=file.role, path=file.path, staged=file.staged, sha=file.sha256, bytes=file.bytes,
        )  # fmt: skip

    def published(self, file: int) -> None:
        """This file is under its name in the outbox, durably."""
        self._db.write("UPDATE files SET state = 'published' WHERE id = :id", id=file)

    def adopt(self, asset: NewAsset, files: Sequence[NewFile], model: tuple[str, str], now: float) -> None:
        """A picture that lies in the outbox and that a restored ledger knows as unfinished: it is finished.

        `model`: provider and model that made it, by its sidecar. Its shot must not have ended.
        """
        with self._db.atomic():
            self._db.write(
                """UPDATE attempts SET outcome = 'lost', error_class = 'LaneDied', reason = 'daemon_died'
                   WHERE shot_id = :shot AND (outcome IS NULL OR outcome = 'rendered')""",
                shot=asset.shot,
            )
            self._db.write(
                """INSERT INTO attempts (shot_id, provider, model, request, started_at, seconds, outcome, dropped)
                   VALUES (:shot, :provider, :model, '{}', :now, 0, 'rendered', '{}')""",
                shot=asset.shot, provider=model[0], model=model[1], now=iso(now),
            )  # fmt: skip
            self._db.write("DELETE FROM files WHERE asset_id IN (SELECT id FROM assets WHERE shot_id = :shot)",
                           shot=asset.shot)  # fmt: skip
            self._db.write("DELETE FROM assets WHERE shot_id = :shot", shot=asset.shot)
            self._db.write(
                """UPDATE shots SET state = 'rendered', token = NULL, raw_path = 'adopted/', raw_sha256 = '-'
                   WHERE id = :shot""",
                shot=asset.shot,
            )
            key = self.reserve(asset, files, now)
            self.done(key, [file["id"] for file in self.files_of(key)], now)

    def done(self, asset: int, files: Sequence[int], now: float) -> None:
        """All files of a picture are published: tick them off and end the shot, in one transaction."""
        with self._db.atomic():
            for file in files:
                self.published(file)
            self._db.write(
                """UPDATE shots SET state = CASE a.state WHEN 'review' THEN 'review' ELSE 'done' END,
                     reason = a.review_reason, updated_at = :now
                   FROM assets AS a WHERE a.id = :asset AND shots.id = a.shot_id AND shots.state = 'publishing'""",
                asset=asset, now=iso(now),
            )  # fmt: skip

    def unpublish(self, asset: int, now: float) -> None:
        """The name turned out to be taken by a foreign file: forget the reservation, the shot is `rendered` again."""
        with self._db.atomic():
            self._db.write("DELETE FROM files WHERE asset_id = :asset", asset=asset)
            self._db.write(
                """UPDATE shots SET state = 'rendered', updated_at = :now
                   WHERE id = (SELECT shot_id FROM assets WHERE id = :asset) AND state = 'publishing'""",
                asset=asset, now=iso(now),
            )  # fmt: skip
            self._db.write("DELETE FROM assets WHERE id = :asset", asset=asset)

    def masters(self) -> list[Row]:
        """Every picture of a closed job that may lie in the outbox: `id`, `job_id`, `folder` of its job, `number`,
        `state`, `review_reason`, `opinion`, and the `path` of its master.
        """
        return self._db.rows(
            """SELECT a.id, a.job_id, j.folder, a.number, a.state, a.review_reason, a.opinion, f.path FROM assets a
                 JOIN jobs j ON j.id = a.job_id JOIN files f ON f.asset_id = a.id AND f.role = 'master'
               WHERE a.state IN ('ready', 'review', 'dropped') AND j.state = 'closed' ORDER BY a.id"""
        )

    def seen(self, asset: int, state: str, path: str, now: float) -> None:
        """What was seen of a picture in the outbox: it is `state` now, and its master lies, or lay, at `path`."""
        with self._db.atomic():
            self._put(asset, state, now)
            self._db.write(
                "UPDATE files SET path = :path WHERE asset_id = :id AND role = 'master'", path=path, id=asset
            )

    def judge(self, asset: int, opinion: str, now: float) -> None:
        """What its owner said of a picture by its number: `kept` or `dropped`. Its shot has ended."""
        with self._db.atomic():
            self._db.write("UPDATE assets SET opinion = :opinion WHERE id = :id", opinion=opinion, id=asset)
            self._put(asset, "ready" if opinion == "kept" else "dropped", now)

    def _put(self, asset: int, state: str, now: float) -> None:
        """Change a picture's state; its shot is for review just as long as it is."""
        self._db.write("UPDATE assets SET state = :state WHERE id = :id", state=state, id=asset)
        self._db.write(
            """UPDATE shots SET state = CASE a.state WHEN 'review' THEN 'review' ELSE 'done' END,
                 reason = CASE a.state WHEN 'review' THEN a.review_reason END, updated_at = :now
               FROM assets AS a WHERE a.id = :id AND shots.id = a.shot_id AND shots.state IN ('done', 'review')""",
            id=asset, now=iso(now),
        )  # fmt: skip

    def of_shot(self, shot: int) -> Row:
        """The asset of a shot. Raises LookupError."""
        return self._db.one("SELECT * FROM assets WHERE shot_id = :shot", shot=shot)

    def of_job(self, job: str) -> list[Row]:
        """A job's finished pictures by number."""
        return self._db.rows(
            """SELECT a.*, s.state AS shot_state, s.idea_id, s.seed, s.prompt FROM assets a
               JOIN shots s ON s.id = a.shot_id WHERE a.job_id = :job AND s.lead = 1 ORDER BY a.number""",
            job=job,
        )  # fmt: skip

    def files_of(self, asset: int) -> list[Row]:
        """The files of a picture, in the order in which they are published: the sidecar before the master."""
        return self._db.rows("SELECT * FROM files WHERE asset_id = :asset ORDER BY role DESC", asset=asset)

    def papers_of(self, job: str) -> list[Row]:
        """The papers of a job (source, log, sheets, job.json), in the order in which they were reserved."""
        return self._db.rows("SELECT * FROM files WHERE job_id = :job AND asset_id IS NULL ORDER BY id", job=job)

    def bytes_per_pixel(self) -> float | None:
        """How many bytes the masters of late took for each of their pixels; None = there are none."""
        row = self._db.one(
            """SELECT sum(f.bytes) AS bytes, sum(a.width * a.height) AS pixels FROM
               (SELECT id, width, height FROM assets WHERE number > 0 ORDER BY id DESC LIMIT 50) a
               JOIN files f ON f.asset_id = a.id AND f.role = 'master'"""
        )
        return float(row["bytes"] / row["pixels"]) if row["pixels"] else None

    def paths(self) -> set[str]:
        """Every path in the outbox that is taken, relative to it."""
        return {row["path"] for row in self._db.rows("SELECT path FROM files")}

    def staged_names(self) -> set[str]:
        """Names in the staging folder that are still needed."""
        return {row["staged"] for row in self._db.rows("SELECT staged FROM files WHERE state = 'staged'")}
