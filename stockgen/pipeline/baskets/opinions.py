"""`keep` and `drop`: what people say of pictures by the numbers on a contact sheet. Nothing is moved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from stockgen.domain.errors import UsageError
from stockgen.ledger import Ledger, Row

MOST = 999  # file numbers have three digits
_PART = re.compile(r"#?(\d{1,4})(?:[-~–—〜～](\d{1,4}))?")
_BETWEEN = re.compile(r"[\s,，、;]+|번(?!호)")
_SPACED = re.compile(r"\s*([-~–—〜～])\s*")


def numbers(text: str) -> tuple[int, ...]:
    """`3 7-9`, `3,7~9`, `3번、7–9` → 3, 7, 8, 9, each once. Raises UsageError for anything else."""
    found: dict[int, None] = {}
    parts = [part for part in _BETWEEN.split(_SPACED.sub(r"\1", text.strip())) if part]
    for part in parts:
        match = _PART.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= MOST or not 1 <= last <= MOST:
            raise UsageError("no_number", found=part)
        found |= dict.fromkeys(range(min(first, last), max(first, last) + 1))
    if not found:
        raise UsageError("no_number", found=text)
    return tuple(found)


def said(listed: Sequence[int]) -> str:
    """The same as people write it: `3, 7-9`."""
    runs: list[list[int]] = []
    for number in sorted(listed):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def pictures(ledger: Ledger, job: str, listed: Sequence[int]) -> tuple[list[Row], list[int]]:
    """A job's finished pictures of these numbers, and the numbers that it has no picture of."""
    there = {row["number"]: row for row in ledger.assets.of_job(job)
             if row["shot_state"] in ("done", "review") and row["state"] in ("ready", "review", "dropped")}  # fmt: skip
    return [there[one] for one in listed if one in there], [one for one in listed if one not in there]


def gone(ledger: Ledger, outbox: Path, rows: Sequence[Row]) -> list[int]:
    """The numbers of those whose file is not where we know it."""
    return [row["number"] for row in rows if not _master(ledger, outbox, row["id"]).exists()]


def _master(ledger: Ledger, outbox: Path, asset: int) -> Path:
    return outbox / next(str(file["path"]) for file in ledger.assets.files_of(asset) if file["role"] == "master")
