"""The papers of a job: `job.json` comes last, and whatever became of the job, there are papers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from stockgen.pipeline.sheet import CELLS, Cell, sheets
from tests.house import House, litter
from tests.pipeline.dying import Died, Doomed, fates, tree
from tests.pipeline.stage import busy_pool, command, rendered, restart

Build = Callable[..., House]
SEA = "prompt: a sea\nsize: 64x64\n"


def summary(one: House, job: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((one.folder(job) / "info" / "job.json").read_bytes())
    return told


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (SEA, "done"),
        ("- {prompt: a flat sea, size: 64x64}\n", "done"),
        ("- {prompt: a sea, size: 64x64}\n- {prompt: an unfit sea, size: 64x64}\n", "partial"),
        ("prompt: an unfit sea\nsize: 64x64\n", "failed"),
    ],
)
def test_every_job_gets_papers_and_the_right_result(house: Build, text: str, result: str) -> None:
    one = house(thread=True)
    job = one.make(text, "봄 바다.yaml")
    assert summary(one, job)["result"] == one.app.ledger.jobs.get(job)["result"] == result
    assert (one.folder(job) / "info" / "봄_바다.yaml").read_text() == text
    assert (one.folder(job) / "sheet-1.jpg").exists() == (result != "failed")
    assert litter(one.root) == []


def test_a_job_that_was_cancelled_before_it_was_planned_gets_papers(house: Build) -> None:
    one = house(thread=True)
    job = one.order(SEA)
    command(one, "cancel", job=job)
    one.work()
    assert summary(one, job)["result"] == "cancelled"
    assert tree(one.folder(job)) == ["info/job.json", "info/job.yaml", "info/log.jsonl"]


def ended(one: House, text: str = "prompt: an unfit sea\nsize: 64x64\n") -> str:
    """A job whose pictures have ended and whose papers nobody has begun with."""
    job, parts, clock = one.order(text), one.app.engine.parts, one.app.clock
    while not one.app.ledger.jobs.ready_to_close():
        parts.planner.step(clock.monotonic())
        parts.dispatcher.step(clock.monotonic(), (), True)
        parts.pool.deliver()
        parts.finisher.step(clock.monotonic())
        one.woken.acquire(timeout=0.02)
    return job


def test_a_death_at_any_step_of_closing_leaves_all_papers_once_and_job_json_last(house: Build) -> None:
    papers = ["info/job.yaml", "info/log.jsonl", "info/job.json"]
    one, half = house(thread=True), set()
    job = ended(one)
    for fate in fates():
        with suppress(Died):
            Doomed(one, fate).close()
        if fate.struck and not one.app.ledger.assets.papers_of(job):
            continue  # nothing has happened yet
        there = tree(one.folder(job))
        half.add(len(there))
        assert there == sorted(papers[: len(there)])
        restart(one)
        one.work()
        assert tree(one.folder(job)) == sorted(papers)
        assert summary(one, job)["result"] == "failed"
        assert litter(one.root) == []
        job = ended(one)
    assert half == {0, 1, 2, 3}  # it really died between any two papers


def test_a_foreign_file_at_a_papers_name_stays_and_the_job_still_closes(house: Build) -> None:
    one = house(thread=True)
    job = ended(one, SEA)
    (one.folder(job) / "info" / "log.jsonl").mkdir()
    (one.folder(job) / "sheet-1.jpg").write_bytes(b"somebody else's")
    one.work()
    assert (one.folder(job) / "sheet-1.jpg").read_bytes() == b"somebody else's"
    assert one.app.ledger.jobs.get(job)["result"] == "done"
    assert litter(one.root) == []


def test_the_log_tells_each_attempt_and_each_end(house: Build) -> None:
    one = house(thread=True)
    job = one.make("prompt: a sea refuse\nsize: 64x64\nmodel: both\n")
    lines = [json.loads(line) for line in (one.folder(job) / "info" / "log.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["attempt.ended", "attempt.ended", "shot.done"]
    assert [line.get("outcome") for line in lines] == ["failed", "rendered", None]


def test_two_jobs_that_end_together_both_close(house: Build) -> None:
    one = house(thread=True)
    jobs = [one.order(SEA, f"{name}.yaml") for name in ("a", "b")]
    with busy_pool(one):
        for job in jobs:
            rendered(one, job)
    one.work()
    assert [summary(one, job)["job"] for job in jobs] == jobs


# -- contact sheets --------------------------------------------------------------------------------------------


def small(folder: Path, number: int) -> Path:
    path = folder / f"{number}.jpg"
    Image.new("RGB", (240, 160), "teal").save(path)
    return path


def drawn(cells: list[Cell]) -> list[Image.Image]:
    return [Image.open(io.BytesIO(data)) for data in sheets(cells, "k7m2q  61")]


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (60, 1), (61, 2), (120, 2), (121, 3)])
def test_a_sheet_has_at_most_60_cells_and_1600_pixels(tmp_path: Path, count: int, expected: int) -> None:
    one = small(tmp_path, 1)
    made = drawn([Cell(number, one) for number in range(1, count + 1)])
    assert len(made) == expected
    assert all(sheet.width <= 1600 for sheet in made)
    assert CELLS == 60


def test_a_second_sheet_is_no_wider_than_what_it_holds(tmp_path: Path) -> None:
    one = small(tmp_path, 1)
    first, second = drawn([Cell(number, one) for number in range(1, 62)])
    assert second.size < first.size


def spoiled(path: Path) -> Path:
    data = Image.new("RGB", (64, 64))
    data.save(path, "PNG")
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + b"\0" * 8 + whole[48:])
    return path


def test_a_picture_that_is_gone_or_spoiled_keeps_its_number_and_stops_nothing(tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_bytes(b"no picture")
    cells = [
        Cell(1, small(tmp_path, 1)), Cell(2, None), Cell(3, tmp_path / "gone.jpg"), Cell(4, text),
        Cell(5, spoiled(tmp_path / "5.png")),
    ]  # fmt: skip
    (sheet,) = drawn(cells)
    assert sheet.width == 16 + 5 * (240 + 16)


def test_numbers_can_be_read_on_a_phone(tmp_path: Path) -> None:
    """400 pixels wide, the ink of a number is still 8 pixels high or more, and dark on its ground."""
    path = small(tmp_path, 1)
    (sheet,) = drawn([Cell(88, path, doubt=number == 3) for number in range(18)])
    phone = sheet.convert("L").resize((400, round(sheet.height * 400 / sheet.width)), Image.Resampling.LANCZOS)
    scale = 400 / sheet.width
    for column in (0, 3):  # plain, and on the ground of a doubt
        left = (16 + column * 256) * scale
        top = (16 + 58 + 16 + 160) * scale
        label = phone.crop((round(left), round(top), round(left + 240 * scale), round(top + 58 * scale)))
        dark = label.point(lambda level: 255 if level < 110 else 0).getbbox()
        assert dark is not None
        assert dark[3] - dark[1] >= 8


def test_a_picture_in_review_is_marked_on_the_sheet(tmp_path: Path) -> None:
    path = small(tmp_path, 1)
    (sheet,) = drawn([Cell(1, path), Cell(2, path, doubt=True)])
    below = 16 + 58 + 16 + 160 + 29
    plain, marked = sheet.getpixel((16 + 5, below)), sheet.getpixel((16 + 256 + 5, below))
    assert min(plain) > 240
    assert marked[0] > marked[2] + 60
