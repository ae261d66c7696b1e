"""A LoRA over a model that looks at pictures: each does its part, and all come off again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stockgen.domain.protocols import Shot
from stockgen.gpu.device import Cpu
from tests.gpu.conftest import Studio, off, pixels
from tests.gpu.entries import entry
from tests.gpu.lora_makers import lora
from tests.gpu.test_seeing import SEES, SIDE, by, like, pictures
from tests.gpu.test_work import ROUNDING

__all__ = ["pictures"]  # a fixture
WORN = {"lora": [["ink", 1.0]]}


@pytest.fixture
def worn(models: Path, tmp_path: Path, pictures: Path) -> Callable[[dict[str, Any]], bytes]:
    """Draws one picture for a wish; all of them by one studio, one after the other."""
    my = tmp_path / "my"
    shutil.copytree(models / "my", my)
    lora(models, my / "loras" / "ink.safetensors", seed=2, encoders=True)
    plain = entry("sdxl", Path("loras/ink.safetensors"), None, role="lora", lora={}) | {"memory": None}
    named = {key: value for key, value in plain.items() if value is not None}
    (my / "catalog" / "loras.yaml").write_text(yaml.safe_dump({"ink": named}, allow_unicode=True))
    (tmp_path / "spool").mkdir()
    one = Studio(my, tmp_path / "spool", Cpu(), references=pictures)
    provider = one.provider("sdxl", **SEES)

    def draw(wish: dict[str, Any]) -> bytes:
        needs = frozenset({"control", "lora"} & wish.keys())
        shot = Shot(id=1, job="k7m2q", idea=1, prompt="a red fox", seed=5, width=SIDE, height=SIDE, wish=wish,
                    needs=needs)  # fmt: skip
        (outcome,) = provider.render([provider.fit(shot)], one.spool, lambda *_: None)
        return pixels(outcome)

    return draw


@pytest.mark.parametrize("seen", [by("disc"), like("red"), by("disc") | like("red")], ids=["control", "like", "both"])
def test_a_lora_changes_what_is_seen_and_comes_off_without_a_trace(
    worn: Callable[[dict[str, Any]], bytes], seen: dict[str, Any]
) -> None:
    plain, inked, after = worn(seen), worn(seen | WORN), worn(seen)
    assert off(plain, inked) > 3
    assert off(plain, after) <= ROUNDING


def test_under_a_lora_another_picture_is_still_another(worn: Callable[[dict[str, Any]], bytes]) -> None:
    disc, box = (worn(by(name) | like("red") | WORN) for name in ("disc", "box"))
    red, blue = (worn(by("disc") | like(name) | WORN) for name in ("red", "blue"))
    assert disc == red
    assert off(disc, box) > 10
    assert off(red, blue) > 3
