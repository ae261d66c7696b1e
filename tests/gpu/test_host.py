"""What stays warm, what leaves for what, and that nothing of it is left."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch

from stockgen.domain.errors import NotConfigured, OutOfMemory
from stockgen.gpu.compiling import pays
from stockgen.gpu.host import Loaded, ModelHost
from stockgen.gpu.plan import Need, Phase
from stockgen.gpu.settings import GpuSettings
from tests.gpu.conftest import Now
from tests.gpu.limited import Limited

SIDE = 100  # a part holds SIDE² floats
PART = 4 * (SIDE * SIDE + SIDE)  # bytes of it


def loader(loads: list[str], key: str) -> Callable[[], Loaded]:
    """Loads a model of one part."""

    def load() -> Loaded:
        loads.append(key)
        part = torch.nn.Linear(SIDE, SIDE)
        need = Need({"whole": PART}, [Phase("whole", frozenset({"whole"}), 100, by_picture=True)], 4)
        return Loaded({"whole": part}, None, need)

    return load


class Bench:
    """A host over a device that holds `models` of these."""

    def __init__(self, models: float, settings: GpuSettings | None = None, memory: int = 1 << 40) -> None:
        self.now, self.loads = Now(), []
        self.memory = memory
        self.device = Limited(int(models * PART))
        self.host = ModelHost("cpu", settings or GpuSettings(), self.now, lambda _: self.device, lambda: self.memory)

    def use(self, key: str) -> Any:
        """Lend a model and use it; return its stack."""
        self.now.now += 1
        with self.host.lend(key, PART, loader(self.loads, key)) as stack:
            stack.enter(stack.need.phases[0])
        return stack

    def there(self) -> set[str]:
        """Which models are on the device."""
        return {key for key, stack in self.host._stacks.items() if stack.there}


def test_a_model_is_loaded_once_and_stays() -> None:
    bench = Bench(models=1.5)
    for _ in range(3):
        bench.use("a")
    assert bench.loads == ["a"]
    assert len([move for move in bench.device.moves if move[0] == "+"]) == 1


def test_the_model_that_was_not_used_for_longest_makes_room() -> None:
    bench = Bench(models=2.5)
    for key in ("a", "b", "a", "c"):
        bench.use(key)
    assert bench.there() == {"a", "c"}


def test_a_model_that_made_room_waits_in_memory_and_is_not_read_from_disk_again() -> None:
    bench = Bench(models=1.5)
    for key in ("a", "b", "a", "b"):
        bench.use(key)
    assert bench.loads == ["a", "b"]


def test_what_would_fill_the_computers_memory_is_dropped_instead_of_kept_there() -> None:
    bench = Bench(models=1.5, memory=PART)
    bench.use("a")
    bench.memory = PART * 5 // 4  # parking it would take four fifths of what is left
    bench.use("b")
    assert bench.host.warm == ["b"]


def test_a_model_that_does_not_fit_into_memory_is_not_even_begun() -> None:
    bench = Bench(models=1.5, memory=PART // 2)
    with pytest.raises(OutOfMemory) as caught:
        bench.use("a")
    assert caught.value.code == "memory_too_small"
    assert bench.loads == []


def test_what_is_lent_never_makes_room() -> None:
    bench = Bench(models=1.5)
    with bench.host.lend("a", PART, loader(bench.loads, "a")) as stack:
        stack.enter(stack.need.phases[0])
        bench.now.now += 10_000
        bench.host.step(bench.now.now)
        with pytest.raises(OutOfMemory):
            bench.use("b")
        assert bench.there() == {"a"}
        assert stack.parts
    bench.use("b")
    assert bench.there() == {"b"}


def test_a_pinned_model_leaves_last_and_never_for_being_idle() -> None:
    bench = Bench(models=2.5, settings=GpuSettings(pinned=frozenset({"a"}), unload_after=60))
    for key in ("a", "b", "c"):
        bench.use(key)
    assert bench.there() == {"a", "c"}
    bench.now.now += 61
    assert bench.host.step(bench.now.now) is None
    assert bench.host.warm == ["a"]


def test_a_model_that_nobody_uses_leaves_after_its_time_and_not_before() -> None:
    bench = Bench(models=3, settings=GpuSettings(unload_after=60))
    bench.use("a")
    bench.now.now += 30
    bench.use("b")
    assert bench.host.step(bench.now.now) == 1001 + 60
    bench.now.now = 1061
    assert bench.host.step(bench.now.now) == 1032 + 60
    assert bench.host.warm == ["b"]


def test_a_released_host_keeps_nothing_alive() -> None:
    bench = Bench(models=3)
    parts = [weakref.ref(bench.use(key).parts["whole"]) for key in ("a", "b")]
    bench.host.release()
    gc.collect()
    assert [part() for part in parts] == [None, None]
    assert bench.device.held == 0
    assert bench.host.warm == []
    bench.use("a")
    assert bench.loads == ["a", "b", "a"]


def test_a_model_that_fails_to_load_leaves_the_host_as_it_was() -> None:
    bench = Bench(models=1.5)
    bench.use("a")

    def broken() -> Loaded:
        raise NotConfigured("weights_unusable", model="b", detail="?")

    with pytest.raises(NotConfigured), bench.host.lend("b", PART, broken):
        pass
    assert bench.host.warm == ["a"]


def test_a_process_without_a_device_says_so() -> None:
    with pytest.raises(NotConfigured) as caught:
        _ = ModelHost("", GpuSettings(), Now()).place
    assert caught.value.code == "no_gpu"


@pytest.mark.parametrize(
    ("seconds", "ahead", "worth"), [(4.0, 10, False), (4.0, 200, True), (0.3, 500, False), (22.0, 30, True)]
)
def test_compiling_is_for_long_queues(seconds: float, ahead: int, worth: bool) -> None:
    assert pays(seconds, ahead) is worth
