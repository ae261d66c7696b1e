"""The seasons of the vocabulary on the calendar: which comes when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from stockgen.data.dates import Asked, ByHoliday, Holidays
from stockgen.data.holidays import looked_up
from stockgen.data.seasons import Season

LookUp = Callable[[Iterable[Asked], Iterable[int]], Holidays]


@dataclass(frozen=True, slots=True)
class Occasion:
    """A season in one year: its first and its last day."""

    key: str
    season: Season
    first: date
    last: date


class Occasions:
    """Answers for any day. What a library must be asked is asked once for each year, and only where it is needed."""

    def __init__(self, seasons: Mapping[str, Season], look_up: LookUp = looked_up) -> None:
        self._seasons = seasons
        self._look_up = look_up
        self._holidays: dict[tuple[Asked, int], date] = {}
        self._years: set[int] = set()

    def next(self, key: str, today: date) -> Occasion | None:
        """The one that is now or comes next within two years; None = nobody knows when it is."""
        return next(iter(self._of(key, today, today + timedelta(days=730))), None)

    def coming(self, today: date, until: date) -> list[Occasion]:
        """All that begin after `today` and not after `until`, the earliest first."""
        found = (one for key in self._seasons for one in self._of(key, today, until))
        return sorted((one for one in found if one.first > today), key=lambda one: (one.first, one.key))

    def _of(self, key: str, today: date, until: date) -> list[Occasion]:
        """One season's occasions that have not ended before `today` and begin by `until`, the earliest first."""
        season = self._seasons[key]
        if season.begins is None:
            return []
        years = range(today.year - 1, until.year + 1)  # winter began last year
        if isinstance(season.begins, ByHoliday):
            self._ask(years)
        firsts = (season.begins.first(year, self._holidays) for year in years)
        length = timedelta(days=season.begins.days - 1)
        there = [Occasion(key, season, first, first + length) for first in firsts if first is not None]
        return [one for one in there if one.last >= today and one.first <= until]

    def _ask(self, years: Iterable[int]) -> None:
        new = set(years) - self._years
        if new:
            rules = (season.begins for season in self._seasons.values())
            self._holidays |= self._look_up((rule.asked for rule in rules if isinstance(rule, ByHoliday)), new)
            self._years |= new
