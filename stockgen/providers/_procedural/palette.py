"""Colour arithmetic in OKLab, where mixes stay clear and equal steps look equal.

Formulas: Björn Ottosson, "A perceptual color space for image processing" (2020), and IEC 61966-2-1 for
sRGB. Arrays are float32; the last axis has the three components.
"""

from __future__ import annotations

from cmath import phase, rect
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_FROM_LAB: F32 = np.linalg.inv(_TO_LAB.astype(np.float64)).astype(np.float32)
_FROM_LMS: F32 = np.linalg.inv(_TO_LMS.astype(np.float64)).astype(np.float32)


def linear_of(hexes: Sequence[str]) -> F32:
    """`#rrggbb` colours as n × 3 linear light, 0…1."""
    coded = np.array([[int(each[at : at + 2], 16) for at in (1, 3, 5)] for each in hexes], np.float32) / 255
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4).astype(np.float32)


def lab_of(hexes: Sequence[str]) -> F32:
    """`#rrggbb` colours as n × 3 OKLab: lightness 0…1, green–red, blue–yellow."""
    return np.asarray(np.cbrt(linear_of(hexes) @ _TO_LMS.T) @ _TO_LAB.T, np.float32)


def linear(lab: F32) -> F32:
    """OKLab as linear light, cut to 0…1."""
    return np.asarray(np.clip((lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T, 0, 1), np.float32)


def coded(light: F32) -> F32:
    """Linear light 0…1 as sRGB values 0…255, not rounded."""
    high = 1.055 * np.power(np.maximum(light, 0.0031308), np.float32(1 / 2.4)) - 0.055
    return np.where(light <= 0.0031308, light * np.float32(12.92), high).astype(np.float32) * np.float32(255)


def rgb(lab: F32) -> F32:
    """OKLab as sRGB values 0…255, not rounded."""
    return coded(linear(lab))


def full(hexes: Sequence[str], least: int = 5) -> F32:
    """OKLab of at least `least` colours: where too few are given, tints and shades of them are added."""
    lab = lab_of(hexes)
    shift = np.array([0.24, -0.16, 0.12, -0.28, 0.32], np.float32)
    made = [lab]
    count = len(lab)
    for step in shift:
        if count >= least:
            break
        tint = lab.copy()
        tint[:, 0] = np.clip(tint[:, 0] + step, 0.12, 0.98)
        tint[:, 1:] *= np.float32(1 - 0.6 * abs(step) * 2)
        made.append(tint)
        count += len(lab)
    return np.concatenate(made)


def line_of(lab: F32) -> F32:
    """The colours from dark to light, for ramps.

    The accent is left out unless it is far darker or lighter than the others: between them it would be a
    stripe of a foreign hue. Neighbours of nearly opposite hues get a colour between them, or they would meet
    in grey.
    """
    accent = lab[-1, 0]
    between = lab[:-1, 0].min() - 0.1 < accent < lab[:-1, 0].max() + 0.1 and len(lab) > 3
    kept = lab[:-1] if between else lab
    ordered = kept[np.argsort(kept[:, 0], kind="stable")]
    line = [ordered[0]]
    for colour in ordered[1:]:
        line += [*_bridge(line[-1], colour), colour]
    return np.asarray(line, np.float32)


def akin(lab: F32, count: int = 3) -> F32:
    """`count` colours of one hue family, from soft to strong: pigments that mix without turning to mud.

    The most colourful one leads; those whose hue is within 60° of its follow, then tints of it. Five at most.
    """
    kin = lab[1:] if len(lab) > 3 else lab
    lead = kin[np.argmax(np.hypot(kin[:-1, 1], kin[:-1, 2]))] if len(kin) > 1 else kin[0]
    chroma = np.maximum(np.hypot(kin[:, 1], kin[:, 2]), 0.02)
    near = (kin[:, 1:] @ lead[1:]) / (chroma * max(float(np.hypot(*lead[1:])), 0.02))
    order = np.argsort(-near, kind="stable")[:count]
    chosen = [*kin[order[near[order] > 0.5]]]
    for step in (0.14, -0.14, 0.24, -0.24):  # too few are akin: tints and shades of the leading one
        if len(chosen) < count:
            chosen.append(np.array([np.clip(lead[0] + step, 0.15, 0.95), *(lead[1:] * 0.75)], np.float32))
    if is_dark(lab):
        chosen[-1] = lab[0]
    found = np.array(chosen, np.float32)
    return found[np.argsort(-found[:, 0])]


def _bridge(one: F32, other: F32) -> list[F32]:
    """The colour halfway round the colour circle, where two strong colours lie 100°…172° apart on it."""
    start, end = complex(one[1], one[2]), complex(other[1], other[2])
    if min(abs(start), abs(end)) < 0.06:
        return []
    turn = phase(end / start)
    if not 1.75 < abs(turn) < 3.0:
        return []
    middle = rect(0.42 * (abs(start) + abs(end)), phase(start) + turn / 2)
    yellow = middle.imag > abs(middle.real)  # which is olive when it is dark
    light = max(0.8, one[0], other[0]) if yellow else (one[0] + other[0]) / 2
    return [np.array([light, middle.real, middle.imag], np.float32)]


def shaded(lab: F32, lighter: F32, palette: F32) -> F32:
    """Colours made lighter or darker (−1…1); shadows lean towards the palette's own hue instead of grey."""
    result = lab.copy()
    result[..., 0] = np.clip(lab[..., 0] + lighter, 0.04, 0.99)
    hue = palette[:, 1:].mean(axis=0)
    result[..., 1:] += (np.maximum(-lighter, 0) * result[..., 0])[..., None] * hue * np.float32(4)
    return result


def is_dark(lab: F32) -> bool:
    """Whether the background, the first colour, is dark."""
    return bool(lab[0, 0] < 0.5)


def ramp(lab: F32, t: F32) -> F32:
    """Colours along a smooth line (Catmull-Rom) through `lab`, n × 3; `t` 0…1 of any shape: shape × 3."""
    last = len(lab) - 1
    at = np.clip(t, 0, 1) * np.float32(last)
    low = np.minimum(at.astype(np.int32), last - 1)
    f = (at - low)[..., None].astype(np.float32)
    before, start, end, after = (lab[np.clip(low + step, 0, last)] for step in (-1, 0, 1, 2))
    slope_a, slope_b = (end - before) * np.float32(0.5), (after - start) * np.float32(0.5)
    curve = ((2 * start - 2 * end + slope_a + slope_b) * f + (3 * (end - start) - 2 * slope_a - slope_b)) * f
    return np.asarray((curve + slope_a) * f + start, np.float32)
