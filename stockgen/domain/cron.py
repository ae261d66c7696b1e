"""cron's five fields, checked and written out: what `0 9 * * 1` means is known before a clock is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")  # 0 to 6 as cron counts; 7 is Sunday, too
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS_OF = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # the most that each month has
_NAMES: Mapping[str, int] = {name: number for number, name in enumerate(WEEKDAYS)} | {
    name: number for number, name in enumerate(_MONTHS, 1)
}
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))  # minute, hour, day of the month, month, day of the week
_WEEK = 7
_ITEM = re.compile(r"^(?:\*|(\d{1,2}|[a-z]{3})(?:-(\d{1,2}|[a-z]{3}))?)(?:/([1-9]\d?))?$")


@dataclass(frozen=True, slots=True)
class Cron:
    """Minutes, hours, days of the month, months and days of the week (0 = Sunday) that fit. `either`: a day fits by
    its number or by its name, because the text restricts both: that is how cron reads it.
    """

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either: bool

    @classmethod
    def parsed(cls, text: str) -> Cron:
        """`30 23 * * *`, `0 9 * * mon-fri`, `*/20 1,3 1-7 * *`. Raises ValueError for anything else, and for days that
        no month has.
        """
        fields = text.casefold().split()
        if len(fields) != len(_BOUNDS):
            raise ValueError(text)
        found = [_numbers(field, *bounds) for field, bounds in zip(fields, _BOUNDS, strict=True)]
        minutes, hours, days, months, weekdays = (tuple(sorted(one)) for one in found)
        either = not fields[2].startswith("*") and not fields[4].startswith("*")
        cron = cls(" ".join(fields), minutes, hours, days, months, weekdays, either)
        if not either and all(_DAYS_OF[month - 1] < cron.days[0] for month in cron.months):
            raise ValueError(text)
        return cron

    def __str__(self) -> str:
        return self.text


def _numbers(field: str, least: int, most: int) -> set[int]:
    """All numbers that a field lets through. Raises ValueError."""
    found: set[int] = set()
    for item in field.split(","):
        fits = _ITEM.match(item)
        if fits is None:
            raise ValueError(field)
        first, last, step = fits.groups()
        found |= _run(_number(first, least, most), _number(last, least, most), int(step or 0), (least, most))
    return {number % _WEEK for number in found} if most == _WEEK else found


def _run(first: int | None, last: int | None, step: int, bounds: tuple[int, int]) -> set[int]:
    """`*`, `5`, `1-5`, and each with its step; a week may be gone round: `fri-mon`."""
    least, most = bounds
    week = most == _WEEK
    if first is None:
        first, last = least, most - week
    elif last is None:
        last = most - week if step else first
    if last is not None and last < first and week:
        last += _WEEK
    run = set(range(first, (last or 0) + 1, step or 1))
    if not run:
        raise ValueError(f"{first}-{last}")
    return run


def _number(text: str | None, least: int, most: int) -> int | None:
    if text is None:
        return None
    names = _MONTHS if most == len(_MONTHS) else WEEKDAYS if most == _WEEK else ()
    if text in names:
        return _NAMES[text]
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ValueError(text)
    return int(text)
