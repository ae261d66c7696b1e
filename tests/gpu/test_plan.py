"""Which plan a card gets: sizes of the real models, cards of 8 to 80 GB."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockgen.domain.errors import OutOfMemory
from stockgen.gpu.plan import Need, Phase, Plan, choose, encoding, frugaler, staying

GB, GIB = 10**9, 1 << 30
CONTEXT = 0.8  # GB that CUDA and a desktop take
# GiB in 16 bits; exact parameter counts of the published configurations × 2.
SDXL = {"encoders": 1.52, "unet": 4.78, "vae": 0.16}
REFINED = {**SDXL, "refiner": 4.21}
FLUX = {"encoders": 9.10, "transformer": 22.15, "vae": 0.16}
FLUX_4BIT = {**FLUX, "transformer": 6.5}


def need(parts: dict[str, float], batch: int = 8, rigid: frozenset[str] = frozenset()) -> Need:
    names = {"encode": "encoders", "denoise": "unet" if "unet" in parts else "transformer", "refine": "refiner"}
    sizes = {name: int(gib * GIB) for name, gib in parts.items()}
    active = {"encode": encoding(sizes["encoders"]), "denoise": int(0.6 * GIB), "refine": int(0.6 * GIB)}
    phases = [
        Phase(phase, frozenset({part}), active[phase], by_picture=phase != "encode")
        for phase, part in names.items()
        if part in parts
    ]
    return Need(sizes, [*phases, Phase("decode", frozenset({"vae"}), int(2.4 * GIB))], batch, rigid)


def free(gigabytes: float) -> int:
    return int((gigabytes - CONTEXT) * GB)


TABLE = [
    (8, SDXL, "phased"), (12, SDXL, "resident"), (16, SDXL, "resident"), (24, SDXL, "resident"), (80, SDXL, "resident"),
    (8, REFINED, "phased"), (12, REFINED, "phased"), (16, REFINED, "resident"), (24, REFINED, "resident"),
    (80, REFINED, "resident"),
    (8, FLUX, "offload"), (12, FLUX, "offload"), (16, FLUX, "offload"), (24, FLUX, "offload"), (32, FLUX, "phased"),
    (80, FLUX, "resident"),
    (12, FLUX_4BIT, "phased"), (16, FLUX_4BIT, "phased"), (24, FLUX_4BIT, "resident"), (80, FLUX_4BIT, "resident"),
]  # fmt: skip


@pytest.mark.parametrize(("gigabytes", "parts", "plan"), TABLE)
def test_a_card_gets_the_quickest_plan_that_fits(gigabytes: int, parts: dict[str, float], plan: str) -> None:
    assert choose(need(parts), free(gigabytes)).name == plan


def test_a_lossless_text_encoder_of_nine_gigabytes_is_not_streamed_where_it_fits_alone() -> None:
    assert choose(need(FLUX), free(12)).streamed == {"transformer"}
    assert choose(need(FLUX), free(8)).streamed == {"transformer", "encoders"}


def test_four_bit_weights_are_not_streamed_but_refused_on_a_card_that_is_too_small() -> None:
    four_bit = need(FLUX_4BIT, rigid=frozenset({"transformer"}))
    assert choose(four_bit, free(12)).name == "phased"
    with pytest.raises(OutOfMemory) as caught:
        choose(four_bit, free(6))
    assert caught.value.facts["needed"] > free(6)


def test_a_small_card_draws_fewer_pictures_at_a_time() -> None:
    batches = [choose(need(REFINED), free(gigabytes)).batch for gigabytes in (8, 16, 80)]
    assert batches == sorted(batches)
    assert batches[0] < batches[-1] == 8


def test_who_asks_for_a_frugal_plan_gets_no_quicker_one() -> None:
    assert [choose(need(SDXL), free(80), wanted).name for wanted in ("auto", "resident", "phased", "offload")] == [
        "resident", "resident", "phased", "offload",
    ]  # fmt: skip


def test_after_running_out_the_batch_is_halved_then_the_plan_changes_and_then_nothing_is_left() -> None:
    one, plan, seen = need(SDXL), choose(need(SDXL), free(12)), []
    while plan is not None:
        seen.append((plan.name, plan.batch))
        plan = frugaler(plan, one, free(12))
    assert seen[0] == ("resident", 6)
    assert seen[1:4] == [("resident", 3), ("resident", 1), ("phased", 1)]
    assert seen[-1] == ("offload", 1)


def test_the_denoiser_stays_on_the_card_between_batches_where_there_is_room_for_it() -> None:
    one = need(SDXL)
    plan = choose(one, free(8))
    phases = {phase.name: phase for phase in one.phases}
    assert "unet" in staying(one, plan, free(8), phases["encode"])
    assert "unet" not in staying(one, plan, free(8), phases["decode"])


@given(
    gigabytes=st.floats(1, 100), unet=st.floats(0.1, 30), encoders=st.floats(0.1, 12), vae=st.floats(0.05, 2),
    wanted=st.sampled_from(["auto", "resident", "phased", "offload"]),
)  # fmt: skip
def test_no_plan_promises_more_than_is_free(
    gigabytes: float, unet: float, encoders: float, vae: float, wanted: str
) -> None:
    one, room = need({"encoders": encoders, "unet": unet, "vae": vae}), int(gigabytes * GB)
    try:
        plan = choose(one, room, wanted)
    except OutOfMemory:
        return
    assert 1 <= plan.batch <= one.batch
    for phase in one.phases:
        there = staying(one, plan, room, phase)
        streaming = one.held(phase, plan.streamed) - sum(one.parts[part] for part in phase.parts - plan.streamed)
        assert phase.parts - plan.streamed <= there
        assert not there & plan.streamed
        assert sum(one.parts[part] for part in there) + streaming + phase.active(plan.batch) <= room


def test_a_plan_of_one_picture_can_not_be_halved() -> None:
    assert Plan("resident", 1).smaller is None
