"""Checks of what was cut out: numbers that were measured when it was (`stockgen/finishes/measuring.py`), and how much
of each is too much. How these were found: docs/checks.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from stockgen.checks.findings import Finding

# The worst first, as in `stockgen.checks.CHECKS`; more than this goes to review, of `empty` less.
THRESHOLDS: Mapping[str, float] = MappingProxyType({
    "empty": 0.01, "touching": 0.03, "several": 0.08, "small": 4.0, "residue": 0.02, "halo": 35.0,
})  # fmt: skip
AT_LEAST = frozenset({"empty"})


WHOLE = "cutout"  # why a picture that has its background still, or nothing else, goes to review


def whole() -> Finding:
    """Of a picture that has its background still, or nothing else."""
    return Finding(WHOLE, 0.0, 1.0, at_least=True)


def of_cutout(measures: Mapping[str, float]) -> list[Finding]:
    """What is found of a picture that was cut out, the worst first; what was not measured is not asked."""
    return [
        Finding(name, measures[name], threshold, at_least=name in AT_LEAST)
        for name, threshold in THRESHOLDS.items()
        if name in measures
    ]
