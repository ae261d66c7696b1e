"""Windows: where the ground is seen through a thing, and a model took it for the thing.

A thing is drawn on a plain ground, whose colour is known (`stockgen/finishes/ground.py`). What is enclosed by the thing
and has just that colour, as even and as grainy, is a hole: by chance, paint is off by more. Of white and of black that
is not so: eyes, gloss and glaze are as white as a white ground, so there the model must have doubts besides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stockgen.finishes.ground import BLUR, Ground
from stockgen.finishes.regions import Floats, Mask, Regions, near, regions

LEAST = 40.0  # pixels of a picture of 1024: less tells nothing
TAKEN = 0.02  # of a window is opaque: else it is one already
MEAN = 1.5  # levels by which its mean may be off the ground; or half of what the ground itself strays
UNEVEN = 1.0  # levels, one standard deviation without grain; or the same: what slopes through a colour is uneven
GRAINS = (0.5, 1.5)  # times the ground's grain, and half a level less or more
COMMON = (12.0, 244.0)  # levels: a ground that is darker or lighter in all channels tells nothing
DOUBT = 250.0  # of 255: a model that says less has doubts
ALIKE = 1.5  # times as large: holes of one size are judged together, as those of a button


def opened(alpha: Floats, matte: NDArray[np.uint8], ground: Ground, outside: Mask, unit: float) -> tuple[Floats, int]:
    """`alpha` with its windows clear up to their edges, and how many there were. `matte`: what the model said;
    `outside`: what is clear around the thing; `unit`: pixels for one of a picture whose longer side is 1024.
    """
    found = regions(ground.like())
    size = found.sizes()
    chosen = (size >= LEAST * unit**2) & ~found.touched(outside) & (found.means(alpha) > TAKEN)
    chosen[0] = False
    if not chosen.any():
        return alpha, 0
    chosen &= np.logical_and.reduce([_same(ground, found, band) for band in range(3)])
    levels = np.stack([found.means(ground.level[..., band]) for band in range(3)])
    common = (levels.max(axis=0) < COMMON[0]) | (levels.min(axis=0) > COMMON[1])
    chosen &= ~common | _doubted(size, found.means(matte.astype(np.float32)), chosen)
    return np.where(near(found.those(chosen), BLUR), np.float32(0), alpha), int(chosen.sum())


def _same(ground: Ground, found: Regions, band: int) -> NDArray[np.bool_]:
    """Which regions are the ground's own by this channel."""
    raw, off = ground.raw[..., band], ground.off[..., band]
    stray, grain = float(ground.stray[band]) / 2, float(ground.grain[band])
    least, most = (times * grain + slack for times, slack in zip(GRAINS, (-0.5, 0.5), strict=True))
    grainy = _deviations(found, raw)
    true = (np.abs(found.means(raw)) <= max(MEAN, stray)) & (_deviations(found, off) <= max(UNEVEN, stray))
    return np.asarray(true & (grainy >= least) & (grainy <= most))


def _doubted(size: Floats, said: Floats, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of which the model was not sure, all of one size taken together."""
    numbers = np.nonzero(chosen)[0]
    own = size[numbers]
    alike = (own[:, None] <= ALIKE * own) & (own <= ALIKE * own[:, None])
    found = np.zeros_like(chosen)
    found[numbers] = (alike * said[numbers]).sum(axis=1) / alike.sum(axis=1) < DOUBT
    return found


def _deviations(found: Regions, values: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(found.means(values**2) - found.means(values) ** 2, 0)), np.float32)
