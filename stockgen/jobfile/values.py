"""Values that several keys share: yes or no, money."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from stockgen.jobfile.field import Field, allowed, text_of, wrong
from stockgen.jobfile.known import Known
from stockgen.jobfile.names import lookup, names

MICROS = 1_000_000
_AMOUNT = r"([0-9]{1,9}(?:,[0-9]{3}){0,3}(?:\.[0-9]{1,6})?)"
_WON = re.compile(rf"(?:₩|krw) ?{_AMOUNT}|{_AMOUNT} ?(천|만|십만|백만)? ?(?:원|krw|won)")
_DOLLARS = re.compile(rf"(?:\$|usd ?|us\$) ?{_AMOUNT}|{_AMOUNT} ?(?:\$|usd|dollars?|달러|불)?")
_TIMES = {"천": 1_000, "만": 10_000, "십만": 100_000, "백만": 1_000_000}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as it was written: millionths of its currency, so that nothing is rounded before it is converted."""

    micros: int
    currency: Literal["USD", "KRW"]

    def usd(self, krw_per_usd: float) -> int:
        """In micro-USD, rounded down: a budget is never exceeded by rounding."""
        return self.micros if self.currency == "USD" else int(self.micros / krw_per_usd)


def yes_no(field: Field, _known: Known) -> bool:
    """`yes`, `no` and their like in both languages. Raises JobFileError."""
    text = text_of(field)
    found = lookup(names().values["yes_no"], text.value)
    if not found:
        raise wrong(field, text, allowed("yes_no"))
    return found == "yes"


def money(field: Field, _known: Known) -> Money:
    """`0.5`, `$0.5`, `3000원`, `3천원`, `₩3,000`; a bare number is dollars. Raises JobFileError."""
    text = text_of(field)
    given = " ".join(text.value.casefold().split())
    if won := _WON.fullmatch(given):
        return Money(_micros(won[1] or won[2]) * _TIMES.get(won[3], 1), "KRW")
    if dollars := _DOLLARS.fullmatch(given):
        return Money(_micros(dollars[1] or dollars[2]), "USD")
    raise wrong(field, text, allowed("money"))


def budget(field: Field, known: Known) -> int:
    """An amount as `money`, in micro-USD. Raises JobFileError."""
    return money(field, known).usd(known.krw_per_usd)


def _micros(amount: str) -> int:
    return int(Decimal(amount.replace(",", "")) * MICROS)
