"""Colours of what was cut out, freed from those of the ground that it was drawn on."""

from __future__ import annotations

import numpy as np

from stockgen.finishes.regions import Floats, Mask, near

SOLID = 0.98  # of alpha: what is as good as opaque
RIM = 6.0  # pixels of a picture of 1024: a matte may be so much too wide or too narrow
DEEP = 9.0  # so far inside no ground is mixed in
LOCAL = 16.0  # so near must be what tells an edge's own colour
THIN = 4.0  # where no inside is near
FAINT = 0.02  # weight of what is not deep inside, beside what is
CONTRAST = (24.0, 72.0)  # levels between object and ground: below nothing can be told, above all
OFF_LINE = (30.0, 0.3)  # levels, and share of the contrast: a colour so far from any mixture is of something else
SURE = (0.25, 0.85)  # alpha: below, a colour that is told by its mixture is noise; above, it is exact
MIXED = (0.08, 0.92)  # share of the object in a colour: less is grain of the ground, more is all object


def around(alpha: Floats, unit: float) -> tuple[Mask, Mask]:
    """What is surely ground and what is surely deep inside, where a matte is a little too wide or too narrow."""
    clear = alpha <= 0
    ground = clear & ~near(~clear, _pixels(RIM, unit))
    return (ground if ground.any() else clear), (alpha >= SOLID) & ~near(clear, _pixels(DEEP, unit))


def spread(colours: Floats, weight: Floats) -> Floats:
    """`colours` (height × width × 3) everywhere, from the places that have a `weight` (height × width, 0 to 1).

    The nearest ones count: means of ever larger squares fill what is left ("pull-push", Gortler et al., "The
    Lumigraph", 1996).
    """
    height, width = weight.shape
    if max(height, width) <= 1:
        return colours
    even = [(0, height % 2), (0, width % 2)]
    mass = _halved(np.pad(weight, even)[..., None])
    sums = _halved(np.pad(colours * weight[..., None], [*even, (0, 0)]))
    smaller = spread(np.asarray(sums / np.maximum(mass, 1e-6), np.float32), np.minimum(mass[..., 0], 1.0))
    filled = _doubled(smaller)[:height, :width]
    return np.asarray(filled + weight[..., None] * (colours - filled), np.float32)


def trimmed(alpha: Floats, colours: Floats, ground: Floats, inside: Floats, deep: Mask, unit: float) -> Floats:
    """`alpha` without the rim of ground that a matte which is too wide has: there it is what the colours say.

    Only where object and ground differ, where the object's own colour is near, and where the colour is a mixture of
    both.
    """
    band = near(alpha <= 0, _pixels(RIM, unit)) & (alpha > 0)
    core, thick = _core(alpha, colours, ground), near(deep, _pixels(LOCAL, unit))
    if (core & ~thick).any():  # hairs and stalks have no inside: what is least like the ground is their colour
        inside = np.where(thick[..., None], inside, spread(colours, core.astype(np.float32))).astype(np.float32)
    share, length, mixture = mixed(colours, ground, inside)
    low, high = CONTRAST
    trust = np.clip((length - low) / (high - low), 0, 1) * ((thick | near(core, _pixels(THIN, unit))) & mixture)
    told = np.minimum(alpha, np.clip((share - MIXED[0]) / (MIXED[1] - MIXED[0]), 0, 1))
    told = alpha + trust * (told - alpha)
    return np.where(_from_outside(alpha <= 0, band & (told < alpha / 2)), told, alpha).astype(np.float32)


def _core(alpha: Floats, colours: Floats, ground: Floats) -> Mask:
    """What is opaque and surely not of the ground's colour."""
    return np.asarray((alpha >= SOLID) & (np.abs(colours - ground).max(axis=-1) >= CONTRAST[1]))


def mixed(colours: Floats, ground: Floats, inside: Floats) -> tuple[Floats, Floats, Mask]:
    """How much of the object is in a colour, how many levels lie between object and ground, and whether it is a mixture
    of the two at all: a drawing's dark outline on a dark ground is not.
    """
    axis, seen = inside - ground, colours - ground
    length = np.sqrt((axis**2).sum(-1))
    share = np.clip((axis * seen).sum(-1) / np.maximum(length, 1.0) ** 2, 0, 1)
    off = np.sqrt(((seen - share[..., None] * axis) ** 2).sum(-1))
    levels, part = OFF_LINE
    return share, length, np.asarray(off <= levels + part * share * length)


def _from_outside(clear: Mask, ground: Mask) -> Mask:
    """Of what looks like ground, what can be reached from outside through nothing else, and the edge behind it: a light
    stripe within the object's own edge stays.
    """
    reached = clear
    while (further := (near(reached, 1) & ground) | reached).sum() > reached.sum():
        reached = further
    return near(near(reached, 1), 1)


def unmixed(alpha: Floats, colours: Floats, ground: Floats, inside: Floats) -> Floats:
    """The object's own colours: (seen - (1 - alpha) · ground) / alpha; its neighbours' where it is hardly seen."""
    low, high = SURE
    part, axis = alpha[..., None], inside - ground
    own = (colours - (1 - part) * ground) / np.maximum(part, 0.05)
    reach = np.maximum((axis**2).sum(-1, keepdims=True), 1.0)
    beyond = _along(np.asarray(own - ground, np.float32), axis) / reach - np.maximum(
        _along(colours - ground, axis) / reach, 1
    )
    own = np.clip(own - np.maximum(beyond, 0) * axis, 0, 255)  # a matte that is too narrow takes away what isn't there
    sure = np.clip((part - low) / (high - low), 0, 1)
    return np.asarray(inside + sure * (own - inside), np.float32)


def _along(colours: Floats, axis: Floats) -> Floats:
    return np.asarray((colours * axis).sum(-1, keepdims=True), np.float32)


def weights(alpha: Floats, deep: Mask) -> Floats:
    """How much each pixel tells of the object's colours."""
    return np.where(deep, 1.0, np.where(alpha >= SOLID, FAINT, FAINT**2 * alpha**4)).astype(np.float32)


def _pixels(at_1024: float, unit: float) -> int:
    return max(1, round(at_1024 * unit))


def _halved(values: Floats) -> Floats:
    """Sums of 2 × 2."""
    rows = values[0::2] + values[1::2]
    return np.asarray(rows[:, 0::2] + rows[:, 1::2])


def _doubled(values: Floats) -> Floats:
    large = values.repeat(2, axis=0).repeat(2, axis=1)
    for axis in (0, 1):
        wide = np.pad(large, [(1, 1) if one == axis else (0, 0) for one in range(3)], "edge")
        before, after = (np.take(wide, range(start, start + large.shape[axis]), axis) for start in (0, 2))
        large = np.asarray((before + 2 * large + after) / 4, np.float32)
    return large
