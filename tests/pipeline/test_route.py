"""The whole fallback policy as a table, and that it always comes to an end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockgen.domain.errors import (
    BadPicture,
    Busy,
    Cancelled,
    LaneDied,
    NotConfigured,
    OutOfMemory,
    PluginBroke,
    QuotaSpent,
    Refused,
    RenderError,
    Retired,
    StorageFull,
    StorageLost,
    Unfit,
)
from stockgen.domain.protocols import Next, Shot
from stockgen.ledger.shots import Attempted
from stockgen.pipeline.route import STORAGE_WAIT, route

NOW = 1000.0
CHAIN = ("sdxl", "flux", "procedural")
LOOKS = {"sdxl": "diffusion", "flux": "diffusion", "procedural": "drawn"}
SHOT = Shot(id=1, job="aaaaa", idea=1, prompt="a sea", seed=1, width=64, height=64, chain=CHAIN)

SAME, NEXT, FAIL, CANCEL = "the same provider", "the next provider", "failed", "cancelled"
# error -> (first time, second time at this provider, at the end of the chain for the second time)
TABLE: dict[type[Exception], tuple[str, str, str]] = {
    NotConfigured: (NEXT, NEXT, FAIL),
    Unfit: (NEXT, NEXT, FAIL),
    Refused: (NEXT, NEXT, FAIL),
    QuotaSpent: (NEXT, NEXT, FAIL),
    Retired: (NEXT, NEXT, FAIL),
    PluginBroke: (NEXT, NEXT, FAIL),
    BadPicture: (SAME, NEXT, FAIL),
    OutOfMemory: (SAME, NEXT, FAIL),
    Busy: (SAME, SAME, SAME),
    LaneDied: (SAME, SAME, SAME),
    StorageFull: (SAME, SAME, SAME),
    StorageLost: (SAME, SAME, SAME),
    Cancelled: (CANCEL, CANCEL, CANCEL),
}


def after(error: Exception, times: int, pos: int = 0) -> Next:
    """What `route` says when this error comes for the `times`-th time at one provider."""
    name = type(error).__name__
    shot = replace(SHOT, chain_pos=pos, solo=isinstance(error, OutOfMemory) and times > 1)
    return route(shot, [Attempted(CHAIN[pos], name)] * times, LOOKS, error, NOW)


def outcome(then: Next, pos: int) -> str:
    if then.action == "requeue":
        return SAME if then.chain_pos == pos else NEXT
    return {"fail": FAIL, "cancel": CANCEL}[then.action]


@pytest.mark.parametrize("kind", TABLE)
def test_what_happens_after_an_error(kind: type[RenderError]) -> None:
    error = kind("code")
    seen = (outcome(after(error, 1), 0), outcome(after(error, 2), 0), outcome(after(error, 2, pos=2), 2))
    assert seen == TABLE[kind]


def test_the_table_knows_every_error_of_rendering() -> None:
    assert {*TABLE} == {*RenderError.__subclasses__(), StorageFull, StorageLost}


def test_what_was_refused_elsewhere_does_not_use_up_the_second_chance_here() -> None:
    past = [Attempted("sdxl", "BadPicture"), Attempted("sdxl", "BadPicture"), Attempted("flux", "BadPicture")]
    then = route(replace(SHOT, chain_pos=1), past, LOOKS, BadPicture("undecodable"), NOW)
    assert (then.action, then.chain_pos) == ("requeue", 1)


@pytest.mark.parametrize(("pos", "degraded"), [(0, False), (1, True)])
def test_only_another_look_than_the_first_is_degraded(pos: int, degraded: bool) -> None:
    assert after(Refused("refused"), 1, pos).degraded == degraded


def test_a_chain_that_begins_with_drawn_pictures_is_not_degraded_by_them() -> None:
    shot = replace(SHOT, chain=("procedural", "sdxl", "procedural"), chain_pos=1)
    assert not route(shot, (), LOOKS, Refused("refused"), NOW).degraded


def test_whoever_met_a_busy_provider_keeps_its_place_and_gives_way_the_third_time() -> None:
    busy = Busy("busy", retry_after=7.0)
    assert [after(busy, times).not_before for times in (1, 2)] == [0.0] * 2  # the provider pauses, not the shot
    assert outcome(after(busy, 3), 0) == NEXT
    assert outcome(after(busy, 9, pos=2), 2) == SAME  # nobody else is left, so it waits


@pytest.mark.parametrize(("pos", "most", "then"), [(0, 2, NEXT), (2, 4, FAIL)])
def test_no_shot_pays_again_and_again_for_answers_that_never_came(pos: int, most: int, then: object) -> None:
    shot, late = replace(SHOT, chain_pos=pos), Busy("timed_out")
    tries = [[Attempted(CHAIN[pos], "Busy", maybe=True)] * times for times in (1, most - 1, most)]
    assert [outcome(route(shot, past, LOOKS, late, NOW), pos) for past in tries] == [SAME, SAME, then]


def test_what_was_perhaps_paid_elsewhere_does_not_count_here() -> None:
    past = [Attempted("sdxl", "Busy", maybe=True)] * 2 + [Attempted("flux", "Busy", maybe=True)]
    assert outcome(route(replace(SHOT, chain_pos=1), past, LOOKS, Busy("timed_out"), NOW), 1) == SAME


@pytest.mark.parametrize("pos", [0, 2])
@pytest.mark.parametrize("kind", [NotConfigured, QuotaSpent, Busy])
def test_whoever_closes_for_a_while_may_have_the_shot_when_it_reopens(kind: type[RenderError], pos: int) -> None:
    then = after(kind("code", closed_for=3600.0), 1, pos)  # those behind it are asked until then
    assert (outcome(then, pos), then.not_before) == (SAME, 0.0)


def test_nobody_waits_for_a_model_that_is_no_more() -> None:
    gone = Retired("retired", model="dall-e-3", closed_for=3e8)
    assert [outcome(after(gone, 1, pos), pos) for pos in (0, 2)] == [NEXT, FAIL]


def test_storage_waits_and_changes_neither_provider_nor_reason() -> None:
    then = after(StorageFull("storage_full"), 1)
    assert (then.chain_pos, then.not_before) == (0, NOW + STORAGE_WAIT)


def test_what_took_memory_or_a_lane_is_alone_from_then_on() -> None:
    assert after(OutOfMemory("out_of_memory"), 1).solo
    assert after(LaneDied("lane_died"), 1).solo
    assert not after(BadPicture("undecodable"), 1).solo


@pytest.mark.parametrize("kind", [OutOfMemory, BadPicture])
def test_who_has_tried_all_that_it_could_is_not_asked_for_the_same_again(kind: type[RenderError]) -> None:
    assert outcome(after(kind("code"), 1), 0) == SAME
    assert outcome(after(kind("code", exhausted=True), 1), 0) == NEXT
    assert outcome(after(kind("code", exhausted=True), 1, pos=2), 2) == FAIL


def test_a_shot_that_fails_says_why() -> None:
    assert after(Refused("refused", words="brand"), 1, pos=2).reason == "refused: words=brand"


# Busy, storage and lanes that die have their own ends: time, space and `limits.starts`.
ENDING = st.sampled_from([NotConfigured, Unfit, Refused, QuotaSpent, Retired, PluginBroke, BadPicture, OutOfMemory])


@given(errors=st.lists(ENDING, min_size=40, max_size=40), length=st.integers(1, 5))
def test_no_shot_is_tried_for_ever(errors: list[type[RenderError]], length: int) -> None:
    shot = replace(SHOT, chain=tuple(f"p{n}" for n in range(length)))
    past: list[Attempted] = []
    for kind in errors:
        past.append(Attempted(shot.chain[shot.chain_pos], kind.__name__))
        then = route(shot, past, {}, kind("code"), NOW)
        assert then.chain_pos >= shot.chain_pos
        if then.action != "requeue":
            break
        shot = replace(shot, chain_pos=then.chain_pos, solo=shot.solo or then.solo)
    assert (then.action, shot.chain_pos) == ("fail", length - 1)
    assert len(past) <= 3 * length
