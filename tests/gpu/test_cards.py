"""Which devices image models run on: nobody renders on a card that is not meant, or on the processor by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockgen.gpu.cards import Card, absent, lane_devices, nowhere, on_bus

COMPILED = Path("/state/compiled")
CARDS = [Card(1, "RTX 3060", 12 << 30, 11 << 30, "580.1"), Card(0, "RTX 4090", 24 << 30, 20 << 30, "580.1")]


def devices(*wanted: str, cards: list[Card] = CARDS, allow_cpu: bool = False, mps: bool = False) -> list[str]:
    """What each lane's process sees: `device` on the cards that are visible to it."""
    found = lane_devices(wanted or ("auto",), cards, allow_cpu=allow_cpu, mps=mps, compiled=COMPILED)
    assert [one.lane for one in found] == [f"gpu{number}" for number in range(len(found))]
    return [f"{one.device} of {one.environment.get('CUDA_VISIBLE_DEVICES', 'all')}" for one in found]


def test_auto_is_a_lane_for_every_card_and_each_sees_only_its_own() -> None:
    assert devices() == ["cuda:0 of 0", "cuda:0 of 1"]
    assert devices(allow_cpu=True, mps=True) == ["cuda:0 of 0", "cuda:0 of 1"]


def test_without_a_card_nothing_is_rendered_on_the_processor_unless_that_is_allowed() -> None:
    assert devices(cards=[]) == []
    assert devices(cards=[], allow_cpu=True) == ["cpu of "]
    assert devices(cards=[], mps=True, allow_cpu=True) == ["mps of all"]


def test_who_writes_cpu_means_it_and_two_of_them_are_two_lanes() -> None:
    assert devices("cpu", "cpu") == ["cpu of ", "cpu of "]


def test_a_card_that_was_taken_out_is_left_out_and_named() -> None:
    assert devices("1", "3") == ["cuda:0 of 1"]
    assert absent(["1", "3", "cpu"], CARDS) == ["3"]


def test_the_card_that_a_lane_leaves_to_others_is_known_by_the_drivers_number() -> None:
    (one,) = lane_devices(["1"], CARDS, allow_cpu=False, mps=False, compiled=COMPILED)
    assert (one.lane, one.card) == ("gpu0", 1)


@pytest.mark.parametrize("name", ["1", "cpu", "mps"])
def test_every_process_is_kept_from_leaking_and_from_the_network(name: str) -> None:
    (one,) = lane_devices([name], CARDS, allow_cpu=False, mps=False, compiled=COMPILED)
    assert one.environment["MALLOC_ARENA_MAX"] == "2"
    assert one.environment["HF_HUB_OFFLINE"] == "1"
    assert one.environment["TORCHINDUCTOR_CACHE_DIR"] == "/state/compiled"
    assert ("PYTORCH_ALLOC_CONF" in one.environment) == (name == "1")
    assert one.environment.get("CUDA_DEVICE_ORDER") == ("PCI_BUS_ID" if name == "1" else None)


def test_where_there_is_no_device_a_process_sees_none() -> None:
    assert (nowhere(COMPILED).device, nowhere(COMPILED).environment["CUDA_VISIBLE_DEVICES"]) == ("", "")


def test_a_card_without_a_driver_is_told_from_no_card(tmp_path: Path) -> None:
    def plug(name: str, vendor: str, kind: str) -> None:
        (tmp_path / name).mkdir()
        (tmp_path / name / "vendor").write_text(vendor + "\n")
        (tmp_path / name / "class").write_text(kind + "\n")

    assert not on_bus(tmp_path / "nowhere")
    plug("0000:00:02.0", "0x8086", "0x030000")  # Intel's graphics
    plug("0000:01:00.1", "0x10de", "0x040300")  # the sound of an NVIDIA card
    assert not on_bus(tmp_path)
    plug("0000:01:00.0", "0x10de", "0x030000")
    assert on_bus(tmp_path)
