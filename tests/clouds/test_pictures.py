"""The pictures are such as a generator makes: sound, unlike each other, and quick."""

from __future__ import annotations

import base64
import io
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from bench.album import Album
from stockgen.checks import CHECKS, View
from stockgen.checks.likeness import likeness_of
from tests.checks.test_faults import THRESHOLDS
from tests.clouds import Clouds, c2pa
from tests.clouds.pictures import drawn, encoded
from tests.clouds.test_books import ask

SIZE = (1024, 1024)
SHAPES = [SIZE, (1536, 864), (864, 1536)]


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_no_check_would_send_one_away(kind: str) -> None:
    failed = {}
    for seed in range(12):
        view = View(Image.open(io.BytesIO(encoded(seed, SHAPES[seed % 3], kind))))
        failed[seed] = [name for name, check in CHECKS.items() if not check(view, THRESHOLDS[name]).ok]
    assert not any(failed.values()), failed


def test_a_thing_on_nothing_passes_as_well() -> None:
    views = [View(drawn(seed, SIZE, transparent=True)) for seed in range(6)]
    assert [name for view in views for name, check in CHECKS.items() if not check(view, THRESHOLDS[name]).ok] == []


def test_no_two_are_alike() -> None:
    album, near = Album(), []
    for seed in range(80):
        this = likeness_of(drawn(seed, (512, 512)))
        near.append(album.nearest(this).distance if seed else 32.0)
        album.add(seed, this.kept)
    assert min(near) > 2 * 6.0  # far beyond what config's checks.duplicate.distance calls a copy


def test_the_same_prompt_gets_the_same_pictures_again_and_another_each_time() -> None:
    with Clouds() as one, Clouds() as other:
        first = [ask(one, "a fox").json()["data"][0]["b64_json"] for _ in range(2)]
        second = [ask(other, "a fox").json()["data"][0]["b64_json"] for _ in range(2)]
        google = ask(one, "a fox", "gemini").json()["candidates"][0]["content"]["parts"][0]["inlineData"]
    assert first == second
    assert first[0] != first[1]
    assert google["mimeType"] == "image/jpeg"


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_content_credentials_are_in_the_file_and_hurt_nobody(kind: str) -> None:
    plain, signed = encoded(1, (640, 480), kind), encoded(1, (640, 480), kind, signed=True)
    assert c2pa.store() in signed
    assert c2pa.store() not in plain
    one, other = (Image.open(io.BytesIO(data)) for data in (plain, signed))
    assert one.tobytes() == other.tobytes()
    marks = {"png": b"caBX", "jpeg": b"\xff\xeb", "webp": b"C2PA"}
    assert marks[kind] in signed
    assert len(signed) - len(plain) >= len(c2pa.store()) + 8


def test_signed_answers_are_signed() -> None:
    with Clouds(signed=True) as clouds:
        told = ask(clouds, "a fox").json()["data"][0]["b64_json"]
    assert c2pa.store() in base64.b64decode(told)


def cpu(pid: int) -> float:
    """Seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_eight_at_a_time_wait_for_the_service_and_not_for_this_server() -> None:
    """48 pictures of 1024 × 1024, eight at a time, at 1 s each: 6 s; on a computer that is busy, twice that."""
    with Clouds(latency=1.0) as clouds:
        start = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda number: ask(clouds, f"fox {number}", size="1024x1024"), range(48)))
        took = time.monotonic() - start
        spent = cpu(clouds.pid)
    assert {one.status_code for one in told} == {200}
    assert 6.0 <= took <= 12.0
    assert spent / 48 < 0.25  # 200 pictures: less than a minute
