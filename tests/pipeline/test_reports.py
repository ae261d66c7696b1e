"""The morning report: written once, at its time, short enough for a phone, whole without the outbox beside it."""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from stockgen.domain.words import Remark
from stockgen.messages import Messages
from stockgen.pipeline.closures import Closure
from stockgen.pipeline.disk import WAIT
from stockgen.pipeline.marks.lessons import Common, Rate
from stockgen.pipeline.reports.facts import Closed, Idle, Place, Report, Seller, gathered
from stockgen.pipeline.reports.page import page
from stockgen.pipeline.reports.text import MOST_LINES, reasons, text
from tests.house import House
from tests.lanes.harness import HandClock

Build = Callable[..., House]
SEA = "prompt: a sea\nsize: 64x64\n"
DAY = 86400.0
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
UTC_REPORT = {"timezone": "UTC", "report": {"at": "07:40"}}


@pytest.fixture
def clock() -> HandClock:
    clock = HandClock()
    clock.now = NOON
    return clock


def written(one: House) -> list[str]:
    folder = one.outbox / "reports"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def quiet(one: House) -> None:
    one.turn()
    one.work(lambda: not one.app.engine.working and not one.app.engine.parts.snapshots.writing)


def test_the_report_comes_at_its_time_and_once_a_day(house: Build, clock: HandClock) -> None:
    one = house({**UTC_REPORT}, thread=True, clock=clock)
    one.make(SEA)
    quiet(one)
    assert written(one) == []  # the first day has nothing behind it
    clock.now = NOON + DAY - 5 * 3600  # 07:00
    quiet(one)
    assert written(one) == []
    clock.now += 41 * 60
    quiet(one)
    assert written(one) == ["2026-11-24.html", "2026-11-24.txt"]
    before = [(one.outbox / "reports" / name).read_bytes() for name in written(one)]
    clock.now += 3600
    one.make(SEA)
    quiet(one)
    one.again()
    quiet(one)
    assert [(one.outbox / "reports" / name).read_bytes() for name in written(one)] == before
    clock.now += DAY
    quiet(one)
    assert len(written(one)) == 4


def test_another_time_and_off_are_kept(house: Build, clock: HandClock) -> None:
    early = house({"timezone": "UTC", "report": {"at": "06:30"}}, thread=True, clock=clock)
    quiet(early)
    clock.now = NOON + DAY - 5 * 3600
    quiet(early)
    assert written(early) == ["2026-11-24.html", "2026-11-24.txt"]


def test_whoever_wants_no_report_gets_none(house: Build, clock: HandClock) -> None:
    one = house({"timezone": "UTC", "report": {"at": False}}, thread=True, clock=clock)
    quiet(one)
    clock.now += 3 * DAY
    quiet(one)
    assert written(one) == []


def test_a_night_off_is_told_in_the_next_report_and_a_month_off_is_not(house: Build, clock: HandClock) -> None:
    one = house({**UTC_REPORT}, thread=True, clock=clock)
    quiet(one)
    clock.now += 60
    one.make(SEA)
    clock.now += 3 * DAY
    one.again()
    quiet(one)
    assert "Pictures made: 1." in report(one)
    one.make(SEA)
    clock.now += 30 * DAY
    quiet(one)
    assert "Nothing new" in report(one)


def test_a_clock_that_was_years_ahead_does_not_silence_the_reports(house: Build, clock: HandClock) -> None:
    one = house({**UTC_REPORT}, thread=True, clock=clock)
    clock.now = NOON + 4000 * DAY
    quiet(one)
    clock.now = NOON
    quiet(one)
    clock.now += DAY
    quiet(one)
    assert written(one) == ["2026-11-24.html", "2026-11-24.txt"]


def test_a_disk_that_cannot_be_written_gets_its_report_later(house: Build, clock: HandClock) -> None:
    one = house({**UTC_REPORT}, thread=True, clock=clock)
    quiet(one)
    (one.outbox / "reports").write_text("a file of that name")
    clock.now += DAY
    quiet(one)
    assert one.events("hold.on")
    (one.outbox / "reports").unlink()
    clock.now += WAIT + 1
    quiet(one)
    assert len(written(one)) == 2


def test_it_tells_what_was_made_what_waits_and_what_was_refused(house: Build, clock: HandClock) -> None:
    one = house({**UTC_REPORT}, thread=True, clock=clock)
    quiet(one)
    clock.now += 60
    one.make("prompt: a sea\nsize: 64x64\ncount: 2\n", "봄꽃.yaml")
    one.make("prompt: a plain wall flat\nsize: 64x64\n")
    one.make("prompt: a sea refuse\nsize: 64x64\n")
    refused = one.root / "inbox" / "rejected"
    refused.mkdir(parents=True)
    note = refused / "목록.txt.note.txt"
    note.write_text("…")
    os.utime(note, (NOON + 60, NOON + 60))
    clock.now += DAY
    quiet(one)
    told = report(one)
    assert "Pictures made: 3. Jobs ended: 3." in told
    assert "봄꽃.yaml" in max((one.outbox / "reports").glob("*.html")).read_text(encoding="utf-8")
    assert "목록.txt" in told
    assert "Not made: 1" in told
    assert len(told.strip().splitlines()) <= MOST_LINES


def report(one: House) -> str:
    path = max((one.outbox / "reports").glob("*.txt"))
    return path.read_bytes().decode("utf-8-sig")


# -- words and page --------------------------------------------------------------------------------------------


def big(outbox: Path | None = None) -> Report:
    """A night in which everything happened."""
    sheet = "2026-11/23_봄꽃_k7m2q/sheet-1.jpg"
    closed = tuple(
        Closed(f"k7m2{sign}", f"<b>봄꽃 {sign}</b>.yaml", "partial", f"2026-11/23_봄꽃_k7m2{sign}", (sheet,))
        for sign in "qrs"
    )
    return Report(
        day="2026-11-24", since=NOON, until=NOON + DAY, closed=closed, made=120,
        review={"blurred": 3, "flat": 2, "degraded": 1, "similar": 1}, failed={"refused: x": 2, "lane_died": 1},
        refused=("a.txt", "b.txt", "c.txt", "d.txt"),
        idle=(Idle("<i>nightly</i>", 2, Remark("schedule.missed")),), decided={"accepted": 12, "rejected": 3},
        common=(Common("adobe_stock", "model", "flux-schnell", 3, 3),),
        rates=(Rate("market", "adobe_stock", 12, 3), Rate("model", "<sdxl>", 5, 0)), sales=(4, 1_320_000),
        sellers=(Seller("a-k7m2q-001", {"en": "Sea & sky", "ko": "바다와 하늘"}, 4, 1_320_000),),
        markets=tuple(Place(f"market{n}", 37, 63, 100) for n in range(4)), left=40, seconds=7200.0, free=123 * 10**9,
    )  # fmt: skip


def test_a_job_that_was_accepted_and_made_nothing_is_not_passed_over_in_the_morning() -> None:
    lost = Closed("z4c96", "크로플.txt", "failed", "2026-11/23_크로플_z4c96", ())
    said = text(replace(big(), closed=(*big().closed, lost)), Messages("en"))
    assert "Jobs of which no picture came, 1: 크로플.txt – to see why: stockgen job z4c96" in said


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_longest_report_is_ten_lines(language) -> None:
    told = text(big(), Messages(language), "UTC")
    assert len(told.splitlines()) == MOST_LINES
    assert "stockgen basket" in told.splitlines()[-1]
    assert max(map(len, told.splitlines())) <= 240


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_needs_nothing_beside_it_and_runs_nothing(tmp_path: Path, language) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG")
    sheet = tmp_path / big().sheets[0]
    sheet.parent.mkdir(parents=True)
    sheet.write_bytes(out.getvalue())
    made = page(big(), Messages(language), tmp_path, "UTC").decode()
    assert "<b>" not in made and "<sdxl>" not in made
    assert ("flux-schnell" in made and "&amp; sky" in made) or language == "ko"
    assert "80%" in made and "1.32" in made
    assert "<script" not in made
    assert not re.search(r"(?:src|href)=\"(?!data:)", made)
    inside = re.findall(r"base64,([^\"]+)", made)
    assert len(inside) == 3
    assert base64.b64decode(inside[0]) == out.getvalue()


def test_sheets_that_are_gone_are_named(tmp_path: Path) -> None:
    made = page(big(), Messages("en"), tmp_path, "UTC").decode()
    assert "base64" not in made
    assert "sheet-1.jpg" in made


HOUR = 3600.0
CLOSED = Closure("openai", "", "NotConfigured", Remark("error.cloud_key_refused", facts={"provider": "openai"}),
                 NOON + HOUR)  # fmt: skip


def test_who_waits_for_a_service_reads_why_and_what_helps_and_not_how_soon_it_is_done() -> None:
    held = {"hold": "money", "reason": "no cap", "until": None, "shots": 14, "place": "net"}
    one = replace(big(), left=14, seconds=0.0, holds=(held,), shut=(CLOSED,))
    told = text(one, Messages("en"), "UTC")
    assert "no cap (pictures that wait: 14)" in told
    assert "openai is not asked before 11-23 13:00" in told
    assert "stockgen secret set openai" in told
    assert "Still to make: 14." in told
    assert "14장" in text(one, Messages("ko"), "UTC")


def test_a_model_that_is_gone_for_good_is_told_without_a_day_to_wait_for() -> None:
    why = Remark("error.cloud_retired", facts={"provider": "openai", "model": "m"})
    told = text(
        replace(big(), shut=(Closure("openai", "m", "Retired", why, NOON + 3650 * DAY),)), Messages("en"), "UTC"
    )
    assert "openai no longer has the model m" in told
    assert "not asked before" not in told


REFUSED_KEY = '{"code": "error.cloud_key_refused", "line": null, "facts": {"provider": "scripted"}}'


def reported(one: House, since: float) -> Report:
    app = one.app
    rejected, shelf = one.root / "inbox/rejected", app.engine.parts.morning.shelf
    return gathered(app.ledger, app.places, shelf, rejected, (since, app.clock.wall()), "UTC")


def test_a_report_gives_no_time_for_what_a_closed_service_is_to_make(house: Build, clock: HandClock) -> None:
    one = house({**UTC_REPORT}, thread=True, clock=clock)
    one.make(SEA)
    one.order("prompt: a lake\nsize: 64x64\n")
    while not one.app.engine.parts.planner.step(one.app.clock.monotonic()):
        pass
    assert one.states()["planned"] == 1
    assert reported(one, NOON - 1).shut == ()
    one.app.ledger.closures.close("scripted", "", "NotConfigured", REFUSED_KEY, clock.now, clock.now + HOUR)
    report = reported(one, NOON - 1)
    assert [(closed.provider, report.left, report.seconds) for closed in report.shut] == [("scripted", 1, 0.0)]


def test_a_model_that_is_gone_is_told_once_and_not_every_morning(house: Build, clock: HandClock) -> None:
    one = house({**UTC_REPORT}, thread=True, clock=clock)
    one.app.ledger.closures.close("scripted", "m", "Retired", REFUSED_KEY, clock.now, clock.now + 3650 * DAY)
    assert len(reported(one, NOON - 1).shut) == 1
    assert reported(one, NOON + 1).shut == ()


def test_one_reason_with_many_details_is_counted_once() -> None:
    failed = {f"cloud_refused: provider=openai, detail={what}": 2 for what in ("violence", "sexual")}
    assert reasons(failed, Messages("en")) == "its rules forbid these words: 4"
