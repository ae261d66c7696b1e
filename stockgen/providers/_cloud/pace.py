"""How fast a service may be asked, as people write it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from stockgen.domain.times import duration

_RANGE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([^\W\d]*)\s*[-–~]\s*(\d+(?:\.\d+)?)\s*([^\W\d]+)\s*$")


def _spacing(value: Any) -> tuple[float, float]:
    """`2-5s`, `500ms-2s`, `3s`, a number of seconds → the shortest and the longest pause."""
    if isinstance(value, tuple | list) and len(value) == 2:
        low, high = float(value[0]), float(value[1])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low = high = float(value)
    elif found := _RANGE.match(str(value)):
        low, high = _seconds(found[1] + (found[2] or found[4])), _seconds(found[3] + found[4])
    else:
        low = high = _seconds(str(value))
    if not 0 <= low <= high <= 3600:
        raise ValueError("a pause such as 3s, or 2-5s for one between 2 and 5 seconds")
    return low, high


def _timeout(value: Any) -> float:
    """`180s`, `3m`, or a number of seconds: checked options come here once more, in the lane."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return duration(str(value))
    except ValueError as error:
        raise ValueError("duration") from error


def _seconds(text: str) -> float:
    try:
        return duration(text)
    except ValueError as error:
        raise ValueError("a pause such as 3s, or 2-5s for one between 2 and 5 seconds") from error


Timeout = Annotated[float, BeforeValidator(_timeout)]
Spacing = Annotated[tuple[float, float], BeforeValidator(_spacing)]
