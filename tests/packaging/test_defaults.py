"""The commented config files say what the program does without them."""

from __future__ import annotations

from importlib.resources import as_file, files

import pytest

from stockgen.config import Config, load
from tests.packaging.conftest import ROOT

LANGUAGES = ("en", "ko")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_in_a_commented_file_is_the_default(language: str) -> None:
    with as_file(files("stockgen") / "config" / f"default.{language}.yaml") as path:
        written, silent = load(path), Config().placed(path.parent)
    assert written == silent


def test_the_clone_starts_with_the_same_file_that_init_writes() -> None:
    shipped = files("stockgen") / "config" / "default.en.yaml"
    assert (ROOT / "config.yaml").read_bytes() == shipped.read_bytes()
