"""On a real card only: what the CPU can't show. Skipped where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from stockgen.gpu.device import Cuda
from stockgen.gpu.settings import GpuSettings
from tests.gpu.conftest import Studio, off, pixels
from tests.gpu.entries import FEW, entry
from tests.gpu.test_files import add  # noqa: F401 - a fixture

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA card here")
Make = Callable[..., Studio]
HALF = 6  # levels of 255 that half precision and another batch may differ by


@pytest.mark.parametrize(("name", "model"), [("sdxl", "tiny-sdxl"), ("flux", "tiny-flux")])
@pytest.mark.parametrize("plan", ["resident", "phased", "offload"])
def test_each_plan_draws_the_same_picture_on_the_card(studio: Make, name: str, model: str, plan: Any) -> None:
    plain, other = studio(Cuda("cuda:0")), studio(Cuda("cuda:0"), settings=GpuSettings(plan=plan))
    want = plain.draw(plain.provider(name, model=model), 2)
    got = other.draw(other.provider(name, model=model), 2)
    assert max(off(pixels(a), pixels(b)) for a, b in zip(want, got, strict=True)) <= HALF


def test_a_released_host_gives_the_card_back_within_ten_seconds(studio: Make) -> None:
    before, _ = torch.cuda.mem_get_info()
    one = studio(Cuda("cuda:0"))
    one.draw(one.provider("sdxl", model="tiny-sdxl", refiner="tiny-refiner"), 8)
    began = time.monotonic()
    one.host.release()
    assert time.monotonic() - began < 10
    assert torch.cuda.memory_allocated() == 0
    assert before - torch.cuda.mem_get_info()[0] < 1 << 30  # what is left is CUDA's own


def test_four_bit_weights_take_less_than_half(add: Callable[..., Studio], models: Path) -> None:  # noqa: F811
    pytest.importorskip("bitsandbytes")
    one = add("small", entry("flux", models / "flux", {**FEW, "quantize": "nf4"}))
    one.device = Cuda("cuda:0")
    one.__post_init__()
    (outcome,) = one.draw(one.provider("flux", model="small"), 1)
    assert outcome.error is None
    one.draw(one.provider("flux", model="tiny-flux"), 1)
    with one.host.lend("small", 0, pytest.fail) as small, one.host.lend("tiny-flux", 0, pytest.fail) as plain:
        assert small.need.parts["transformer"] < plain.need.parts["transformer"] / 2
