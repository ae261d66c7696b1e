"""Amounts and days as sales tables write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

MICROS = 1_000_000
_WON = re.compile(r"₩|원|krw|won", re.IGNORECASE)
_DOLLARS = re.compile(r"\$|usd|달러|불", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?|-?\d{1,12}(?:[.,]\d{1,6})?")
_DAY = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4})")


def micros(cell: str, won: bool, krw_per_usd: float) -> int | None:
    """`$0.33`, `1,200원`, `0.99 USD`, `0,33` → millionths of a USD; `won`: what a bare number is, of which
    `krw_per_usd` make a dollar. None = no amount.
    """
    number = _NUMBER.search(cell)
    if not number:
        return None
    text = number[0]
    plain = text.replace(",", "") if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text) else text.replace(",", ".")
    is_won = bool(_WON.search(cell)) or (won and not _DOLLARS.search(cell))
    return round(float(plain) * MICROS / (krw_per_usd if is_won else 1))


def day(cell: str) -> float | None:
    """`2026-11-24`, `2026. 11. 24.`, `11/24/2026` → wall seconds of that day's noon in UTC; None = no day."""
    hit = _DAY.search(cell)
    if not hit:
        return None
    year, month, dom = (hit[1], hit[2], hit[3]) if hit[1] else (hit[6], hit[4], hit[5])
    try:
        return datetime(int(year), int(month), int(dom), 12, tzinfo=UTC).timestamp()
    except ValueError:
        return None
