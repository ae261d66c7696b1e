"""From a job file to a finished picture, with real services: what came is used as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from stockgen.app.lanes import PATIENCE, LaneMaker
from stockgen.domain.times import SystemClock
from stockgen.pipeline.finish import drawn_size
from tests.clouds import Clouds
from tests.providers.shops import secrets


def config(clouds: Clouds) -> dict[str, object]:
    return {
        "providers": {
            "openai": {"base_url": clouds.openai_url},
            "gemini": {"base_url": clouds.gemini_url},
        },
        "chains": {"auto": ["openai"], "google": ["gemini"]},
        "money": {"per_month_usd": 5},
    }


def keys(clouds: Clouds, root: Path) -> None:
    (root / ".stockgen").mkdir(parents=True, exist_ok=True)
    secrets(root / ".stockgen" / "secrets", openai_api_key=clouds.openai_key, google_api_key=clouds.gemini_key)


@pytest.mark.parametrize("fault", ["wrong_size", "webp", "ok"])
def test_a_picture_that_differs_from_its_order_is_finished_and_not_bought_again(clouds, house, tmp_path, fault):
    keys(clouds, tmp_path / "house0")
    clouds.script("openai", fault)
    images = clouds.images
    one = house(config(clouds))
    job = one.make("prompt: a sea of tea\nsize: 900x900\n")
    (path,) = one.pictures(job)
    with Image.open(path) as picture:
        assert min(picture.size) >= 900
    (beside,) = (one.folder(job) / "info").glob("*-001.json")
    assert json.loads(beside.read_bytes())["drawn"] == ("456x456" if fault == "wrong_size" else "912x912")
    assert clouds.images == images + 1


def test_google_draws_the_order_of_a_job(clouds, house, tmp_path):
    keys(clouds, tmp_path / "house0")
    one = house(config(clouds))
    job = one.make("prompt: a river\nsize: 1200x800\nmodel: google\n")
    (path,) = one.pictures(job)
    with Image.open(path) as picture:
        assert picture.size == (1264, 848)


def test_what_a_provider_has_told_counts_more_than_what_it_promised():
    request = json.dumps({"width": 100, "height": 80, "prompt": "tea"})
    assert drawn_size({"request": request, "facts": "{}"}) == (100, 80)
    assert drawn_size({"request": request, "facts": json.dumps({"width": 50, "height": 40})}) == (50, 40)


def test_a_lane_is_more_patient_than_its_provider(clouds, house, tmp_path):
    keys(clouds, tmp_path / "house0")
    over = config(clouds)
    over["providers"]["openai"]["timeout"] = "20m"  # type: ignore[index]
    catalogue = house(over).app.catalogue
    specs = LaneMaker(SystemClock(), lambda: None, PATIENCE)._specs(catalogue)
    patience = {spec.name: spec.patience for spec in specs}
    assert patience["openai-1"] > 1200
    assert patience["gemini-1"] == PATIENCE["net"]


@pytest.mark.parametrize(("written", "model"), [("DALL-E 3", "gpt-image-2"), ("이매젠 4", "gemini-nano-banana-2.1")])
def test_a_model_that_is_gone_is_bought_as_what_came_after_it(clouds, house, tmp_path, written, model):
    keys(clouds, tmp_path / "house0")
    one = house(config(clouds))
    job = one.make(f"prompt: a river\nsize: 1200x800\nmodel: {written}\n")
    assert len(one.pictures(job)) == 1
    (attempt,) = one.app.ledger.query("SELECT model, cost_micros, reserved_micros FROM attempts")
    assert attempt["model"] == model
    assert 0 < attempt["cost_micros"] <= attempt["reserved_micros"]
    asked = [each["model"] for each in clouds.facts()["arrivals"]][-1]
    assert asked == model
