"""`python -m bench.calibration`: how well checks tell faults from sound pictures; the tables of docs/checks.md.

All are pictures that no threshold was chosen by. Takes about three minutes on a quiet machine.

--side N     pixels of the pictures for faults (1024)
--count N    how many of each (36)
--copies N   copies are looked for among so many drawings, and scenes, one for ten of them (400)
--seeds N    those are drawn from seeds from N on (20000)
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from PIL import Image

from bench.album import Album
from bench.scenes import (
    COPIES,
    Spoil,
    blurred,
    drawing,
    exposed,
    faded,
    framed,
    kind,
    mixed,
    noisy,
    posterised,
    redrawn,
    saved,
    scene,
    slope,
    studio,
)
from stockgen.checks import CHECKS, View
from stockgen.checks.likeness import likeness_of
from stockgen.config.model import Checks

LIKENESS_SIDE = 256  # pixels: likenesses are taken at 128
SHARE = 5  # each way to copy is tried on one picture of so many, in turn: of all families
HELD_OUT = 20_000  # seeds from here on: no number was chosen by their pictures


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to which pictures, how strongly; `bad`: whether the check is meant to find it."""

    check: str
    how: str
    base: Callable[[int, int], Image.Image]
    spoil: Spoil
    bad: bool


def _as_it_is(picture: Image.Image) -> Image.Image:
    return picture


Grades = Sequence[tuple[float, bool]]
_GRADES: Mapping[str, tuple[Callable[[float], Spoil], str, Grades]] = MappingProxyType({
    "flat": (faded, "{:g} levels of contrast left", ((60, False), (30, False), (10, True), (5, True))),
    "blurred": (blurred, "sigma of {:g} pixels",
                ((0.5, False), (1, False), (2, True), (3, True), (4, True), (6, True), (8, True))),
    "noisy": (noisy, "noise of {:g} levels", ((2, False), (4, False), (7, True), (9, True), (12, True))),
    "artefacts": (lambda grade: saved(int(grade)), "JPEG quality {:g}",
                  ((95, False), (90, False), (85, False), (40, True), (30, True), (20, True))),
    "framed": (framed, "white frame of {:g}", ((0.005, True), (0.01, True), (0.05, True))),
    "clipped": (exposed, "{:g} times too bright", ((1.2, False), (3, True), (4, True))),
})  # fmt: skip


def faults() -> Iterator[Fault]:
    """Every check with sound pictures and with pictures spoiled more and more."""
    for check, (spoil, how, grades) in _GRADES.items():
        for grade, bad in grades:
            yield Fault(check, how.format(grade), scene, spoil(grade), bad)
    for bits in (6, 5, 4):
        yield Fault("banded", f"slopes of {bits} bits", slope, posterised(bits), True)
    for check in CHECKS:
        for name, base in (("scenes", scene), ("slopes", slope)):
            yield Fault(check, f"sound {name}", base, _as_it_is, False)
        if check in ("flat", "clipped", "framed", "banded"):
            yield Fault(check, "sound drawings", drawing, _as_it_is, False)
            yield Fault(check, "sound things on white", studio, _as_it_is, False)


def tables(side: int, count: int) -> Iterator[str]:
    """Markdown, line by line."""
    thresholds = _thresholds()
    found: dict[str, list[tuple[bool, bool]]] = {}
    pictures: dict[str, list[Image.Image]] = {}
    yield "| check | picture | values | found |"
    yield "|---|---|---|---|"
    for fault in faults():
        name = fault.base.__name__
        if name not in pictures:  # a scene takes a second and more
            pictures[name] = [fault.base(seed, side) for seed in range(HELD_OUT, HELD_OUT + count)]
        told = [CHECKS[fault.check](View(fault.spoil(one)), thresholds[fault.check]) for one in pictures[name]]
        values = sorted(one.value for one in told)
        hits = sum(not one.ok for one in told)
        found.setdefault(fault.check, []).extend((fault.bad, not one.ok) for one in told)
        middle = values[len(values) // 2]
        yield f"| {fault.check} | {fault.how} | {values[0]:.2f} – {middle:.2f} – {values[-1]:.2f} | {hits} of {count} |"
    yield ""
    yield "| check | threshold | precision | recall | faulty | sound |"
    yield "|---|---|---|---|---|---|"
    for check, pairs in found.items():
        hits = sum(bad and hit for bad, hit in pairs)
        raised, bad = sum(hit for _, hit in pairs), sum(bad for bad, _ in pairs)
        share = f"{hits / max(1, raised):.1%} | {hits / bad:.1%}"
        yield f"| {check} | {thresholds[check]:g} | {share} | {bad} | {len(pairs) - bad} |"


def copies(count: int, first: int = HELD_OUT) -> Iterator[str]:
    """How many copies are found, and how many pictures are taken for copies; of pictures that nothing was chosen by."""
    near = Checks().duplicate.distance
    seeds = range(first, first + count)
    pictures = [drawing(seed, LIKENESS_SIDE) for seed in seeds]
    kinds = [" ".join(kind(seed)) for seed in seeds]
    pictures += [scene(seed, LIKENESS_SIDE) for seed in seeds[: count // 10]]
    kinds += ["scene"] * (count // 10)
    known, paired = Album(), []
    for number, picture in enumerate(pictures):
        this = likeness_of(picture)
        nearest = known.nearest(this, number)
        if nearest.shot is not None and nearest.distance <= near:
            paired.append((kinds[number] == kinds[nearest.shot], number, nearest.shot))
        known.add(number, this.kept)
    told = [f"{kinds[one]} {one} like {kinds[other]} {other}" for _, one, other in sorted(paired)]
    yield f"{len(paired)} of {len(pictures)} held-out pictures are taken for copies of earlier ones,"
    yield f"{sum(not same for same, *_ in paired)} of them of another design: {'; '.join(told)}."
    yield ""
    yield "| copy | missed | farthest |"
    yield "|---|---|---|"
    ways = {f"{sort}: {name}": spoil for sort, each in COPIES.items() for name, spoil in each.items()}
    for turn, (name, spoil) in enumerate(ways.items()):
        tried = [spoil(one) for one in pictures[turn % SHARE :: SHARE]]
        yield _row(name, [known.nearest(likeness_of(one)).distance for one in tried], near)
    mix = [mixed(one, number) for number, one in enumerate(pictures[::SHARE])]
    yield _row("cropped, mirrored or not, JPEG", [known.nearest(likeness_of(one)).distance for one in mix], near)
    again = [redrawn(seed, LIKENESS_SIDE) for seed in seeds[::SHARE]]
    yield _row("drawn again in other colours", [known.nearest(likeness_of(one)).distance for one in again], near)


def _row(name: str, distances: list[float], near: float) -> str:
    missed = sum(one > near for one in distances)
    return f"| {name} | {missed} of {len(distances)} | {max(distances):.1f} |"


def _thresholds() -> dict[str, float]:
    checks = Checks()
    return {
        "flat": checks.flat.spread, "clipped": checks.clipped.share, "framed": checks.border.width,
        "blurred": checks.blur.width, "noisy": checks.noise.level, "banded": checks.banding.share,
        "artefacts": checks.artefacts.excess,
    }  # fmt: skip


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description="Calibrate checks.")
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--count", type=int, default=36)
    parser.add_argument("--copies", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=HELD_OUT)
    asked = parser.parse_args()
    for line in chain(copies(asked.copies, asked.seeds), [""], tables(asked.side, asked.count)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
