"""Holds as SQL: what may not be claimed now is left out of the question, so that it costs no claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stockgen.domain.protocols import Held

Clause = tuple[str, dict[str, str | int]]
# The rest of a schedule's job is still what a schedule asked for.
_KIND = """(SELECT CASE WHEN kind = 'rest' AND shots.rank > 0 THEN 'schedule' ELSE kind END
  FROM jobs WHERE jobs.id = shots.job_id)"""


def not_held(provider: str, held: Sequence[Held]) -> Clause:
    """The SQL that leaves out what holds forbid; a hold with only empty sets forbids everything."""
    found = [clause for number, one in enumerate(held) if (clause := held_by(provider, one, f"h{number}")) is not None]
    values = {name: value for _, each in found for name, value in each.items()}
    return " ".join(f"AND NOT ({where})" for where, _ in found), values


def held_by(provider: str, one: Held, prefix: str) -> Clause | None:
    """The SQL that finds what a hold forbids a provider, None = nothing; `prefix` of its values' names."""
    if one.providers and provider not in one.providers:
        return None
    wishes: list[tuple[str, str, frozenset[Any]]] = [
        ("job", "job_id", one.jobs), ("shot", "id", one.shots), ("kind", _KIND, one.kinds),
    ]  # fmt: skip
    parts: list[str] = []
    values: dict[str, str | int] = {}
    for name, column, wanted in wishes:
        if wanted:
            names = {f"{prefix}{name}{i}": value for i, value in enumerate(sorted(wanted, key=str))}
            values |= names
            parts.append(f"{column} IN ({', '.join(':' + each for each in names)})")
    return " AND ".join(parts) or "1", values
