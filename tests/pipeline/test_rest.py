"""A job that waits for too long ends with what it has, and another one makes the rest: each picture once, none lost,
and whoever speaks of the one means the other, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from stockgen.app.restoring import restore
from stockgen.domain.protocols import Held
from stockgen.domain.words import Place
from stockgen.ledger import FILE_NAME
from stockgen.ledger.care import copied
from stockgen.ledger.jobs import remarks_of
from tests.house import House, broken_promises, litter
from tests.pipeline.dying import Died, Doomed, fates
from tests.pipeline.stage import attempts, command, restart, states
from tests.still import StillClock, turned

Build = Callable[..., House]
DAY = 86400.0
# Two pictures that can be made at once and two that can't while the provider `second` is held.
HALF = (
    "- {prompt: a calm sea, size: 64x64, count: 2}\n"
    "- {prompt: a high hill, size: 64x64, model: second, count: 2, seed: 7}\n"
)


class Forbidding:
    """A hold of the provider `second`, or of some `shots` of it, until it is lifted."""

    def __init__(self) -> None:
        self.on, self.shots = True, frozenset[int]()
        self.until: float | None = None

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        held = Held(hold="money", reason="no money", until=self.until, providers=frozenset({"second"}),
                    shots=self.shots)  # fmt: skip
        return (held,) if self.on else ()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def hold() -> Forbidding:
    return Forbidding()


@pytest.fixture
def half(house: Build, clock: StillClock, hold: Forbidding) -> tuple[House, str]:
    """A house with a job of which two pictures are done and two wait, and nothing else goes on."""
    one = house(thread=True, clock=clock)
    one.app.engine.heed(hold)
    job = one.order(HALF)
    turned(one, clock, lambda: half_done(one, job))
    return one, job


def half_done(one: House, job: str) -> bool:
    return [state for state, _ in states(one, job)] == ["done", "done", "planned", "planned"] and one.app.engine.idle


def closed(one: House, job: str) -> bool:
    return bool(one.app.ledger.jobs.get(job)["state"] == "closed")


def passed(one: House, clock: StillClock, seconds: float) -> None:
    """Let so much time pass, and the engine turn now and then."""
    for _ in range(8):
        clock.now += seconds / 8
        one.turn()


def split(half: tuple[House, str], clock: StillClock) -> tuple[House, str, str]:
    """The same house after a day: the job that ended, and the one with its rest."""
    one, job = half
    passed(one, clock, DAY + 120)
    turned(one, clock, lambda: closed(one, job))
    rest = one.app.ledger.retries.rest(job)
    assert rest
    return one, job, rest


# -- when ------------------------------------------------------------------------------------------------------


def test_it_waits_a_day_and_then_ends_with_what_it_has(half, clock) -> None:
    one, job = half
    passed(one, clock, DAY - 600)
    assert not closed(one, job)
    one, job, rest = split(half, clock)
    row = one.app.ledger.jobs.get(job)
    assert row["result"] == "partial"
    (why,) = [remark for remark in remarks_of(row["remarks"]) if remark.code == "close.rest"]
    assert (why.facts["rest"], why.facts["pictures"]) == (rest, 2)
    assert "24 h" in one.app.catalogue.say.tell(why)
    summary = json.loads((one.folder(job) / "info" / "job.json").read_bytes())
    assert (summary["result"], summary["rest"], summary["shots"]) == ("partial", rest, {"done": 2})
    assert (one.folder(job) / "sheet-1.jpg").exists()
    assert states(one, rest) == [("planned", None)] * 2
    assert one.app.ledger.schedules.coming() == {}


def test_the_rest_is_made_as_it_was_meant_to_be_in_a_folder_of_its_own(half, clock, hold) -> None:
    one, job = half
    before = one.shots(job)[2:]
    one, job, rest = split(half, clock)
    mine = sorted(path.name for path in one.folder(job).rglob("*"))
    hold.on = False
    turned(one, clock, lambda: closed(one, rest))
    row, parent = one.app.ledger.jobs.get(rest), one.app.ledger.jobs.get(job)
    assert (row["kind"], row["parent_id"], row["result"]) == ("rest", job, "done")
    assert row["folder"] != parent["folder"]
    assert [one.shots(rest)[at]["id"] for at in (0, 1)] == [shot["id"] for shot in before]
    assert [shot["seed"] for shot in one.shots(rest)] == [7, 8]
    assert sorted(path.name[-7:] for path in one.pictures(rest)) == ["001.jpg", "002.jpg"]
    assert len(attempts(one, job)) == len(attempts(one, rest)) == 2
    assert sorted(path.name for path in one.folder(job).rglob("*")) == mine  # a final folder stays as it is
    assert litter(one.root) == []


def test_pictures_that_keep_coming_are_no_waiting(half, clock, hold) -> None:
    one, job = half
    passed(one, clock, 0.9 * DAY)
    hold.shots = frozenset({one.shots(job)[3]["id"]})
    turned(one, clock, lambda: states(one, job)[2][0] == "done")
    passed(one, clock, 0.9 * DAY)
    assert not closed(one, job)
    one, job, rest = split((one, job), clock)
    assert (len(one.shots(job)), len(one.shots(rest))) == (3, 1)


def test_a_job_of_which_nothing_is_done_has_nothing_to_end_with(house: Build, clock, hold) -> None:
    one = house(thread=True, clock=clock)
    one.app.engine.heed(hold)
    job = one.order("prompt: a high hill\nsize: 64x64\nmodel: second\n")
    turned(one, clock, lambda: states(one, job) == [("planned", None)])
    passed(one, clock, 30 * DAY)
    assert states(one, job) == [("planned", None)]
    assert len(one.app.ledger.jobs.listed()) == 1


def test_a_weekend_of_pause_parts_no_job_and_what_forbids_it_after_that_counts_again(half, clock, hold) -> None:
    one, job = half
    command(one, "pause")
    hold.on = False
    passed(one, clock, 3 * DAY)
    assert not closed(one, job)
    command(one, "resume")
    turned(one, clock, lambda: closed(one, job))
    assert one.app.ledger.jobs.get(job)["result"] == "done"


def test_what_money_forbids_for_a_month_is_parted_whatever_the_nights_are(half, clock, hold) -> None:
    """A computer that is off at night must not begin to count anew each morning."""
    one, job = half
    for _ in range(3):
        clock.now += 0.6 * DAY
        one.again()
        one.app.engine.heed(hold)
        one.turn(3)
    turned(one, clock, lambda: closed(one, job))
    assert one.app.ledger.retries.rest(job)


def test_what_only_waits_for_its_turn_waits_while_we_run_and_not_while_the_computer_is_off(half, clock) -> None:
    one, job = half
    rests = one.app.engine.parts.rests
    clock.now += 3 * DAY
    one.again()
    rests = one.app.engine.parts.rests
    rests.step(clock.monotonic(), False, lambda _: True)  # its turn may come at any moment
    clock.now += 0.9 * DAY
    rests.step(clock.monotonic(), False, lambda _: True)
    assert one.app.ledger.retries.rest(job) is None
    clock.now += 0.2 * DAY
    rests.step(clock.monotonic(), False, lambda _: True)
    assert one.app.ledger.retries.rest(job)


def test_a_hold_that_ends_within_a_minute_is_no_reason_yet(half, clock, hold) -> None:
    one, job = half
    clock.now += 3 * DAY
    hold.until = clock.wall() + 30.0
    one.again()
    one.app.engine.heed(hold)
    one.turn(3)
    assert one.app.ledger.retries.rest(job) is None


def test_a_reload_changes_how_long_it_waits(half, clock) -> None:
    one, job = half
    outbox = one.app.catalogue.config.outbox.model_copy(update={"close_after": 600.0})
    one.app.reload(one.app.catalogue.config.model_copy(update={"outbox": outbox}))
    passed(one, clock, 900.0)
    turned(one, clock, lambda: closed(one, job))
    assert one.app.ledger.jobs.get(job)["result"] == "partial"


# -- nothing is lost -------------------------------------------------------------------------------------------


def test_a_death_at_any_step_parts_a_job_once_and_makes_each_picture_once(house: Build, clock, hold) -> None:
    one = house(thread=True, clock=clock)
    seen = set[bool]()
    for fate in fates():
        one.app.engine.heed(hold)
        hold.on = True
        job = one.order(HALF.replace(", count: 2", ""))
        turned(one, clock, lambda job=job: [state for state, _ in states(one, job)] == ["done", "planned"])
        clock.now += 10.0
        with suppress(Died):
            Doomed(one, fate).split()
        seen.add(one.app.ledger.retries.rest(job) is None)
        assert broken_promises(one.app.ledger) == {}
        restart(one)
        one.app.engine.heed(hold)
        hold.on = False
        turned(one, clock, lambda: one.app.engine.idle and not one.app.ledger.jobs.by_state().get("open"))
        line = one.app.ledger.retries.line(job)
        assert [one.app.ledger.jobs.get(each)["result"] for each in line] in (["done"], ["partial", "done"])
        assert sum(len(one.pictures(each)) for each in line) == 2
        assert sum(len(attempts(one, each)) for each in line) == 2
        assert litter(one.root) == []
    assert seen == {True, False}  # it died before and after it


def test_what_was_refused_once_is_not_asked_again_by_the_rest(house: Build, clock, hold) -> None:
    one = house({"chains": {"auto": ["scripted"], "both": ["scripted", "second"]}}, thread=True, clock=clock)
    one.app.engine.heed(hold)
    job = one.order("- {prompt: a sea, size: 64x64}\n- {prompt: a refuse hill, size: 64x64, model: both}\n")
    turned(one, clock, lambda: [state for state, _ in states(one, job)] == ["done", "planned"])
    turned(one, clock, lambda: len(attempts(one, job)) == 2)
    one, job, rest = split((one, job), clock)
    hold.on = False
    turned(one, clock, lambda: closed(one, rest))
    assert attempts(one, rest) == [("scripted", "failed", "Refused"), ("second", "rendered", None)]
    assert attempts(one, job) == [("scripted", "rendered", None)]


def test_what_a_schedule_asked_for_keeps_its_hours_in_the_rest(house: Build, clock) -> None:
    one = house({"gpu": {"devices": ["cpu"], "hours": "00:00-00:01"},
                 "providers": {"scripted": {"place": "gpu"}, "second": {"place": "net"}}}, clock=clock)  # fmt: skip
    ledger = one.app.ledger
    job = one.order("- {prompt: a sea, size: 64x64, model: second}\n- {prompt: a hill, size: 64x64}\n", kind="schedule")
    turned(one, clock, lambda: [state for state, _ in states(one, job)] == ["done", "planned"])
    passed(one, clock, 1.2 * DAY)
    turned(one, clock, lambda: closed(one, job))
    rest = ledger.retries.rest(job)
    assert rest
    held = {held.hold: shots for _, held, shots in one.app.engine.held()}
    assert held == {"gpu_hours": 1}
    command(one, "cancel", job=rest)


# -- who speaks of the one means the other ---------------------------------------------------------------------


def test_cancelling_a_job_that_has_ended_cancels_its_rest(half, clock) -> None:
    one, job, rest = split(half, clock)
    (told,) = command(one, "cancel", job=job)
    assert (told.code, told.facts) == ("command.cancelled_rest", {"job": job, "rest": rest})
    turned(one, clock, lambda: closed(one, rest))
    assert one.app.ledger.jobs.get(rest)["result"] == "cancelled"
    assert not one.folder(rest).exists()  # nothing of it was begun
    assert one.app.ledger.jobs.get(job)["result"] == "partial"


def test_last_is_what_somebody_asked_for_and_not_what_came_by_itself(half, clock) -> None:
    one, job = half
    assert one.app.ledger.jobs.latest() == job
    one, job, rest = split(half, clock)
    assert one.app.ledger.jobs.latest() == job
    assert [row["id"] for row in one.app.ledger.jobs.listed()] == [rest, job]


def test_retry_makes_what_the_job_and_its_rest_lack_once(house: Build, clock, hold) -> None:
    one = house(thread=True, clock=clock)
    one.app.engine.heed(hold)
    job = one.order(
        "- {prompt: a sea, size: 64x64}\n- {prompt: a refuse sea, size: 64x64}\n"
        "- {prompt: a hill, size: 64x64, model: second}\n"
    )
    turned(one, clock, lambda: [state for state, _ in states(one, job)] == ["done", "failed", "planned"])
    one, job, rest = split((one, job), clock)
    command(one, "cancel", job=rest)
    turned(one, clock, lambda: closed(one, rest))
    told = [remark for remark in command(one, "retry", job=job) if "of" in remark.facts]  # beside what was refused
    assert [remark.facts["of"] for remark in told] == [job, rest]
    follow = [remark.facts["job"] for remark in told]
    hold.on = False
    turned(one, clock, lambda: all(closed(one, each) for each in follow))
    assert [one.app.ledger.jobs.get(each)["result"] for each in follow] == ["failed", "done"]
    assert one.app.ledger.retries.makers(job) == follow


# -- for real --------------------------------------------------------------------------------------------------


def test_what_the_months_money_does_not_reach_for_is_the_rest_and_is_bought_next_month(house: Build, clock) -> None:
    """By the real hold of money: two of four pictures can be paid for, and the month ends in fourteen hours."""
    one = house(
        {"providers": {"scripted": {"place": "net", "quote": 50_000}}, "chains": {"auto": ["scripted"]},
         "money": {"per_month_usd": 0.12}, "timezone": "Asia/Seoul", "outbox": {"close_after": "6h"}},
        clock=clock,
    )  # fmt: skip
    job = one.order("prompt: a calm sea\nsize: 64x64\ncount: 4\n")
    turned(one, clock, lambda: one.states() == {"done": 2, "planned": 2} and one.app.engine.idle)
    passed(one, clock, 7 * 3600.0)
    turned(one, clock, lambda: closed(one, job))
    rest = one.app.ledger.retries.rest(job)
    assert rest
    ((held, shots),) = [(held, shots) for _, held, shots in one.app.engine.held() if held.hold == "money"]
    assert (held.providers, shots) == ({"scripted"}, 2)
    clock.now += 8 * 3600.0
    turned(one, clock, lambda: closed(one, rest))
    assert [one.app.ledger.jobs.get(each)["result"] for each in (job, rest)] == ["partial", "done"]
    assert [len(attempts(one, each)) for each in (job, rest)] == [2, 2]


def test_after_an_older_ledger_was_restored_the_pictures_of_the_rest_are_not_made_again(half, clock, hold) -> None:
    one, job = half
    copy = one.root / "copy.db"
    copied(one.app.places.state / FILE_NAME, copy)
    one, job, rest = split(half, clock)
    hold.shots = frozenset({one.shots(rest)[1]["id"]})
    turned(one, clock, lambda: [state for state, _ in states(one, rest)] == ["done", "planned"])
    mine = {path.name: path.stat().st_mtime_ns for path in one.outbox.rglob("*.jpg")}
    one.app.close(clock.monotonic() + 5.0)
    told = restore(one.app.catalogue, copy, clock)
    assert (told.adopted.pictures, told.adopted.unknown) == (1, ())
    one.app = one.open()
    one.app.engine.heed(hold)
    assert one.app.ledger.retries.rest(job) == rest
    turned(one, clock, lambda: closed(one, job))
    assert [state for state, _ in states(one, rest)] == ["done", "planned"]
    hold.on = False
    turned(one, clock, lambda: closed(one, rest))
    assert len(one.pictures(job)) == len(one.pictures(rest)) == 2
    assert mine.items() <= {path.name: path.stat().st_mtime_ns for path in one.outbox.rglob("*.jpg")}.items()
