"""Pictures beside job files: kept whole under their content, and thrown away only when nobody can ask for them."""

from __future__ import annotations

import io
import os
import struct
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from stockgen.domain.errors import JobFileError
from stockgen.domain.names import is_reference
from stockgen.domain.words import Control, JobRequest, Order
from stockgen.pipeline.references import (
    GRACE,
    MOST_BYTES,
    Beside,
    References,
    examined,
    furnished,
    given,
    matching,
    named,
    wanted,
)
from tests.house import House


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 6), colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is that large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def fault(call: Callable[[], object]) -> str:
    with pytest.raises(JobFileError) as caught:
        call()
    return caught.value.remarks[0].code


@pytest.mark.parametrize(("kind", "ending"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp")])
def test_a_picture_is_kept_as_what_it_is_whatever_it_is_called(tmp_path: Path, kind: str, ending: str) -> None:
    references = References(tmp_path / "references")
    stored = references.store(picture(kind), "village.png")
    assert is_reference(stored)
    assert stored.endswith(ending)
    assert references.find(stored).read_bytes() == picture(kind)
    assert references.store(picture(kind), "other.png") == stored
    assert [path.name for path in (tmp_path / "references").iterdir()] == [stored]


@pytest.mark.parametrize("data", [b"", b"hello", b"GIF89a" + b"\0" * 40, picture("BMP"), picture("TIFF")])
def test_what_is_no_picture_that_we_read_is_refused_by_name(data: bytes) -> None:
    assert fault(lambda: examined(data, "a.png")) == "reference.no_picture"


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    assert fault(lambda: examined(bomb(12_000, 12_000), "a.png")) == "reference.too_many_pixels"
    assert fault(lambda: examined(bomb(60_000, 60_000), "a.png")) == "reference.too_many_pixels"
    assert examined(bomb(8_000, 8_000), "a.png") == "png"


def test_a_file_larger_than_any_picture_is_refused() -> None:
    assert fault(lambda: examined(picture() + b"\0" * MOST_BYTES, "a.png")) == "reference.too_large"


@pytest.mark.parametrize(
    ("asked", "there", "found"),
    [
        ("village.png", ["village.png", "Village.PNG"], "village.png"),
        ("village.png", ["other.png", "Village.PNG"], "Village.PNG"),
        ("마을.png", ["마을.png"], "마을.png"),  # a Mac's spelling
        ("bob's house.png", ["bob\u2019s\u00a0house.png"], "bob\u2019s\u00a0house.png"),
        ("village.png", ["village.jpg"], ""),
    ],
)
def test_a_name_is_found_as_people_and_their_computers_spell_it(asked: str, there: list[str], found: str) -> None:
    mac = [unicodedata.normalize("NFD", one) if "마을" in one else one for one in there]
    assert unicodedata.normalize("NFC", matching(asked, mac)) == found


def order(image: str) -> Order:
    return Order(mode="exact", count=1, prompt="a", control=Control(image, "depth", 0.5))


def test_the_job_keeps_what_it_said_of_its_picture() -> None:
    request = JobRequest(orders=(order("a.png"), order("b.png"), order("a.png"), replace(order("a"), control=None)))
    assert wanted(request) == ("a.png", "b.png")
    stored = {"a.png": "0" * 64 + ".png", "b.png": "1" * 64 + ".jpg"}
    made = given(request, stored)
    assert [one.control for one in made.orders] == [
        Control(stored["a.png"], "depth", 0.5), Control(stored["b.png"], "depth", 0.5),
        Control(stored["a.png"], "depth", 0.5), None,
    ]  # fmt: skip
    assert [one.facts["picture"] for one in made.remarks] == ["a.png", "b.png"]
    assert wanted(made) == ()


def test_the_picture_beside_the_file_wins_over_the_one_for_all_jobs(tmp_path: Path) -> None:
    beside, shared = tmp_path / "here", tmp_path / "my" / "control"
    for folder in (beside, shared):
        folder.mkdir(parents=True)
    (shared / "a.png").write_bytes(picture(colour="blue"))
    look, references = Beside(beside, shared), References(tmp_path / "references")
    request = JobRequest(orders=(order("a.png"),))
    far = furnished(request, look, references).orders[0].control
    (beside / "A.png").write_bytes(picture(colour="red"))
    near = furnished(request, look, references).orders[0].control
    assert far and near
    assert references.find(far.image).read_bytes() == picture(colour="blue")
    assert references.find(near.image).read_bytes() == picture(colour="red")


def test_every_picture_that_is_missing_or_none_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(b"no")
    request = JobRequest(orders=(order("a.png"), order("b.png")))
    with pytest.raises(JobFileError) as caught:
        furnished(request, Beside(tmp_path), References(tmp_path / "references"))
    assert [one.code for one in caught.value.remarks] == ["reference.not_here", "reference.no_picture"]


def test_a_folder_or_a_missing_folder_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    assert Beside(tmp_path, tmp_path / "nowhere").read("a.png") is None


def test_only_what_nobody_can_ask_for_again_is_swept_and_not_at_once(tmp_path: Path) -> None:
    references = References(tmp_path)
    kept, gone, fresh = (references.store(picture(colour=one), one) for one in ("red", "green", "blue"))
    half = tmp_path / f".{gone}.tmp"
    half.write_bytes(b"half")
    other = tmp_path / "somebody's.txt"
    other.write_text("mine")
    now = 1_800_000_000.0
    for path in tmp_path.iterdir():
        os.utime(path, (now, now - GRACE - 1))
    os.utime(references.find(fresh), (now, now - GRACE + 60))
    assert sorted(references.sweep({kept}, now)) == sorted([gone, half.name])
    assert {path.name for path in tmp_path.iterdir()} == {kept, fresh, other.name}


def test_storing_a_picture_again_keeps_it_for_the_job_that_is_about_to_name_it(tmp_path: Path) -> None:
    references = References(tmp_path)
    stored = references.store(picture(), "a.png")
    os.utime(references.find(stored), (0, 0))
    assert references.store(picture(), "a.png") == stored
    assert references.sweep((), references.find(stored).stat().st_mtime + 60) == []


def test_pictures_of_jobs_that_may_be_made_again_are_named(house: Callable[..., House]) -> None:
    one = house({}, thread=True)
    names = [f"{number:064x}.png" for number in range(3)]
    done, failed, waiting = (one.order(f"prompt: {words}\nsize: 64x64\n") for words in ("a sea", "unfit", "a hill"))
    for job, name in zip((done, failed, waiting), names, strict=True):
        (was,) = one.app.ledger.jobs.orders(job)
        with one.app.ledger.atomic():
            one.app.ledger.jobs.reword(job, 0, replace(was, control=Control(name)))
    assert named(one.app.ledger) == {*names}
    one.work(lambda: all(one.app.ledger.jobs.get(job)["state"] == "closed" for job in (done, failed)))
    one.work(lambda: one.app.ledger.jobs.get(waiting)["state"] == "closed")
    assert named(one.app.ledger) == {names[1]}


def test_a_photograph_of_a_phone_that_holds_several_pictures_is_taken_as_a_jpeg() -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(
        out, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48), "blue")]
    )
    assert examined(out.getvalue(), "IMG_0001.JPG") == "jpg"
