"""The docs say everything that there is, and nothing that there is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from stockgen.app.catalogue import Catalogue
from stockgen.cli.tree import (
    COMMANDS,
    CONFIG_COMMANDS,
    LEDGER_COMMANDS,
    MODELS_COMMANDS,
    SCHEDULES_COMMANDS,
    SECRET_COMMANDS,
    SERVICE_COMMANDS,
)
from stockgen.config import Config
from stockgen.config.model import RELOADABLE
from stockgen.jobfile import read as read_form
from stockgen.ledger import Ledger
from tests.packaging.conftest import ROOT

PAGES = [ROOT / name for name in ("README.md", "README.ko.md", "CHANGELOG.md")] + sorted((ROOT / "docs").glob("*.md"))
pages = pytest.mark.parametrize("page", PAGES, ids=[path.name for path in PAGES])


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(page: str) -> dict[str, list[str]]:
    """Table rows by the code span in their first cell."""
    cells = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row for row in cells}


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of a model, dotted; NAME stands for a name that the user gives."""
    for name, field in model.model_fields.items():
        inner: Any = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys(inner, f"{prefix}{name}.")
            continue
        yield f"{prefix}{name}"
        below = get_args(inner)[-1] if get_args(inner) else None
        if isinstance(below, type) and issubclass(below, BaseModel):
            yield from keys(below, f"{prefix}{name}.NAME.")


READMES = pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])


@READMES
def test_the_readme_can_be_read_in_one_sitting(readme: str) -> None:
    assert len(text(readme).splitlines()) <= 200


def test_who_reads_korean_is_led_to_every_page() -> None:
    linked = {name: set(re.findall(r"\]\((?!http)([^)#]+)", text(name))) for name in ("README.md", "README.ko.md")}
    korean = {page.replace(".ko.md", ".md") for page in linked["README.ko.md"]}
    assert linked["README.md"] - {"README.ko.md"} <= korean


@READMES
def test_the_readme_names_every_command(readme: str) -> None:
    groups = {"config": CONFIG_COMMANDS, "models": MODELS_COMMANDS, "ledger": LEDGER_COMMANDS,
              "schedules": SCHEDULES_COMMANDS, "secret": SECRET_COMMANDS, "service": SERVICE_COMMANDS}  # fmt: skip
    named = [*COMMANDS, *(f"{group} {name}" for group, commands in groups.items() for name in commands)]
    assert [name for name in named if f"`stockgen {name}" not in text(readme)] == []


def test_every_key_of_the_config_is_explained() -> None:
    page = text("docs/config.md")
    assert [key for key in keys(Config) if f"`{key}`" not in page] == []


def test_the_docs_say_which_keys_a_reload_applies() -> None:
    listed = rows(text("docs/config.md"))
    told = {key for key in keys(Config) if key in listed and listed[key][-1].startswith("yes")}
    assert told == {key for key in keys(Config) if key in listed and {key, key.partition(".")[0]} & RELOADABLE}


def test_every_provider_is_explained_with_its_options(tmp_path: Path) -> None:
    listed = rows(text("docs/config.md"))
    for name, module in Catalogue(Config().placed(tmp_path), tmp_path / "my").plugin_modules.items():
        options = import_module(module).Options.model_fields
        assert [option for option in options if f"`{option}`" not in listed[name][-1]] == []


def test_every_key_of_a_job_file_is_explained_with_its_korean_names() -> None:
    known, listed = yaml.safe_load(text("stockgen/jobfile/keys.yaml")), rows(text("docs/job-files.md"))
    korean = [(key, name) for key, names in known["keys"].items() for name in names if not name.isascii()]
    assert [(key, name) for key, name in korean if f"`{name}`" not in listed[key][1]] == []


def test_every_table_and_column_that_readers_may_rely_on_exists(tmp_path: Path) -> None:
    ledger, page = Ledger.opened(tmp_path), text("docs/ledger.md")
    for table, row in rows(page).items():
        there = {one["name"] for one in ledger.query("SELECT name FROM pragma_table_info(:table)", table=table)}
        promised = set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", row[1])))
        assert promised and promised <= there, table
    tables = ledger.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' "
                          "AND name NOT LIKE 'ideas\\_words\\_%' ESCAPE '\\'")  # fmt: skip
    assert [one["name"] for one in tables if f"`{one['name']}`" not in page] == []
    ledger.close()


@pages
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]*)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if link and not (page.parent / link).exists()] == []


@pages
def test_every_job_file_that_is_shown_is_accepted(page: Path, tmp_path: Path) -> None:
    catalogue = Catalogue(Config().placed(tmp_path), tmp_path / "my")
    for kind, block in re.findall(r"^```(yaml|text)\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        if not block.startswith(("outbox/", "# config.yaml", "# my/")):
            name = "job.yaml" if kind == "yaml" else "job.txt"
            if "control:" in block or "like:" in block:  # which take a graphics card, and a picture made here
                read_form(block.encode(), name, catalogue.known)
            else:
                catalogue.read(block.encode(), name)


def test_every_accident_has_a_test_that_exists() -> None:
    page = text("docs/edge-cases.md")
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", page)
    assert [f"{file}::{name}" for file, name in named
            if f"\ndef {name}(" not in text(f"tests/{file}")] == []  # fmt: skip
    ids = {one for line in page.splitlines() for one in re.findall(r"\b[A-G]\d+\b", line.partition(" | ")[0])}
    assert len(named) > 90
    assert {"A1", "B1", "C1", "D1", "E1", "F1", "G1"} <= ids
