"""Elements keep their transparency from the provider to the outbox; other kinds are laid on white."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from stockgen.domain.words import Kind
from stockgen.finishes import lanczos
from stockgen.finishes.encode import png
from stockgen.metadata.png import pixel_data
from stockgen.pipeline.sheet import Cell, sheets
from tests.house import House, broken_promises, litter
from tests.providers_for_tests.cutter import cut_out
from tests.providers_for_tests.scripted import picture

CUTTER: dict[str, Any] = {"chains": {"auto": ["cutter"]}, "providers": {"cutter": {"place": "net"}}}


@pytest.fixture
def shop(house: Callable[..., House]) -> House:
    return house(CUTTER, thread=True)


def make(one: House, kind: Kind, size: str = "96x64", count: int = 1, text: str = "prompt: a sea\n") -> str:
    """A job of a kind that is made; `text`: the rest of its file."""
    job = one.order(f"{text}kind: {kind}\nsize: {size}\ncount: {count}\n")
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    return job


def test_an_element_is_a_transparent_png_with_its_words(shop: House) -> None:
    job = make(shop, "element")
    [path] = shop.pictures(job)
    assert (path.suffix, len(path.name) <= 30) == (".png", True)
    with Image.open(path) as master:
        master.load()
        assert (master.mode, max(master.size)) == ("RGBA", 96)
        assert master.getpixel((0, 0))[3] == 0  # type: ignore[index]
        assert master.getpixel((master.width // 2, master.height // 2))[3] == 255  # type: ignore[index]
        assert [round(dots) for dots in master.info["dpi"]] == [300, 300]
        assert b"trainedAlgorithmicMedia" in master.info["xmp"]
    beside = json.loads((shop.folder(job) / "info" / f"{path.stem}.json").read_bytes())
    assert beside["stem"] == path.stem
    assert 0 < beside["score"] <= 1
    assert broken_promises(shop.app.ledger) == {}
    assert litter(shop.root) == []


def test_an_element_that_is_large_enough_is_cropped_to_what_it_shows(shop: House) -> None:
    job = make(shop, "element", "64x64")
    [path] = shop.pictures(job)
    asked = json.loads(shop.shots(job)[0]["wish"])["crop"]
    assert asked == {"margin": 0.01, "long_side": 64, "pixels": 0}
    with Image.open(path) as master:
        alpha = np.asarray(master.getchannel("A"))
    assert max(alpha.shape) >= 64
    assert min(np.nonzero(alpha.any(1))[0][0], np.nonzero(alpha.any(0))[0][0]) <= 1


@pytest.mark.parametrize(("text", "ending"), [("transparent: yes\n", ".png"), ("", ".jpg")])
def test_other_kinds_without_a_background_are_elements_for_a_market(shop: House, text: str, ending: str) -> None:
    job = make(shop, "illustration", text=f"prompt: a sea\n{text}")
    [path] = shop.pictures(job)
    told = shop.app.ledger.query("SELECT kind FROM assets WHERE job_id = :job", job=job)
    assert (path.suffix, told[0]["kind"]) == (ending, "element" if text else "illustration")


@pytest.mark.parametrize("kind", ["background", "illustration", "photo"])
def test_other_kinds_are_jpegs_on_white(shop: House, kind: Kind) -> None:
    job = make(shop, kind)
    [path] = shop.pictures(job) or list(shop.outbox.glob("review/*/*.jpg"))
    with Image.open(path) as master:
        assert (path.suffix, master.mode) == (".jpg", "RGB")
        assert min(master.getpixel((0, 0))) > 245  # type: ignore[type-var, arg-type]


def test_the_sheet_shows_an_element_on_a_light_board(shop: House) -> None:
    job = make(shop, "element")
    with Image.open(shop.folder(job) / "sheet-1.jpg") as sheet:
        pixels = np.asarray(sheet.convert("L"))
    assert (pixels > 215).mean() > 0.3
    assert (pixels < 8).mean() < 0.01  # no black where nothing is


def test_a_sheet_whose_small_pictures_were_lost_shows_elements_on_a_light_board(tmp_path: Path) -> None:
    """It is made of the masters then, and their clear places are black below."""
    master = tmp_path / "master.png"
    master.write_bytes(cut_out(picture(400, 400, 1)))
    (sheet,) = sheets([Cell(1, master)], "a sheet")
    pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("L"))
    assert (pixels < 8).mean() < 0.01


def test_an_enlarged_element_has_no_dark_rim(tmp_path: Path) -> None:
    """Colours below full transparency are black: an enlargement that mixed them in would draw a line around it."""
    white = Image.new("RGB", (64, 64), "white")
    raw = io.BytesIO()
    white.save(raw, "PNG")
    large = lanczos(Image.open(io.BytesIO(cut_out(raw.getvalue()))), 192, 192)
    pixels = np.asarray(large)
    seen = pixels[pixels[..., 3] > 128][:, :3]
    assert seen.min() > 200


def test_a_picture_that_is_large_enough_is_the_same_png_pixels() -> None:
    raw = Image.open(io.BytesIO(cut_out(picture(96, 64, 1))))
    assert lanczos(raw, 96, 64) is raw
    again = Image.open(io.BytesIO(png(raw, 95)))
    assert again.tobytes() == raw.tobytes()
    assert pixel_data(png(raw, 95)) == pixel_data(png(raw, 80))
