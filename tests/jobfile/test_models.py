"""A night is not lost over a model that can't be used: its name is answered with the reason and with what to do."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.app.checking import too_light
from stockgen.config import Config
from stockgen.domain.errors import JobFileError

Answers = Callable[..., list[str]]


@pytest.fixture
def catalogue(tmp_path: Path) -> Callable[..., Catalogue]:
    def made(language: str = "en", providers: dict | None = None) -> Catalogue:
        config = Config.model_validate({"language": language, "providers": providers or {}})
        return Catalogue(config.placed(tmp_path), tmp_path / "my")

    return made


@pytest.fixture
def answers(catalogue: Callable[..., Catalogue]) -> Answers:
    def told(text: str, language: str = "en", name: str = "job.yaml") -> list[str]:
        one = catalogue(language)
        with pytest.raises(JobFileError) as caught:
            one.read(text.encode(), name)
        return [one.say.tell(remark) for remark in caught.value.remarks]

    return told


@pytest.mark.parametrize(
    "written",
    [
        "flux-1-dev",
        "FLUX.1-dev",
        "Flux Dev",
        "kontext",
        "black-forest-labs/FLUX.1-dev",
        "BLACK-Forest-Labs/flux.1-KREA-dev",
    ],
)
def test_a_model_that_may_not_be_sold_is_refused_however_it_is_written(answers: Answers, written: str) -> None:
    (said,) = answers(f"prompt: a calm sea\nmodel: {written}\n")
    assert "its licence allows no commercial use" in said
    assert said.endswith("Write instead: flux-schnell")


def test_the_refusal_is_told_in_korean(answers: Answers) -> None:
    (said,) = answers("프롬프트: 잔잔한 바다\n모델: SDXL 터보\n", "ko")
    assert "연 매출 100만 달러" in said
    assert said.endswith("대신 이렇게 적어 주세요: sdxl-lightning")


def test_what_draws_nothing_is_refused_without_a_substitute(answers: Answers) -> None:
    (said,) = answers("prompt: a calm sea\nmodel: 4x-UltraSharp\n")
    assert said.endswith("it draws nothing by itself. Name another model.")
    (said,) = answers("prompt: a calm sea\nmodel: briaai/RMBG-2.0\n", "ko")
    assert said.endswith("다른 모델을 적어 주세요.")


def test_a_refused_model_in_a_text_file_is_told_with_its_line(catalogue: Callable[..., Catalogue]) -> None:
    with pytest.raises(JobFileError) as caught:
        catalogue().read(b"model: dmd2\n\na calm sea\n", "job.txt")
    assert [(one.code, one.line) for one in caught.value.remarks] == [("job_file.model_refused_instead", 1)]


def test_every_model_that_can_not_be_used_is_told_at_once(answers: Answers) -> None:
    said = answers("prompt: a calm sea\nmodel: [dmd2, sdxl-base, zebra, procedural]\n")
    assert len(said) == 3


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("sdxl-base", "sdxl: {model: sdxl-base}"),
        ("SDXL Base", "sdxl: {model: sdxl-base}"),
        ("스테이블 디퓨전", "sdxl: {model: sdxl-base}"),
        ("플럭스", "flux: {model: flux-schnell}"),
        ("flux 4bit", "flux: {model: flux-schnell-4bit}"),
        ("flux", "flux: {}"),
    ],
)
def test_a_model_that_is_not_set_up_is_told_with_the_line_that_it_takes(
    answers: Answers, written: str, line: str
) -> None:
    for language in ("en", "ko"):
        (said,) = answers(f"prompt: a calm sea\nmodel: {written}\n", language)
        assert "`providers:`" in said
        assert said.endswith(line)


def test_the_line_that_is_told_is_one_that_the_config_takes(catalogue: Callable[..., Catalogue]) -> None:
    one = catalogue("en", {"sdxl": {"model": "sdxl-base"}})
    with pytest.raises(JobFileError) as caught:  # it is known now, and what is missing is told next
        one.read(b"prompt: a calm sea\nmodel: SDXL Base\n", "job.yaml")
    assert [(told.code, told.facts["model"]) for told in caught.value.remarks] == [("door.not_ready", ["sdxl-base"])]


def test_a_common_name_means_the_model_that_the_config_gives_it_not_the_largest_one(
    catalogue: Callable[..., Catalogue],
) -> None:
    models = catalogue("ko", {"flux": {"model": "flux-schnell-4bit"}}).known.models
    assert [models[word] for word in ("플럭스", "flux", "슈넬")] == ["flux", "flux", "flux-schnell"]


@pytest.mark.parametrize("word", ["달리", "gpt-image-2", "나노바나나", "제미나이", "Nano Banana"])
def test_a_service_that_is_not_set_up_is_told_with_the_line_that_it_takes(
    catalogue: Callable[..., Catalogue], word: str
) -> None:
    with pytest.raises(JobFileError) as caught:
        catalogue("ko", {}).read(f"prompt: a sea\nmodel: {word}\n".encode(), "job.yaml")
    assert [told.code for told in caught.value.remarks] == ["job_file.model_not_set_up"]


OPEN = [("미리 캔버스", "miricanvas"), ("Miricanvas DesignHub", "miricanvas"), ("프리픽", "magnific"),
        ("freepik", "magnific"), ("벡티즈", "vecteezy"), ("드림스타임", "dreamstime"), ("123 RF", "123rf"),
        ("어도비 스톡", "adobe_stock")]  # fmt: skip
CLOSED = [("셔터스톡", "shutterstock"), ("Shutter Stock", "shutterstock"), ("디파짓포토", "depositphotos"),
          ("알라미", "alamy"), ("폰드5", "pond5"), ("게티 이미지", "istock"), ("Getty Images", "istock")]  # fmt: skip


@pytest.mark.parametrize(("word", "name"), OPEN)
def test_a_market_is_found_as_people_call_it(catalogue: Callable[..., Catalogue], word: str, name: str) -> None:
    (order,) = catalogue("ko", {"procedural": {}}).read(f"prompt: a sea\nmarkets: {word}\n".encode(), "a.yaml").orders
    assert order.markets == (name,)


@pytest.mark.parametrize(("word", "name"), CLOSED)
def test_nobody_loses_an_account_by_a_market_that_takes_no_generated_pictures(
    catalogue: Callable[..., Catalogue], word: str, name: str
) -> None:
    here = catalogue("ko", {"procedural": {}})
    with pytest.raises(JobFileError) as caught:
        here.read(f"prompt: a sea\nmarkets: [adobe, {word}]\n".encode(), "job.yaml")
    (told,) = caught.value.remarks
    assert told.code == "job_file.market_closed"
    assert here.closed_markets[name].closed_reason.ko in here.say.tell(told)


def test_a_market_of_ones_own_can_be_named(catalogue: Callable[..., Catalogue], tmp_path: Path) -> None:
    own = tmp_path / "my" / "markets" / "tooldi.yaml"
    own.parent.mkdir(parents=True)
    shipped = (files("stockgen") / "markets" / "miricanvas.yaml").read_text(encoding="utf-8")
    rules = [line for line in shipped.splitlines(True) if not line.startswith(("titles:", "aliases:"))]
    own.write_text("titles: {en: Tooldi, ko: 툴디}\n" + "".join(rules), encoding="utf-8")
    read = catalogue("ko", {"procedural": {}}).read
    assert read("prompt: a sea\n마켓: 툴디\n".encode(), "job.yaml").orders[0].markets == ("tooldi",)


def test_what_a_market_will_not_get_is_told_while_its_author_can_mend_it(catalogue: Callable[..., Catalogue]) -> None:
    read = catalogue("ko", {"sdxl": {}, "procedural": {}}).read
    told = read(b"prompt: a sea\nkind: photo\nmarkets: [adobe, miricanvas]\nmodel: procedural\n", "a.yaml").remarks
    assert [one.facts["market"] for one in told if one.code == "plan.kind_not_taken"] == ["miricanvas"]
    told = read(b"prompt: a sea\nmarkets: [adobe]\ntier: Standard\n", "a.yaml").remarks
    assert "plan.no_tier" in [one.code for one in told]
    told = read(b"prompt: a sea\nmarkets: [adobe, vecteezy]\nkind: photo\ntier: Standard\n", "a.yaml").remarks
    assert not {"plan.no_tier", "plan.kind_not_taken"} & {one.code for one in told}


def test_that_drawn_files_are_too_small_for_a_market_is_told_before_they_are_drawn(
    catalogue: Callable[..., Catalogue],
) -> None:
    one = catalogue()
    drawn = one.read(b"keywords: sea\nmarkets: [magnific, adobe_stock]\n", "job.yaml")
    (told,) = [one.say.tell(remark) for remark in drawn.remarks if remark.code == "plan.light"]
    assert "magnific takes no files smaller than 1.5 MB" in told
    assert too_light(drawn.orders[0], one.markets, "diffusion") == []


def test_local_is_a_model_in_both_languages(catalogue: Callable[..., Catalogue]) -> None:
    read = catalogue("ko", {"procedural": {}}).read
    assert [
        read(f"prompt: a sea\nmodel: {word}\n".encode(), "job.yaml").orders[0].model for word in ("로컬", "local")
    ] == [("local",)] * 2


def test_a_part_of_models_is_no_model_to_draw_with(answers: Answers) -> None:
    (said,) = answers("prompt: a calm sea\nmodel: sdxl-refiner\n")
    assert "sdxl-refiner" in said


def test_an_entry_of_ones_own_wins_over_a_refusal(catalogue: Callable[..., Catalogue], tmp_path: Path) -> None:
    (tmp_path / "my" / "catalog").mkdir(parents=True)
    (tmp_path / "my" / "catalog" / "mine.yaml").write_text(
        "my-dev: {title: {en: d, ko: d}, provider: procedural, licence: bought, sellable: true, look: drawn, source: s,"
        " aliases: [flux dev]}\n"
    )
    assert catalogue().known.models["flux dev"] == "my-dev"
    assert catalogue().known.models["flux_dev"] == "my-dev"
