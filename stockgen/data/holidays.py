"""Days that the `holidays` library knows, lunar ones among them; the only file that knows it.

Asking it takes 11 MiB, of which a process gives 4 back, and an eighth of a second (holidays 0.109, Python 3.11). A
daemon that runs for months asks once a year, so a process of its own does that and ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from stockgen.data.dates import Asked, Holidays

PATIENCE = 30.0  # seconds; on an idle machine it takes a quarter of one


def looked_up(asked: Iterable[Asked], years: Iterable[int]) -> Holidays:
    """The days of all that is asked in some years, without those that the library does not know.

    Where no process can be started they are looked up in this one: the memory is then spent.
    """
    names, when = sorted(set(asked)), sorted(years)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__], input=json.dumps([names, when]), capture_output=True, text=True,
            timeout=PATIENCE, check=True,
        )  # fmt: skip
        rows = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return found(names, when)
    return {(cast(Asked, (country, category, name)), year): date.fromisoformat(day)
            for country, category, name, year, day in rows}  # fmt: skip


def found(asked: Iterable[Asked], years: Iterable[int]) -> Holidays:
    """As `looked_up`, in this process."""
    import holidays

    days: dict[tuple[Asked, int], date] = {}
    for one in asked:
        country, category, name = one
        there = holidays.country_holidays(country, years=list(years), categories=(category,), language="en_US",
                                          observed=False)  # fmt: skip
        for day in there.get_named(name, lookup="exact", split_multiple_names=True):
            days.setdefault((one, day.year), day)
    return days


def main() -> None:
    """Answer the question on standard input."""
    asked, years = json.load(sys.stdin)
    answer: list[Any] = [[*one, year, day.isoformat()]
                         for (one, year), day in found(map(tuple, asked), years).items()]  # fmt: skip
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
