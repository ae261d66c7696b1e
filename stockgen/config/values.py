"""The values of `config.yaml` as people write them: converters raise ValueError with the word that faults.py knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from unicodedata import normalize
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator

from stockgen.domain.cron import Cron
from stockgen.domain.hours import Hours
from stockgen.domain.times import clock_time, duration
from stockgen.domain.weekly import Weekly

_SIZES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
          "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}  # fmt: skip
_SIZE = re.compile(r"^\s*(\d{1,15}(?:\.\d{1,6})?)\s*([KMGT]i?B|B)\s*$")
_LARGEST = 1 << 50  # bytes
MOST_JITTER = 6 * 3600  # seconds
_SCHEDULE = re.compile(r"^[^\W_][\w-]{0,39}$")  # it becomes a folder's name

_SECRET = re.compile(r"secret:[A-Za-z0-9_]{1,30}")


def _duration(value: Any) -> Any:
    try:
        return duration(str(value))
    except ValueError as error:
        raise ValueError("duration") from error


def _size(value: Any) -> Any:
    """`2GiB`, `500MB`, `0B` → bytes."""
    found = _SIZE.match(value) if isinstance(value, str) else None
    size = float(found[1]) * _SIZES[found[2]] if found else -1.0
    if not 0 <= size <= _LARGEST:
        raise ValueError("size")
    return round(size)


def _timezone(value: Any) -> Any:
    if value == "local":
        return value
    try:
        return ZoneInfo(str(value)).key
    except (OSError, ValueError, KeyError) as error:
        raise ValueError("timezone") from error


def _hours(value: Any) -> Any:
    """`23:00-07:00`, kept as it is spoken of."""
    try:
        return None if value is None else str(Hours.parsed(str(value)))
    except ValueError as error:
        raise ValueError("hours") from error


def _off(value: Any) -> bool:
    """Whether it says "never"; YAML reads `off` as no."""
    return value is None or value is False or str(value).strip().casefold() == "off"


def _weekly(value: Any) -> Any:
    """`sat 09:00`, kept as it is spoken of; `off` = None."""
    if _off(value):
        return None
    try:
        return str(Weekly.parsed(str(value)))
    except ValueError as error:
        raise ValueError("weekly") from error


def _time_of_day(value: Any) -> Any:
    """`07:40`, kept as it is spoken of; `off` = None."""
    if _off(value):
        return None
    try:
        return f"{clock_time(str(value)):%H:%M}"
    except ValueError as error:
        raise ValueError("time") from error


def off_or_keys(value: Any) -> Any:
    """`off`, which YAML reads as no, means None; else keys."""
    keys = value if isinstance(value, Mapping) else None
    if keys is None and not _off(value):
        raise ValueError("off_or_keys")
    return keys


def never(value: Any) -> Any:
    """A time as `_duration`; `never` = None."""
    if value is None or str(value).strip().casefold() == "never":
        return None
    try:
        return _duration(value)
    except ValueError as error:
        raise ValueError("time_or_never") from error


def named_or_keys(value: Any) -> Any:
    """A name, keys with a name, or a list of both → a list of keys."""
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple({"name": one} if isinstance(one, str) else one for one in listed)


def within_hours(seconds: float) -> float:
    """A jitter of six hours at most: a longer one would come near the next day's moment."""
    if seconds > MOST_JITTER:
        raise ValueError("within_hours")
    return seconds


def _cron(value: Any) -> Any:
    """`30 23 * * *`, kept as it is spoken of."""
    try:
        return str(Cron.parsed(str(value)))
    except ValueError as error:
        raise ValueError("cron") from error


def _schedule_name(name: str) -> str:
    if not _SCHEDULE.match(normalize("NFC", name)):
        raise ValueError("schedule_name")
    return normalize("NFC", name)


def _most_waiting(value: Any) -> Any:
    """A number for each market of the job, or numbers by market."""
    each = value.values() if isinstance(value, dict) and value else (value,)
    if value is not None and not all(isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in each):
        raise ValueError("max_waiting")
    return value


def _devices(value: Any) -> Any:
    """`auto`, or a list of card numbers, `cpu` and `mps` → their names."""
    listed = [value] if value == "auto" else value
    names = tuple(str(one) for one in listed) if isinstance(listed, list | tuple) else ()
    known = all(name in ("cpu", "mps") or name.isdecimal() for name in names) or names == ("auto",)
    cards = [name for name in names if name.isdecimal()]
    if not names or not known or len({*cards}) < len(cards):
        raise ValueError("devices")
    return names


def _place(path: Path) -> Path:
    """`~` is the home folder; an empty path would be the config's own folder."""
    try:
        full = path.expanduser()
    except RuntimeError as error:
        raise ValueError("path") from error
    if full == Path():
        raise ValueError("path")
    return full


def _secret_name(value: Any) -> Any:
    """`secret:telegram`. What was found instead is not told: it may be an address with a token in it."""
    if not isinstance(value, str) or not _SECRET.fullmatch(value.strip()):
        raise ValueError("secret_name")
    return value.strip().casefold()


def _address(value: Any) -> Any:
    """`localhost:11434` → `http://localhost:11434`, without a stroke at its end."""
    text = str(value).strip()
    whole = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(whole)
        told = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise ValueError("address") from error
    if not told or not isinstance(value, str) or re.search(r"\s", whole):
        raise ValueError("address")
    return whole.rstrip("/")


Folder = Annotated[Path, AfterValidator(_place)]
Seconds = Annotated[float, BeforeValidator(_duration)]
Address = Annotated[str, BeforeValidator(_address)]
SecretName = Annotated[str, BeforeValidator(_secret_name)]
Size = Annotated[int, BeforeValidator(_size)]
HoursOfDay = Annotated[str | None, BeforeValidator(_hours)]
WeeklyTime = Annotated[str | None, BeforeValidator(_weekly)]
TimeOfDay = Annotated[str | None, BeforeValidator(_time_of_day)]
CronText = Annotated[str, BeforeValidator(_cron)]
ScheduleName = Annotated[str, AfterValidator(_schedule_name)]
MostWaiting = Annotated[int | dict[str, int] | None, BeforeValidator(_most_waiting)]
Timezone = Annotated[str, BeforeValidator(_timezone)]
Names = tuple[str, ...]
Devices = Annotated[Names, BeforeValidator(_devices)]
