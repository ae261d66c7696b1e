"""What ended without a picture is made once more when somebody asks: no more than that, and never twice."""

from __future__ import annotations

from collections.abc import Callable

from stockgen.pipeline.commands import Command
from tests.house import House, broken_promises
from tests.pipeline.stage import attempts, busy_pool, command, states

Build = Callable[..., House]
THREE = "- {prompt: a sea, size: 64x64}\n- {prompt: a sea refuse, size: 64x64, seed: 7}\n- {prompt: sky, size: 64x64}\n"


def mended(one: House) -> None:
    """The first provider refuses some words for ever; give every chain a second one."""
    one.config_path.write_text(one.config_path.read_text("utf-8").replace("auto:\n  - scripted", "auto:\n  - second"))
    one.again()


def refused(one: House, job: str) -> tuple[str, str]:
    answer = one.app.desk.apply(Command(id=f"r{job}{one.app.clock.monotonic()}", name="retry", arguments={"job": job}))
    return answer.result, answer.told[0].code


def closed(one: House, job: str) -> bool:
    return bool(one.app.ledger.jobs.get(job)["state"] == "closed")


def test_a_closed_job_gets_a_follow_up_with_only_what_it_lacks(house: Build) -> None:
    one = house(thread=True)
    first = one.make(THREE)
    before = sorted(path.name for path in one.folder(first).rglob("*"))
    mended(one)
    told, note = command(one, "retry", job=first)
    follow = told.facts["job"]
    assert (told.code, told.facts["pictures"]) == ("command.retried_anew", 1)
    assert (note.code, note.facts) == ("job.refused", {"provider": "scripted", "pictures": 1})
    one.work(lambda: closed(one, follow))
    row = one.app.ledger.jobs.get(follow)
    assert (row["kind"], row["parent_id"], row["result"]) == ("retry", first, "done")
    (shot,) = one.shots(follow)
    assert (shot["prompt"], shot["seed"]) == (one.shots(first)[1]["prompt"], 7)  # what somebody chose stays
    assert len(one.pictures(follow)) == 1
    assert sorted(path.name for path in one.folder(first).rglob("*")) == before  # a final folder stays as it is
    assert broken_promises(one.app.ledger) == {}


def test_asked_twice_the_same_pictures_are_not_made_twice(house: Build) -> None:
    one = house(thread=True)
    first = one.make(THREE)
    mended(one)
    follow = command(one, "retry", job=first)[0].facts["job"]
    assert refused(one, first) == ("refused", "command.nothing_lacks")  # the follow-up is at it
    one.work(lambda: closed(one, follow))
    assert refused(one, first) == ("refused", "command.nothing_lacks")
    assert len(one.app.ledger.jobs.listed()) == 2


def test_an_open_job_makes_what_failed_in_itself_and_its_past_is_no_hindrance(house: Build) -> None:
    one = house(thread=True)
    job = one.order("- {prompt: a sea, size: 64x64}\n- {prompt: a sea oom, size: 64x64}\n")
    with busy_pool(one):  # the first picture is not finished, so the job stays open
        one.work(lambda: states(one, job) == [("rendered", None), ("failed", "out_of_memory")])
        tried = len(attempts(one, job))
        (told,) = command(one, "retry", job="last")
        assert (told.code, told.facts["job"]) == ("command.retried", job)
        assert [shot["starts"] for shot in one.shots(job)] == [1, 0]
        one.work(lambda: states(one, job)[1][0] == "failed")
    assert len(attempts(one, job)) == 2 * tried - 1  # as many goes as the first time, on record with them
    one.work(lambda: closed(one, job))


def test_a_job_without_a_fault_has_nothing_to_be_made_again(house: Build) -> None:
    one = house(thread=True)
    job = one.make("prompt: a sea\nsize: 64x64\n")
    assert refused(one, job) == ("refused", "command.nothing_lacks")
    assert refused(one, "zzzzz") == ("refused", "command.no_job")


def test_what_was_cancelled_is_made_when_its_author_thinks_better_of_it(house: Build) -> None:
    one = house(thread=True)
    command(one, "pause")
    job = one.order("prompt: a sea\nsize: 64x64\ncount: 2\n")
    one.work()
    command(one, "cancel", job=job)
    one.work(lambda: closed(one, job))
    command(one, "resume")
    follow = command(one, "retry", job=job)[0].facts["job"]
    one.work(lambda: closed(one, follow))
    assert len(one.pictures(follow)) == 2


def test_a_follow_up_whose_planning_was_killed_goes_on_where_it_was(house: Build) -> None:
    one = house(thread=True)
    command(one, "pause")
    job = one.order("prompt: a sea\nsize: 64x64\ncount: 6\n")
    one.work()
    command(one, "cancel", job=job)
    one.work(lambda: closed(one, job))
    follow = command(one, "retry", job=job)[0].facts["job"]
    planner = one.app.engine.parts.planner
    planning = planner._begin()
    assert planning
    planner._advance(planning)
    planner._advance(planning)
    one.again()
    command(one, "resume")
    one.work(lambda: closed(one, follow))
    assert len(one.pictures(follow)) == 6
    assert len({shot["seed"] for shot in one.shots(follow)}) == 6


def test_who_has_pictures_made_again_whose_words_were_refused_hears_that_they_are_not_sent_again(house: Build) -> None:
    one = house({"chains": {"auto": ["scripted"]}}, thread=True)
    first = one.make("prompt: a sea refuse\nsize: 64x64\ncount: 2\n")
    told, note = command(one, "retry", job=first)
    assert (note.code, note.facts) == ("job.refused", {"provider": "scripted", "pictures": 2})
    one.work(lambda: closed(one, told.facts["job"]))
    assert attempts(one, told.facts["job"]) == []  # those words were not sent there
    again, note = command(one, "retry", job=first)  # all were passed over: nobody was tried this time
    assert note.facts["pictures"] == 2
    one.work(lambda: closed(one, again.facts["job"]))


def test_an_open_job_whose_words_were_refused_does_not_say_that_nothing_failed(house: Build) -> None:
    one = house({"chains": {"auto": ["scripted"]}}, thread=True)
    job = one.order("- {prompt: a sea, size: 64x64}\n- {prompt: a sea refuse, size: 64x64}\n")
    with busy_pool(one):
        one.work(lambda: [state for state, _ in states(one, job)] == ["rendered", "failed"])
        assert refused(one, job) == ("refused", "job.refused")
    one.work(lambda: closed(one, job))
