"""A picture and the job file that names it come as one wish, in whichever order they arrive and whatever happens."""

from __future__ import annotations

import io
import json
import os
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from daemon.moving import NOTED
from daemon.pictures import A_TURN, PATIENCE, Pictures, Unfinished
from daemon.settle import facts_of
from stockgen.domain.names import is_reference
from stockgen.domain.words import Control
from stockgen.pipeline.references import Beside, References
from tests.daemon.door import QUIET, RESCAN, Door
from tests.daemon.readonly import unwritable

Build = Callable[..., Door]
JOB = "prompt: a village\nsize: 64x64\ncontrol: {image: village.png, type: depth, strength: 0.5}\n"


def picture(colour: str = "red", size: tuple[int, int] = (8, 6)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def lay(one: Door, data: bytes | None = None, name: str = "village.png") -> Path:
    path = one.folder / name
    path.write_bytes(picture() if data is None else data)
    return path


def controls(one: Door) -> list[Control]:
    """Of all jobs, oldest first."""
    orders = [order for job in one.ids() for order in one.house.app.ledger.jobs.orders(job)]
    return [order.control for order in orders if order.control]


def kept(one: Door) -> list[bytes]:
    """What the jobs were given, oldest first."""
    return [(one.house.app.places.references / control.image).read_bytes() for control in controls(one)]


def taken(one: Door, job: str, name: str = "village.png") -> list[str]:
    """What lies in accepted/ when one job was taken with its picture."""
    return sorted([f"{job}_job.yaml", f"{job}_job.yaml.note.txt", f"{job}_{name}"])


def test_a_file_of_many_large_pictures_does_not_hold_the_loop_until_all_are_stored(door: Build) -> None:
    one = door()
    large = {f"{name}.png": picture(name) + bytes(A_TURN) for name in ("red", "green", "blue")}
    for name, data in large.items():
        lay(one, data, name)
    one.drop("".join(f"- {{prompt: a sea, size: 64x64, control: {{image: {name}, type: depth}}}}\n" for name in large))
    one.settle()
    assert sorted(kept(one)) == sorted(large.values())
    folder = one.house.root / "fresh"
    pictures = Pictures(str(one.folder), 0.0, Beside(), References(folder))
    for name, data in large.items():
        pictures.look(lay(one, data, name).name, 0.0)
    for stored in (1, 2):
        with pytest.raises(Unfinished):
            pictures.take("job.yaml", [*large], 10.0, A_TURN)
        assert len(list(folder.iterdir())) == stored
    assert len(pictures.take("job.yaml", [*large], 10.0, A_TURN)) == 3


def test_a_picture_and_its_job_file_are_taken_together(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    one.settle()
    (job,) = one.ids()
    assert one.lying() == []
    assert one.lying("accepted") == taken(one, job)
    (control,) = controls(one)
    assert is_reference(control.image)
    assert (control.type, control.strength) == ("depth", 0.5)
    assert kept(one) == [picture()]
    note = one.note("accepted", f"{job}_job.yaml")
    assert "Its picture was taken: village.png" in note
    assert control.image not in note


def test_the_note_tells_it_in_korean(door: Build) -> None:
    one = door({"language": "ko"})
    lay(one)
    one.drop(JOB)
    one.settle()
    assert "함께 받은 참고사진: village.png" in one.note("accepted", f"{one.ids()[0]}_job.yaml")


def test_a_picture_that_comes_first_lies_there_untouched_and_is_told_once(door: Build) -> None:
    one = door()
    lay(one)
    for _ in range(3):
        one.settle()
    assert one.lying() == ["village.png"]
    assert one.jobs() == []
    assert one.inbox.unsettled == 0
    assert one.told() == [("village.png", "picture")]
    one.drop(JOB)
    one.settle()
    assert one.lying("accepted") == taken(one, one.ids()[0])
    assert one.lying() == []


def test_a_job_file_that_comes_first_waits_for_its_picture_and_is_counted_and_told_once(door: Build) -> None:
    one = door()
    one.drop(JOB)
    for _ in range(3):
        one.settle()
    assert one.lying() == ["job.yaml"]
    assert one.jobs() == one.lying("rejected") == []
    assert one.inbox.facts()["waiting"] == 1
    assert one.told() == [("job.yaml", "waits for village.png")]
    lay(one)
    one.settle()
    assert one.lying() == []
    assert one.lying("accepted") == taken(one, one.ids()[0])
    assert one.inbox.facts()["waiting"] == 0


def test_a_picture_that_is_moved_in_wakes_its_job_file_at_once(door: Build, tmp_path: Path) -> None:
    one = door(watch="inotify")
    one.drop(JOB)
    one.hear()
    one.settle()
    assert one.jobs() == []
    whole = one.folder / ".village.png"
    whole.write_bytes(picture())
    whole.rename(one.folder / "village.png")
    one.hear_until_taken()
    assert one.lying() == []


def test_a_job_file_waits_no_longer_than_an_hour_and_is_told_what_is_missing(door: Build) -> None:
    one = door()
    one.drop(JOB)
    one.settle()
    one.turn(PATIENCE - 60.0)
    assert one.lying("rejected") == []
    one.turn(120.0)
    assert one.lying() == one.jobs() == []
    assert one.lying("rejected") == ["job.yaml", "job.yaml.note.txt"]
    assert "village.png did not come within an hour" in one.note("rejected", "job.yaml")


def test_a_newer_version_of_a_waiting_file_has_its_own_hour(door: Build) -> None:
    one = door()
    one.drop(JOB)
    one.settle()
    one.turn(PATIENCE - 60.0)
    one.drop(f"{JOB}count: 2\n")
    one.settle()
    one.turn(PATIENCE - 120.0)
    assert one.lying("rejected") == []
    lay(one)
    one.settle()
    assert len(one.ids()) == 1
    assert one.house.app.ledger.jobs.orders(one.ids()[0])[0].count == 2


def test_a_program_that_is_idle_does_not_wait_an_hour_for_a_picture_but_for_one_that_is_being_copied(
    door: Build,
) -> None:
    one = door()
    one.drop(JOB)
    one.settle()
    assert one.inbox.unsettled == 0
    lay(one)
    one.turn(RESCAN)
    assert one.inbox.unsettled == 1


def test_a_picture_that_is_still_being_copied_is_left_alone(door: Build) -> None:
    one = door()
    whole = picture(size=(64, 64))
    path = lay(one, whole[:40])
    one.drop(JOB)
    with path.open("ab") as copy:
        one.settle()
        one.turn(QUIET)
        assert one.jobs() == []  # quiet for long, and somebody has it open
        copy.write(whole[40:])
    one.settle()
    assert kept(one) == [whole]


def test_a_picture_that_comes_in_pieces_is_not_taken_for_the_first_of_them(door: Build) -> None:
    one = door()
    whole = picture(size=(64, 64))
    one.drop(JOB)
    one.turn(RESCAN)
    lay(one, whole[:40])  # and nobody has it open
    one.turn(QUIET)
    assert one.jobs() == one.lying("rejected") == []
    lay(one, whole)
    one.settle()
    assert kept(one) == [whole]


def test_a_picture_that_was_replaced_before_its_job_was_taken_counts_as_it_is_now(door: Build) -> None:
    one = door()
    lay(one, picture("red"))
    one.settle()
    lay(one, picture("blue"))
    one.drop(JOB)
    one.settle()
    assert kept(one) == [picture("blue")]


def test_a_picture_that_is_replaced_when_its_job_was_taken_belongs_to_the_next_one(door: Build) -> None:
    one = door()
    path = lay(one, picture("red"))
    one.drop(JOB)
    with unwritable(one.folder):
        one.settle()
    new = one.folder / "new"
    new.write_bytes(picture("blue"))
    new.replace(path)
    one.turn(RESCAN)
    assert one.lying() == ["village.png"]
    one.drop(JOB.replace("village\n", "town\n"), "other.yaml")
    one.settle()
    assert kept(one) == [picture("red"), picture("blue")]
    assert one.lying() == []


def test_two_job_files_get_the_one_picture_that_both_name(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    one.drop(f"keywords: a hill\n{JOB.partition(chr(10))[2]}", "other.yaml")
    one.settle()
    assert kept(one) == [picture()] * 2
    assert one.lying() == []
    assert [name for name in one.lying("accepted") if name.endswith(".png")] == [f"{one.ids()[-1]}_village.png"]


def test_a_picture_stays_while_another_file_beside_it_waits_or_has_not_been_read(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    two = "keywords: a hill\ncontrol: Village.PNG\n---\nkeywords: a hill\ncontrol: hill.png\n"
    one.drop(two, "two.yaml")
    one.settle()
    assert one.jobs() == ["job.yaml"]
    assert one.lying() == ["two.yaml", "village.png"]
    lay(one, picture("green"), "hill.png")
    one.settle()
    assert one.jobs() == ["job.yaml", "two.yaml"]
    assert kept(one) == [picture(), picture(), picture("green")]
    assert one.lying() == []


def test_a_picture_that_a_refused_file_named_stays_where_it_is_so_that_the_mended_file_finds_it(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(f"{JOB}cuont: 2\n")
    one.settle()
    assert one.lying() == ["village.png"]
    (one.folder / "rejected" / "job.fixed.yaml").rename(one.folder / "job.fixed.yaml")
    one.settle()
    assert one.jobs() == ["job.fixed.yaml"]
    assert one.lying() == []


@pytest.mark.parametrize("spelled", ["VILLAGE.png", "village.PNG", "village.png"])
def test_the_case_of_a_name_is_no_matter(door: Build, spelled: str) -> None:
    one = door()
    lay(one, name=spelled)
    one.drop(JOB)
    one.settle()
    assert one.lying("accepted") == taken(one, one.ids()[0], spelled)


def test_a_korean_name_is_found_as_a_mac_spells_it(door: Build) -> None:
    one = door()
    lay(one, name=unicodedata.normalize("NFD", "마을 그림.png"))
    one.drop(JOB.replace("village.png", "마을 그림.png"))
    one.settle()
    assert kept(one) == [picture()]


def test_a_name_in_bytes_of_korean_windows_is_found(door: Build) -> None:
    one = door()
    with open(os.fsencode(str(one.folder)) + b"/" + "마을.png".encode("cp949"), "wb") as file:  # noqa: PTH123 - no text
        file.write(picture())
    one.drop(JOB.replace("village.png", "마을.png"))
    one.settle()
    assert kept(one) == [picture()]
    assert one.lying() == []


def test_a_pair_that_comes_together_is_not_told_to_be_ignored(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    one.settle()
    assert one.told() == []


def test_only_the_picture_in_the_same_folder_is_meant(door: Build) -> None:
    one = door({"presets": {"sticker": {"kind": "illustration"}}})
    (one.folder / "sticker").mkdir()
    lay(one)
    one.drop(JOB, "sticker/job.yaml")
    one.settle()
    assert one.jobs() == []
    lay(one, picture("blue"), "sticker/village.png")
    one.settle()
    assert kept(one) == [picture("blue")]
    assert one.lying() == ["village.png"]
    assert one.lying("sticker") == []


def test_a_picture_for_many_jobs_lies_in_my_control_and_stays_there(door: Build) -> None:
    one = door()
    shared = one.house.root / "my" / "control"
    shared.mkdir(parents=True)
    (shared / "village.png").write_bytes(picture("blue"))
    one.drop(JOB)
    one.settle()
    assert kept(one) == [picture("blue")]
    assert one.lying("accepted") == [name for name in taken(one, one.ids()[0]) if "village" not in name]
    lay(one, picture("red"))
    one.drop(JOB, "near.yaml")
    one.settle()
    assert kept(one)[1] == picture("red")  # beside the file is nearer


def test_a_waiting_file_finds_a_picture_that_comes_into_my_control(door: Build) -> None:
    one = door()
    one.drop(JOB)
    one.settle()
    shared = one.house.root / "my" / "control"
    shared.mkdir(parents=True)
    (shared / "Village.png").write_bytes(picture())
    one.turn(RESCAN)
    assert len(one.ids()) == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"no picture", "can't be read as a picture"),
        (b"", "can't be read as a picture"),
        (picture(size=(10_000, 9_000)), "has more than 89 million pixels"),
    ],
    ids=["words", "empty", "bomb"],
)
def test_what_can_not_be_used_refuses_the_file_in_words_and_stays(door: Build, data: bytes, told: str) -> None:
    one = door()
    lay(one, data)
    one.drop(JOB)
    one.turn(RESCAN)
    one.turn(QUIET * 20)  # an empty file gets longer
    assert told in one.note("rejected", "job.yaml")
    assert one.lying() == ["village.png"]
    lay(one)
    (one.folder / "rejected" / "job.yaml").rename(one.folder / "job.yaml")
    one.settle()
    assert kept(one) == [picture()]


def test_a_huge_file_that_is_called_a_picture_is_refused_without_reading_it_all(door: Build) -> None:
    one = door()
    os.truncate(lay(one), 5 << 30)
    one.drop(JOB)
    one.settle()
    assert "larger than 64 MiB" in one.note("rejected", "job.yaml")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/etc/hostname")])
def test_what_is_no_file_is_no_picture(door: Build, make: Callable[[Path], None]) -> None:
    one = door()
    make(one.folder / "village.png")
    one.drop(JOB)
    one.settle()
    assert one.jobs() == one.lying("rejected") == []


def test_the_same_pair_again_is_the_same_job_and_both_go_away(door: Build) -> None:
    one = door()
    for _ in range(2):
        lay(one)
        one.drop(JOB)
        one.settle()
    assert len(one.ids()) == 1
    assert one.lying() == []


def test_the_same_file_with_another_picture_leaves_that_picture_to_its_owner(door: Build) -> None:
    one = door()
    for colour in ("red", "blue"):
        lay(one, picture(colour))
        one.drop(JOB)
        one.settle()
    assert len(one.ids()) == 1
    assert one.lying() == ["village.png"]


def test_a_newer_version_replaces_the_job_and_keeps_its_picture(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    one.settle()
    lay(one)
    one.drop(f"{JOB}count: 2\n")
    one.settle()
    first, second = one.ids()
    assert one.house.app.ledger.jobs.get(first)["cancelled"]
    assert not one.house.app.ledger.jobs.get(second)["cancelled"]
    assert one.lying() == []


def test_taking_the_job_file_away_cancels_though_its_picture_stays(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    one.settle()
    (job,) = one.ids()
    (one.folder / "accepted" / f"{job}_job.yaml").unlink()
    one.turn(RESCAN)
    one.turn(QUIET)
    assert one.house.app.ledger.jobs.get(job)["cancelled"]


def test_taking_the_picture_away_cancels_nothing(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    one.settle()
    (job,) = one.ids()
    (one.folder / "accepted" / f"{job}_village.png").unlink()
    one.turn(RESCAN)
    one.turn(QUIET)
    assert not one.house.app.ledger.jobs.get(job)["cancelled"]
    one.house.work()
    assert len(one.house.pictures(job)) == 1


# -- whatever happens on the way -----------------------------------------------------------------------------------


def take(one: Door) -> None:
    """Up to the commit and the move of the job file, as if killed right after."""
    path = one.folder / "job.yaml"
    with one.intake.batch():
        one.intake.take("job.yaml", path.read_bytes(), facts_of(path).arrival)


def see(one: Door) -> None:
    """A picture and a job file have settled, and nothing was taken."""
    lay(one)
    one.turn(RESCAN)
    one.turn(QUIET)
    one.drop(JOB)


def test_killed_before_the_commit_both_are_taken_at_the_next_start(door: Build) -> None:
    one = door()
    see(one)
    with pytest.raises(KeyboardInterrupt), one.intake.batch():
        path = one.folder / "job.yaml"
        one.intake.take("job.yaml", path.read_bytes(), facts_of(path).arrival)
        one.intake.companions.moving.note()
        raise KeyboardInterrupt
    one.again()
    assert one.lying() == ["job.yaml", "village.png"]
    one.settle()
    assert len(one.ids()) == 1
    assert one.lying() == []
    assert kept(one) == [picture()]


def test_killed_before_the_picture_was_moved_it_is_moved_at_the_next_start(door: Build) -> None:
    one = door()
    see(one)
    take(one)
    assert one.lying() == ["village.png"]
    one.again()
    one.settle()
    (job,) = one.ids()
    assert one.lying() == []
    assert one.lying("accepted") == taken(one, job)
    assert json.loads((one.house.app.places.references / NOTED).read_bytes()) == []


def test_killed_before_anything_was_moved_both_are_moved_at_the_next_start(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    with unwritable(one.folder):
        one.settle()
    one.again()
    one.settle()
    (job,) = one.ids()
    assert one.lying() == []
    assert one.lying("accepted") == taken(one, job)


def test_a_picture_is_moved_also_where_its_disk_has_another_number_after_a_power_cut(door: Build) -> None:
    one = door()
    see(one)
    take(one)
    noted = one.house.app.places.references / NOTED
    told = json.loads(noted.read_bytes())
    known = facts_of(one.folder / "village.png")
    told[0]["arrival"] = replace(known, device=known.device + 1).arrival
    noted.write_text(json.dumps(told))
    one.again()
    one.settle()
    assert one.lying() == []


def test_killed_with_a_picture_that_its_owner_has_replaced_since_the_new_one_stays(door: Build) -> None:
    one = door()
    see(one)
    take(one)
    (one.folder / "new").write_bytes(picture("blue"))
    (one.folder / "new").replace(one.folder / "village.png")
    one.again()
    one.settle()
    assert one.lying() == ["village.png"]


def test_a_note_of_pictures_that_was_damaged_ends_nothing(door: Build) -> None:
    one = door()
    (one.house.app.places.references / NOTED).write_bytes(b"{")
    one.again()
    lay(one)
    one.drop(JOB)
    one.settle()
    assert one.lying() == []


def test_a_picture_that_cannot_be_moved_is_used_once_and_told_once_and_moved_when_it_can_be(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    with unwritable(one.folder):
        for _ in range(4):
            one.settle()
    (job,) = one.ids()
    assert [reason for file, reason in one.told() if file == "village.png" and "moved" in str(reason)] != []
    assert len([reason for file, reason in one.told() if "can't be moved" in str(reason)]) == 2  # it and its job file
    for _ in range(3):
        one.settle()
    assert one.lying() == []
    assert one.lying("accepted") == taken(one, job)


def test_a_full_disk_takes_nothing_and_loses_nothing(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    references = one.house.app.places.references
    with unwritable(references):
        one.settle()
    assert one.jobs() == []
    assert one.lying() == ["job.yaml", "village.png"]
    one.turn(RESCAN)
    one.turn(QUIET)
    assert len(one.ids()) == 1
    assert one.lying() == []


class Counting(References):
    """Knows how often it stored something."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.stored = 0

    def store(self, data: bytes, name: str) -> str:
        """As it, counted."""
        self.stored += 1
        return super().store(data, name)


def test_a_thousand_files_read_their_picture_once(door: Build) -> None:
    one = door()
    one.intake.companions.pictures._references = counting = Counting(one.house.app.places.references)
    lay(one)
    for number in range(30):
        one.drop(f"{JOB}seed: {number}\n", f"job {number}.yaml")
    one.settle()
    assert len(one.ids()) == 30
    assert len({control.image for control in controls(one)}) == 1
    assert counting.stored == 1
    assert one.lying() == []


def test_a_picture_for_many_jobs_is_read_once_and_again_when_it_was_swept_meanwhile(door: Build) -> None:
    one = door()
    one.intake.companions.pictures._references = counting = Counting(one.house.app.places.references)
    shared = one.house.root / "my" / "control"
    shared.mkdir(parents=True)
    (shared / "village.png").write_bytes(picture())
    for number in range(3):
        one.drop(JOB, f"job {number}.yaml")
    one.settle()
    assert counting.stored == 1
    (one.house.app.places.references / controls(one)[0].image).unlink()  # those jobs are done, and days have gone by
    one.drop(JOB, "later.yaml")
    one.settle()
    assert kept(one) == [picture()] * 4
    assert counting.stored == 2
    (shared / "village.png").write_bytes(picture("blue"))
    one.drop(JOB, "last.yaml")
    one.settle()
    assert kept(one)[-1] == picture("blue")


def test_a_kept_picture_goes_when_its_job_is_done_and_not_before(door: Build) -> None:
    one = door()
    lay(one)
    one.drop(JOB)
    one.settle()
    (control,) = controls(one)
    file = one.house.app.places.references / control.image
    os.utime(file, (0, 0))
    one.turn(90_000.0)
    assert file.exists()
    one.house.work()
    os.utime(file, (0, 0))
    one.turn(90_000.0)
    assert not file.exists()
