"""docs/models.md promises of cards and licences what the program does, so that nobody buys or sells by an old page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.config import Config, load
from stockgen.data import Shelf
from stockgen.data.catalog import load_catalog, load_refused
from stockgen.gpu.forecast import forecast
from tests.packaging.conftest import ROOT

PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
MODELS = load_catalog(Shelf())
TABLES = [table for table in re.findall(r"^\| card \|(?:.+\n)+", PAGE, re.M) if " take " not in table]
CARDS = [(one[0], *row) for one in (table.splitlines() for table in TABLES)
         for row in re.findall(r"^\| (\d+) GB \| (.*) \|$", "\n".join(one), re.M)]  # fmt: skip


def block(first: str) -> str:
    """The YAML block that begins with this line."""
    (found,) = re.findall(rf"^```yaml\n({re.escape(first)}\n.*?)^```", PAGE, re.M | re.S)
    return found


@pytest.mark.parametrize(("head", "card", "cells"), CARDS)
def test_the_page_promises_what_the_forecast_gives(head: str, card: str, cells: str) -> None:
    free = int((int(card) - 0.8) * (1 << 30))
    columns = [re.findall(r"`([^`]+)`", cell) for cell in head.split("|")[2:-1]]
    plans = [forecast(MODELS[name], free, *(MODELS[one] for one in refiner)) for name, *refiner in columns]
    assert cells.split(" | ") == [f"{plan.name}, {plan.batch}" if plan else "–" for plan in plans]


def test_the_page_promises_what_the_forecast_gives_with_what_reads_pictures() -> None:
    rows = re.findall(r"^\| (`sdxl-[^|]+`) \| ((?:offload|phased|resident).*) \|$", PAGE, re.M)
    assert len(rows) == 4
    for beside, cells in rows:
        others = [MODELS[name.strip("`")] for name in beside.split(" + ")]
        plans = [forecast(MODELS["sdxl-base"], int((card - 0.8) * (1 << 30)), *others) for card in (8, 12, 16, 24)]
        assert cells.split(" | ") == [f"{plan.name}, {plan.batch}" if plan else "–" for plan in plans], beside


def test_the_page_has_every_model_that_runs_here_in_a_table_of_cards() -> None:
    heads = {name for head, *_ in CARDS for name in re.findall(r"`([^`]+)`", head)}
    assert {name for name, one in MODELS.items() if one.weights and one.drawing and one.role == "model"} <= heads


def test_every_model_stands_on_the_page_with_its_licence() -> None:
    listed = {row.split(" | ")[0].strip("| `"): row for row in PAGE.splitlines() if row.startswith("| `")}
    drawing = {name: one for name, one in MODELS.items() if one.weights and one.role == "model"}
    assert [name for name, one in drawing.items() if one.licence not in listed.get(name, "")] == []
    assert [name for name in MODELS if name != "procedural" and f"`{name}`" not in PAGE] == []


def test_every_refusal_stands_on_the_page_with_its_reason() -> None:
    section = PAGE.partition("## What is refused, and why")[2]
    rows = {row.split(" | ")[0].strip("| "): row for row in section.splitlines() if row.startswith("| ")}
    told = {
        one.title.en: (one.reason.en.rstrip("."), one.licence, one.instead) for one in load_refused(Shelf()).values()
    }
    assert [title for title, facts in told.items() if not all(fact in rows.get(title, "") for fact in facts)] == []


def test_the_config_that_is_shown_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(block("# config.yaml"), encoding="utf-8")
    Catalogue(load(tmp_path / "config.yaml"), tmp_path / "my").check()


def test_the_entry_of_ones_own_that_is_shown_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "my" / "catalog").mkdir(parents=True)
    (tmp_path / "my" / "catalog" / "mine.yaml").write_text(block("# my/catalog/mine.yaml"), encoding="utf-8")
    mine = Catalogue(Config().placed(tmp_path), tmp_path / "my").models["my-fine-tune"]
    assert mine.weights is not None
    assert not mine.weights.on_hub
