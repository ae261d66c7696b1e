"""What is done to the pixels: never smaller, no chroma lost, and equal pictures are equal bytes."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.Image import Image as Picture

from stockgen.checks import View
from stockgen.checks.sound import decoded
from stockgen.checks.tones import flat
from stockgen.domain.errors import BadPicture
from stockgen.finishes import lanczos
from stockgen.finishes.encode import jpeg, thumbnail
from stockgen.metadata.words import Metadata
from stockgen.pipeline.finish import Finished, Task, finish
from stockgen.pipeline.places import Places
from tests.providers_for_tests.scripted import PAINTERS

WORDS = Metadata(
    title={"en": "Sea"}, description={"en": "A sea."}, keywords=("sea",), default_language="en",
    source_type="algorithmicMedia", tool="stockgen", created="2026-11-23T00:00:00.000Z", system="", prompt="",
    creator="", copyright="",
)  # fmt: skip


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path / "state", tmp_path / "staging", tmp_path / "outbox")
    made.make()
    return made


def finished(
    places: Places, raw: bytes, drawn: tuple[int, int], wanted: tuple[int, int], quality: int = 95
) -> Finished:
    (places.spool / "1.png").write_bytes(raw)
    task = Task(shot=1, raw="1.png", sha256=hashlib.sha256(raw).hexdigest(), drawn=drawn, wanted=wanted,
                quality=95, thresholds={"flat": 12.0}, metadata=WORDS)  # fmt: skip
    return finish(task, places)


def picture(width: int, height: int, seed: int = 1) -> Picture:
    return Image.open(io.BytesIO(PAINTERS["picture"](width, height, seed))).convert("RGB")


@pytest.mark.parametrize(
    ("drawn", "wanted", "made"),
    [
        ((96, 64), (96, 64), (96, 64)),  # left alone
        ((200, 200), (96, 64), (200, 200)),  # never smaller
        ((48, 32), (96, 64), (96, 64)),
        ((64, 64), (96, 64), (96, 96)),  # keeps its own shape and covers what was asked for
        ((100, 20), (96, 64), (320, 64)),
    ],
)
def test_a_picture_is_enlarged_only_where_it_is_too_small(
    places: Places, drawn: tuple[int, int], wanted: tuple[int, int], made: tuple[int, int]
) -> None:
    result = finished(places, PAINTERS["picture"](*drawn, 1), drawn, wanted)
    assert (result.width, result.height) == made
    with Image.open(places.staging / result.staged) as master:
        assert master.size == made


def test_a_picture_that_is_large_enough_is_not_resampled() -> None:
    same = picture(96, 64)
    assert lanczos(same, 96, 64) is same
    assert lanczos(same, 50, 64) is same
    grown = lanczos(same, 192, 128)
    assert grown.tobytes() == same.resize((192, 128), Image.Resampling.LANCZOS).tobytes()


def test_a_master_has_full_colour_an_srgb_profile_and_300_dpi() -> None:
    with Image.open(io.BytesIO(jpeg(picture(64, 64), 95))) as made:
        assert [layer[1:3] for layer in made.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]  # 4:4:4
        assert made.info["dpi"] == (300, 300)
        assert not made.info.get("progressive")
        profile = ImageCms.ImageCmsProfile(io.BytesIO(made.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_quality_is_what_the_config_says() -> None:
    one = picture(64, 64)
    assert len(jpeg(one, 80)) < len(jpeg(one, 95)) < len(jpeg(one, 100))


def test_equal_pictures_are_equal_bytes(places: Places) -> None:
    raw = PAINTERS["picture"](96, 64, 7)
    first, second = (finished(places, raw, (96, 64), (120, 80)) for _ in range(2))
    assert first == second
    assert hashlib.sha256((places.staging / first.staged).read_bytes()).hexdigest() == first.sha256
    other = finished(places, PAINTERS["picture"](96, 64, 8), (96, 64), (120, 80))
    assert other.sha256 != first.sha256


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    with Image.open(io.BytesIO(jpeg(clear, 95))) as made:
        assert made.getpixel((32, 32)) == (255, 255, 255)


def test_a_small_picture_for_the_sheet_is_left_in_thumbs(places: Places) -> None:
    finished(places, PAINTERS["picture"](96, 64, 1), (96, 64), (960, 640))
    with Image.open(places.thumbs / "1.jpg") as small:
        assert small.size == (240, 160)
    with Image.open(io.BytesIO(thumbnail(picture(100, 300), 240))) as tall:
        assert tall.size == (80, 240)


# -- is it a picture at all ------------------------------------------------------------------------------------

CODES = {"undecodable": "undecodable", "truncated": "undecodable", "nan": "not_a_number", "wrongsize": "wrong_size"}


@pytest.mark.parametrize("kind", CODES)
def test_what_is_no_picture_is_told_apart(places: Places, kind: str) -> None:
    with pytest.raises(BadPicture) as caught:
        finished(places, PAINTERS[kind](96, 64, 1), (96, 64), (96, 64))
    assert caught.value.code == CODES[kind]
    assert list(places.staging.iterdir()) == []


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "I;16"])
def test_pictures_of_any_mode_become_rgb(mode: str) -> None:
    out = io.BytesIO()
    picture(32, 32).convert("L" if mode == "I;16" else "RGB" if mode == "CMYK" else mode).convert(mode).save(
        out, "TIFF"
    )
    assert decoded(out.getvalue(), 32, 32).mode in ("RGB", "RGBA")


def test_a_flat_picture_is_found_and_one_bright_pixel_does_not_save_it() -> None:
    pixels = np.full((600, 600, 3), 90, dtype=np.uint8)
    pixels[3, 3] = 255
    found = flat(View(Image.fromarray(pixels)), 12.0)
    assert (found.ok, found.value) == (False, 0.0)
    assert flat(View(picture(600, 600)), 12.0).ok


def test_a_raw_picture_that_cannot_be_read_any_more_is_made_again(places: Places) -> None:
    """A bad sector was told as a bug of ours, and the picture given up (strace: EIO at openat)."""
    task = Task(shot=1, raw="1.png", sha256="", drawn=(96, 64), wanted=(96, 64), quality=95, thresholds={},
                metadata=WORDS)  # fmt: skip
    with pytest.raises(BadPicture, match="raw_lost"):
        finish(task, places)
    (places.spool / "1.png").mkdir()  # as unreadable for root as for everybody
    with pytest.raises(BadPicture, match="raw_damaged"):
        finish(task, places)
