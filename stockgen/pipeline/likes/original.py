"""Which picture somebody means, and everything that the ledger knows of how it was made."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stockgen.domain.errors import JobFileError
from stockgen.domain.names import CROCKFORD, JOB_ID_LENGTH
from stockgen.domain.words import Idea, Order, Remark
from stockgen.jobfile.nearest import nearest
from stockgen.ledger import Ledger, Row

LAST = "last"
NEWEST = 2_000  # names among which the nearest is looked for
_JOB = rf"[{CROCKFORD}]{{{JOB_ID_LENGTH}}}"
_STEM = re.compile(rf"[a-z0-9]+(?:-[a-z0-9]+)*-{_JOB}-\d{{3,}}")
_NUMBERED = re.compile(rf"({_JOB}|{LAST})[\s#-]+0*(\d{{1,4}})")  # 3f7k2-012, last 12


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
    for stem in _meant(ledger, name):
        picture = ledger.finding.named(stem)
        if picture is not None:
            return _known(ledger, picture)
    raise JobFileError("job_file", [_unknown(ledger, name, line)])


def _known(ledger: Ledger, picture: Row) -> Original:
    shot = ledger.shots.get(picture["shot_id"])
    idea, index = ledger.jobs.idea(shot["idea_id"])
    made = [one for one in ledger.shots.attempts(shot["id"]) if one["outcome"] == "rendered"][-1]
    return Original(
        picture=picture, shot=shot, idea=idea, order=ledger.jobs.orders(shot["job_id"])[index],
        provider=made["provider"], model=made["model"], request=json.loads(made["request"]),
    )  # fmt: skip


def _meant(ledger: Ledger, name: str) -> Iterator[str]:
    """Names of pictures that may be meant, the likeliest first."""
    plain = _file(name)
    yield plain.rpartition(".")[0] if "." in plain else plain
    yield from (found[0] for found in _STEM.finditer(plain))
    numbered = _NUMBERED.fullmatch(plain)
    if numbered:
        job = _latest(ledger) if numbered[1] == LAST else numbered[1]
        yield ledger.finding.numbered(job, int(numbered[2]))


def _file(name: str) -> str:
    """The last part of a path, as names are compared; Windows writes its folders with the other stroke."""
    return unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/ ").rpartition("/")[2].strip().casefold()


def _latest(ledger: Ledger) -> str:
    try:
        return ledger.jobs.latest()
    except LookupError:
        return ""


def _unknown(ledger: Ledger, name: str, line: int | None) -> Remark:
    near = nearest(_file(name).partition(".")[0], ledger.finding.names(NEWEST))
    facts = {"found": name.strip()[:80], "nearest": near}
    return Remark("job_file.like_near" if near else "job_file.like_unknown", line, facts)
