"""What an answer means: pictures with what they cost, or why there are none. Pure; the services fill it in."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from stockgen.data.cloud import Prices
from stockgen.domain.errors import BadPicture, Busy, NotConfigured, QuotaSpent, RenderError, Retired, Unfit
from stockgen.domain.protocols import Micros
from stockgen.providers._cloud.purchase import Answer
from stockgen.providers._cloud.redact import brief

HOUR = 3600.0
QUOTA = 6 * HOUR  # until an account without credit is asked again
FOR_GOOD = 3650 * 24 * HOUR
LONGEST_WAIT = 24 * HOUR
OVERDUE = (408, 504, 520, 524)  # of proxies; the last two are Cloudflare's
ENDED = re.compile(r"deprecated|no longer|discontinued|retired|shut down", re.IGNORECASE)
LATER = (408, 409, 425, 499)  # below 500, but no fault of the request
PACIFIC = "America/Los_Angeles"  # where Google's days begin (ai.google.dev/gemini-api/docs/rate-limits)


@dataclass(frozen=True, slots=True)
class Sold:
    """From whom a picture is bought, which model of the catalogue, and at which prices; None = it is free."""

    provider: str
    model: str
    prices: Prices | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one request. `pictures`: files, or why one is none, in the order of the shots; `error`: why there
    are none for the others. `cost`: of all together in micro-USD, None = nobody has said. `facts`: about each.
    """

    pictures: Sequence[bytes | BadPicture] = ()
    error: Exception = field(default_factory=lambda: BadPicture("no_picture"))
    cost: Micros | None = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


def failed(answer: Answer, error: RenderError, sold: Sold) -> Reading:
    """That nothing came. Nothing was billed, unless a proxy lost patience while the service may have been drawing."""
    perhaps = answer.status in OVERDUE and answer.tree() is None
    return Reading(error=error, cost=paid(sold, None) if perhaps else 0)


def unreadable(sold: Sold, detail: str) -> Reading:
    """An answer that is none: whether it was billed is unknown."""
    return Reading(error=BadPicture("cloud_unreadable", provider=sold.provider, detail=detail), cost=paid(sold, None))


def paid(sold: Sold, micros: float | None) -> Micros | None:
    """Micro-dollars, upwards; None = unknown, though not for what is free."""
    if sold.prices is None:
        return 0
    return None if micros is None else math.ceil(round(micros, 6))


def decoded(text: Any, sold: Sold) -> bytes | BadPicture:
    """The file behind base64, or why there is none."""
    try:
        return base64.b64decode(str(text or ""), validate=True) if text else BadPicture("no_picture")
    except (binascii.Error, ValueError) as error:
        return BadPicture("cloud_unreadable", provider=sold.provider, detail=brief(error))


def by_status(answer: Answer, sold: Sold, detail: str, retry: float | None = None) -> RenderError:
    """What a status means that no code of the service explains. `detail`: short and redacted; `retry`: seconds."""
    error: RenderError
    who, wait = sold.provider, retry if retry is not None else retry_after(answer)
    facts = {"retry_after": wait} if wait is not None else {}
    match answer.status:
        case 401:
            error = NotConfigured("cloud_key_refused", provider=who, closed_for=HOUR)
        case 403:
            error = NotConfigured("cloud_forbidden", provider=who, detail=detail, closed_for=HOUR)
        case 402:
            error = QuotaSpent("cloud_quota", provider=who, closed_for=QUOTA)
        case 404 if answer.tree() is not None:
            error = gone(sold, detail)
        case 429:
            error = Busy("cloud_busy", provider=who, **facts)
        case 400 | 413 | 422:
            error = Unfit("cloud_unfit", provider=who, detail=detail)
        case status if status >= 500 or status in LATER:
            error = Busy("cloud_trouble", provider=who, status=status, **facts)
        case status:  # a page, a redirection: this is not the service
            error = NotConfigured("cloud_address", provider=who, status=status, closed_for=HOUR)
    return error


def gone(sold: Sold, said: str) -> RenderError:
    """That there is no such model: for good where the service says so; else it may come, or we may get access to it."""
    if sold.prices is None:
        return NotConfigured("cloud_model", provider=sold.provider, model=sold.model, closed_for=HOUR)
    until = FOR_GOOD if ENDED.search(said) else 24 * HOUR
    return Retired("cloud_retired", provider=sold.provider, model=sold.model, closed_for=until)


def retry_after(answer: Answer) -> float | None:
    """Seconds that the service wants us to wait; None = it has not said."""
    told = answer.headers
    seconds = _number(told.get("retry-after-ms", ""), 0.001)
    if seconds is None:
        seconds = _number(told.get("retry-after", ""), 1.0)
    if seconds is None:
        then, now = _moment(told.get("retry-after", "")), _moment(told.get("date", ""))
        seconds = (then - now).total_seconds() if then and now else None
    return None if seconds is None else min(max(0.0, seconds), LONGEST_WAIT)


def until_midnight(answer: Answer) -> float:
    """Seconds until Google's next day, by the clock of the answer."""
    now = _moment(answer.headers.get("date", ""))
    if now is None:
        return QUOTA
    there = now.astimezone(ZoneInfo(PACIFIC))
    midnight = datetime.combine(there.date() + timedelta(days=1), datetime.min.time(), there.tzinfo)
    return (midnight.astimezone(UTC) - now).total_seconds()


def shares(total: Micros | None, count: int) -> Sequence[Micros | None]:
    """A sum in `count` parts that differ by a millionth of a dollar at most, and lose none."""
    if total is None:
        return [None] * count
    each, rest = divmod(total, max(1, count))
    return [each + 1] * rest + [each] * (count - rest)


def part(tree: Any, *keys: str) -> Any:
    """What stands there in an answer's JSON; None = nothing, or it is built in another way."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def rows(tree: Any) -> list[dict[str, Any]]:
    """The mappings of a list."""
    return [one for one in tree if isinstance(one, dict)] if isinstance(tree, list) else []


def count(tree: Any, *keys: str) -> int:
    """A number of tokens; 0 = none is told."""
    found = part(tree, *keys)
    return int(found) if isinstance(found, int | float) and not isinstance(found, bool) and found > 0 else 0


def also(reading: Reading, **facts: Any) -> Reading:
    """With more facts."""
    return replace(reading, facts={**reading.facts, **facts})


def _number(text: str, unit: float) -> float | None:
    try:
        seconds = float(text) * unit
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
