"""The hold of a job's own `not_before`: its pictures wait until then, and `status` says so."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from stockgen.domain.protocols import Held
from stockgen.domain.times import wall
from stockgen.domain.words import Place
from stockgen.ledger import Ledger

MOST_JOBS = 500  # in one hold: each is a value of a question to the ledger


class NotBefore:
    """A `Hold`: one for each moment that jobs wait for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        """Held until its job's moment; `now` wall seconds."""
        waiting = self._ledger.jobs.waiting(now)
        return [
            Held(hold="not_before", reason=moment, until=wall(moment), jobs=frozenset(jobs[at : at + MOST_JOBS]))
            for moment, rows in groupby(waiting, key=lambda row: str(row["not_before"]))
            for jobs in [[row["id"] for row in rows]]
            for at in range(0, len(jobs), MOST_JOBS)
        ]
