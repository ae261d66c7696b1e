"""The note beside an accepted file says what is awaited, then what is known; it never promises what has gone by."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stockgen.pipeline.commands import Command
from tests.daemon.door import GOOD, RESCAN, Door
from tests.daemon.readonly import unwritable
from tests.modes.brain import Brain
from tests.ollama import OllamaServer

Build = Callable[..., Door]
AWAITED = "Still being planned"


def planned(one: Door) -> str:
    """Plan all that was dropped and tell it, as the daemon's turn does; return the last job."""
    job = one.ids()[-1]
    one.house.work(lambda: one.house.app.ledger.jobs.get(job)["state"] == "open")
    tell(one)
    return job


def tell(one: Door) -> None:
    for each in one.house.app.engine.planned:
        one.intake.tell_planned(each)
    one.house.app.engine.planned.clear()


def test_the_note_of_a_job_for_tonight_says_when_also_after_planning(door: Build) -> None:
    one = door()
    one.drop("keywords: 벚꽃 꿻뚫\ncount: 1\nsize: 64x64\nnot_before: in 8 hours\n")
    one.settle()
    job = planned(one)
    note = one.note("accepted", f"{job}_job.yaml")
    assert "nothing is begun before" in note
    assert "벚꽃 꿻뚫 (cherry blossom)" in note
    assert "Cost: 0" in note


def test_the_first_note_says_that_planning_is_awaited_and_the_second_does_not(door: Build) -> None:
    one = door()
    one.drop()
    one.settle()
    (job,) = one.ids()
    assert AWAITED in one.note("accepted", f"{job}_job.yaml")
    planned(one)
    assert AWAITED not in one.note("accepted", f"{job}_job.yaml")  # though there was nothing else to tell


@pytest.mark.parametrize("known", [{"꿻뚫": "tin robot"}, {}], ids=["translated", "not"])
def test_the_note_says_how_words_were_put_into_english_before_their_first_picture_is_begun(
    door: Build, known: dict[str, str]
) -> None:
    with OllamaServer(Brain(words=known, near=30)) as server:
        one = door({"writers": {"ollama": {"url": server.url, "model": "qwen2.5:14b"}}})
        one.drop("keywords: 벚꽃 꿻뚫\ncount: 3\nsize: 64x64\n")
        one.settle()
        (job,) = one.ids()
        name = f"{job}_job.yaml"
        assert "is going to put these words into English" in one.note("accepted", name)
        engine = one.house.app.engine
        one.house.work(lambda: bool(engine.planned))
        assert bool(one.house.app.ledger.jobs.get(job)["state"] == "planning") == bool(known)
        tell(one)
        early = one.note("accepted", name)
        planned(one)
    late = one.note("accepted", name)
    for note in (early, late):
        assert "is going to put these words" not in note
        assert ("꿻뚫 → tin robot" in note) == bool(known)
        assert ("left out of the picture: 꿻뚫" in note) != bool(known)


def test_whoever_was_killed_between_planning_and_the_note_renews_it_at_the_next_start(door: Build) -> None:
    one = door()
    one.drop()
    one.settle()
    (job,) = one.ids()
    one.house.work(lambda: one.house.app.ledger.jobs.get(job)["state"] == "open")  # and nobody tells it
    one.again()
    assert AWAITED not in one.note("accepted", f"{job}_job.yaml")


def test_notes_that_a_power_cut_has_left_empty_are_written_again(door: Build) -> None:
    one = door()
    for _ in range(2):
        one.drop()
        one.settle()
    (job,) = one.ids()
    names = [f"{job}_job.yaml", f"{job}_job~2.yaml"]
    before = [one.note("accepted", name) for name in names]
    for name in (*names, "somebody's.txt", "zzzzz_x.txt"):  # of the last two nothing is known
        (one.folder / "accepted" / f"{name}.note.txt").write_bytes(b"")
    one.again()
    assert [one.note("accepted", name) for name in names] == before
    assert before[0] != before[1]
    assert (one.folder / "accepted" / "zzzzz_x.txt.note.txt").read_bytes() == b""


def test_half_a_mended_copy_does_not_stay_after_a_kill(door: Build) -> None:
    one = door()
    half = one.folder / "rejected" / ".job.fixed.yaml.tmp"
    half.write_text("promp")
    one.again()
    assert not half.exists()


def test_a_file_that_can_be_moved_only_after_its_planning_gets_the_note_of_then(door: Build) -> None:
    one = door()
    one.drop("prompt: a sea\nsize: 64x64\nmarkets: [adobe_stock]\n")
    with unwritable(one.folder):
        one.settle()
        job = planned(one)
    one.turn(RESCAN)
    note = one.note("accepted", f"{job}_job.yaml")
    assert AWAITED not in note
    assert "too small for the markets" in note


def test_who_has_tidied_file_and_note_away_does_not_get_the_note_back(door: Build) -> None:
    one = door()
    one.drop()
    one.settle()
    for path in (one.folder / "accepted").iterdir():
        path.unlink()
    planned(one)
    assert one.lying("accepted") == []


def test_the_note_of_a_cancelled_job_looks_ahead_to_nothing_and_says_what_became_of_it(door: Build) -> None:
    one = door()
    one.drop(GOOD + "markets: [adobe_stock]\n")
    one.settle()
    job = planned(one)
    assert "adobe_stock:" in one.note("accepted", f"{job}_job.yaml")
    one.house.app.desk.apply(Command(id="c0", name="cancel", arguments={"job": job}))
    one.house.work()
    for closed in one.house.app.engine.parts.closer.closed:
        one.intake.tell_closed(closed)
    note = one.note("accepted", f"{job}_job.yaml")
    assert [word for word in ("adobe_stock:", "Cost", "To cancel", AWAITED) if word in note] == []
    assert "no folder in the outbox" in note


def test_what_a_market_does_not_take_is_said_once_for_a_whole_table(door: Build) -> None:
    one = door({"language": "ko"})
    rows = "".join(f"{subject},봄,꽃,adobe_stock\n" for subject in ("벚꽃", "바다", "산", "강"))
    one.drop(f"keywords,title,tags,markets\n{rows}", "봄.csv")
    one.settle()
    (job,) = one.ids()
    note = one.note("accepted", f"{job}_봄.csv")
    assert note.count("영어만 받습니다") == 1
    assert "- 2–5번째 줄: " in note
