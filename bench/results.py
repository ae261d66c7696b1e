"""RESULTS.md: figures with the day and the machine that they were measured on, a table for each measure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bench.figures import Figure

HEAD = """# {title}

Written by `python -m bench.run {flags}`; do not edit. What each measure does stands at the top of its file in `bench/`.
Ratios compare two things side by side in one run, in alternating rounds, so a slower machine changes them little.
Figures without an aim explain the one beside them.
"""
MACHINE = "Machine"
_COLUMNS = "| measure | figure | aim | met? | how |\n|---|--:|--:|---|---|\n"
_MISSED = re.compile(r"^\| ([^|]+) \|[^|]*\|[^|]*\| NO \|", re.MULTILINE)


def written(
    figures: Mapping[str, Sequence[Figure]], machine: Mapping[str, str], order: Sequence[str], before: str = "",
    card: bool = False,
) -> str:  # fmt: skip
    """The whole text. `figures`: measure → what it found; `order`: of all measures; `before`: the file as it is, of
    which the tables of measures that were not run stay. `card`: of the measures on a card.
    """
    title, flags = ("Results on a card", "--gpu --write") if card else ("Results", "--write")
    when = f"{machine['date']}, load average {machine['load average']} → {machine['load average at the end']}"
    tables = _tables(before) | {name: _table(found, when) for name, found in figures.items()}
    text = "\n".join(f"## {name}\n\n{tables[name]}" for name in order if name in tables)
    missed = _MISSED.findall(text)
    verdict = f"Missed: {', '.join(missed)}." if missed else "Every aim is met."
    facts = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    return f"{HEAD.format(title=title, flags=flags)}\n{verdict}\n\n{text}\n## {MACHINE}\n\n{facts}\n"


def _table(figures: Sequence[Figure], when: str) -> str:
    rows = "".join(f"| {' | '.join(one.cells)} |\n" for one in figures)
    return f"{when}\n\n{_COLUMNS}{rows}"


def _tables(text: str) -> dict[str, str]:
    """Measure → its table, of a file that `written` wrote."""
    parts = re.split(r"^## (.+)\n\n", text, flags=re.MULTILINE)[1:]
    found = {name: f"{body.rstrip()}\n" for name, body in zip(parts[::2], parts[1::2], strict=True)}
    return {name: body for name, body in found.items() if name != MACHINE}
