"""Finishing one picture, 1024 → 2500 pixels a side, against Pillow's bare resize and encode.

Bare: `resize` and `save` of a decoded picture, with the quality, subsampling, density and profile that we use. Against
it, in alternating rounds: the picture with its words in it (decode the raw PNG, enlarge, encode, insert metadata), and
the whole way from the spool to the outbox by the real `Finisher` and `Publisher` (read and verify the raw bytes,
decode, check, enlarge, encode, describe, hash, thumbnail, durable staging, sidecar, ledger, links).
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.figures import Aim, Effort, Figure, median
from bench.pictures import KINDS, SIDE, described, painted
from bench.workshop import Workshop, workshop
from stockgen.checks.sound import decoded
from stockgen.finishes import FINISHES
from stockgen.finishes.encode import DPI, jpeg, srgb
from stockgen.metadata.jpeg import with_metadata

WANTED = 2500  # pixels a side: the smallest square that all markets take
QUALITY = 95  # config's finish.quality
WITH_WORDS, WHOLE = 1.25, 1.75


@dataclass(frozen=True, slots=True)
class Size:
    """How many rounds, after one that is not counted."""

    rounds: int


SIZES: dict[Effort, Size] = {"tiny": Size(1), "quick": Size(8), "full": Size(40)}


def measure(effort: Effort, folder: Path) -> list[Figure]:
    """All figures of this file."""
    rounds = SIZES[effort].rounds
    with workshop(folder / "finishing", rounds + 1, WANTED) as shop:
        taken = [_round(number, shop) for number in range(rounds + 1)][1:]
        assert shop.done == rounds + 1
    bare = median([one for one, _, _ in taken]) * 1e3
    return [
        Figure(measure="bare resize + encode", value=bare, unit="ms", how=f"{SIDE}² → {WANTED}², median"),
        _ratio("finishing with metadata ÷ bare", [(two, one) for one, two, _ in taken], WITH_WORDS),
        _ratio("spool → outbox ÷ bare", [(three, one) for one, _, three in taken], WHOLE),
    ]


def _ratio(measure: str, pairs: list[tuple[float, float]], aim: float) -> Figure:
    """The median of each round's own ratio: a neighbour on the machine slows both of a round."""
    ms = median([ours for ours, _ in pairs]) * 1e3
    how = f"median of {len(pairs)} rounds; {ms:.0f} ms"
    return Figure(measure=measure, value=median([ours / bare for ours, bare in pairs]), unit="", aim=Aim(aim), how=how)


def _round(number: int, shop: Workshop) -> tuple[float, float, float]:
    """Seconds for bare, with words, whole."""
    raw = painted(SIDE, number % KINDS)
    picture = decoded(raw, SIDE, SIDE)
    shop.render()
    return _timed(lambda: _bare(picture)), _timed(lambda: _with_words(raw)), shop.finish()


def _bare(picture: Image.Image) -> None:
    large = picture.resize((WANTED, WANTED), Image.Resampling.LANCZOS)
    large.save(io.BytesIO(), "JPEG", quality=QUALITY, subsampling=0, dpi=(DPI, DPI), icc_profile=srgb())


def _with_words(raw: bytes) -> None:
    large = FINISHES["lanczos"](decoded(raw, SIDE, SIDE), WANTED, WANTED)
    with_metadata(jpeg(large, QUALITY), described())


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
