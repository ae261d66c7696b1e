"""A refused file is answered with a mended copy, and dragging that back is all that its author has to do."""

from __future__ import annotations

from collections.abc import Callable

from tests.daemon.door import Door

Build = Callable[..., Door]


def test_a_mended_copy_dragged_back_becomes_the_job(door: Build) -> None:
    one = door({"language": "ko"})
    one.drop("장수: 2쪽\n크기: 64x64\n프롬프트: 잔잔한 바다\n", "바다.yaml")
    one.settle()
    copy = one.folder / "rejected" / "바다.fixed.yaml"
    assert copy.name in one.note("rejected", "바다.yaml")
    copy.rename(one.folder / copy.name)
    one.settle()
    (job,) = one.ids()
    assert one.jobs() == ["바다.fixed.yaml"]
    assert one.house.app.ledger.jobs.orders(job)[0].count == 2


def test_the_copy_of_a_file_from_a_folder_counts_on_its_preset_and_goes_back_there(door: Build) -> None:
    one = door({"presets": {"tiny": {"size": "64x64", "keywords": ["sea"]}}})
    (one.folder / "tiny").mkdir()
    one.drop("cuont: 2\n", "tiny/job.yaml")
    one.settle()
    assert "drag it into the folder tiny of the inbox" in one.note("rejected", "job.yaml")
    (one.folder / "rejected" / "job.fixed.yaml").rename(one.folder / "tiny" / "job.fixed.yaml")
    one.settle()
    (job,) = one.ids()
    assert one.house.app.ledger.jobs.get(job)["preset"] == "tiny"


def test_a_file_that_only_its_author_can_mend_gets_no_copy(door: Build) -> None:
    one = door()
    one.drop("keywords: a\nprompt: b\n")
    one.settle()
    assert one.lying("rejected") == ["job.yaml", "job.yaml.note.txt"]
    assert "fixed" not in one.note("rejected", "job.yaml")


def test_a_file_of_a_thousand_faults_is_one_short_line_in_the_log(door: Build) -> None:
    one = door()
    one.drop("".join(f"http://a.b/{number}\n" for number in range(1000)), "list.txt")
    one.settle()
    (told,) = one.house.events("file.rejected")
    assert len(told["reason"]) <= 300
    assert told["faults"] == 101


def test_the_note_of_a_job_for_tonight_says_when_also_after_planning(door: Build) -> None:
    one = door()
    one.drop("keywords: 벚꽃 꿻뚫\ncount: 1\nsize: 64x64\nnot_before: in 8 hours\n")
    one.settle()
    (job,) = one.ids()
    one.house.work(lambda: one.house.app.ledger.jobs.get(job)["state"] == "open")
    for planned in one.house.app.engine.planned:
        one.intake.tell_planned(planned)
    note = one.note("accepted", f"{job}_job.yaml")
    assert "nothing is begun before" in note
    assert "벚꽃 꿻뚫 (cherry blossom)" in note
    assert "Cost: 0" in note
