"""The colours of a picture in words: those that take most of it, and what is vivid in a small part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MOST = 5  # colours; with more, a prompt would speak of nothing else
LEAST = 0.05  # share of a picture that a colour must have to be one of it
ACCENT = 0.015  # the same for one that is vivid: few pixels of red are what is remembered of a picture
VIVID = 0.11  # chroma in Oklab from which it is; pure red has 0.26, navy 0.06

# Chosen for this table, one each, so far apart that a person would name them differently: what a prompt says, the
# colour, and what Korean says.
NAMED: Mapping[str, tuple[str, str]] = MappingProxyType({
    "white": ("#ffffff", "흰색"), "pale gray": ("#d9d9d9", "연회색"), "gray": ("#969696", "회색"),
    "dark gray": ("#505050", "진회색"), "black": ("#0d0d0d", "검정"), "beige": ("#efe4cf", "베이지"),
    "pale brown": ("#c4a077", "연갈색"), "brown": ("#8a5a33", "갈색"), "dark brown": ("#45291a", "진갈색"),
    "red": ("#d8262c", "빨강"), "dark red": ("#7d1020", "검붉은색"), "pink": ("#f28bab", "분홍"),
    "pale pink": ("#fbdae3", "연분홍"), "vivid pink": ("#e8338b", "진분홍"), "orange": ("#f98b22", "주황"),
    "pale orange": ("#ffc9a0", "살구색"), "dark orange": ("#bf5a1e", "진주황"), "yellow": ("#fbd635", "노랑"),
    "pale yellow": ("#fdf2b5", "연노랑"), "gold": ("#c79c2e", "금색"), "green": ("#3f9a4c", "초록"),
    "pale green": ("#c3e2c0", "연초록"), "dark green": ("#163d29", "진초록"), "bright green": ("#86d14a", "연두"),
    "gray green": ("#8b9b7e", "회녹색"), "mint": ("#a0e4cc", "민트"), "turquoise": ("#2fb3ad", "청록"),
    "dark turquoise": ("#0f5b62", "진청록"), "sky blue": ("#86c8ef", "하늘색"), "pale blue": ("#d4e7f6", "연하늘색"),
    "blue": ("#2d6bd2", "파랑"), "dark blue": ("#1d3b78", "진파랑"), "navy": ("#141d38", "남색"),
    "gray blue": ("#7d93aa", "회청색"), "purple": ("#8a4bb0", "보라"), "pale purple": ("#d8c8eb", "연보라"),
    "dark purple": ("#3c1b59", "진보라"),
})  # fmt: skip


def named(pixels: Floats) -> tuple[str, ...]:
    """Names of the colours of n × 3 pixels, that of most pixels first, MOST at most."""
    import numpy as np

    names, table = [*NAMED], _table()
    found = _oklab(pixels)
    nearest = ((found[:, None] - table[None]) ** 2).sum(axis=2).argmin(axis=1)
    counts = np.bincount(nearest, minlength=len(names)).astype(np.float32)
    shares = counts / max(1.0, float(counts.sum()))
    vivid = np.hypot(table[:, 1], table[:, 2]) >= VIVID
    kept = np.flatnonzero(shares >= np.where(vivid, ACCENT, LEAST))
    return tuple(names[at] for at in _chosen(kept[np.argsort(-shares[kept], kind="stable")], vivid))


def nearest(colours: Sequence[str], palettes: Mapping[str, Sequence[str]]) -> str:
    """The name of the palette whose colours are nearest to these; all as `#rrggbb`."""

    def apart(name: str) -> float:
        far = _far(colours, palettes[name])
        return float(far.min(axis=1).mean() + far.min(axis=0).mean())

    return min(palettes, key=apart)


def _chosen(ordered: NDArray[np.intp], vivid: NDArray[np.bool_]) -> list[int]:
    """The first, with the first vivid one among them where there is one."""
    first = [int(at) for at in ordered[:MOST]]
    accents = [int(at) for at in ordered if vivid[at]]
    if not accents or set(accents) & set(first) or len(first) < MOST:
        return first
    return [*first[:-1], accents[0]]


def _far(some: Sequence[str], others: Sequence[str]) -> Floats:
    import numpy as np

    both = [_oklab(np.array([_levels(one) for one in each], np.float32)) for each in (some, others)]
    return np.asarray(np.linalg.norm(both[0][:, None] - both[1][None], axis=2), np.float32)


def _levels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@cache
def _table() -> Floats:
    import numpy as np

    return _oklab(np.array([_levels(one) for one, _ in NAMED.values()], np.float32))


def _oklab(rgb: Floats) -> Floats:
    """n × 3 sRGB levels in Oklab, in which equal distances look equally far (Ottosson 2020, "A perceptual color space
    for image processing").
    """
    import numpy as np

    level = rgb / np.float32(255)
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(linear @ np.array(_CONES, np.float32).T)
    return np.asarray(cones @ np.array(_LAB, np.float32).T, np.float32)


_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
