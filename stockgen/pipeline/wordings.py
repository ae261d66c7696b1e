"""What the moderation of services says to words: those that were refused are never sent to the same one again."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Iterable

from stockgen.domain.errors import Refused
from stockgen.domain.protocols import Fit, Outcome
from stockgen.domain.words import Remark
from stockgen.ledger import Ledger, Row
from stockgen.pipeline.chain import REFUSED

KEPT = 1000  # wordings that are known to be taken; of one that is forgotten only one request is out at a time


class Wordings:
    """Which words each provider has refused, and which it has taken of late. `refused`: (provider, words)."""

    def __init__(self, refused: Iterable[tuple[str, str]] = ()) -> None:
        self._refused = set(refused)
        self._taken: OrderedDict[tuple[str, str], None] = OrderedDict()

    def refused(self, fit: Fit) -> bool:
        """Whether its provider has refused these very words before."""
        return (fit.provider, _words(fit)) in self._refused

    def judged(self, provider: str, prompt: str) -> bool:
        """Whether a prompt is known to be taken. Until it is, only one request with it is out: where it is refused,
        the others have not been sent.
        """
        return (provider, prompt) in self._taken

    def note(self, fit: Fit, outcome: Outcome) -> None:
        """A request has been answered."""
        if isinstance(outcome.error, Refused):
            self._refused.add((fit.provider, _words(fit)))
        elif outcome.error is None:
            key = fit.provider, fit.shot.prompt
            self._taken[key] = None
            self._taken.move_to_end(key)
            if len(self._taken) > KEPT:
                self._taken.popitem(last=False)


def refusals(ledger: Ledger, shots: Iterable[Row]) -> list[Remark]:
    """For each provider that has refused the words of failed pictures, that asking it again is of no use."""
    missing: Counter[str] = Counter()
    for shot in shots:
        if shot["state"] == "failed":
            tried = {one["provider"] for one in ledger.shots.attempts(shot["id"])
                     if one["error_class"] == Refused.__name__}  # fmt: skip
            before = (name for name, why in json.loads(shot["passed"]).items() if (why or "").startswith(REFUSED))
            missing.update(tried.union(before))
    return [Remark("job.refused", facts={"provider": name, "pictures": count}) for name, count in missing.items()]


def _words(fit: Fit) -> str:
    """What is really sent, as far as a provider says so."""
    return str(fit.request.get("prompt", fit.shot.prompt))
