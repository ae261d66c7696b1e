"""What a message in a chat asks for, in Korean and English. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from stockgen.domain.errors import UsageError
from stockgen.domain.times import duration
from stockgen.pipeline.baskets.opinions import numbers

HELP, STATUS = "help", "status"
_DROP = r"drop|빼\s?줘|빼|제외|버려"
_KEEP = r"keep|남겨\s?줘|남겨|살려\s?줘|살려|유지"
_NUMBERS = r"[#\d][#\d\s,，、;~\-–—〜～번]*"
_JUDGED = re.compile(
    rf"(?:(?P<before>{_DROP}|{_KEEP})\s*)?(?P<numbers>{_NUMBERS})(?:[은는을를]?\s*(?P<after>{_DROP}|{_KEEP}))?[.!]?"
)
_PAUSE = re.compile(r"(?:pause|일시\s?정지|멈춰)(?:\s+(?:for\s+)?(?P<long>.{1,20}))?")
_RESUME = frozenset({"resume", "재개", "계속", "다시 시작"})
_STATUS = frozenset({"status", "상태"})
_HELP = frozenset({"help", "start", "도움말", "?"})


@dataclass(frozen=True, slots=True)
class Order:
    """A command with its arguments. `seconds`: how long a pause is, None = until `resume`; `guessed`: nobody said
    whether to drop; `wrong`: why it can't be done, as a message's code.
    """

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    guessed: bool = False
    wrong: str = ""


def understood(text: str, *, replying: bool, job: str | None) -> Order | None:
    """What is asked for; None = it is a job file. `replying`: to a message of ours; `job`: whose sheet that shows.

    A reply is never a job file: "nice!" must not become a picture.
    """
    words = " ".join(text.split()).casefold()
    plain = re.sub(r"^/(\w+)(?:@\w+)?", r"\1", words)
    if plain in _HELP or not plain:
        return Order(HELP)
    if plain in _STATUS:
        return Order(STATUS)
    if plain in _RESUME:
        return Order("resume")
    if found := _PAUSE.fullmatch(plain):
        return _pause(found["long"])
    if found := _JUDGED.fullmatch(plain):
        return _judged(found, replying, job)
    return Order(HELP) if replying or words.startswith("/") else None


def _pause(long: str | None) -> Order | None:
    if long is None:
        return Order("pause")
    try:
        return Order("pause", seconds=duration(long.replace(" ", "")))
    except ValueError:
        return Order("pause", wrong="notify.how_long")


def _judged(found: re.Match[str], replying: bool, job: str | None) -> Order:
    """Numbers alone drop where they answer a sheet: whoever looks one through names what is bad."""
    before, after = found["before"], found["after"]
    verb = before or after
    if (before and after) or (replying and job is None) or not (verb or job):
        return Order("drop", wrong="notify.which")
    name = "keep" if verb and re.fullmatch(_KEEP, verb) else "drop"
    try:
        numbers(found["numbers"])
    except UsageError:
        return Order(name, wrong="notify.which")
    return Order(name, {"numbers": found["numbers"].strip(), "job": job or "last"}, guessed=not verb)
