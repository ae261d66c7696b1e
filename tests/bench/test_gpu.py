"""The measures for a card: their code runs on the CPU with small models, and full-size ones have the right size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import gpu
from bench.models import efficiency
from bench.models.kits import Ground, Kit
from bench.run import main
from stockgen.data import Shelf
from tests.bench.test_bench import sane


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return gpu.dry(tmp_path / "models", apart=False)


@pytest.mark.parametrize("name", ["batches", pytest.param("warm", marks=pytest.mark.torture)])
def test_each_measure_runs_on_small_models(name: str, ground: Ground, tmp_path: Path) -> None:
    assert sane(gpu.MEASURES[name]("tiny", tmp_path, ground))


@pytest.mark.torture
@pytest.mark.process
def test_a_daemon_draws_with_what_was_written(ground: Ground, tmp_path: Path) -> None:
    alone = replace(ground, kits=[kit for kit in ground.kits if kit.kind == "sdxl"])
    assert sane(gpu.MEASURES["efficiency"]("tiny", tmp_path, alone))


@pytest.mark.torture
def test_each_plan_is_measured_as_itself(ground: Ground, tmp_path: Path) -> None:
    figures = gpu.MEASURES["holding"]("tiny", tmp_path, ground)
    assert sane(figures)
    plans = {one.measure: one for one in figures if one.measure.startswith("memory of sdxl, ")}
    assert all(one.how.endswith(name.rpartition(" ")[2]) for name, one in plans.items())
    held = [plans[f"memory of sdxl, {plan}"].value for plan in ("resident", "phased", "offload")]
    assert held == sorted(held, reverse=True)
    assert held[0] > held[-1]


def test_a_card_that_is_too_small_for_plain_diffusers_is_told_instead_of_compared(
    ground: Ground, tmp_path: Path
) -> None:
    figures = efficiency.on_card("tiny", tmp_path, replace(ground, bytes=1))
    assert [one.measure for one in figures] == ["sdxl in a bare loop", "flux in a bare loop"]


@pytest.mark.parametrize("kind", ["flux2_klein", "z_image"])
def test_a_kind_that_is_not_measured_by_default_is_written_so_that_it_draws(kind: Any, tmp_path: Path) -> None:
    from bench.full_size import write
    from bench.models.plain import drawn, loaded

    kit = Kit(kind, write(kind, tmp_path / kind, "cpu", small=True), 64, 2, 1, "bfloat16", {})
    (image,) = drawn(loaded(kit, "cpu"), kit, [1])
    assert image.size == (64, 64)


@pytest.mark.parametrize("kind", ["sdxl", "refiner", "flux", "flux2_klein", "z_image"])
def test_full_size_models_have_as_many_weights_as_the_real_ones(kind: str) -> None:
    from bench.full_size import made
    from bench.models.kits import FILES, LIKE
    from bench.models.shapes import SHAPES

    memory = Shelf().load("catalog", FILES[kind])[LIKE[kind]]["memory"]
    bytes_of = {
        name: 2 * sum(one.numel() for one in made(part, "meta").parameters()) for name, part in SHAPES[kind].items()
    }
    denoiser = bytes_of.pop("unet", 0) or bytes_of.pop("transformer")
    assert denoiser == memory["denoiser"]
    if kind != "refiner":
        assert bytes_of.pop("vae") == memory["decoder"]
        assert sum(bytes_of.values()) == memory["encoders"]


def test_without_a_card_it_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu, "card", lambda: None)
    assert main(["--gpu"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
