"""A picture that is enlarged in tiles is the one that is enlarged whole: no seam, no shift, no memory of its size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stockgen.domain.errors import NotConfigured
from stockgen.inference.enlarging import coloured, enlarged
from stockgen.inference.sessions import opened
from stockgen.inference.upscaling import Upscaler, scale_of, spans
from stockgen.inference.words import Tool
from tests.inference.models import enlarger, nearest, red_matte

WHOLE = 4096  # a tile that is larger than any picture here


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def levels_apart(one: Image.Image, other: Image.Image) -> int:
    assert one.size == other.size
    return int(np.abs(np.asarray(one).astype(int) - np.asarray(other).astype(int)).max())


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(100, 75), (160, 112), (64, 64), (191, 130), (33, 200)])
def test_tiles_leave_no_seam(tmp_path: Path, scale: int, size: tuple[int, int]) -> None:
    tool = Tool("made", enlarger(tmp_path / "made.onnx", scale), scale=scale)
    picture = noise(*size)
    whole = Upscaler(tool, WHOLE).enlarged(picture)
    tiled = Upscaler(tool, 64, context=8).enlarged(picture)
    assert whole.size == (size[0] * scale, size[1] * scale)
    assert np.asarray(whole).std() > 20  # else there would be nothing to see a seam in
    assert levels_apart(whole, tiled) <= 1  # of 255: what another order of additions may round otherwise


def test_tiles_that_saw_too_little_around_would_show(tmp_path: Path) -> None:
    """The test above can fail: a model that looks further than the overlap leaves seams."""
    tool = Tool("made", enlarger(tmp_path / "made.onnx", 2, reach=8), scale=2)
    picture = noise(188, 126)  # of which three and two tiles are just enough
    assert levels_apart(Upscaler(tool, WHOLE).enlarged(picture), Upscaler(tool, 64, context=1).enlarged(picture)) > 4


@pytest.mark.parametrize("fixed", [(64, 64), (48, 80)])
def test_a_model_of_one_size_only_enlarges_any_picture(tmp_path: Path, fixed: tuple[int, int]) -> None:
    anysize = Tool("made", enlarger(tmp_path / "any.onnx", 2), scale=2)
    tool = Tool("made", enlarger(tmp_path / "made.onnx", 2, fixed), scale=2)
    picture = noise(150, 90)
    assert levels_apart(Upscaler(anysize, WHOLE).enlarged(picture), Upscaler(tool).enlarged(picture)) <= 1
    assert Upscaler(tool).enlarged(noise(20, 30)).size == (40, 60)


def test_a_model_that_sees_squares_of_pixels_gets_whole_ones(tmp_path: Path) -> None:
    tool = Tool("made", enlarger(tmp_path / "made.onnx", 2, shuffle=2), scale=2, multiple=2)
    picture = noise(191, 131)  # odd
    whole = Upscaler(tool, WHOLE).enlarged(picture)
    assert levels_apart(whole, Upscaler(tool, 64, context=12).enlarged(picture)) <= 1
    assert whole.size == (382, 262)


def test_sixteen_bits_are_enough(tmp_path: Path) -> None:
    full = Tool("made", enlarger(tmp_path / "full.onnx", 2), scale=2)
    half = Tool("made", enlarger(tmp_path / "half.onnx", 2, half=True), scale=2)
    picture = noise(70, 50)
    assert levels_apart(Upscaler(full).enlarged(picture), Upscaler(half).enlarged(picture)) <= 3


@pytest.mark.parametrize("length", [1, 63, 64, 65, 100, 127, 128, 129, 1000, 1023])
@pytest.mark.parametrize("multiple", [1, 2, 4])
def test_every_pixel_is_used_once_and_was_seen_with_its_neighbours(length: int, multiple: int) -> None:
    length, tile, context = -(-length // multiple) * multiple, 64, 8
    found = spans(length, tile, context, multiple)
    assert [one.begin for one in found] == [0, *(one.end for one in found[:-1])]
    assert found[-1].end == length
    for one in found:
        assert one.start % multiple == 0
        assert one.begin == 0 or one.begin - one.start >= context
        assert one.end == length or one.start + tile - one.end >= context
        assert one.end - one.start <= tile


def test_the_exact_size_is_made_of_what_the_model_gives(tmp_path: Path) -> None:
    upscaler = Upscaler(Tool("made", nearest(tmp_path / "made.onnx", 4), scale=4))
    picture = noise(64, 48)
    for size in ((157, 118), (256, 192), (500, 375)):  # less than fourfold, exactly, more
        assert enlarged(picture, size, upscaler).size == size
    assert enlarged(picture, picture.size, upscaler) is picture


def test_what_is_transparent_darkens_no_rim(tmp_path: Path) -> None:
    """Below full transparency most pictures are black; a model would draw that into the edge."""
    clear = np.zeros((64, 64, 4), np.uint8)
    clear[16:48, 16:48] = (250, 240, 30, 255)
    picture = Image.fromarray(clear)
    upscaler = Upscaler(Tool("made", enlarger(tmp_path / "made.onnx", 2, seed=3), scale=2))
    filled = np.asarray(coloured(picture))
    assert (filled == (250, 240, 30)).all()
    large = enlarged(picture, (128, 128), upscaler)
    plain = upscaler.enlarged(Image.new("RGB", (64, 64), (250, 240, 30)))
    seen = np.asarray(large.getchannel("A")) > 128
    difference = np.abs(np.asarray(large.convert("RGB")).astype(int) - np.asarray(plain).astype(int))
    assert difference[seen].max() == 0
    assert large.getchannel("A").getextrema() == (0, 255)


def test_the_scale_is_found_by_asking(tmp_path: Path) -> None:
    for scale in (1, 2, 4):
        assert scale_of(opened(enlarger(tmp_path / f"{scale}.onnx", scale), "made"), "made") == scale
    fixed = opened(enlarger(tmp_path / "fixed.onnx", 3, (40, 56)), "made")
    assert scale_of(fixed, "made") == 3


def test_what_enlarges_no_picture_is_refused_by_name(tmp_path: Path) -> None:
    other = red_matte(tmp_path / "matte.onnx", 64)
    with pytest.raises(NotConfigured, match="onnx_unfit"):
        scale_of(opened(other, "made"), "made")
    with pytest.raises(NotConfigured, match="onnx_unfit"):
        Upscaler(Tool("made", red_matte(tmp_path / "four.onnx", 64, (1, 1, 1, 1), 4), scale=2))
    with pytest.raises(NotConfigured, match="onnx_unfit"):  # the catalogue says another scale than the file has
        Upscaler(Tool("made", enlarger(tmp_path / "two.onnx", 2), scale=4)).enlarged(noise(64, 64))
    (tmp_path / "no.onnx").write_bytes(b"no model at all")
    with pytest.raises(NotConfigured, match="onnx_unusable"):
        Upscaler(Tool("made", tmp_path / "no.onnx", scale=2))
