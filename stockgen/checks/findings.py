"""What checks yield, and the one number that is made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check measured, beside the threshold that it was measured against.

    `at_least`: a good picture has the threshold or more; else the threshold or less.
    """

    name: str
    value: float
    threshold: float
    at_least: bool

    @property
    def ok(self) -> bool:
        """Whether the picture passes."""
        return self.value >= self.threshold if self.at_least else self.value <= self.threshold

    @property
    def merit(self) -> float:
        """½ at the threshold; 1 at twice of what is needed, or at nothing of what must be little; 0 at the reverse."""
        if self.threshold <= 0:
            return 1.0 if self.ok else 0.0
        share = min(1.0, max(0.0, self.value / (2 * self.threshold)))
        return share if self.at_least else 1.0 - share

    def to_json(self) -> dict[str, Any]:
        """As it stands in the sidecar."""
        return {"name": self.name, "value": round(self.value, 4), "threshold": self.threshold, "ok": self.ok}


def score(findings: Iterable[Finding]) -> float:
    """One number, 0…1, more is better: the mean merit; halved for each check that the picture fails. 1 without any."""
    merits = [(one.merit, one.ok) for one in findings]
    failed = sum(not ok for _, ok in merits)
    mean = sum(merit for merit, _ in merits) / len(merits) if merits else 1.0
    return round(mean * 0.5**failed, 4)
