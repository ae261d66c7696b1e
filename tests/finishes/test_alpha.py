"""What was cut out is laid on any ground: no rim, no dirt, no hole that is none, and nothing of the thing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from stockgen.finishes.alpha import Lifted, lifted
from stockgen.finishes.regions import near
from tests.finishes.things import Thing, thing, wider

WHITE = (245, 245, 245)


def rim(one: Thing, found: Lifted) -> NDArray[np.float32]:
    """By how many levels the edge's colours differ from the thing's own, as seen on black, on white, on anything."""
    part = np.asarray(found.picture, np.float32)
    box = Image.fromarray(one.matte).point(lambda level: 255 if level > 13 else 0).getbbox()
    assert box is not None
    high, wide = part.shape[:2]
    left, top = (box[0] + box[2] - wide) // 2, (box[1] + box[3] - high) // 2
    true = one.colours[top : top + high, left : left + wide]
    alpha = part[..., 3] / 255
    edge = (alpha > 0.05) & near(alpha <= 0, 4)
    return np.asarray((np.abs(part[..., :3] - true).max(axis=-1) * alpha)[edge], np.float32)


@pytest.mark.parametrize("ground", [(245, 245, 245), (20, 24, 30), (180, 220, 250)])
@pytest.mark.parametrize("pixels", [-1, 0, 1, 2])
@pytest.mark.parametrize("outline", ["ball", "ring", "cup", "star"])
def test_a_matte_that_is_a_little_wrong_leaves_no_rim(outline: str, pixels: int, ground: tuple[int, int, int]) -> None:
    one = thing(outline)
    matte = wider(one.matte, pixels) if pixels else one.matte
    found = rim(one, lifted(one.on(ground), matte, 0.01))
    assert found.mean() < 10
    assert (found > 50).mean() < 0.02


def test_the_crop_is_tight_and_its_margin_never_more_than_asked() -> None:
    one = thing("ball")
    found = lifted(one.on(WHITE), one.matte, 0.01).picture
    left, top, right, bottom = found.getchannel("A").getbbox() or (0, 0, 0, 0)
    borders = [left, top, found.width - right, found.height - bottom]
    assert min(borders) >= 1
    assert max(borders) <= 0.01 * max(found.size)


def test_sizes_that_differ_are_an_error() -> None:
    one = thing("ball")
    with pytest.raises(ValueError, match="matte"):
        lifted(one.on(WHITE), one.matte[:-1], 0.01)
