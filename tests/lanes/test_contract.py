"""What the dispatcher relies on, whichever lane it talks to."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from stockgen.domain.errors import BadPicture, Busy, Cancelled, LaneDied, OutOfMemory, PluginBroke, Refused
from stockgen.files import sha256_file
from stockgen.lanes.spec import ProviderSpec
from tests.lanes.harness import PATIENCE, SCRIPTED, SECOND, Bench, fits, sockets, threads, until

PAID = ProviderSpec("scripted", SCRIPTED.module, {"quote": 40_000})  # micro-dollars


def test_every_shot_comes_out_once_with_a_picture_and_its_digest(bench: Bench) -> None:
    outcomes = bench.render("a", "b", "c")
    assert sorted(outcomes) == [1, 2, 3]
    for outcome in outcomes.values():
        assert outcome.error is None
        assert outcome.file is not None
        assert Image.open(outcome.file).size == (32, 24)
        assert outcome.sha256 == sha256_file(outcome.file)
    assert bench.lane.take() == ()


def test_a_finished_picture_need_not_wait_for_the_rest_of_its_batch(bench: Bench) -> None:
    bench.offer("quick", "hang")
    assert [outcome.shot for outcome in bench.collect(1)] == [1]
    assert bench.lane.progress().state == "rendering"
    bench.lane.kill()


def test_a_busy_lane_takes_no_second_batch(bench: Bench) -> None:
    bench.offer("quick", "slow")
    assert not bench.lane.offer(fits(SCRIPTED, "more"), bench.spool)
    bench.lane.cancel(frozenset({1, 2}))
    bench.collect(2)
    assert bench.lane.offer(fits(SCRIPTED, "more"), bench.spool)
    assert bench.collect(1)[0].error is None


def test_a_cancelled_shot_ends_within_a_step_and_its_neighbours_are_rendered(bench: Bench) -> None:
    bench.offer("quick", "slow", "quick")
    first = bench.collect(1)
    bench.lane.cancel(frozenset({2}))
    rest = {outcome.shot: outcome.error for outcome in bench.collect(3 - len(first))}
    assert isinstance(rest[2], Cancelled)
    assert rest[3] is None


def test_a_cancelled_shot_that_was_not_begun_ends_too(bench: Bench) -> None:
    bench.offer("slow", "quick", "quick")
    bench.lane.cancel(frozenset({1, 2, 3, 99}))
    assert [type(outcome.error) for outcome in bench.collect(3)] == [Cancelled] * 3


def test_a_foreign_error_costs_what_was_not_yet_answered_and_names_itself(bench: Bench) -> None:
    outcomes = bench.render("a", "raise", "c")
    assert outcomes[1].error is None
    for shot in (2, 3):
        assert isinstance(outcomes[shot].error, PluginBroke)
        assert "ValueError: a foreign error" in str(outcomes[shot].error)
        assert "_foreign" in outcomes[shot].facts["traceback"]
    assert bench.render("again")[1].error is None


def test_an_error_that_ends_a_batch_keeps_its_class(bench: Bench) -> None:
    outcomes = bench.render("a", "oom", "c")
    assert [type(outcomes[shot].error) for shot in (1, 2, 3)] == [type(None), OutOfMemory, OutOfMemory]


def test_an_error_of_one_picture_stays_its_own(bench: Bench) -> None:
    outcomes = bench.render("busy", "refuse", "fine")
    assert [type(outcomes[shot].error) for shot in (1, 2, 3)] == [Busy, Refused, type(None)]
    assert isinstance(outcomes[1].error, Busy)
    assert 0 < outcomes[1].error.retry_after < 1


def test_a_provider_that_forgets_a_shot_does_not_block_the_lane(bench: Bench) -> None:
    assert isinstance(bench.render("a", "nothing")[2].error, BadPicture)
    assert isinstance(bench.render("a", "stranger")[2].error, PluginBroke)
    assert [each.error for each in bench.render("twice", "fine").values()] == [None, None]


def test_a_provider_is_told_how_much_more_of_the_same_waits(bench: Bench) -> None:
    bench.wait(lambda: bench.lane.offer(fits(SCRIPTED, "a"), bench.spool, 41))
    assert bench.collect(1)[0].facts["host"]["ahead"] == 41
    assert bench.render("b")[1].facts["host"]["ahead"] == 0


def test_two_providers_share_a_lane(bench: Bench) -> None:
    bench.render("a")
    bench.wait(lambda: bench.lane.offer(fits(SECOND, "raise"), bench.spool))
    assert bench.collect(1)[0].error is None
    assert bench.lane.providers == {"scripted", "second"}


def test_a_released_lane_is_cold_and_renders_again(bench: Bench) -> None:
    assert bench.render("a", "b")[2].facts["made"] == 2
    assert bench.lane.warm == "scripted 32x24"
    bench.lane.release()
    bench.wait(lambda: bench.lane.warm is None)
    assert bench.render("c")[1].facts["made"] == 1


def test_a_silent_provider_is_seen_and_only_its_unfinished_shots_die(bench: Bench) -> None:
    bench.offer("quick", "hang", "quick")
    assert bench.collect(1)[0].error is None
    bench.clock.now += PATIENCE - 1
    assert bench.lane.health(bench.clock.now)[0] == "up"
    bench.clock.now += 2
    assert bench.lane.health(bench.clock.now)[0] == "stuck"
    bench.lane.kill()
    died = bench.collect(2)
    assert [outcome.shot for outcome in died] == [2, 3]
    assert all(isinstance(outcome.error, LaneDied) for outcome in died)
    assert bench.lane.health(bench.clock.now)[0] == "dead"
    assert not bench.lane.offer(fits(SCRIPTED, "more"), bench.spool)


def test_what_a_killed_lane_still_yields_is_not_a_second_answer(bench: Bench) -> None:
    bench.offer("slow", "slow")
    bench.lane.kill()
    assert [type(outcome.error) for outcome in bench.collect(2)] == [LaneDied, LaneDied]
    assert until(lambda: not threads(bench))
    assert bench.lane.take() == ()


def test_an_idle_lane_may_be_silent_for_long(bench: Bench) -> None:
    bench.render("a")
    bench.clock.now += 10 * PATIENCE
    assert bench.lane.health(bench.clock.now)[0] == "up"


def test_a_provider_that_ends_its_process_takes_only_the_open_shots_along(bench: Bench) -> None:
    outcomes = bench.render("a", "quit")
    assert outcomes[1].error is None
    assert isinstance(outcomes[2].error, LaneDied)
    assert bench.lane.health(bench.clock.now)[0] == "dead"


def test_a_paid_call_that_nobody_can_answer_for_is_settled_at_its_quote(spool: Path) -> None:
    bench = Bench("thread", spool, [PAID])
    bench.wait(lambda: bench.lane.offer(fits(PAID, "fine", "raise"), spool))
    assert [outcome.cost for outcome in bench.collect(2)] == [40_000, None]
    bench.wait(lambda: bench.lane.offer(fits(PAID, "hang"), spool))
    bench.lane.kill()
    assert [outcome.cost for outcome in bench.collect(1)] == [None]


def test_a_closed_lane_leaves_no_thread_no_process_and_no_descriptor(bench: Bench) -> None:
    lane, pid = bench.lane, bench.lane.progress().pid
    ours = sockets()
    bench.render("a")
    bench.offer("quick", "slow", "slow")
    bench.collect(1)
    lane.close(bench.clock.monotonic() + 20)
    assert not threads(bench)
    assert not pid or not Path(f"/proc/{pid}").exists()
    assert {type(outcome.error) for outcome in lane.take()} == {Cancelled}
    assert lane.progress().state == "dead"
    assert len(sockets()) == len(ours) - (1 if pid else 0)
