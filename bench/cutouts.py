"""`python -m bench.cutouts`: how well the checks of what was cut out tell good from bad; a table of docs/checks.md.

--side N     pixels of the pictures (1024)
--count N    how many of each (16)
--seeds N    they are drawn from seeds from N on (40000): no threshold was chosen by them
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from bench.things import GROUNDS, Matte, Thing, any_thing, shaded, specked, thing, wider
from stockgen.checks.cutout import of_cutout
from stockgen.finishes.alpha import Lifted, lifted

MARGIN = 0.01


@dataclass(frozen=True, slots=True)
class Case:
    """What is cut out, and how its matte is spoiled. `shadow` as in `Thing.on`; `found`: the check that is meant to
    find it, "" = none.
    """

    name: str
    found: str
    spoil: Callable[[Matte, int], Matte]
    one: Callable[[int, int], Thing] = any_thing
    shadow: float = 0.0


def _as_it_is(matte: Matte, seed: int) -> Matte:
    del seed
    return matte


def _by(pixels: int) -> Callable[[Matte, int], Matte]:
    """So many pixels too wide, for a picture of 1024."""
    return lambda matte, _: wider(matte, round(pixels * matte.shape[0] / 1024))


CASES = (
    Case("sound", "", _as_it_is),
    Case("sound, 30 specks and 30 pinholes", "", specked),
    Case("sound, with a shadow that the matte leaves out", "", _as_it_is, shadow=0.35),
    Case("2 pixels too narrow", "", _by(-2)),
    Case("2 pixels too wide", "", _by(2)),
    Case("4 pixels too wide", "", _by(4)),
    Case("12 pixels too wide", "halo", _by(12)),
    Case("24 pixels too wide", "halo", _by(24)),
    Case("shadow kept, a third opaque", "residue", lambda matte, _: shaded(matte, 0.33), shadow=0.35),
    Case("two things", "several", _as_it_is, lambda seed, side: thing("two", _colour(seed), side, seed)),
    Case("cut off by the frame", "touching", _as_it_is, lambda seed, side: thing("cut_off", _colour(seed), side, seed)),
)


def _colour(seed: int) -> tuple[int, int, int]:
    red, green, blue = (int(level) for level in np.random.default_rng(seed).integers(20, 236, 3))
    return red, green, blue


def cut(case: Case, seed: int, side: int) -> tuple[Lifted, float]:
    """What comes of it, and the seconds of this process that it took."""
    one = case.one(seed, side)
    picture, matte = one.on(GROUNDS[seed % len(GROUNDS)], seed=seed, shadow=case.shadow), case.spoil(one.matte, seed)
    began = time.process_time()
    return lifted(picture, matte, MARGIN), time.process_time() - began


def table(side: int, count: int, first: int) -> Iterator[str]:
    """Markdown, line by line."""
    yield "| cut out | halo | residue | sent to a person for |"
    yield "|---|---|---|---|"
    spent: list[float] = []
    for case in CASES:
        told = [cut(case, seed, side) for seed in range(first, first + count)]
        spent += [seconds for _, seconds in told]
        failed: dict[str, int] = {}
        for found, _ in told:
            for one in of_cutout(found.measures):
                failed[one.name] = failed.get(one.name, 0) + (not one.ok)
        sorted_ = [sorted(one.measures[name] for one, _ in told) for name in ("halo", "residue")]
        values = [" – ".join(f"{each[at]:.2f}" for at in (0, count // 2, -1)) for each in sorted_]
        said = ", ".join(f"{name} {many} of {count}" for name, many in failed.items() if many or name == case.found)
        yield f"| {case.name} | {' | '.join(values)} | {said or '–'} |"
    yield ""
    yield f"{np.median(spent):.2f} s of one core each (median of {len(spent)}), {side} pixels a side."


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.cutouts", description="Calibrate checks of cut-outs.")
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=40_000)
    asked = parser.parse_args()
    for line in table(asked.side, asked.count, asked.seeds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
