"""Holds as SQL: what may not be claimed now is left out of the question, so that it costs no claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stockgen.domain.protocols import Held


def not_held(provider: str, held: Sequence[Held]) -> tuple[str, dict[str, str | int]]:
    """The SQL that leaves out what holds forbid; a hold with only empty sets forbids everything."""
    clauses: list[str] = []
    values: dict[str, str | int] = {}
    for number, one in enumerate(held):
        if one.providers and provider not in one.providers:
            continue
        parts = []
        wishes: list[tuple[str, frozenset[Any]]] = [("job_id", one.jobs), ("id", one.shots)]
        for column, wanted in wishes:
            if wanted:
                names = {f"h{number}{column}{i}": value for i, value in enumerate(sorted(wanted, key=str))}
                values.update(names)
                parts.append(f"{column} IN ({', '.join(':' + name for name in names)})")
        if one.kinds:
            names = {f"h{number}kind{i}": kind for i, kind in enumerate(sorted(one.kinds))}
            values |= names
            marks = ", ".join(":" + name for name in names)
            parts.append(f"(SELECT kind FROM jobs WHERE jobs.id = shots.job_id) IN ({marks})")
        clauses.append(f"AND NOT ({' AND '.join(parts) or '1'})")
    return " ".join(clauses), values
