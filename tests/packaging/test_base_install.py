"""A base install starts: nothing that only an extra brings is imported at the head of a module."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.conftest import ROOT

OURS = ("stockgen", "daemon")
# Imported by functions alone, once something is to be bought.
LATE = {ROOT / "stockgen" / "providers" / "_cloud" / "recording.py"}


def base() -> set[str]:
    needed = [Requirement(one) for one in requires("stockgen") or []]
    return {canonicalize_name(one.name) for one in needed if not one.marker or one.marker.evaluate({"extra": ""})}


def imported(file: Path) -> Iterator[str]:
    """Top-level names that importing `file` imports."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def test_every_library_that_is_imported_at_start_is_a_base_dependency() -> None:
    owners, allowed = packages_distributions(), base()
    files = [path for package in OURS for path in (ROOT / package).rglob("*.py") if path not in LATE]
    foreign = {name for file in files for name in imported(file)} - set(sys.stdlib_module_names) - set(OURS)
    brought = {name: {canonicalize_name(one) for one in owners.get(name, ())} for name in foreign}
    assert {name for name, distributions in brought.items() if not distributions & allowed} == set()


@pytest.mark.process
def test_what_is_imported_late_is_imported_by_no_plugin() -> None:
    plugins = "import stockgen.providers.openai, stockgen.providers.gemini, sys; sys.exit('httpx2' in sys.modules)"
    subprocess.run([sys.executable, "-c", plugins], check=True)
