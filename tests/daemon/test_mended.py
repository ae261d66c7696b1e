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


def test_the_note_says_which_lines_the_copy_lacks(door: Build) -> None:
    one = door()
    one.drop("바다 2쟝\nhttps://example.com/a.jpg\n산 1장\n이 그림 좀 예쁘게 다시 만들어 줄 수 있을까요?\n", "여럿.txt")
    one.settle()
    note, copy = one.note("rejected", "여럿.txt"), (one.folder / "rejected" / "여럿.fixed.txt").read_text("utf-8-sig")
    assert "산" in copy
    assert "example.com" not in copy
    lost = [line for line in note.splitlines() if line.startswith("Not in the copy")]
    assert [line.rpartition(": ")[2] for line in lost] == ["2, 4"]


def test_a_copy_that_lacks_nothing_raises_no_fear(door: Build) -> None:
    one = door()
    one.drop("cuont: 2\nkeywords: sea\n")
    one.settle()
    assert "job.fixed.yaml" in one.note("rejected", "job.yaml")
    assert "Not in the copy" not in one.note("rejected", "job.yaml")


def test_a_file_that_only_its_author_can_mend_gets_no_copy(door: Build) -> None:
    one = door()
    one.drop("keywords: a\nprompt: b\n")
    one.settle()
    assert one.lying("rejected") == ["job.yaml", "job.yaml.note.txt"]
    assert "fixed" not in one.note("rejected", "job.yaml")


def test_a_copy_that_would_be_refused_for_what_is_missing_here_is_not_laid(door: Build) -> None:
    """`read` alone would take it: only who knows the weights and the markets can tell."""
    one = door({"providers": {"scripted": {"place": "net"}, "sdxl": {"model": "sdxl-base"}}})
    one.drop("keywords: a\nmodel: sdxl\ncuont: 2\n", "weights.yaml")
    one.settle()
    assert one.lying("rejected") == ["weights.yaml", "weights.yaml.note.txt"]
    assert "fixed" not in one.note("rejected", "weights.yaml")
    assert "'cuont' is not known" in one.note("rejected", "weights.yaml")


def test_a_file_of_a_thousand_faults_is_one_short_line_in_the_log(door: Build) -> None:
    one = door()
    one.drop("".join(f"http://a.b/{number}\n" for number in range(1000)), "list.txt")
    one.settle()
    (told,) = one.house.events("file.rejected")
    assert len(told["reason"]) <= 300
    assert told["faults"] == 101
