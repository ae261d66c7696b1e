"""After a ledger was restored the files on disk win: what lies in the outbox is neither made nor handed out again.

A restored ledger is older than the outbox. Each picture's sidecar says which shot it is, so that pictures finished
since are finished in the ledger too. Jobs accepted since are unknown to it; their ids are never used again, so that no
name comes twice; but for those that carry the rest of a job that it knows. Baskets made since are known by their
pictures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockgen.domain.names import stem_in
from stockgen.domain.times import wall
from stockgen.domain.words import SHOT_ENDED, Kind, Look, Remark
from stockgen.files import sha256_file
from stockgen.ledger import Ledger, Row
from stockgen.ledger.assets import NewAsset, NewFile
from stockgen.ledger.baskets import Entry
from stockgen.pipeline.advice import A_JOB
from stockgen.pipeline.baskets.folder import PICTURES
from stockgen.pipeline.finish import ending

DRAWN = "/algorithmicMedia"
LOOKED_AT = 256  # pixels that are enough to see what a picture looks like
_ODD = (OSError, ValueError, KeyError, TypeError, LookupError, RecursionError)  # a sidecar that its owner wrote into


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was found: how many pictures, ids of jobs that the ledger does not know, how many baskets."""

    pictures: int
    unknown: tuple[str, ...]
    baskets: int


def adopt(ledger: Ledger, outbox: Path, review: str, upload: str) -> Adopted:
    """Take over what lies in the outbox. `review`, `upload`: names of these folders there. Safe to repeat."""
    taken, pictures, left = ledger.assets.paths(), 0, sorted(outbox.glob(A_JOB))
    while known := [folder for folder in left if _known(ledger, folder.name[-5:])]:
        left = [folder for folder in left if folder not in known]
        for folder in known:
            job = folder.name[-5:]
            for beside in sorted((folder / "info").glob(f"*-{job}-[0-9][0-9][0-9].json")):
                if str(beside.relative_to(outbox)) not in taken:
                    pictures += _picture(ledger, outbox, beside, review)
            _part(ledger, outbox, folder, left)  # then one more of those that are left is known
    unknown = [folder.name[-5:] for folder in left]
    for job in unknown:
        ledger.jobs.spend(job)
    return Adopted(pictures, tuple(unknown), _baskets(ledger, outbox, upload))


def _known(ledger: Ledger, job: str) -> bool:
    return bool(ledger.query("SELECT 1 FROM jobs WHERE id = :job", job=job))


def _part(ledger: Ledger, outbox: Path, folder: Path, others: Sequence[Path]) -> None:
    """A job that did not wait for its last pictures: what it lacks belongs to the one that has made them since."""
    paper, job = folder / "info" / "job.json", folder.name[-5:]
    try:
        told = json.loads(paper.read_bytes())
        rest = next(other for other in others if other.name[-5:] == told["rest"] and told["job"] == job)
        closed_at = paper.stat().st_mtime
    except (*_ODD, StopIteration):
        return
    if ledger.jobs.get(job)["state"] == "open":
        ledger.retries.split(job, told["rest"], str(rest.relative_to(outbox)), Remark("close.parted"), closed_at)


# -- pictures --------------------------------------------------------------------------------------------------


def _picture(ledger: Ledger, outbox: Path, beside: Path, review: str) -> int:
    """Adopt one picture by its sidecar; return how many: 0 where the sidecar says nothing that could be used."""
    try:
        told = json.loads(beside.read_bytes())
        shot = ledger.shots.get(int(told["shot"]))
        if shot["job_id"] != told["job"] or beside.stem != told["stem"] or shot["state"] in SHOT_ENDED:
            return 0
        kind = _kind(ledger, shot)
        master, reason = _master(outbox, beside, f"{beside.stem}.{ending(kind == 'element')}", review)
        asset, made_by = _asset(shot, kind, told, reason, outbox / master), (str(told["provider"]), str(told["model"]))
        files = [_file("sidecar", beside.relative_to(outbox), sha256_file(beside), beside.stat().st_size),
                 _file("master", master, told["sha256"], _size(outbox / master))]  # fmt: skip
        created = wall(told["created"])
    except _ODD:
        return 0
    ledger.assets.adopt(asset, files, made_by, created)
    return 1


def _kind(ledger: Ledger, shot: Row) -> Kind:
    _, index = ledger.jobs.idea(shot["idea_id"])
    return ledger.jobs.orders(shot["job_id"])[index].sold_as


def _master(outbox: Path, beside: Path, name: str, review: str) -> tuple[Path, str | None]:
    """Where the picture lies, or lay before its owner moved it, and why it is for review (None = it is not)."""
    for found in (outbox / review).glob(f"*/{name}"):
        return found.relative_to(outbox), found.parent.name
    return (beside.parents[1] / "images" / name).relative_to(outbox), None


def _asset(shot: Row, kind: Kind, told: Mapping[str, Any], reason: str | None, master: Path) -> NewAsset:
    look: Look = "drawn" if str(told["digital_source_type"]).endswith(DRAWN) else "diffusion"
    phash, kept = _likeness(master)
    return NewAsset(
        shot=shot["id"], job=shot["job_id"], number=int(told["stem"][-3:]), stem=told["stem"],
        kind=kind, look=look, review=reason, checks=list(told["checks"]),
        sellable=bool(told["sellable"]), width=int(told["width"]), height=int(told["height"]),
        score=told.get("score"), phash=phash, kept=kept,
    )  # fmt: skip


def _likeness(master: Path) -> tuple[int | None, bytes]:
    """What the picture looks like; nothing where its owner took it away, or spoiled it."""
    from PIL import Image

    from stockgen.checks.likeness import likeness_of

    try:
        with Image.open(master) as picture:
            picture.draft("RGB", (LOOKED_AT, LOOKED_AT))  # decoding a JPEG at an eighth of its size is quick
            this = likeness_of(picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None, b""
    return this.phash, this.kept


def _file(role: str, path: Path, sha256: str, size: int) -> NewFile:
    return NewFile(role=role, path=str(path), staged=f"adopted-{path.name}", sha256=sha256, bytes=size)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


# -- baskets ---------------------------------------------------------------------------------------------------


def _baskets(ledger: Ledger, outbox: Path, upload: str) -> int:
    """Record the baskets that the ledger does not know; return how many."""
    known, found = ledger.baskets.paths(), 0
    for folder in sorted((outbox / upload).glob("*/*")):
        path = str(folder.relative_to(outbox))
        market = next((table.stem[2:] for table in folder.glob("2_*.csv")), "")
        if path in known or not market:
            continue
        entries = list(_entries(ledger, folder, market))
        made = ledger.baskets.reserve(market, "", path, entries, folder.stat().st_mtime)
        ledger.baskets.published(made)
        found += 1
    return found


def _entries(ledger: Ledger, folder: Path, market: str) -> Iterator[Entry]:
    """The basket's pictures that this market has not been given yet, by the ledger. Where `clean` has removed them
    because the market has had them all, its table names them.
    """
    lying = sorted(picture.stem for picture in (folder / PICTURES).glob("*"))
    for stem in lying or _listed(folder):
        rows = ledger.query(
            """SELECT a.id, i.title_en FROM assets a JOIN shots s ON s.id = a.shot_id JOIN ideas i ON i.id = s.idea_id
               WHERE a.stem = :stem AND a.sellable AND NOT EXISTS
                 (SELECT 1 FROM submissions x WHERE x.asset_id = a.id AND x.market = :market)""",
            stem=stem, market=market,
        )  # fmt: skip
        for row in rows:
            yield Entry(asset=row["id"], stem=stem, title=row["title_en"])


def _listed(folder: Path) -> list[str]:
    """The names of our pictures in a basket's table, without their endings; they are ASCII, whatever else is not."""
    texts = [table.read_bytes().decode("ascii", "replace") for table in folder.glob("2_*.csv")]
    cells = [cell for text in texts for cell in re.split(r'[,;\t"\r\n]', text)]
    return list(dict.fromkeys(filter(None, map(stem_in, cells))))
