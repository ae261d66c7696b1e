"""One file is one job: not none, not two, whatever happens on the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace

from daemon.settle import facts_of
from tests.daemon.door import BAD, GOOD, QUIET, RESCAN, Door
from tests.daemon.readonly import unwritable

Build = Callable[..., Door]


def test_a_settled_file_becomes_one_job_and_lies_in_accepted_with_its_note(door: Build) -> None:
    one = door()
    one.drop(name="봄꽃.yaml")
    one.settle()
    (job,) = one.ids()
    assert one.lying() == []
    assert one.lying("accepted") == [f"{job}_봄꽃.yaml", f"{job}_봄꽃.yaml.note.txt"]
    assert job in one.note("accepted", f"{job}_봄꽃.yaml")
    assert one.house.app.ledger.jobs.source(job) == GOOD.encode()


def test_a_refused_file_lies_in_rejected_with_its_faults_beside_it(door: Build) -> None:
    one = door()
    one.drop(BAD)
    one.settle()
    assert one.jobs() == one.lying() == []
    assert one.lying("rejected") == ["job.fixed.yaml", "job.yaml", "job.yaml.note.txt"]
    assert "'promt' is not known. Did you mean 'prompt'?" in one.note("rejected", "job.yaml")


def test_a_second_refused_file_of_the_same_name_replaces_neither_the_first_nor_its_note(door: Build) -> None:
    one = door()
    for text in (BAD, "size: 0x0\n", BAD):
        one.drop(text)
        one.settle()
    files = [name for file in ("job.yaml", "job~2.yaml", "job~3.yaml") for name in (file, f"{file}.note.txt")]
    assert one.lying("rejected") == sorted([*files, "job.fixed.yaml", "job~3.fixed.yaml"])
    assert "0x0" in one.note("rejected", "job~2.yaml")


def test_who_reads_korean_gets_korean_notes(door: Build) -> None:
    one = door({"language": "ko"})
    one.drop(BAD, "나쁜.yaml")
    one.drop(name="좋은.yaml")
    one.settle()
    (job,) = one.ids()
    assert "접수하지 못했습니다" in one.note("rejected", "나쁜.yaml")
    assert "접수했습니다" in one.note("accepted", f"{job}_좋은.yaml")


def test_the_same_file_again_while_its_job_is_open_is_the_same_job_and_says_so(door: Build) -> None:
    one = door()
    for _ in range(2):
        one.drop()
        one.settle()
    (job,) = one.ids()
    assert one.lying() == []
    assert "is being worked on already" in one.note("accepted", f"{job}_job~2.yaml")


def test_the_same_file_again_after_its_job_has_closed_is_a_new_job(door: Build) -> None:
    one = door()
    one.drop()
    one.settle()
    one.house.work()
    one.drop()
    one.settle()
    assert len(set(one.ids())) == 2


def test_other_words_under_the_same_name_are_another_job(door: Build) -> None:
    one = door()
    one.drop()
    one.settle()
    one.drop("prompt: a wild sea\nsize: 64x64\n")
    one.settle()
    assert len(one.ids()) == 2


def test_killed_between_commit_and_move_only_the_move_is_done_at_the_next_start(door: Build) -> None:
    one = door()
    one.drop()
    with unwritable(one.folder):
        one.settle()  # the ledger has the job; the move failed, as it does for whoever is killed before it
    one.house.work()
    assert one.lying() == ["job.yaml"]
    one.again()
    one.settle()
    (job,) = one.ids()
    assert one.lying() == []
    assert one.lying("accepted") == [f"{job}_job.yaml", f"{job}_job.yaml.note.txt"]


def test_killed_right_after_the_move_dragging_the_file_back_is_still_a_new_wish(door: Build) -> None:
    one = door()
    path = one.drop()
    with one.intake.batch():
        one.intake.take("job.yaml", path.read_bytes(), facts_of(path).arrival)  # killed before `settle_moves`
    one.house.work()
    one.again()
    (job,) = one.ids()
    (one.folder / "accepted" / f"{job}_job.yaml").rename(path)
    one.settle()
    assert one.jobs() == ["job.yaml", "job.yaml"]


def test_killed_before_the_note_was_written_it_is_written_at_the_next_start(door: Build) -> None:
    one = door()
    path = one.drop()
    with one.intake.batch():
        one.intake.take("job.yaml", path.read_bytes(), facts_of(path).arrival)
    (note,) = (one.folder / "accepted").glob("*.note.txt")
    half = note.rename(note.with_name(f".{note.name}.tmp"))
    one.again()
    assert note.exists()
    assert not half.exists()


def test_a_file_that_cannot_be_moved_runs_once_and_is_told_once(door: Build) -> None:
    one = door()
    one.drop()
    one.drop(BAD, "bad.yaml")
    with unwritable(one.folder):
        for _ in range(4):
            one.settle()
        one.house.work()
        one.settle()
        one.again()
        one.settle()
    assert one.jobs() == ["job.yaml"]
    moves = [told for told in one.told() if "can't be moved" in str(told[1])]
    assert sorted(file for file, _ in moves) == ["bad.yaml", "bad.yaml", "job.yaml", "job.yaml"]  # once a start


def test_a_file_that_cannot_be_moved_runs_once_also_where_its_disk_has_another_number_after_a_reboot(
    door: Build,
) -> None:
    one = door()
    one.drop()
    with unwritable(one.folder):
        one.settle()
        one.house.work()
        (job,) = one.ids()
        known = facts_of(one.folder / "job.yaml")
        one.house.app.ledger.jobs.arrived(job, replace(known, device=known.device + 1).arrival)
        one.again()
        one.settle()
    assert one.ids() == [job]


def test_who_tidies_accepted_away_loses_no_job_and_gets_none_twice(door: Build) -> None:
    one = door()
    for folder in ("accepted", "rejected"):
        shutil.rmtree(one.folder / folder)
    one.drop()
    one.drop(BAD, "bad.yaml")
    one.settle()
    one.house.work()
    one.settle()
    assert one.jobs() == ["job.yaml"]
    assert one.lying() == []
    assert one.lying("rejected") == ["bad.fixed.yaml", "bad.yaml", "bad.yaml.note.txt"]


def test_a_name_in_bytes_of_korean_windows_is_read_as_korean(door: Build) -> None:
    one = door()
    raw = os.fsencode(str(one.folder)) + b"/" + "고양이.yaml".encode("cp949")
    with open(raw, "wb") as file:  # noqa: PTH123 - no text, so no Path
        file.write(GOOD.encode())
    one.settle()
    assert one.jobs() == ["고양이.yaml"]
    one.house.work()
    assert len(one.house.pictures(one.ids()[0])) == 1


def test_a_name_that_is_no_text_at_all_does_not_end_the_daemon(door: Build) -> None:
    one = door()
    raw = os.fsencode(str(one.folder)) + b"/\xff\xfe\xfa.yaml"
    os.mkfifo(raw.replace(b".yaml", b"-pipe.yaml"))
    with open(raw, "wb") as file:  # noqa: PTH123 - no text, so no Path
        file.write(BAD.encode())
    one.settle()
    assert len(one.lying("rejected")) == 3  # the file, its note, a mended copy
    assert [reason for _, reason in one.told()] == ["not_a_file"]


def test_the_longest_name_that_a_folder_takes_is_moved_and_noted(door: Build) -> None:
    one = door()
    one.drop(name="봄" * 83 + ".yaml")
    one.drop(BAD, name="꽃" * 83 + ".yaml")
    one.settle()
    assert one.lying() == []
    assert (len(one.lying("accepted")), len(one.lying("rejected"))) == (2, 3)


def test_a_huge_file_is_refused_without_reading_it_all(door: Build) -> None:
    one = door()
    os.truncate(one.drop("prompt: a sea\n"), 5 << 30)
    one.settle()
    assert one.lying("rejected") == ["job.yaml", "job.yaml.note.txt"]


def test_a_file_that_goes_away_while_it_settles_is_no_job_and_no_complaint(door: Build) -> None:
    one = door()
    path = one.drop()
    one.turn(RESCAN)
    path.unlink()
    one.turn(QUIET)
    assert one.jobs() == one.told() == []


def test_the_note_is_renewed_when_planning_knows_more(door: Build) -> None:
    one = door()
    one.drop("prompt: a sea\nsize: 64x64\nmarkets: [adobe_stock]\n")
    one.settle()
    name, engine = f"{one.ids()[0]}_job.yaml", one.house.app.engine
    assert "too small for the markets" not in one.note("accepted", name)
    one.house.work(lambda: bool(engine.planned))
    one.intake.tell_planned(engine.planned[0])
    assert "too small for the markets" in one.note("accepted", name)


def test_while_the_outbox_cannot_be_written_the_picture_waits_and_is_finished_by_itself_afterwards(door: Build) -> None:
    one = door()
    one.drop()
    one.settle()
    with unwritable(one.house.outbox):
        one.house.work(lambda: bool(one.house.app.engine.holds("net")))
        for _ in range(5):
            one.clock.now += 60.0
            one.house.turn(5)
        assert {held.hold for held in one.house.app.engine.holds("net")} == {"disk"}
        assert not one.house.pictures(one.ids()[0])
    one.clock.now += 60.0
    one.house.work()
    assert len(one.house.pictures(one.ids()[0])) == 1
    assert one.house.app.ledger.query("SELECT count(*) AS n FROM attempts")[0]["n"] == 1
