"""Repetition: where a model began to say the same thing again and again until something stopped it."""

from __future__ import annotations

LONGEST = 400  # characters of the unit that is repeated
TIMES = 6  # a unit that stands so often at the end, one after another, is no text any more
AT_LEAST = 90  # characters of repetition; shorter ones happen in good text ("----------")
BLANK = 400  # characters of nothing but white space; deep indents stay far below


def loop_start(text: str) -> int | None:
    """Where the first repetition of the loop at the end of `text` begins; None = it ends in none.

    What stands before is kept with one turn of the loop. Costs a few thousand comparisons, however long the text.
    """
    body = text.rstrip()
    if len(text) - len(body) >= BLANK:
        return len(body)
    for unit in range(1, min(LONGEST, len(body) // TIMES) + 1):
        times = _times(body, unit)
        if times >= TIMES and times * unit >= AT_LEAST and not _rule(body[-unit:]):
            return len(body) - (times - 1) * unit
    return None


def looping(text: str) -> bool:
    """Whether an answer that is still being written has run into a loop. Only its end is looked at."""
    return loop_start(text[-(LONGEST * (TIMES + 1)) :]) is not None


def _times(text: str, unit: int) -> int:
    """How often the last `unit` characters stand at the end, one after another."""
    last = text[-unit:]
    at = len(text) - unit
    times = 1
    while at >= unit and text[at - unit : at] == last:
        at -= unit
        times += 1
    return times


def _rule(unit: str) -> bool:
    """Lines of `----`, `====` and the brackets at the end of nested data are drawn on purpose."""
    return not any(sign.isalnum() for sign in unit) and not unit.strip("-=*_~#.}])\n\t ")
