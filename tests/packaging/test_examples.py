"""Files that people copy are understood as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.cli import main
from stockgen.config import Config
from stockgen.domain.words import JobRequest
from stockgen.jobfile import read
from stockgen.modes.wording import has_hangul
from stockgen.pipeline.sizing import final_size
from tests.packaging.conftest import ROOT

EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.suffix in (".yaml", ".txt", ".csv"))
CARD = [
    path for path in EXAMPLES if {"control:", "종류: 요소"} & {*path.read_text("utf-8").splitlines()}
]  # take a card
WITHOUT = [path for path in EXAMPLES if path not in CARD]
names = pytest.mark.parametrize("example", WITHOUT, ids=[path.name for path in WITHOUT])


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(Config().placed(tmp_path), tmp_path / "my")


def understood(catalogue: Catalogue, path: Path) -> JobRequest:
    return catalogue.read(path.read_bytes(), path.name)


@names
def test_check_accepts_it(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--config", str(ROOT / "config.yaml"), "check", str(example)])
    assert code == 0, capsys.readouterr().out


@names
def test_no_word_of_it_is_left_out(catalogue: Catalogue, example: Path) -> None:
    told = {remark.code for remark in understood(catalogue, example).remarks}
    assert told <= {"job_file.told.random", "job_file.told.whole_job", "plan.drawn", "plan.other_language",
                    "plan.translated", "plan.texts", "job_file.told.columns"}  # fmt: skip


@names
def test_its_pictures_are_large_enough_to_sell(catalogue: Catalogue, example: Path) -> None:
    sizes = [final_size(order, catalogue.markets) for order in understood(catalogue, example).orders]
    assert all(width * height >= 6_000_000 for width, height in sizes)


def test_the_examples_show_every_form_and_both_languages(catalogue: Catalogue) -> None:
    shown = {(path.suffix, has_hangul(path.read_text(encoding="utf-8"))) for path in EXAMPLES}
    assert shown == {(".yaml", False), (".yaml", True), (".txt", False), (".txt", True), (".csv", True)}
    assert sum(understood(catalogue, path).pictures for path in WITHOUT) >= 8


@pytest.mark.parametrize("example", CARD, ids=[path.name for path in CARD])
def test_what_takes_a_graphics_card_is_understood_and_says_more_than_words(catalogue: Catalogue, example: Path) -> None:
    request = read(example.read_bytes(), example.name, catalogue.known)
    assert all(order.control or (order.cut and order.best_of > 1) for order in request.orders)
    assert request.remarks == ()
