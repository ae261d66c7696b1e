"""With the state folder read-only each command says so in plain words; those that only look still work."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stockgen.ledger import FILE_NAME
from tests.cli.conftest import Desk
from tests.daemon.readonly import unwritable
from tests.house import ROOT

LOOKING = [("status",), ("jobs",), ("job",), ("list", "markets"), ("config", "check"), ("check", "sea.yaml"),
           ("status", "--json"), ("models", "list")]  # fmt: skip
WRITING = [("pause",), ("resume",), ("cancel", "last"), ("basket",), ("run", "sea.yaml"), ("doctor",)]


@pytest.fixture
def here(desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A folder in which one job was made and everything has ended cleanly."""
    one = desk()
    monkeypatch.chdir(one.root)
    assert one("run", one.write("sea.yaml")).code == 0
    return one


def test_what_only_looks_still_works(here: Desk) -> None:
    with unwritable(here.root / ".stockgen"):
        for words in LOOKING:
            said = here(*words)
            assert said.code == 0, (words, said)


def test_what_would_write_says_what_can_not_be_written_and_changes_nothing(here: Desk) -> None:
    state = here.root / ".stockgen"
    before = (state / FILE_NAME).read_bytes()
    with unwritable(state):
        for words in WRITING:
            said = here(*words)
            told = said.out + said.err
            assert said.code == 1, (words, said)
            assert "can't be written (the disk is read-only)" in told or "can't be written (no permission)" in told
            assert str(state) in told
            assert "Traceback" not in told
    assert (state / FILE_NAME).read_bytes() == before


def test_words_still_reach_the_inbox(here: Desk) -> None:
    with unwritable(here.root / ".stockgen"):
        assert here("submit", "a lake").code == 0
    assert here.inbox() == ["a_lake.txt"]


@pytest.mark.process
def test_the_daemon_says_so_and_ends(here: Desk) -> None:
    with unwritable(here.root / ".stockgen"):
        command = [sys.executable, "-m", "tests.launch_daemon", "--config", str(here.config), "--until-idle"]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 1
    assert "can't be written" in said.stderr
    assert "Traceback" not in said.stderr


def test_copies_of_the_ledger_can_be_taken_and_none_restored(here: Desk, tmp_path: Path) -> None:
    with unwritable(here.root / ".stockgen"):
        assert here("ledger", "backup", tmp_path / "copy.db").code == 0
        assert here("ledger", "restore", tmp_path / "copy.db").code == 1
    assert here("ledger", "restore", tmp_path / "copy.db").code == 0
