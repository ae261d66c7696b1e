"""When a day of the year is: by its date, its weekday, a cycle of days, or a holiday that a library knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, PositiveInt, Tag

from stockgen.data.closed import Closed

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Category = Literal["public", "unofficial", "optional"]  # of the library: what nobody is free for stands in the others
Asked = tuple[str, Category, str]  # country, category, the library's English name
Holidays = Mapping[tuple[Asked, int], date]  # (what was asked, year) -> its day


def _in_every_year(written: str) -> str:
    """Raises ValueError for what is no `MM-DD` of a year without a leap day."""
    _day(2001, written)
    return written


def _day(year: int, written: str) -> date:
    return date.fromisoformat(f"{year}-{written}")


MonthDay = Annotated[str, AfterValidator(_in_every_year)]


class _Rule(Closed):
    """`days`: how long it lasts, its first one included."""

    days: PositiveInt = 1


class ByDay(_Rule):
    """The same date every year, `MM-DD`."""

    day: MonthDay

    def first(self, year: int, _holidays: Holidays) -> date | None:
        """Its first day in a year; None = there is none."""
        return _day(year, self.day)


class ByWeekday(_Rule):
    """The `nth` weekday on or after a date: the third Thursday of November is `thu`, 3, `11-01`."""

    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    nth: PositiveInt
    start: MonthDay = Field(alias="from")

    def first(self, year: int, _holidays: Holidays) -> date | None:
        """As `ByDay.first`."""
        start = _day(year, self.start)
        ahead = (WEEKDAYS.index(self.weekday) - start.weekday()) % 7
        return start + timedelta(days=ahead + 7 * (self.nth - 1))


class ByCycle(_Rule):
    """The `nth` day on or after a date of those that come `every` so many days; `since` is one of them.

    Korea's dog days are days of the seventh of the ten heavenly stems (경일), counted from the summer solstice and from
    the beginning of autumn (입추).
    """

    every: PositiveInt
    since: date
    nth: PositiveInt
    start: MonthDay = Field(alias="from")

    def first(self, year: int, _holidays: Holidays) -> date | None:
        """As `ByDay.first`."""
        start = _day(year, self.start)
        ahead = (self.since - start).days % self.every
        return start + timedelta(days=ahead + self.every * (self.nth - 1))


class ByHoliday(_Rule):
    """A holiday as `holidays` names it in English, or a number of days after it (`plus`)."""

    holiday: str
    country: str = Field(pattern=r"^[A-Z]{2}$")
    category: Category = "public"
    plus: int = 0

    @property
    def asked(self) -> Asked:
        """What the library is asked."""
        return self.country, self.category, self.holiday

    def first(self, year: int, holidays: Holidays) -> date | None:
        """As `ByDay.first`: none in a year for which the library was not asked, or knows nothing."""
        day = holidays.get((self.asked, year))
        return None if day is None else day + timedelta(days=self.plus)


def _kind(value: Any) -> str | None:
    given = value if isinstance(value, Mapping) else vars(value)
    return next((key for key in ("holiday", "weekday", "every", "day") if key in given), None)


Rule = Annotated[
    Annotated[ByHoliday, Tag("holiday")] | Annotated[ByWeekday, Tag("weekday")]
    | Annotated[ByCycle, Tag("every")] | Annotated[ByDay, Tag("day")],
    Discriminator(_kind),
]  # fmt: skip
