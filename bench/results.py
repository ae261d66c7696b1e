"""RESULTS.md: figures with the machine that they were measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.figures import Figure

HEAD = """# {title}

Written by `python -m bench.run {flags}`; do not edit. What each measure does stands at the top of its file in `bench/`.
Ratios compare two things side by side in one run, in alternating rounds, so a slower machine changes them little.
Figures without an aim explain the one beside them.
"""


def written(figures: Sequence[Figure], machine: Mapping[str, str], card: bool = False) -> str:
    """The whole text; `card`: of the measures on a card."""
    title, flags = ("Results on a card", "--gpu --write") if card else ("Results", "--write")
    missed = [one.measure for one in figures if one.met is False]
    verdict = f"Missed: {', '.join(missed)}." if missed else "Every aim is met."
    rows = ["| measure | figure | aim | met? | how |", "|---|--:|--:|---|---|"]
    rows += [f"| {' | '.join(one.cells)} |" for one in figures]
    facts = [f"- {name}: {value}" for name, value in machine.items()]
    return "\n".join([HEAD.format(title=title, flags=flags), verdict, "", *rows, "", "## Machine", "", *facts, ""])
