"""What a measure yields: a number, its unit, the aim it is held against, and how it came about."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Aim:
    """A limit from docs/architecture.md; `at_least`: more is better."""

    limit: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Whether `value` keeps it."""
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number. `aim` None: told only because it explains another. `how`: for people, in a few words."""

    measure: str
    value: float
    unit: str
    aim: Aim | None = None
    how: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None = there is none."""
        return self.aim.met(self.value) if self.aim else None

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """Measure, figure, aim, met?, how."""
        aim = f"{'≥' if self.aim.at_least else '≤'} {_shown(self.aim.limit, self.unit)}" if self.aim else ""
        met = {True: "yes", False: "NO", None: ""}[self.met]
        return self.measure, _shown(self.value, self.unit), aim, met, self.how

    def to_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "measure": self.measure, "value": self.value, "unit": self.unit, "how": self.how, "met": self.met,
            "aim": self.aim.limit if self.aim else None, "at_least": bool(self.aim and self.aim.at_least),
        }  # fmt: skip


Effort = Literal["tiny", "quick", "full"]  # `tiny` is for tests: it shows that a measure runs, not how fast anything is


def median(values: Sequence[float]) -> float:
    """The middle one. Raises StatisticsError where there is none."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all are not above (nearest rank). Raises IndexError where there is none."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def _shown(value: float, unit: str) -> str:
    return f"{value:.{_decimals(value)}f} {unit}".rstrip()


def _decimals(value: float) -> int:
    return 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 or value == 0 else 3
