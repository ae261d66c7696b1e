"""Checks of pictures: plain functions named in a dict.

`sound` decides whether the bytes are a picture at all (else BadPicture, and it is made again); the functions in
`CHECKS` measure something and send what falls short to a person's review.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check measured, beside the threshold that it was measured against."""

    name: str
    value: float
    threshold: float
    ok: bool

    def to_json(self) -> dict[str, Any]:
        """As it stands in the sidecar."""
        return {"name": self.name, "value": self.value, "threshold": self.threshold, "ok": self.ok}


Check = Callable[["Image", float], Finding]


def flat(picture: Image, spread: float) -> Finding:
    """A picture of one colour sells nowhere: the widest channel must span at least `spread` 8-bit levels.

    Measured between the 1st and the 99th hundredth of a 256-pixel reduction, so that single pixels don't count.
    """
    small = picture.convert("RGB").reduce(max(1, min(picture.size) // 256))
    spans = []
    for band in small.split():
        counts = band.histogram()
        spans.append(_level(counts, 0.99) - _level(counts, 0.01))
    return Finding("flat", float(max(spans)), spread, max(spans) >= spread)


def _level(counts: list[int], share: float) -> int:
    """The 8-bit level below which `share` of the pixels lie."""
    wanted, seen = share * sum(counts), 0
    for level, count in enumerate(counts):
        seen += count
        if seen >= wanted:
            return level
    return 255


CHECKS: Mapping[str, Check] = MappingProxyType({"flat": flat})
