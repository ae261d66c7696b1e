"""LoRAs in whole jobs: what a file asks for is what is drawn, and what can't be is told while it can be mended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stockgen.domain.errors import ConfigError, JobFileError
from stockgen.ledger.jobs import remarks_of
from tests.gpu.lora_makers import XL, lora
from tests.gpu.test_loras import worn
from tests.house import House, broken_promises

__all__ = ["worn"]
pytestmark = pytest.mark.process
SMALL = "size: 64x64\ncount: 1\n"
STYLES = {
    "wet": {"prompt": "soft edges", "lora": "watercolor"},
    "dry": {"prompt": "soft edges", "model": "tiny-flux", "lora": [{"name": "petals", "weight": 0.4}]},
    "plain": {"prompt": "soft edges"},
}
CONFIG = {"gpu": {"devices": ["cpu"]}, "providers": {"sdxl": {"model": "tiny-sdxl"}, "flux": {"model": "tiny-flux"}},
          "chains": {"auto": ["flux", "sdxl"]}, "styles": STYLES}  # fmt: skip


def own(root: Path, worn: Path, models: Path) -> None:
    """`my/` with the tiny models and LoRAs, and one that nobody has added."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "my").symlink_to(worn)
    if not (worn / "loras" / "loose.safetensors").exists():
        lora(models, worn / "loras" / "loose.safetensors", seed=9, about={"modelspec.architecture": XL})


@pytest.fixture
def house(worn: Path, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    own(tmp_path, worn, models)
    one = House(tmp_path, CONFIG)
    yield one
    broken = broken_promises(one.app.ledger)
    one.close()
    assert broken == {}


def told(one: House, job: str) -> list[str]:
    return [remark.code for remark in remarks_of(one.app.ledger.jobs.get(job)["remarks"])]


def sidecars(one: House, job: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted(one.folder(job).glob("info/*-*.json"))]


def test_a_job_with_loras_loads_its_model_once_and_says_what_was_laid_over_it(house: House) -> None:
    job = house.make(
        "- {prompt: a calm sea, model: tiny-sdxl, size: 64x64, count: 2}\n"
        "- {prompt: a calm sea, lora: words, size: 64x64, count: 2}\n"
        "- {prompt: a calm sea, lora: {name: loose, weight: 0.5}, size: 64x64, count: 1}\n"
    )
    assert [event["stack"] for event in house.events("model.loaded")] == ["tiny-sdxl"]
    made = {json.dumps(one.get("loras")): one for one in sidecars(house, job)}
    assert len(made) == 3
    plain, named, loose = made["null"], *(one for key, one in made.items() if key != "null")
    named, loose = sorted((named, loose), key=lambda one: one["loras"][0]["name"], reverse=True)
    assert named["loras"] == [{"name": "words", "weight": 1.0, "licence": "MIT", "sellable": True}]
    assert named["prompt"] == "w4t3r style, soft edges, a calm sea"
    assert loose["loras"] == [{"name": "loose", "weight": 0.5, "licence": "unknown", "sellable": False}]
    assert (plain["sellable"], named["sellable"], loose["sellable"]) == (True, True, False)
    codes = told(house, job)
    assert {"plan.lora_trigger", "plan.lora_unknown"} <= {*codes}  # flux was passed over, which is told as well


def read(one: House, text: str) -> Any:
    return one.app.catalogue.read(text.encode(), "job.yaml")


def test_a_style_brings_its_model_and_its_loras_unless_the_order_names_its_own(house: House) -> None:
    def order(text: str) -> tuple[Any, ...]:
        (one,) = read(house, f"prompt: a calm sea\n{text}\n{SMALL}").orders
        return one.model, [(each.name, each.weight) for each in one.lora]

    assert order("style: wet") == (("auto",), [("watercolor", None)])
    assert order("style: dry") == (("tiny-flux",), [("petals", 0.4)])
    assert order("style: plain") == (("auto",), [])
    assert order("style: wet\nlora: ink") == (("auto",), [("ink", None)])
    assert order("style: wet\nmodel: sdxl") == (("sdxl",), [("watercolor", None)])


def test_a_style_that_names_what_is_not_there_is_told_at_the_start(house: House) -> None:
    for wrong, words in (
        ({"lora": "watercolour"}, ("styles.wet.lora", "watercolor")), ({"model": "tiny-sdx"}, ("styles.wet.model",)),
        ({"lora": "zzz"}, ("styles.wet.lora", "my/loras")),
    ):  # fmt: skip
        style = {"wet": {"prompt": "soft"} | wrong}
        with pytest.raises(ConfigError) as caught:
            house.app.catalogue.with_config(_with(house, style))
        said = " ".join(house.app.catalogue.say.tell(one) for one in caught.value.remarks)
        assert all(word in said for word in words), said


def _with(one: House, styles: dict[str, Any]) -> Any:
    from stockgen.config.model import Style

    return one.app.catalogue.config.model_copy(
        update={"styles": {name: Style.model_validate(style) for name, style in styles.items()}}
    )


@pytest.mark.parametrize(("text", "words"), [
    ("lora: watercolour", ("watercolor",)),
    ("lora: petals\nmodel: tiny-sdxl", ("sdxl", "LoRA", "another kind of model")),
    ("lora: gone", ("gone",)),
])  # fmt: skip
def test_what_nobody_can_lay_over_a_model_is_refused_with_words(house: House, text: str, words: Any) -> None:
    with pytest.raises(JobFileError) as caught:
        read(house, f"prompt: a calm sea\n{text}\n{SMALL}")
    said = " ".join(house.app.catalogue.say.tell(one) for one in caught.value.remarks)
    assert all(word in said for word in words), said


def test_with_auto_whoever_can_not_is_passed_over_and_told(house: House) -> None:
    job = house.order(f"prompt: a calm sea\nlora: watercolor\n{SMALL}")
    house.work()
    (shot,) = house.shots(job)
    assert (shot["provider"], shot["stack"]) == ("sdxl", "tiny-sdxl|watercolor@1")
    said = [one for one in remarks_of(house.app.ledger.jobs.get(job)["remarks"]) if one.code == "plan.passed_over"]
    assert [one.facts["provider"] for one in said] == [["flux"]]


def test_a_file_that_arrives_while_it_runs_can_be_named_at_once(house: House, models: Path, worn: Path) -> None:
    text = f"prompt: a calm sea\nlora: 늦은것\n{SMALL}"
    with pytest.raises(JobFileError):
        read(house, text)
    file = worn / "loras" / "늦은것.safetensors"
    lora(models, file, seed=11, about={"modelspec.architecture": XL})
    try:
        assert read(house, text).orders[0].lora[0].name == "늦은것"
    finally:
        file.unlink()
