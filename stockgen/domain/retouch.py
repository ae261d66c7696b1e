"""What is done to a picture after it was drawn, by models that are not those that drew it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Retouch:
    """What is to be done to one raw picture by models that are not those that drew it.

    `raw`: the picture as it was drawn; `into`: where the result is written, fsynced, before it is told. `cutout`,
    `upscale`: names of the catalogue, "" = not wanted. `margin`: empty border of what is cut out, as a share of its
    longer side. `size`: width and height in pixels that must be covered, of what is not cut out. `long_side`, `pixels`:
    what the crop of something cut out must have at least. Nothing is ever made smaller.
    """

    shot: int
    raw: Path
    into: Path
    cutout: str = ""
    upscale: str = ""
    margin: float = 0.0
    size: tuple[int, int] = (0, 0)
    long_side: int = 0
    pixels: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retouched:
    """How a retouch ended. `error`: one of `domain.errors`; `seconds` of wall time; `facts`: which models, and what was
    measured on the way (name → number).
    """

    shot: int
    seconds: float
    error: Exception | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
