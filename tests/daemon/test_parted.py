"""The file of a job that did not wait for its last pictures stands for the job that makes them, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from stockgen.domain.protocols import Held
from stockgen.domain.words import Place
from tests.daemon.door import QUIET, RESCAN, Door
from tests.house import DaemonProcess

Build = Callable[..., Door]
TEXT = "- {prompt: a sea, size: 64x64}\n- {prompt: a hill, size: 64x64, model: second}\n"
DAY = 86400.0


def no_money(place: Place, now: float) -> Sequence[Held]:
    return (Held(hold="money", reason="no money", providers=frozenset({"second"})),)


def turned(one: Door) -> None:
    """Work until nothing is left to do, and tell what a daemon tells."""
    one.house.work()
    closer = one.house.app.engine.parts.closer
    for job in closer.closed:
        one.intake.tell_closed(job)
    closer.closed.clear()


@pytest.fixture
def parted(door: Build) -> tuple[Door, str, str, Path]:
    """A job that has ended, the one that makes its rest, and their file in `accepted/`."""
    one = door()
    one.house.app.engine.heed(no_money)
    one.drop(TEXT)
    one.settle()
    job = one.ids()[-1]
    turned(one)
    one.clock.now += DAY + 120
    one.house.turn(2)
    turned(one)
    rest = one.house.app.ledger.retries.rest(job)
    assert rest
    return one, job, rest, one.folder / "accepted" / f"{job}_job.yaml"


def result(one: Door, job: str) -> str | None:
    told = one.house.app.ledger.jobs.get(job)["result"]
    return str(told) if told else None


def test_the_note_says_that_another_job_makes_the_rest_and_how_to_end_it(parted) -> None:
    one, job, rest, file = parted
    note = one.note("accepted", file.name)
    assert f"stockgen job {rest}" in note
    assert f"stockgen cancel {job}" in note  # which ends the rest
    assert one.lying("accepted") == [file.name, f"{file.name}.note.txt"]


def test_its_file_lies_there_so_nothing_is_cancelled(parted) -> None:
    one, _, rest, _ = parted
    one.turn(RESCAN)
    one.turn(QUIET)
    one.again()
    one.turn(RESCAN)
    one.turn(QUIET)
    assert not one.house.app.ledger.jobs.get(rest)["cancelled"]


def test_taking_the_file_away_cancels_the_rest_and_the_note_says_so(parted) -> None:
    one, job, rest, file = parted
    file.unlink()
    one.turn(RESCAN)
    one.turn(QUIET)
    turned(one)
    assert (result(one, job), result(one, rest)) == ("partial", "cancelled")
    note = one.note("accepted", file.name)
    assert "taken out of the folder" in note
    assert "stockgen cancel" not in note


def test_the_same_file_again_is_the_wish_that_is_being_made(parted) -> None:
    one, _, rest, _ = parted
    one.drop(TEXT)
    one.settle()
    assert len(one.ids()) == 2
    assert f"job {rest}" in one.note("accepted", f"{rest}_job.yaml")


def test_another_file_of_that_name_does_not_take_the_place_of_what_is_half_made(parted) -> None:
    one, _, rest, _ = parted
    one.drop("prompt: a wood\nsize: 64x64\n")
    one.settle()
    (new,) = set(one.ids()) - set(one.ids()[:2])
    assert not one.house.app.ledger.jobs.get(rest)["cancelled"]
    assert f"stockgen cancel {rest}" in one.note("accepted", f"{new}_job.yaml")


def test_a_program_that_was_killed_before_it_wrote_the_note_writes_it_at_the_next_start(parted) -> None:
    one, _, rest, file = parted
    note = file.with_name(f"{file.name}.note.txt")
    note.write_text(note.read_text(encoding="utf-8-sig").replace(rest, "?????"), encoding="utf-8")
    one.again()
    assert rest in one.note("accepted", file.name)


def test_once_the_rest_is_made_there_is_nothing_to_cancel(door: Build, parted) -> None:
    one, _, rest, file = parted
    one.house.app.engine._heeded.clear()
    turned(one)
    assert result(one, rest) == "done"
    assert "stockgen cancel" not in one.note("accepted", file.name)


@pytest.mark.process
def test_for_whoever_lets_it_run_now_and_then_a_job_that_waits_is_closed_at_a_later_start_and_all_is_well(
    tmp_path: Path,
) -> None:
    over = {
        "providers": {"scripted": {"place": "net", "quote": 50_000}}, "chains": {"auto": ["scripted"]},
        "money": {"per_month_usd": 0.12}, "outbox": {"close_after": "100ms"},
    }  # fmt: skip
    daemon = DaemonProcess(tmp_path, "--until-idle", over=over)
    daemon.drop("prompt: a calm sea\nsize: 64x64\ncount: 4\n", "sea.yaml")
    with daemon:
        assert daemon.finish() == 0
    with daemon:
        assert daemon.finish() == 0  # nothing has failed
    ledger = daemon.ledger()
    job = ledger.jobs.latest()
    rest = ledger.retries.rest(job)
    assert rest
    assert ledger.jobs.counts(job) == {"done": 2}
    assert ledger.jobs.counts(rest) == {"planned": 2}
    assert (ledger.jobs.get(job)["state"], ledger.jobs.get(job)["result"]) == ("closed", "partial")
    (note,) = (tmp_path / "inbox" / "accepted").glob("*.note.txt")
    assert f"stockgen job {rest}" in note.read_text(encoding="utf-8-sig")
    ledger.close()
