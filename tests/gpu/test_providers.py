"""The providers of image models keep the contract of all providers, and say before what they will not do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from stockgen.domain.errors import NotConfigured, Unfit
from stockgen.domain.protocols import Shot
from stockgen.lanes.spec import Setup, furnished
from stockgen.providers import flux, flux2_klein, sdxl, z_image
from tests.gpu.conftest import Now, Studio
from tests.providers import contract

Make = Callable[..., Studio]
PROVIDERS = {
    "sdxl": {"model": "tiny-sdxl"},
    "refined": {"model": "tiny-sdxl", "refiner": "tiny-refiner"},
    "flux": {"model": "tiny-flux"},
    "flux2_klein": {"model": "tiny-flux2-klein"},
    "z_image": {"model": "tiny-z-image"},
    "diffusers": {"model": "tiny-z"},
}
quick = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest, studio: Make) -> Any:
    return studio().provider("sdxl" if request.param == "refined" else request.param, **PROVIDERS[request.param])


@quick
@given(shot=contract.shots())
def test_no_shot_makes_fit_stumble(provider: Any, shot: Shot) -> None:
    contract.fit_is_total(provider, shot)


def test_no_shot_of_a_batch_is_forgotten_or_answered_twice(provider: Any, tmp_path: Path) -> None:
    contract.each_shot_is_answered_once(provider, contract.a_batch(provider, 3), tmp_path)


def test_a_picture_has_the_size_that_was_promised(provider: Any, tmp_path: Path) -> None:
    contract.files_keep_the_promised_size(provider, contract.a_batch(provider, 2), tmp_path)


def test_a_picture_can_be_made_again(provider: Any, tmp_path: Path) -> None:
    contract.the_same_shot_is_the_same_picture(provider, contract.a_batch(provider, 2), tmp_path)


def test_a_cancelled_shot_ends_at_its_next_step(provider: Any, tmp_path: Path) -> None:
    contract.cancelled_within_one_step(provider, contract.a_batch(provider, 3), tmp_path)


def fit(provider: Any, width: int = 64, height: int = 64, **wish: Any) -> Any:
    return provider.fit(Shot(id=1, job="k7m2q", idea=1, prompt="a", seed=1, width=width, height=height, wish=wish))


def test_what_a_job_asks_for_is_what_is_drawn(studio: Make) -> None:
    provider = studio().provider("sdxl", model="tiny-sdxl")
    asked = fit(provider, steps=7, guidance=3.5, negative_prompt="blurry")
    assert {key: asked.request[key] for key in ("steps", "guidance", "negative_prompt")} == {
        "steps": 7, "guidance": 3.5, "negative_prompt": "blurry",
    }  # fmt: skip
    assert asked.dropped == {}


def test_words_that_a_distilled_model_can_not_follow_are_told_not_swallowed(studio: Make) -> None:
    provider = studio().provider("flux", model="tiny-flux")
    asked = fit(provider, steps=40, guidance=7.0, negative_prompt="blurry")
    assert set(asked.dropped) == {"steps", "guidance", "negative_prompt"}
    assert asked.request["steps"] == 8
    assert asked.request["guidance"] == 0.0


def test_a_model_that_the_job_names_comes_before_the_configs_own(studio: Make) -> None:
    provider = studio().provider("sdxl", model="tiny-sdxl")
    assert fit(provider, models={"sdxl": "tiny-nan"}).model == "tiny-nan"
    assert fit(provider, models={"flux": "tiny-flux"}).model == "tiny-sdxl"
    with pytest.raises(NotConfigured):
        fit(provider, models={"sdxl": "tiny-flux"})


def test_pictures_with_and_without_refiner_do_not_share_a_stack(studio: Make) -> None:
    one = studio()
    plain, refined = (one.provider("sdxl", model="tiny-sdxl", refiner=name) for name in ("", "tiny-refiner"))
    assert fit(plain).stack != fit(refined).stack


def test_a_shape_that_no_model_draws_goes_to_the_next_provider(studio: Make) -> None:
    with pytest.raises(Unfit):
        fit(studio().provider("sdxl", model="tiny-sdxl"), 5000, 100)


def test_a_real_model_is_asked_for_its_native_number_of_pixels_in_the_shape_of_the_order() -> None:
    tools = furnished(Setup(), Now())
    for plugin in (sdxl, flux, flux2_klein, z_image):
        provider = plugin.build(plugin.Options(), tools)
        asked = fit(provider, 3000, 2000)
        assert asked.request["width"] / asked.request["height"] == pytest.approx(1.5, abs=0.01)
        assert asked.request["width"] * asked.request["height"] == pytest.approx(1024 * 1024, rel=0.12)


def test_without_a_card_or_without_weights_a_job_is_not_kept_waiting(models: Path, tmp_path: Path) -> None:
    off = furnished(Setup(my=models / "my"), Now())
    assert _code(sdxl.build(sdxl.Options(model="tiny-sdxl"), off)) == "no_gpu"
    on = furnished(Setup(my=models / "my", device="cpu"), Now())
    assert _code(sdxl.build(sdxl.Options(model="tiny-sdxl"), on)) is None
    assert _code(sdxl.build(sdxl.Options(model="no-such-model"), on)) == "no_model"
    away = tmp_path / "my" / "catalog"
    away.mkdir(parents=True)
    (away / "tiny.yaml").write_text((models / "my/catalog/tiny.yaml").read_text().replace(str(models), str(tmp_path)))
    gone = furnished(Setup(my=tmp_path / "my", device="cpu"), Now())
    assert _code(sdxl.build(sdxl.Options(model="tiny-sdxl"), gone)) == "weights_gone"


def test_weights_that_come_while_the_daemon_runs_are_found_a_second_later(models: Path, tmp_path: Path) -> None:
    my = tmp_path / "my" / "catalog"
    my.mkdir(parents=True)
    (my / "tiny.yaml").write_text((models / "my/catalog/tiny.yaml").read_text().replace(str(models), str(tmp_path)))
    now = Now()
    provider = sdxl.build(sdxl.Options(model="tiny-sdxl"), furnished(Setup(my=tmp_path / "my", device="cpu"), now))
    assert _code(provider) == "weights_gone"
    (tmp_path / "sdxl").symlink_to(models / "sdxl")
    now.now += 1.5
    assert _code(provider) is None


def _code(provider: Any) -> str | None:
    missing = provider.missing()
    return missing.code if missing else None


def test_a_prompt_is_promised_as_it_will_be_sent_and_korean_never_is(studio: Make) -> None:
    asked = {name: studio().provider(name, model=f"tiny-{name}") for name in ("sdxl", "flux")}
    wish = {"negative_prompt": "흐림, blurry"}
    shot = Shot(id=1, job="k7m2q", idea=1, prompt="벚꽃 tree, no people, 8k", seed=1, width=64, height=64, wish=wish)
    told = {name: one.fit(shot).request for name, one in asked.items()}
    assert (told["sdxl"]["prompt"], told["sdxl"]["negative_prompt"]) == ("tree", "blurry, people")
    assert (told["flux"]["prompt"], told["flux"]["negative_prompt"]) == ("tree, an empty scene", "")
    assert asked["sdxl"].fit(shot).dropped == {"prompt": "dropped.diffusion.unread"}
    exact = asked["sdxl"].fit(replace(shot, prompt="a tree, no people, 8k", wish={"exact": True}))
    assert exact.request["prompt"] == "a tree, no people, 8k"
    assert exact.dropped == {"prompt": "dropped.diffusion.negation"}
    with pytest.raises(Unfit):
        asked["flux"].fit(replace(shot, prompt="벚꽃"))


def test_what_is_drawn_is_what_was_promised(studio: Make) -> None:
    one = studio()
    provider = one.provider("sdxl", model="tiny-sdxl")
    praised = "an image of a fox, masterpiece"
    plain, cleared, exact = (
        drawn.file.read_bytes()
        for how in ({"prompt": "a fox"}, {"prompt": praised}, {"prompt": praised, "exact": True})
        for drawn in one.draw(provider, 1, **how)
    )
    assert plain == cleared != exact
