"""The size that a service is asked for: nearest in shape, then large enough, then cheapest; and its highest price."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from stockgen.data.cloud import Cloud, FreeSizes, RatioSizes

SAME = 0.005  # shapes that differ by less look alike
TOLD = 0.03  # shapes that differ by more are told
SLACK = 1.2  # so much a picture is rather enlarged than bought at the next resolution, at twice the price or more
FAR = 0.2  # shapes that differ by more are another picture
OVERHEAD = 64  # tokens that a service may add to a prompt


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an order wants in pixels, and what the options allow: `most` pixels, 0 = as many as it takes; `resolution`
    of those that have names, "" = any.
    """

    width: int
    height: int
    most: int = 0
    resolution: str = ""

    @property
    def ratio(self) -> float:
        """Width to height."""
        return self.width / self.height


@dataclass(frozen=True, slots=True)
class Size:
    """What can be bought: pixels, the output tokens of it at most, and its names where the service has names."""

    width: int
    height: int
    tokens: int
    ratio: str = ""
    resolution: str = ""

    def off(self, wanted: Wanted) -> float:
        """By how much the shape differs; 0 = not at all."""
        shape = self.width / self.height
        return max(shape / wanted.ratio, wanted.ratio / shape) - 1

    def enlarged(self, wanted: Wanted) -> float:
        """How many times larger it has to be made to cover what is wanted; 1 = not at all, or too little to matter."""
        times = max(1.0, wanted.width / self.width, wanted.height / self.height)
        return times if times > SLACK or not self.resolution else 1.0


def chosen(cloud: Cloud, wanted: Wanted, quality: str) -> Size | None:
    """The size to buy; None = the service draws nothing like it. `quality`: one that the model has.

    Where nothing is allowed that covers the order, the largest is bought and enlarged afterwards.
    """
    if wanted.width <= 0 or wanted.height <= 0:
        return None
    sizes = [size for size in _sizes(cloud, wanted, quality) if size.off(wanted) <= FAR]
    if wanted.most and (small := [size for size in sizes if size.width * size.height <= wanted.most]):
        sizes = small
    elif wanted.most and sizes:  # nothing is that small: the smallest there is
        least = min(size.width * size.height for size in sizes)
        sizes = [size for size in sizes if size.width * size.height <= least * 1.05]
    return min(sizes, default=None, key=lambda size: _rank(size, wanted))


def _rank(size: Size, wanted: Wanted) -> tuple[int, float, int, float]:
    area = size.width * size.height
    return int(size.off(wanted) / SAME), size.enlarged(wanted), area, size.off(wanted)


def _sizes(cloud: Cloud, wanted: Wanted, quality: str) -> Iterator[Size]:
    if cloud.free:
        yield from _free(cloud.free, wanted.ratio, quality)
    elif cloud.listed:
        tokens = cloud.listed.tokens.get(quality, 0)
        for width, height in map(pixels, cloud.listed.sizes):
            yield Size(width, height, tokens)
    elif cloud.ratios:
        yield from _named(cloud.ratios, wanted.resolution)


def _free(free: FreeSizes, ratio: float, quality: str) -> Iterator[Size]:
    step = free.multiple
    for width in range(step, free.edge + 1, step):
        below = step * int(width / ratio / step)
        for height in (below, below + step):
            area, longer, shorter = width * height, max(width, height), min(width, height)
            if shorter and longer <= free.edge and free.least <= area <= free.most and longer <= free.ratio * shorter:
                yield Size(width, height, free.tokens(width, height, quality) if quality in free.grid else 0)


def _named(table: RatioSizes, resolution: str) -> Iterator[Size]:
    """Where the catalogue doesn't know what comes, it has about as many pixels as the square one."""
    for name, each in table.resolutions.items():
        if resolution in ("", name):
            for ratio in table.ratios:
                size = table.size(ratio, name) if ratio in table.pixels else _alike(ratio, each.side)
                yield Size(*size, each.tokens, ratio, name)


def _alike(ratio: str, side: int) -> tuple[int, int]:
    wide, high = (float(part) for part in ratio.split(":"))
    return round(side * math.sqrt(wide / high)), round(side * math.sqrt(high / wide))


def pixels(size: str) -> tuple[int, int]:
    """`1024x768` → width and height. Raises ValueError for anything else."""
    width, _, height = size.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise ValueError(f"{size}: a size is written as 1024x768")
    return int(width), int(height)


def highest(cloud: Cloud, size: Size, prompt: str) -> int:
    """The most that one picture of this size may cost, in micro-USD.

    No token is shorter than a byte of UTF-8, so a prompt never has more tokens than bytes.
    """
    text = (len(prompt.encode()) + OVERHEAD) * cloud.prices.text
    return math.ceil(text + size.tokens * cloud.prices.out)
