"""What people do in the outbox is understood, and nothing is concluded from a disk that went."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stockgen.domain.errors import UsageError
from stockgen.domain.words import Remark
from stockgen.pipeline.baskets.opinions import numbers, said
from stockgen.pipeline.baskets.outbox import MANY_JOBS, MANY_PICTURES, Seen
from stockgen.pipeline.commands import Command
from tests.house import House
from tests.pipeline.stage import command

Build = Callable[..., House]
TWO = "- {prompt: a calm sea, size: 64x64, count: 2}\n"
FLAT = "- {prompt: a flat sea, size: 64x64}\n- {prompt: a tree, size: 64x64}\n"


def look(one: House) -> Seen:
    return one.app.baskets.look()


def states(one: House, job: str) -> list[str]:
    """By file number."""
    return [row["state"] for row in one.app.ledger.assets.of_job(job)]


def picture(one: House, job: str, number: int) -> Path:
    """The one of this file number in its job's images."""
    (path,) = one.folder(job).glob(f"images/*-{number:03d}.jpg")
    return path


def refused(one: House, name: str, **arguments: str) -> Remark:
    answer = one.app.desk.apply(Command(id=f"no{one.app.clock.monotonic()}", name=name, arguments=arguments))
    assert answer.result == "refused"
    return answer.told[0]


def in_review(one: House) -> Path:
    (path,) = one.outbox.glob("review/*/*")
    return path


# -- looking ---------------------------------------------------------------------------------------------------


def test_a_deleted_picture_is_dropped_and_is_back_when_it_is_there_again(house: Build) -> None:
    one = house(thread=True)
    job = one.make(TWO)
    first = picture(one, job, 1)
    data = first.read_bytes()
    first.unlink()
    assert look(one) == Seen(dropped=1)
    assert states(one, job) == ["dropped", "ready"]
    assert look(one) == Seen()
    first.write_bytes(data)
    assert look(one) == Seen(restored=1)
    assert states(one, job) == ["ready", "ready"]


def test_to_look_where_nothing_has_changed_writes_nothing(house: Build) -> None:
    one = house(thread=True)
    one.make(FLAT)
    look(one)
    before = one.app.ledger.changes
    look(one)
    assert one.app.ledger.changes == before


def test_a_picture_that_is_moved_out_of_review_into_its_jobs_images_is_approved(house: Build) -> None:
    one = house(thread=True)
    job = one.make(FLAT)
    apart = in_review(one)
    apart.rename(one.folder(job) / "images" / apart.name)
    assert look(one) == Seen(approved=1)
    assert states(one, job) == ["ready", "ready"]
    assert one.states() == {"done": 2}
    (one.folder(job) / "images" / apart.name).rename(apart)
    look(one)
    assert {*states(one, job)} == {"review", "ready"}
    assert one.states() == {"done": 1, "review": 1}


def test_an_approved_picture_goes_into_a_basket(shop: Build) -> None:
    one = shop()
    job = one.make("- {prompt: a flat sea, title: Sea, tags: 'sea, wave', size: 64x64, markets: [adobe_stock]}\n")
    apart, images = in_review(one), one.folder(job) / "images"
    images.mkdir()  # none of its pictures was fine by itself
    apart.rename(images / apart.name)
    command(one, "basket")
    assert [path.name for path in one.outbox.glob("upload/*/*/1_pictures/*")] == [apart.name]


def test_a_picture_that_is_deleted_from_review_is_dropped_and_no_longer_to_be_looked_at(house: Build) -> None:
    one = house(thread=True)
    job = one.make(FLAT)
    in_review(one).unlink()
    assert look(one).dropped == 1
    assert {*states(one, job)} == {"dropped", "ready"}
    assert one.states() == {"done": 2}


@pytest.mark.parametrize("gone", ["", "images", "info", "info/job.json"])
def test_a_folder_that_was_moved_away_is_no_opinion(house: Build, gone: str) -> None:
    one = house(thread=True)
    job = one.make(TWO)
    (one.folder(job) / gone).rename(one.root / "elsewhere")
    for path in one.pictures(job):
        path.unlink()
    assert look(one) == Seen(away=frozenset({job}))
    assert states(one, job) == ["ready", "ready"]


def test_a_folder_of_review_that_was_moved_away_is_no_opinion(house: Build) -> None:
    one = house(thread=True)
    job = one.make(FLAT)
    in_review(one).parent.rename(one.root / "elsewhere")
    assert look(one).dropped == 0
    assert {*states(one, job)} == {"review", "ready"}


def test_an_outbox_whose_disk_is_gone_is_no_opinion(house: Build) -> None:
    one = house(thread=True)
    job = one.make(FLAT)
    one.outbox.rename(one.root / "unmounted")
    assert look(one) == Seen(away=frozenset({job}))
    one.outbox.mkdir()
    assert look(one) == Seen(away=frozenset({job}))
    one.outbox.rmdir()
    (one.root / "unmounted").rename(one.outbox)
    assert look(one) == Seen()
    assert {*states(one, job)} == {"review", "ready"}


def test_a_job_that_is_emptied_alone_was_not_liked(house: Build) -> None:
    one = house(thread=True)
    job = one.make(TWO)
    for path in one.pictures(job):
        path.unlink()
    assert look(one) == Seen(dropped=2)


def test_many_jobs_that_are_emptied_at_once_were_carried_away(house: Build) -> None:
    one = house(thread=True)
    each = -(-MANY_PICTURES // MANY_JOBS)
    jobs = [one.make(f"- {{prompt: a sea {number}, size: 64x64, count: {each}}}\n") for number in range(MANY_JOBS + 1)]
    kept = one.pictures(jobs[0])[0].read_bytes()
    names = [one.pictures(job) for job in jobs]
    for path in (path for paths in names[:-1] for path in paths):
        path.unlink()
    assert look(one) == Seen(away=frozenset(jobs[:-1]))
    assert states(one, jobs[0]) == ["ready"] * each
    for path in names[-1]:  # one more, later: that is a judgement
        path.unlink()
    assert look(one) == Seen(dropped=each, away=frozenset(jobs[:-1]))
    names[0][0].write_bytes(kept)  # one came back: so the others of that job were left behind on purpose
    assert look(one) == Seen(dropped=each - 1, away=frozenset(jobs[1:-1]))


# -- by number -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3", (3,)),
        ("3 7-9", (3, 7, 8, 9)),
        ("3,7~9", (3, 7, 8, 9)),
        ("3번, 7 – 9번", (3, 7, 8, 9)),
        ("３、５", (3, 5)),
        ("9-7 8 #3", (7, 8, 9, 3)),
        ("003", (3,)),
    ],
)
def test_numbers_as_people_write_them(text: str, found: tuple[int, ...]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize("text", ["", "three", "0", "3-", "-3", "1-5000", "3.5", "all"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        numbers(text)


def test_numbers_are_told_as_they_were_written() -> None:
    assert said((9, 3, 7, 8)) == "3, 7-9"


def test_a_picture_is_dropped_by_its_number_and_its_file_stays(shop: Build) -> None:
    one = shop()
    job = one.make("- {prompt: a calm sea, size: 64x64, count: 3, markets: [adobe_stock], tags: 'sea, wave'}\n")
    (told,) = command(one, "drop", numbers="1 3", job="last")
    assert (told.code, told.facts["job"], told.facts["numbers"]) == ("command.dropped", job, "1, 3")
    assert len(one.pictures(job)) == 3
    assert look(one) == Seen()  # that its file is there is no sign that it is liked after all
    assert states(one, job) == ["dropped", "ready", "dropped"]
    command(one, "basket")
    assert [path.stem[-3:] for path in one.outbox.glob("upload/*/*/1_pictures/*")] == ["002"]
    command(one, "keep", numbers="3", job=job)
    assert states(one, job) == ["dropped", "ready", "ready"]


def test_a_picture_is_kept_where_it_lies_in_review_and_goes_into_a_basket(shop: Build) -> None:
    one = shop()
    job = one.make("- {prompt: a flat sea, title: Sea, tags: 'sea, wave', size: 64x64, markets: [adobe_stock]}\n")
    apart = in_review(one)
    command(one, "keep", numbers="1", job=job)
    assert look(one) == Seen()
    assert (states(one, job), one.states(), apart.exists()) == (["ready"], {"done": 1}, True)
    command(one, "basket")
    assert [path.name for path in one.outbox.glob("upload/*/*/1_pictures/*")] == [apart.name]
    apart.unlink()
    assert look(one).dropped == 1  # to be kept it must be there


def test_a_number_that_there_is_no_picture_of_refuses_all_of_them_by_name(house: Build) -> None:
    one = house(thread=True)
    job = one.make(TWO)
    told = refused(one, "drop", numbers="1 7-9", job=job)
    assert (told.code, told.facts["numbers"]) == ("command.no_pictures", "7-9")
    assert states(one, job) == ["ready", "ready"]
    assert refused(one, "drop", numbers="1", job="zzzzz").code == "command.no_job"
    assert refused(one, "drop", numbers="one", job=job).code == "error.no_number"


def test_what_is_no_longer_there_can_not_be_kept(house: Build) -> None:
    one = house(thread=True)
    job = one.make(TWO)
    picture(one, job, 1).unlink()
    look(one)
    told = refused(one, "keep", numbers="1-2", job=job)
    assert (told.code, told.facts["numbers"]) == ("command.pictures_gone", "1")
    assert states(one, job) == ["dropped", "ready"]


def test_what_was_approved_by_hand_a_moment_ago_can_be_kept_as_well(house: Build) -> None:
    one = house(thread=True)
    job = one.make(FLAT)
    apart = in_review(one)
    apart.rename(one.folder(job) / "images" / apart.name)
    command(one, "keep", numbers="1-2", job=job)
    assert states(one, job) == ["ready", "ready"]


def test_who_drops_a_picture_that_lies_in_a_basket_is_told_where(shop: Build) -> None:
    one = shop()
    one.make("- {prompt: a calm sea, size: 64x64, markets: [adobe_stock], tags: 'sea, wave'}\n")
    command(one, "basket")
    (basket,) = one.outbox.glob("upload/*/*")
    told = command(one, "drop", numbers="1")
    assert told[1].facts["paths"] == [str(basket.relative_to(one.outbox))]
    one.app.ledger._db.write("UPDATE submissions SET state = 'uploaded'")
    assert len(command(one, "drop", numbers="1")) == 1


def test_a_picture_of_an_open_job_can_be_judged_as_soon_as_it_is_there(house: Build) -> None:
    one = house(thread=True)
    job = one.order("- {prompt: a flat sea, size: 64x64}\n- {prompt: a slow sea, size: 64x64}\n")
    one.work(lambda: one.states().get("review") == 1)
    command(one, "keep", numbers="1", job=job)
    command(one, "cancel", job=job)
    one.work(lambda: one.app.ledger.jobs.get(job)["state"] == "closed")
    assert states(one, job)[0] == "ready"
