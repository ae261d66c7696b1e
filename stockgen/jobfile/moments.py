"""`not_before`: a local date and time, as people write it in Korean or English → wall seconds.

What is left open is asked about: `내일 3시` may be 03:00 or 15:00, so hours before 7 need a part of the day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from stockgen.domain.times import local
from stockgen.jobfile.field import Field, allowed, text_of, wrong
from stockgen.jobfile.known import Known
from stockgen.jobfile.names import names

T = TypeVar("T")
FARTHEST = 366  # days ahead; a later day is a slip of the year
_CLEAR = 7  # hours from here on need no part of the day
_ISO = re.compile(r"(\d{4})[-./] ?(\d{1,2})[-./] ?(\d{1,2})\.?")
_YEAR_KO = re.compile(r"(?:(\d{4})년 ?)?(\d{1,2})월 ?(\d{1,2})일")
_DAY_MONTH = re.compile(r"(\d{1,2})[./](\d{1,2})(?![\d:])")
_ENGLISH = re.compile(
    r"(?:(\d{1,2})\.? )?([a-z]{3})[a-z]*\.?(?: (\d{1,2})(?:st|nd|rd|th)?(?! ?[apm]m|[\d:]))?(?:,? (\d{4})(?!\d))?"
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d{1,6})?)?(?: ?([ap])\.?m\.?)?")
_HOUR = re.compile(r"(\d{1,2}) ?시(?: ?(?:(\d{1,2}) ?분|(반)))?|(\d{1,2}) ?([ap])\.?m\.?")
_NAMED = re.compile(r"(자정|midnight)|(정오|noon)")
_AHEAD = re.compile(
    r"in (\d{1,4}) ?(min(?:ute)?s?|hours?|h|days?|weeks?)"
    r"|(\d{1,4}) ?(분|시간|일|주일?|min(?:ute)?s?|hours?|h|days?) ?(?:후|뒤|later)"
)
_MINUTES = {"분": 1, "m": 1, "시": 60, "h": 60, "일": 1440, "d": 1440, "주": 10080, "w": 10080}
_ENDINGS = re.compile(r"(?:부터|이후|까지|에)$|^(?:from|at|on|after) ")
_ZONED = re.compile(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:z|[+-]\d\d:?\d\d)")


def not_before(field: Field, known: Known) -> float:
    """Wall seconds of a local moment; a bare time of the day is its next coming. Raises JobFileError."""
    text = text_of(field)
    found = moment(text.value, known)
    if found is None:
        raise wrong(field, text, allowed("moment"), _clearer(_folded(text.value)))
    return found


def moment(text: str, known: Known) -> float | None:
    """Wall seconds of the moment that somebody means, at most a year ahead; None = it is not understood."""
    given = _folded(text)
    found = _moment(given, known) if len(given) <= 60 else None
    return None if found is None or found > known.now + FARTHEST * 86400 else found


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def said(moment: float, timezone: str) -> str:
    """A moment as notes show it, local."""
    return f"{local(moment, timezone):%Y-%m-%d %H:%M}"


def _moment(given: str, known: Known) -> float | None:
    if given in names().when["now"]:
        return known.now
    if _ZONED.fullmatch(given):
        return _or_none(lambda: datetime.fromisoformat(given.upper()).timestamp())
    given = _ENDINGS.sub("", _ENDINGS.sub("", given)).strip()
    if ahead := _AHEAD.fullmatch(given):
        return known.now + int(ahead[1] or ahead[3]) * _MINUTES[(ahead[2] or ahead[4])[0]] * 60
    today = local(known.now, known.timezone)
    day, rest = _day(given, today)
    clock = _time(rest)
    if clock is None or (day is None and not rest):
        return None
    hours = timedelta(hours=clock[0], minutes=clock[1])
    if day is not None:
        return _stamp(day, hours, known.timezone)
    soon = _stamp(today.date(), hours, known.timezone)
    return soon if soon > known.now else _stamp(today.date() + timedelta(days=1), hours, known.timezone)


def _day(given: str, today: datetime) -> tuple[date | None, str]:
    """The day that is named, None = none is, and what is left of the text."""
    for pattern, found in ((_ISO, _iso), (_YEAR_KO, _korean), (_DAY_MONTH, _short), (_ENGLISH, _english)):
        match = pattern.match(given)
        day = found(match, today) if match else None
        if match and day:
            return day, _left(given[match.end() :])
    word = _first(given, names().when["day"])
    if word:
        rest = given if word == "tonight" else given[len(word) :]
        return today.date() + timedelta(days=names().when["day"][word]), _left(rest)
    return _weekday(given, today)


def _weekday(given: str, today: datetime) -> tuple[date | None, str]:
    monday = today.date() - timedelta(days=today.weekday())
    after = _first(given, names().when["next_week"])
    given = given[len(after) :].strip()
    for number, words in names().when["weekday"].items():
        word = _first(given, words)
        if word and not given[len(word) :][:1].isalpha():
            ahead = (number - today.weekday() - 1) % 7 + 1
            day = monday + timedelta(days=7 + number) if after else today.date() + timedelta(days=ahead)
            return day, _left(given[len(word) :])
    return None, _left(f"{after} {given}") if after else given


def _time(rest: str) -> tuple[int, int] | None:
    """Hours (24 = the midnight after) and minutes; nothing is the beginning of the day. None = not understood."""
    if not rest:
        return 0, 0
    if match := _NAMED.fullmatch(rest):
        return (24, 0) if match[1] else (12, 0)
    part = ""
    for name, words in names().when["part"].items():
        if word := _first(rest, words):
            part, rest = name, rest[len(word) :].strip().removeprefix("at ")
            break
    if match := _CLOCK.fullmatch(rest):
        return _of_day(int(match[1]), int(match[2]), part or {"a": "am", "p": "pm"}.get(match[3] or "", "24"))
    if match := _HOUR.fullmatch(rest):
        minutes = 30 if match[3] else int(match[2] or 0)
        return _of_day(int(match[1] or match[4]), minutes, part or {"a": "am", "p": "pm"}.get(match[5] or "", ""))
    return None


def _of_day(hour: int, minute: int, part: str) -> tuple[int, int] | None:
    if hour > 24 or minute > 59 or (hour == 24 and minute) or (part == "" and hour < _CLEAR):
        return None
    if part == "am":
        return (hour % 12, minute) if hour <= 12 else None
    if part == "pm":
        return (hour + 12 if hour < 12 else hour, minute)
    if part == "night":
        return None if hour < 6 else (hour + 12 if hour <= 12 else hour, minute)
    return hour, minute


def _iso(match: re.Match[str], _today: datetime) -> date | None:
    return _date(int(match[1]), int(match[2]), int(match[3]))


def _korean(match: re.Match[str], today: datetime) -> date | None:
    return _date(int(match[1]), int(match[2]), int(match[3])) if match[1] else _next(match[2], match[3], today)


def _short(match: re.Match[str], today: datetime) -> date | None:
    return _next(match[1], match[2], today)


def _english(match: re.Match[str], today: datetime) -> date | None:
    month, day = names().when["month"].get(match[2]), match[1] or match[3]
    if month is None or day is None:
        return None
    return _date(int(match[4]), month, int(day)) if match[4] else _next(str(month), day, today)


def _next(month: str, day: str, today: datetime) -> date | None:
    """This year's day; where that is half a year ago, next year's: people write `1월 3일` in December."""
    found = _date(today.year, int(month), int(day))
    return _date(today.year + 1, int(month), int(day)) if found and (today.date() - found).days > 180 else found


def _date(year: int, month: int, day: int) -> date | None:
    return _or_none(lambda: date(year, month, day))


def _or_none(make: Callable[[], T]) -> T | None:
    try:
        return make()
    except ValueError:  # the 31st of a short month: the author is asked
        return None


def _stamp(day: date, hours: timedelta, timezone: str) -> float:
    zone = None if timezone == "local" else ZoneInfo(timezone)
    return (datetime.combine(day, time()) + hours).replace(tzinfo=zone).timestamp()


def _first(text: str, words: Iterable[str]) -> str:
    """The longest of the words that `text` begins with, or ""."""
    return max((word for word in words if text.startswith(word)), key=len, default="")


def _left(text: str) -> str:
    bare = re.sub(r"^ ?\([^()]{1,4}\)", "", text).strip(" ,")
    return bare.removeprefix("t") if re.match(r"t\d", bare) else bare.removeprefix("at ")


@cache
def _open_hour() -> re.Pattern[str]:
    return re.compile(r"(.*?)((?<!\d)[1-6] ?시.*)")


def _clearer(given: str) -> str:
    """For an hour that may be in the morning or in the afternoon: the same with 오후, the commoner wish."""
    found = _open_hour().fullmatch(given)
    told = any(word in given for words in names().when["part"].values() for word in words)
    return f"{found[1]}오후 {found[2]}" if found and not told else ""
