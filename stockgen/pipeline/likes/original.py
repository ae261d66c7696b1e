"""Which picture somebody means, and everything that the ledger knows of how it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stockgen.domain.errors import JobFileError
from stockgen.domain.names import numbered_in, stem_in
from stockgen.domain.words import Idea, Order, Remark
from stockgen.jobfile.findings import shown
from stockgen.jobfile.nearest import nearest
from stockgen.ledger import Ledger, Row
from stockgen.pipeline.describe import attempt_of

LAST = "last"
MOST = 200  # names among which the nearest is looked for: comparing them takes 50 ms


@dataclass(frozen=True, slots=True)
class Original:
    """`picture`: its row of `Finding.named`; `shot`, `idea`, `order`: what it was made of; `model`, `provider`: who
    made it, `request`: what that was asked for.
    """

    picture: Row
    shot: Row
    idea: Idea
    order: Order
    provider: str
    model: str
    request: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its stem."""
        return str(self.picture["stem"])


def original(ledger: Ledger, name: str, line: int | None = None) -> Original:
    """Given what somebody wrote, return the picture: its name with or without ending and folders, in any case, also as
    programs name copies (`… (1).jpg`); or its job with its number on the contact sheet (`k7m2q 3`, `last 3`).

    Raises JobFileError, with the nearest name where there is one; `line` is that of the job file.
    """
    stem = _meant(ledger, name)
    picture = ledger.finding.named(stem)
    if picture is None:
        raise JobFileError("job_file", [_unknown(ledger, stem or name.strip(), line)])
    return _known(ledger, picture)


def _known(ledger: Ledger, picture: Row) -> Original:
    shot = ledger.shots.get(picture["shot_id"])
    idea, index = ledger.jobs.idea(shot["idea_id"])
    made = attempt_of(ledger, shot["id"])
    return Original(
        picture=picture, shot=shot, idea=idea, order=ledger.jobs.orders(shot["job_id"])[index],
        provider=made["provider"], model=made["model"], request=json.loads(made["request"]),
    )  # fmt: skip


def _meant(ledger: Ledger, name: str) -> str:
    """The name of the picture that may be meant; "" = none."""
    numbered = numbered_in(name)
    if numbered is None:
        return stem_in(name)
    job = _latest(ledger) if numbered[0] == LAST else numbered[0]
    return ledger.finding.numbered(job, numbered[1])


def _latest(ledger: Ledger) -> str:
    try:
        return ledger.jobs.latest()
    except LookupError:
        return ""


def _unknown(ledger: Ledger, name: str, line: int | None) -> Remark:
    near = nearest(name, ledger.finding.names_like(name, MOST))
    facts = {"found": shown(name), "nearest": near}
    return Remark("job_file.like_near" if near else "job_file.like_unknown", line, facts)
