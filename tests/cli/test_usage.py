"""Wrong use is told in one sentence that says what to type instead, and no script goes on after it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from stockgen import __version__
from stockgen.cli.tree import COMMANDS

WRONG = [
    ((), 2, "Usage: stockgen"),
    (("stauts",), 2, "Did you mean: stockgen status"),
    (("zebra",), 2, "There are: init, setup, check, submit"),
    (("--zebra",), 2, "There is no option --zebra. See: stockgen --help"),
    (("status", "--jsno"), 2, "There is no option --jsno. See: stockgen status --help"),
    (("check",), 2, "FILE is missing. See: stockgen check --help"),
    (("jobs", "--limit", "many"), 2, "The value of --limit can't be used."),
    (("jobs", "--limit", "0"), 2, "The value of --limit can't be used."),
    (("jobs", "extra"), 2, "See: stockgen jobs --help"),
    (("list", "zebra"), 2, "There are: providers, writers, markets, styles, chains, models"),
    (("config",), 2, "Usage: stockgen config"),
    (("config", "chekc"), 2, "Did you mean"),
    (("--config",), 2, "The value of --config can't be used."),
]


@pytest.mark.parametrize(
    ("words", "code", "beginning"), WRONG, ids=lambda one: " ".join(one) if type(one) is tuple else ""
)
def test_wrong_use_exits_with_two_and_says_what_to_type(desk, words, code, beginning):
    said = desk().bare(*words)
    assert (said.code, said.out) == (code, "")
    assert beginning in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("name", [*COMMANDS, "config", "models", "ledger"])
def test_every_command_has_help_that_fits_a_terminal(desk, name):
    said = desk().bare(name, "--help")
    assert said.code == 0
    assert f"stockgen {name}" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_every_command_is_named_with_what_it_does(desk):
    out = desk().bare("--help").out
    for name in [*COMMANDS, "config", "models", "ledger"]:
        assert re.search(rf"^  {name} +[A-Z].{{8,}}\.$", out, re.MULTILINE)


def test_the_version(desk):
    assert desk().bare("--version").out == f"stockgen {__version__}\n"


def test_the_installed_program_answers():
    done = subprocess.run([sys.executable, "-m", "stockgen", "--version"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"stockgen {__version__}\n")


def test_a_reader_that_goes_away_gets_no_traceback(desk):
    command = f"{sys.executable} -m stockgen --config {desk().config} list styles | true"
    done = subprocess.run(["bash", "-c", command], check=False, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
