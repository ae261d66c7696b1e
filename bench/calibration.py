"""`python -m bench.calibration`: how well checks tell faults from sound pictures; the tables of docs/checks.md.

--side N     pixels of the pictures for faults (1024)
--count N    how many of each (40); copies are looked for among ten times as many drawings
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from PIL import Image

from bench.scenes import (
    COPIES,
    Spoil,
    blurred,
    drawing,
    drawn,
    exposed,
    framed,
    mixed,
    noisy,
    posterised,
    saved,
    scene,
    slope,
)
from stockgen.checks import CHECKS, View
from stockgen.checks.index import Index
from stockgen.checks.likeness import likeness_of
from stockgen.config.model import Checks
from stockgen.providers.procedural import FAMILIES

LIKENESS_SIDE = 320  # pixels: likenesses are taken at 128


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


_GRADES: Mapping[str, tuple[Callable[[float], Spoil], Sequence[tuple[float, bool]]]] = MappingProxyType({
    "blurred": (blurred, ((0.5, False), (1, False), (2, True), (3, True), (4, True), (6, True), (8, True))),
    "noisy": (noisy, ((2, False), (4, False), (7, True), (9, True), (12, True))),
    "artefacts": (lambda grade: saved(int(grade)), ((95, False), (90, False), (40, True), (30, True), (20, True))),
    "framed": (framed, ((0.005, True), (0.01, True), (0.05, True))),
    "clipped": (exposed, ((1.2, False), (3, True), (4, True))),
})  # fmt: skip


def faults() -> Iterator[Fault]:
    """Every check with sound pictures and with pictures spoiled more and more."""
    for check, (spoil, grades) in _GRADES.items():
        for grade, bad in grades:
            yield Fault(check, f"{grade:g}", scene, spoil(grade), bad)
    for bits in (6, 5, 4):
        yield Fault("banded", f"{bits} bits", slope, posterised(bits), True)
    for check in CHECKS:
        for name, base in (("scenes", scene), ("slopes", slope)):
            yield Fault(check, f"sound {name}", base, _as_it_is, False)
        if check in ("flat", "clipped", "framed", "banded"):
            yield Fault(check, "sound drawings", drawing, _as_it_is, False)


def tables(side: int, count: int) -> Iterator[str]:
    """Markdown, line by line."""
    thresholds = _thresholds()
    found: dict[str, list[tuple[bool, bool]]] = {}
    pictures: dict[str, list[Image.Image]] = {}
    yield "| check | picture | values | found |"
    yield "|---|---|---|---|"
    for fault in faults():
        name = fault.base.__name__
        pictures.setdefault(name, [fault.base(seed, side) for seed in range(count)])
        told = [CHECKS[fault.check](View(fault.spoil(one)), thresholds[fault.check]) for one in pictures[name]]
        values = sorted(one.value for one in told)
        hits = sum(not one.ok for one in told)
        found.setdefault(fault.check, []).extend((fault.bad, not one.ok) for one in told)
        middle = values[len(values) // 2]
        yield f"| {fault.check} | {fault.how} | {values[0]:.2f} – {middle:.2f} – {values[-1]:.2f} | {hits} of {count} |"
    yield ""
    yield "| check | threshold | precision | recall |"
    yield "|---|---|---|---|"
    for check, pairs in found.items():
        hits = sum(bad and hit for bad, hit in pairs)
        precision = hits / max(1, sum(hit for _, hit in pairs))
        bad = sum(bad for bad, _ in pairs)
        recall = f"{hits / bad:.1%}" if bad else "–"
        yield f"| {check} | {thresholds[check]:g} | {precision:.1%} | {recall} |"


def copies(count: int) -> Iterator[str]:
    """How many copies of drawings are found, and how many drawings are taken for copies."""
    near = Checks().duplicate.distance
    pictures = [drawing(seed, LIKENESS_SIDE) for seed in range(count)]
    variants = [drawn(seed, 64, FAMILIES[seed % len(FAMILIES)], "")[0] for seed in range(count)]
    known, paired = Index(), []
    for number, picture in enumerate(pictures):
        this = likeness_of(picture)
        nearest = known.nearest(this, number)
        if nearest.shot is not None and nearest.distance <= near:
            paired.append(f"{variants[number]} {number} like {variants[nearest.shot]} {nearest.shot}")
        known.add([(number, this.kept)])
    yield f"{len(paired)} of {count} drawings are taken for copies: {'; '.join(paired)}"
    yield ""
    yield "| copy | missed | farthest |"
    yield "|---|---|---|"
    for kind, ways in COPIES.items():
        for name, spoil in ways.items():
            yield _row(
                f"{kind}: {name}", [known.nearest(likeness_of(spoil(one)), -1).distance for one in pictures], near
            )
    mix = [known.nearest(likeness_of(mixed(one, number)), -1).distance for number, one in enumerate(pictures)]
    yield _row("cropped, mirrored or not, JPEG", mix, near)


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
    """Print the tables; takes some minutes."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description="Calibrate checks.")
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--count", type=int, default=40)
    asked = parser.parse_args()
    for line in chain(tables(asked.side, asked.count), [""], copies(10 * asked.count)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
