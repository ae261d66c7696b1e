"""Which of a picture's tries becomes it.

A try without a fault comes before one with a fault, then the one with the higher score, then the first. Faults are what
checks find, and what a model that sees marks down; a try that is much like another picture, or was drawn in another way
than wanted, comes after one that is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from stockgen.checks.findings import Finding, score
from stockgen.ledger import Ledger, Row
from stockgen.pipeline.alike import Alike
from stockgen.pipeline.describe import attempt_of
from stockgen.pipeline.measuring import Measured, recalled
from stockgen.pipeline.seeing import Seer

GOOD = 2  # tries without a fault that a model must have seen: it takes seconds for each, so the others are not shown


@dataclass(frozen=True, slots=True)
class Choice:
    """The best try, what was measured of it, and `tried`: what its sidecar tells of all of them."""

    shot: Row
    measured: Measured
    tried: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Try:
    row: Row
    measured: Measured
    marks: Sequence[Finding] = ()

    @property
    def findings(self) -> Sequence[Finding]:
        return [*self.measured.checks, *self.marks]

    @property
    def faulty(self) -> bool:
        return not all(one.ok for one in self.findings)

    @property
    def place(self) -> tuple[bool, bool, float, int]:
        """The smallest comes first."""
        return bool(self.row["degraded"]), self.faulty, -score(self.findings), self.row["try"]


class Judge:
    """Asked by the main loop. `seer`: None = no model looks at pictures."""

    def __init__(self, ledger: Ledger, alike: Alike, seer: Seer | None) -> None:
        self._ledger, self._alike, self._seer = ledger, alike, seer

    def choice(self, idea: int) -> Choice | None:
        """The best of a picture's tries, all of which have ended or were measured; None = first a model must see some,
        or none has rendered.
        """
        tries = sorted((_Try(row, recalled(row)) for row in self._ledger.tries.rendered(idea)), key=_PLACE)
        seen = self._seen(tries, self._seer) if self._seer else tries
        if not seen:
            return None
        best = self._best(sorted(seen, key=_PLACE))
        marked = {one.row["try"]: one for one in (*tries, *seen)}
        scores = [score(marked[at].findings) if at in marked else None for at in range(best.row["tries"])]
        return Choice(best.row, best.measured, {"tries": len(scores), "chosen": best.row["try"], "scores": scores})

    def _best(self, tries: Sequence[_Try]) -> _Try:
        """The first, unless it is much like a picture that there is already and another one without a fault is not."""
        first = tries[0]
        good = (one for one in tries if one.place[:2] == first.place[:2] and not one.faulty)
        return next((one for one in good if self._new(one)), first)

    def _new(self, one: _Try) -> bool:
        finding, _ = self._alike.finding(one.measured.likeness, one.row["id"])
        return finding.ok

    def _seen(self, tries: Sequence[_Try], seer: Seer) -> list[_Try]:
        """With the marks of a model, those that it must have seen: from the best on until so many are good, and none
        that could no longer win. [] = it is being asked.
        """
        seen: list[_Try] = []
        good, waits = 0, False
        for one in tries:
            if good >= GOOD or (good and one.faulty):
                break
            if not seer.known(one.row["id"]):
                seer.want(one.row, attempt_of(self._ledger, one.row["id"]))
                waits = True
            seen.append(_Try(one.row, one.measured, seer.findings(one.row["id"])))
            good += not seen[-1].faulty
        return [] if waits else seen


_PLACE = attrgetter("place")
