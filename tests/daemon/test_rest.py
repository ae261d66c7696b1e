"""What a daemon with nothing to do keeps in memory, and what it has at hand."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stockgen.app.catalogue import Catalogue
from stockgen.app.warming import warm_up
from stockgen.config import load
from stockgen.threads import LIMIT, OTHERS
from tests.house import ROOT, TEST_PLUGINS, write_config

SERVED = """
import os, sys
from daemon.main import main
from stockgen.threads import LIMIT
code = main(["--config", sys.argv[1], "--until-idle"], plugins=("stockgen.providers", "tests.providers_for_tests"))
print(code, os.environ[LIMIT], *({"sqlite_utils", "numpy", "pandas", "PIL"} & {*sys.modules}), file=sys.stderr)
"""


@pytest.mark.process
def test_the_very_first_start_brings_nothing_that_only_pictures_need(tmp_path: Path) -> None:
    told = [sys.executable, "-c", SERVED, str(write_config(tmp_path))]
    plain = {name: value for name, value in os.environ.items() if name not in (LIMIT, *OTHERS)}
    done = subprocess.run(told, cwd=ROOT, env=plain, check=True, capture_output=True, text=True)
    assert done.stderr.split() == ["0", "1", "sqlite_utils"], "the last made the ledger"


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    own = tmp_path / "my" / "vocabulary"
    own.mkdir(parents=True)
    (own / "subjects.yaml").write_text("quokka: {en: quokka, ko: 쿼카, category: animals}\n", "utf-8")
    return Catalogue(load(write_config(tmp_path)), tmp_path / "my", TEST_PLUGINS)


def test_the_first_file_waits_for_no_words_to_be_read(catalogue: Catalogue) -> None:
    warm_up(catalogue)
    (catalogue.my / "vocabulary" / "subjects.yaml").write_text("[", "utf-8")  # who reads it now fails
    assert catalogue.read("쿼카 2장\n".encode(), "a.txt").orders[0].subject == "쿼카"


def test_what_words_were_read_from_is_not_kept(catalogue: Catalogue) -> None:
    assert catalogue.vocabulary
    assert entries_as_read()
    warm_up(catalogue)
    assert not entries_as_read()


def entries_as_read() -> int:
    """How many subjects are in memory as YAML has them: with the things that are near each."""
    return sum(type(one) is dict and "near" in one and "group" in one for one in gc.get_objects())
