"""RESULTS.md: figures with the machine that they were measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.figures import Figure

HEAD = """# Results

Written by `python -m bench.run --write`; do not edit. What each measure does stands at the top of its file in `bench/`.
Ratios compare two things side by side in one run, in alternating rounds, so a slower machine changes them little.
Figures without an aim explain the one beside them.
"""


def written(figures: Sequence[Figure], machine: Mapping[str, str]) -> str:
    """The whole text."""
    missed = [one.measure for one in figures if one.met is False]
    verdict = f"Missed: {', '.join(missed)}." if missed else "Every aim is met."
    rows = ["| measure | figure | aim | met? | how |", "|---|--:|--:|---|---|"]
    rows += [f"| {' | '.join(one.cells)} |" for one in figures]
    facts = [f"- {name}: {value}" for name, value in machine.items()]
    return "\n".join([HEAD, verdict, "", *rows, "", "## Machine", "", *facts, ""])
