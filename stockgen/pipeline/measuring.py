"""What is measured of a picture as its provider drew it: enlarging would blur every picture alike."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stockgen.checks.findings import Finding
from stockgen.ledger import Row

if TYPE_CHECKING:
    from PIL.Image import Image

    from stockgen.checks.likeness import Likeness


@dataclass(frozen=True, slots=True)
class Measured:
    """What the checks found, the worst first, and what the picture looks like."""

    checks: Sequence[Finding]
    likeness: Likeness = field(compare=False)

    def to_json(self) -> list[dict[str, Any]]:
        """The findings as plain data; `recalled` is the inverse."""
        return [
            {"name": one.name, "value": one.value, "threshold": one.threshold, "at_least": one.at_least}
            for one in self.checks
        ]


def measured(picture: Image, thresholds: Mapping[str, float]) -> Measured:
    """Measure a decoded picture. `thresholds`: name of a check → its own; the others are not asked."""
    from stockgen.checks import CHECKS, View
    from stockgen.checks.likeness import likeness_of

    view = View(picture)
    findings = [check(view, thresholds[name]) for name, check in CHECKS.items() if name in thresholds]
    return Measured(findings, likeness_of(picture))


def recalled(row: Row) -> Measured:
    """Given a row with `checks` and `kept` of the ledger, return what was measured."""
    from stockgen.checks.likeness import likeness_from

    return Measured([Finding(**one) for one in json.loads(row["checks"])], likeness_from(row["kept"]))
