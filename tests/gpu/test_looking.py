"""Pictures that people put beside a job file: any mode, any camera, and what is no picture at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stockgen.domain.errors import BadPicture
from stockgen.providers._diffusion.looking import covering, opened, shown

RED = (200, 30, 20)


def at(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def near(one: tuple[int, ...], other: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("mode", ["RGB", "P", "CMYK", "L", "1", "LA", "RGBA"])
def test_a_picture_of_any_mode_is_shown_in_rgb(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "a.tiff" if mode == "CMYK" else tmp_path / "a.png"
    Image.new("RGB", (40, 30), RED).convert(mode).save(file)
    got = shown(tmp_path, "control", file.name, (40, 30))
    assert (got.mode, got.size) == ("RGB", (40, 30))
    if mode in ("RGB", "P", "CMYK", "RGBA"):
        assert near(at(got, 20, 15), RED, 24)


def test_what_is_transparent_is_white_not_black(tmp_path: Path) -> None:
    cut = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    cut.paste((*RED, 255), (8, 8, 24, 24))
    cut.save(tmp_path / "cut.png")
    plain = Image.new("P", (32, 32), 0)
    plain.putpalette([0, 0, 0, *RED])
    plain.paste(1, (8, 8, 24, 24))
    plain.save(tmp_path / "palette.gif", transparency=0)
    for name in ("cut.png", "palette.gif"):
        got = shown(tmp_path, "control", name, (32, 32))
        assert at(got, 1, 1) == (255, 255, 255)
        assert near(at(got, 16, 16), RED)


def test_a_photograph_from_a_phone_stands_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (60, 40), "white")
    image.paste(RED, (0, 0, 60, 10))  # the top as it is stored
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned clockwise: what is stored as the top is the right
    image.save(tmp_path / "phone.jpg", exif=exif, quality=95)
    got = opened(tmp_path / "phone.jpg")
    assert got.size == (40, 60)
    assert near(at(got, 36, 30), RED)
    assert near(at(got, 4, 30), (255, 255, 255))


def test_a_depth_map_of_16_bits_keeps_its_steps_instead_of_turning_white(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(500, 9000, 64).astype(np.uint16), (64, 1))
    Image.fromarray(ramp).save(tmp_path / "depth.png")
    got = np.asarray(shown(tmp_path, "control", "depth.png", (64, 64)))
    assert got[0, 0, 0] == 0
    assert got[0, -1, 0] == 255
    assert len(np.unique(got)) > 60


def test_another_shape_shows_the_middle_of_the_picture_undistorted() -> None:
    wide = Image.new("RGB", (300, 100), "white")
    wide.paste(RED, (100, 0, 200, 100))
    got = covering(wide, 64, 64)
    assert got.size == (64, 64)
    assert all(near(at(got, x, y), RED) for x, y in ((4, 4), (59, 59), (32, 32)))


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_picture_is_told_as_one_and_not_tried_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(BadPicture) as caught:
        shown(tmp_path, "control", "a.png", (64, 64))
    assert caught.value.code == "reference_unreadable"
    assert caught.value.facts["exhausted"]


def test_half_a_picture_is_not_shown_as_if_it_were_whole(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadPicture):
        shown(tmp_path, "control", "half.png", (64, 64))


@pytest.mark.parametrize("folder", [True, False])
def test_a_picture_that_is_gone_is_told_by_its_name(tmp_path: Path, folder: bool) -> None:
    with pytest.raises(BadPicture) as caught:
        shown(tmp_path if folder else None, "control", "room.png", (64, 64))
    assert (caught.value.code, caught.value.facts["name"]) == ("reference_gone", "room.png")


def test_a_look_keeps_its_shape_and_is_no_larger_than_any_model_looks_at(tmp_path: Path) -> None:
    Image.new("RGB", (4000, 1000), RED).save(tmp_path / "wide.png")
    assert shown(tmp_path, "like", "wide.png", (64, 64)).size == (2048, 512)
    for size in ((640, 65), (63, 63)):
        Image.new("RGB", size, RED).save(tmp_path / "narrow.png")
        with pytest.raises(BadPicture) as caught:
            shown(tmp_path, "like", "narrow.png", (64, 64))
        assert caught.value.code == "reference_narrow"


def test_a_small_file_with_enormous_pixels_does_not_fill_the_memory(tmp_path: Path) -> None:
    Image.new("1", (3000, 2000)).save(tmp_path / "bomb.png")
    with pytest.raises(BadPicture) as caught:
        opened(tmp_path / "bomb.png", most=3000 * 2000 - 1)
    assert (caught.value.code, caught.value.facts["size"]) == ("reference_large", "3000x2000")
    assert opened(tmp_path / "bomb.png", most=3000 * 2000).size == (3000, 2000)
