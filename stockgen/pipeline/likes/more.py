"""More pictures like one that is there, as a job of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from stockgen.domain.words import JobRequest
from stockgen.ledger import Ledger
from stockgen.ledger.jobs import Source
from stockgen.pipeline.likes.original import original
from stockgen.pipeline.places import job_folder

KIND = "more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`picture`: its name as somebody wrote it; `count` None = as many as config.yaml says; `model` and `markets` as a
    job file would name them, "" = those of the picture.
    """

    picture: str
    count: int | None = None
    model: str = ""
    markets: str = ""

    def source(self, stem: str) -> bytes:
        """The job file that says the same; JSON, so that no word of it means anything but itself."""
        said = {"like": stem, "count": self.count, "model": self.model, "markets": self.markets}
        return (json.dumps({key: value for key, value in said.items() if value}, ensure_ascii=False) + "\n").encode()


@dataclass(frozen=True, slots=True)
class More:
    """The new job, the picture's name, and how the job was understood."""

    job: str
    of: str
    request: JobRequest


def more(
    ledger: Ledger, wish: Wish, read: Callable[[bytes, str], JobRequest], rng: Random, now: float, timezone: str
) -> More:
    """Accept a job for more pictures like the one that is named. `read`: a job file's bytes and name; `now` wall
    seconds. Raises JobFileError where no picture is meant, or the job could not be made.
    """
    of = original(ledger, wish.picture)
    data = wish.source(of.name)
    request = _lineless(read(data, f"{of.name}.json"))
    job = ledger.jobs.new_id(rng)
    source = Source(kind=KIND, name=of.name, sha256=hashlib.sha256(data).hexdigest(), data=data,
                    parent=of.shot["job_id"])  # fmt: skip
    ledger.jobs.add(job, request, source, job_folder(of.name, job, now, timezone), now)
    return More(job, of.name, request)


def _lineless(request: JobRequest) -> JobRequest:
    """Nobody wrote the file, so nobody is told of its lines."""
    orders = tuple(replace(one, line=None) for one in request.orders)
    return replace(request, orders=orders, remarks=tuple(replace(one, line=None) for one in request.remarks))
