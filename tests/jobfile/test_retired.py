"""Nobody's night is lost over a model that its service has switched off: what came after it draws, and it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import Config
from stockgen.data import Shelf
from stockgen.data.catalog import load_catalog
from stockgen.domain.errors import JobFileError
from stockgen.domain.protocols import Shot
from tests.still import StillClock

Installation = Callable[..., Catalogue]
SEOUL = ZoneInfo("Asia/Seoul")
PLUGINS = ("stockgen.providers", "tests.services_for_tests")
BOTH = {"openai": {}, "gemini": {}}
GONE = {name: one for name, one in load_catalog(Shelf()).items() if one.cloud and one.cloud.gone_for_good}
SPELLED = [
    ("DALL-E 3", "dall-e-3"), ("dall-e-3", "dall-e-3"), ("DALLE3", "dall-e-3"), ("dall·e 3", "dall-e-3"),
    ("Dall_E_3", "dall-e-3"), ("달리 3", "dall-e-3"), ("달리3", "dall-e-3"), ("달리-3", "dall-e-3"),
    ("GPT Image 1", "gpt-image-1"), ("gpt_image_1", "gpt-image-1"), ("지피티 이미지 1", "gpt-image-1"),
    ("Imagen 4", "imagen-4"), ("imagen-4.0-ultra-generate-001", "imagen-4"), ("dalle-2", "dall-e-2"),
    ("imagen-4.0-generate-preview-06-06", "imagen-4"),
    ("이매젠", "imagen-4"), ("이마젠 4", "imagen-4"), ("imagen-3.0-fast-generate-001", "imagen-3"),
    ("이매젠 3", "imagen-3"), ("gemini-2.5-flash-image-preview", "gemini-2.5-flash-image"),
    ("Nano Banana 2", "gemini-3.1-flash-image"), ("나노 바나나 2", "gemini-3.1-flash-image"),
    ("나노바나나2", "gemini-3.1-flash-image"), ("이매젠4", "imagen-4"),
    ("gemini-2.0-flash-preview-image-generation", "gemini-2.0-flash-preview-image-generation"),
]  # fmt: skip


def day(text: str, hour: int = 12) -> float:
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=SEOUL).timestamp()


@pytest.fixture
def clock() -> StillClock:
    clock = StillClock()
    clock.now = day("2026-11-27")
    return clock


@pytest.fixture
def installed(tmp_path: Path, clock: StillClock) -> Installation:
    def made(providers: dict | None = None, language: str = "en", **config: object) -> Catalogue:
        whole = {"language": language, "timezone": "Asia/Seoul", "providers": BOTH if providers is None else providers,
                 "money": {"per_month_usd": 5}, **config}  # fmt: skip
        return Catalogue(Config.model_validate(whole).placed(tmp_path), tmp_path / "my", PLUGINS, clock)

    return made


def told(catalogue: Catalogue, model: str, code: str = "plan.model_gone") -> list[str]:
    request = catalogue.read(f"prompt: a sea\nmodel: {model}\n".encode(), "job.yaml")
    return [catalogue.say.tell(one) for one in request.remarks if one.code == code]


def models(catalogue: Catalogue, model: str) -> tuple[str, ...]:
    return catalogue.read(f"prompt: a sea\nmodel: {model}\n".encode(), "job.yaml").orders[0].model


@pytest.mark.parametrize("name", GONE)
def test_every_retired_name_is_made_with_its_successor_and_told_with_the_date(
    installed: Installation, name: str
) -> None:
    cloud = GONE[name].cloud
    assert cloud
    one = installed()
    for word in (name, cloud.id, *GONE[name].aliases, name.upper(), name.replace("-", " "), name.replace("-", "_")):
        assert models(one, word) == (cloud.successor,), word
        (said,) = told(one, word)
        assert said == f"Line 1: {name} was switched off on {cloud.retires}; made with {cloud.successor} instead."


@pytest.mark.parametrize(("written", "name"), SPELLED)
def test_a_retired_name_is_understood_as_people_write_it(installed: Installation, written: str, name: str) -> None:
    for language in ("en", "ko"):
        (said,) = told(installed(language=language), written)
        assert name in said


def test_a_retired_model_is_told_in_korean_and_in_a_text_file(installed: Installation) -> None:
    one = installed(language="ko")
    (said,) = [one.say.tell(each) for each in one.read("모델: 달리 3\n\n잔잔한 바다\n".encode(), "a.txt").remarks
               if each.code == "plan.model_gone"]  # fmt: skip
    assert said.endswith("dall-e-3: 2026-05-12에 서비스가 끝나서 gpt-image-2 모델로 만듭니다.")


def test_two_retired_models_with_one_successor_are_asked_for_once(installed: Installation) -> None:
    one = installed()
    assert models(one, "[dall-e-2, dall-e-3, gpt-image-2, procedural]") == ("gpt-image-2", "procedural")
    assert len(told(one, "[dall-e-2, dall-e-3]")) == 2


def test_a_date_that_passes_while_the_daemon_runs_is_kept_by_its_clock(
    installed: Installation, clock: StillClock
) -> None:
    one = installed()
    clock.now = day("2026-11-30", 23)
    assert models(one, "gpt-image-1.5") == ("gpt-image-1.5",)
    assert told(one, "gpt-image-1.5") == []
    clock.now = day("2026-12-01", 0)
    assert models(one, "gpt-image-1.5") == ("gpt-image-2.5-sunburst",)
    assert len(told(one, "gpt-image-1.5")) == 1


def test_a_picture_that_was_planned_before_its_model_left_is_drawn_by_the_next_one(
    installed: Installation, clock: StillClock
) -> None:
    one = installed({"openai": {"model": "gpt-image-1-mini"}, "gemini": {}})
    named = Shot(id=1, job="a", idea=1, prompt="a sea", seed=1, width=64, height=64, chain=("openai",),
                 wish={"models": {"openai": "gpt-image-1.5"}})  # fmt: skip
    own = Shot(id=2, job="a", idea=1, prompt="a sea", seed=1, width=64, height=64, chain=("openai",))

    def drawn(shot: Shot) -> str:
        fit = one.chains.place(shot).fit
        return fit.model if fit else ""

    assert [drawn(named), drawn(own)] == ["gpt-image-1.5", "gpt-image-1-mini"]
    clock.now = day("2026-12-01")
    assert [drawn(named), drawn(own)] == ["gpt-image-2.5-sunburst", "gpt-image-2.5-flare"]
    assert one.chains.resolve(["openai"]).models == {"openai": "gpt-image-2.5-flare"}


@pytest.mark.parametrize(("when", "days"), [("2026-11-16", None), ("2026-11-17", 14), ("2026-11-30", 1)])
def test_a_model_that_leaves_within_a_fortnight_is_told_to_whoever_uses_it(
    installed: Installation, clock: StillClock, when: str, days: int | None
) -> None:
    one = installed({"openai": {"model": "gpt-image-1.5"}}, chains={"auto": ["openai"]})
    clock.now = day(when)
    for word in ("gpt-image-1.5", "openai", "auto", "달리"):
        said = told(one, word, "plan.model_leaving")
        assert len(said) == (days is not None)
        assert all(f"2026-12-01 (days left: {days})" in each and "gpt-image-2.5-sunburst" in each for each in said)
    assert told(one, "gpt-image-2", "plan.model_leaving") == []
    assert told(one, "procedural", "plan.model_leaving") == []


def test_a_successor_that_is_not_set_up_is_refused_with_the_line_that_it_takes(
    installed: Installation, clock: StillClock
) -> None:
    one = installed({"procedural": {}})
    with pytest.raises(JobFileError) as caught:
        one.read(b"prompt: a sea\nmodel: DALL-E 3\n", "job.yaml")
    (said,) = [one.say.tell(each) for each in caught.value.remarks]
    assert "dall-e-3 was switched off on 2026-05-12. gpt-image-2 took its place" in said
    assert said.endswith("openai: {model: gpt-image-2}")
    for when, code in (("2026-11-27", "model_not_set_up"), ("2026-12-01", "model_gone_not_set_up")):
        clock.now = day(when)
        with pytest.raises(JobFileError) as caught:
            one.read(b"prompt: a sea\nmodel: gpt-image-1.5\n", "job.yaml")
        assert [each.code for each in caught.value.remarks] == [f"job_file.{code}"]


def test_a_successor_that_lacks_its_key_is_refused_with_the_command_for_it(installed: Installation) -> None:
    one = installed({"openai": {"key": False}, "gemini": {}})
    with pytest.raises(JobFileError) as caught:
        one.read(b"prompt: a sea\nmodel: [dall-e-3, dall-e-2]\n", "job.yaml")
    said = [one.say.tell(each) for each in caught.value.remarks]
    assert [each.split(" was")[0] for each in said] == ["Line 1: dall-e-3", "Line 1: dall-e-2"]
    assert all("stockgen secret set openai" in each for each in said)
    assert models(one, "[dall-e-3, imagen-4]") == ("gpt-image-2", "gemini-nano-banana-2.1")  # somebody can make it


OLD = {
    "chains": {"auto": ["dall·e 3", "imagen-4.0-generate-001"], "old": ["dall-e-3"]},
    "defaults": {"model": "imagen-3"},
    "presets": {"blue": {"model": "gpt-image-1"}, "blau": {"모델": "달리 2, procedural"}},
    "schedules": {"nightly": {"cron": "0 2 * * *", "job": {"prompt": "a sea", "model": ["dall-e-3"]}}},
}


def test_a_retired_model_in_the_config_keeps_nobody_from_starting(installed: Installation) -> None:
    one = installed({"openai": {"model": "gpt-image-1"}, "gemini": {"model": "imagen-4.0-fast-generate-001"}}, **OLD)
    one.check()
    assert one.specs["openai"].options["model"] == "gpt-image-2.5-sunburst"
    assert one.specs["gemini"].options["model"] == "gemini-nano-banana-2.1"
    assert one.chains.resolve(["auto"]).chain == ("openai", "gemini")
    assert one.chains.used(["auto"]) == {"openai": "gpt-image-2", "gemini": "gemini-nano-banana-2.1"}
    assert one.read(b"prompt: a sea\n", "a.yaml").orders[0].model == ("gemini-nano-banana-2.1",)
    assert one.read(b"prompt: a sea\npreset: blue\n", "a.yaml").orders[0].model == ("gpt-image-2.5-sunburst",)
    told = {one.facts["where"]: one.facts["model"] for one in one.departures}
    assert told == {
        "chains.auto": "imagen-4.0-generate-001", "chains.old": "dall-e-3", "defaults.model": "imagen-3",
        "presets.blue.model": "gpt-image-1", "presets.blau.model": "달리 2", "schedules.nightly.model": "dall-e-3",
        "providers.openai.model": "gpt-image-1", "providers.gemini.model": "imagen-4.0-fast-generate-001",
    }  # fmt: skip
    assert {each.code for each in one.departures} == {"model.gone"}


def test_a_name_that_means_nothing_is_still_a_fault_of_the_config(installed: Installation) -> None:
    from stockgen.domain.errors import ConfigError

    with pytest.raises(ConfigError):
        installed(chains={"auto": ["dall-e-9"]}).check()


def test_what_leaves_soon_is_told_of_the_config_until_it_is_gone(installed: Installation, clock: StillClock) -> None:
    one = installed({"openai": {"model": "gpt-image-1.5"}})
    codes = []
    for when in ("2026-11-01", "2026-11-20", "2026-12-01"):
        clock.now = day(when)
        codes.append([each.code for each in one.departures])
    assert codes == [[], ["model.leaving"], ["model.gone"]]


def test_a_server_of_ones_own_keeps_its_own_names(installed: Installation) -> None:
    one = installed({"openai": {"model": "dall-e-3", "base_url": "http://127.0.0.1:9/v1"}})
    assert one.specs["openai"].options["model"] == "dall-e-3"
    assert one.chains.used(["openai"]) == {}
    assert one.departures == []
