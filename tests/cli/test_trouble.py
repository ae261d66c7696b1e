"""Whatever is wrong with files and folders is told in a sentence, never as a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

EVERY = [("status",), ("jobs",), ("job",), ("pause",), ("cancel", "last"), ("basket",), ("submit", "sea"),
         ("doctor",), ("list", "markets"), ("config", "check"), ("daemon",),
         ("run", "good.yaml"), ("check", "good.yaml")]  # fmt: skip


@pytest.fixture
def told(desk, monkeypatch):
    """The answer to a command; `given`: what stands behind --config."""

    def told(words, given=None, **over):
        here = desk(**over)
        here.write("good.yaml")
        monkeypatch.chdir(here.root)
        said = here.bare("--config", given or here.config, *words)
        assert "Traceback" not in said.err
        return said

    return told


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_a_missing_config_names_the_command_that_makes_one(told, words):
    said = told(words, given="gone.yaml")
    assert said.code == (1 if words == ("doctor",) else 2)
    assert "stockgen init" in said.out + said.err


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_a_folder_as_config_is_answered_with_the_file_in_it(told, words, tmp_path):
    said = told(words, given=tmp_path)
    assert said.code != 0
    assert f"{tmp_path}/config.yaml" in said.out + said.err


@pytest.mark.parametrize(
    "words", [one for one in EVERY if one[0] not in ("daemon", "check", "list", "config")], ids=" ".join
)
@pytest.mark.parametrize("state", ["good.yaml", "good.yaml/deeper"])
def test_a_file_where_the_state_should_be_is_told(told, words, state):
    said = told(words, state=state)
    if words[0] not in ("submit",):
        assert said.code != 0
        assert "good.yaml" in said.out + said.err


@pytest.mark.parametrize("words", [("pause",), ("run", "good.yaml"), ("doctor",)], ids=" ".join)
@pytest.mark.parametrize("state", ["/sys", "/proc/stockgen"])
def test_a_state_folder_that_may_not_be_written_is_told(told, words, state):
    if not Path("/proc/self").exists():
        pytest.skip("needs Linux")
    said = told(words, state=state)
    assert said.code in (1, 2)
    assert state in said.out + said.err


def test_a_broken_ledger_is_told_and_left_alone(told, tmp_path):
    (tmp_path / ".stockgen").mkdir()
    ledger = tmp_path / ".stockgen" / "ledger.db"
    ledger.write_bytes(b"no database at all" * 100)
    for words in (("status",), ("pause",)):
        said = told(words)
        assert said.code == 1
        assert "damaged" in said.err
    assert ledger.read_bytes() == b"no database at all" * 100


@pytest.mark.parametrize("name", ["gone.yaml", ".", "a\0b.txt", "x" * 300 + ".txt"])
def test_a_job_file_that_cannot_be_read_is_told(told, name):
    for command in ("check", "run", "submit"):
        assert told((command, name)).code in (1, 2)


def test_words_as_long_as_a_letter_are_no_file_name(told):
    assert told(("submit", "sea " * 200)).code in (0, 1)


def test_a_name_that_no_terminal_can_show_is_shown_as_well_as_may_be(told, tmp_path):
    name = os.fsdecode(b"\xff\x1b[31m.yaml")
    (tmp_path / name).write_text("prompt: a\n")
    said = told(("check", name))
    assert said.code == 0
    assert "\x1b" not in said.out


def test_every_fault_of_a_config_is_told_at_once(told):
    said = told(("status",), inboks={}, limits={"starts": 0}, language="kor")
    assert said.code == 2
    assert said.err.count("\n  - ") == 3
