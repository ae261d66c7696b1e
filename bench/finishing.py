"""Finishing one picture, 1024 → 2500 pixels a side, against Pillow's bare resize and encode.

Bare: `resize` and `save` of a decoded picture, with the quality, subsampling, density and profile that we use. Against
it, in alternating rounds: the picture with its words in it (decode the raw PNG, enlarge, encode, insert metadata), and
the whole way from the spool to the outbox by the real `Finisher` and `Publisher` (read and verify the raw bytes,
decode, check, enlarge, encode, describe, hash, thumbnail, durable staging, sidecar, ledger, links).

Besides: what each check takes, and the search for the most similar of 100,000 pictures.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from bench.figures import Aim, Effort, Figure, median
from bench.pictures import KINDS, SIDE, described, painted
from bench.workshop import Workshop, workshop
from stockgen.checks import CHECKS, View
from stockgen.checks.index import Index, Known
from stockgen.checks.likeness import COARSE, likeness_of
from stockgen.checks.sound import decoded
from stockgen.finishes import FINISHES
from stockgen.finishes.encode import DPI, jpeg, srgb
from stockgen.metadata.embed import with_metadata

WANTED = 2500  # pixels a side: the smallest square that all markets take
QUALITY = 95  # config's finish.quality
WITH_WORDS, WHOLE = 1.25, 1.75
CHECKED = 150.0  # ms: all checks of a picture that was drawn at full size
SEARCHED = 20.0  # ms
KNOWN = 100_000  # pictures that a new one is compared with


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
        *_checked(rounds),
        _searched(rounds),
    ]


def _checked(rounds: int) -> list[Figure]:
    """What all checks take, likeness included, at both sizes; each check alone is told in `how`."""
    return [_checked_at(SIDE, rounds, None), _checked_at(WANTED, rounds, Aim(CHECKED))]


def _checked_at(side: int, rounds: int, aim: Aim | None) -> Figure:
    picture = decoded(painted(SIDE, 0), SIDE, SIDE).resize((side, side))
    each = {name: [_timed(partial(_check, picture, name)) for _ in range(rounds)] for name in CHECKS}
    each["likeness"] = [_timed(partial(likeness_of, picture)) for _ in range(rounds)]
    whole = median([_timed(partial(_all, picture)) for _ in range(rounds)]) * 1e3
    how = ", ".join(f"{name} {median(taken) * 1e3:.0f}" for name, taken in each.items())
    return Figure(measure=f"checks of {side}²", value=whole, unit="ms", aim=aim, how=f"alone: {how} ms")


def _check(picture: Image.Image, name: str) -> None:
    CHECKS[name](View(picture), 1.0)


def _all(picture: Image.Image) -> None:
    view = View(picture)
    for check in CHECKS.values():
        check(view, 1.0)
    likeness_of(picture)


def _searched(rounds: int) -> Figure:
    """The most similar of 100,000 pictures: half of them noise, half of them like one of a few."""
    rng = np.random.default_rng(0)
    few = [likeness_of(decoded(painted(SIDE, kind), SIDE, SIDE)) for kind in range(KINDS)]
    kinds = rng.integers(0, KINDS, KNOWN)
    coarse = rng.standard_normal((KNOWN, COARSE // 2), np.float32) * 0.1
    coarse[::2] += np.stack([np.frombuffer(one.kept[:COARSE], np.float16) for one in few])[kinds[::2]]
    known = Index(lambda ids: {each: few[kinds[each]].kept for each in ids})
    size = len(few[0].kept)
    known.add(Known(each, each, row.tobytes(), size) for each, row in enumerate(coarse.astype(np.float16)))
    taken = [_timed(partial(known.nearest, few[number % KINDS], -1)) for number in range(rounds + 1)][1:]
    return Figure(measure="most similar of 100,000", value=median(taken) * 1e3, unit="ms", aim=Aim(SEARCHED),
                  how=f"median of {len(taken)}")  # fmt: skip


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


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
