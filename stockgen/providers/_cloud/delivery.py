"""What was bought becomes outcomes: each picture a file in the spool, with its share of what all have cost."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from stockgen.domain.errors import BadPicture, StorageFull, StorageLost
from stockgen.domain.protocols import Micros, Outcome
from stockgen.files import fsync_dir, write_new
from stockgen.providers._cloud.purchase import Order
from stockgen.providers._cloud.reading import Reading, shares
from stockgen.providers._cloud.redact import brief

ENDINGS: Mapping[str, str] = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
_BROKEN = (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class Picture:
    """A file as it was bought, with what it turns out to be, whatever was asked for."""

    data: bytes
    ending: str
    width: int
    height: int


def outcomes(order: Order, reading: Reading, spool: Path, seconds: float) -> Iterator[Outcome]:
    """One for each shot of an order; files are durable before they are told.

    What a picture costs is told also where it can't be kept: it was paid for.
    """
    found = [_looked(one, order.provider) for one in reading.pictures][: len(order.shots)]
    missing: list[Picture | Exception] = [reading.error] * (len(order.shots) - len(found))
    payers = len(found) or len(order.shots)
    costs = [*shares(reading.cost, payers), *[_nothing(reading.cost)] * (len(order.shots) - payers)]
    facts = {**reading.facts, "batch_size": len(order.shots), "steps": None, "guidance": None}
    for shot, what, cost in zip(order.shots, [*found, *missing], costs, strict=True):
        yield _outcome(shot, what, spool, Outcome(shot=shot, seconds=seconds, cost=cost, facts=facts))


def _outcome(shot: int, what: Picture | Exception, spool: Path, so_far: Outcome) -> Outcome:
    told: dict[str, Any] = {"shot": shot, "seconds": so_far.seconds, "cost": so_far.cost}
    if isinstance(what, Exception):
        return Outcome(**told, error=what, facts=so_far.facts)
    file = spool / f"{shot}.{what.ending}"
    try:
        write_new(file, what.data)
        fsync_dir(spool)
    except (StorageFull, StorageLost) as error:
        return Outcome(**told, error=error, facts=so_far.facts)
    drawn = {"width": what.width, "height": what.height, "format": what.ending}
    return Outcome(**told, file=file, facts={**so_far.facts, **drawn})


def _nothing(cost: Micros | None) -> Micros | None:
    """What a picture costs that did not come, where others did: their price is that of all."""
    return None if cost is None else 0


def _looked(found: bytes | BadPicture, provider: str) -> Picture | BadPicture:
    """A file by its first bytes and its header; whether the rest of it is sound is for those who decode it."""
    if isinstance(found, BadPicture):
        return found
    try:
        with Image.open(io.BytesIO(found), formats=list(ENDINGS)) as picture:
            return Picture(found, ENDINGS[str(picture.format)], picture.width, picture.height)
    except _BROKEN as error:
        return BadPicture("cloud_unreadable", provider=provider, detail=brief(error))
