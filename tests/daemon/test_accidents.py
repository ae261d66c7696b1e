"""Accidents that a real daemon lives through: children that crash, a stop in the middle of a picture, people who look
while it writes, keys that are missing or no longer right. The list of all accidents: docs/edge-cases.md.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGTERM
from typing import Any

import pytest

from stockgen.cli.tree import run
from tests.clouds import Clouds
from tests.house import DaemonProcess, broken_promises, litter

pytestmark = pytest.mark.process

Cli = Callable[..., tuple[int, str]]
MORE = ("tests.providers_for_tests",)
IN_A_THREAD = {"providers": {"scripted": {"place": "net"}, "second": {}}}
GRACE = 25.0  # seconds that a stop may take, below systemd's 90: daemon/service.py


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Runs a command and returns its exit code and what it printed."""

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["--config", str(tmp_path / "config.yaml"), *arguments], MORE)
        both = capsys.readouterr()
        return code, both.out + both.err

    return call


def job(words: str, count: int = 1, model: str = "auto") -> str:
    return f"prompt: a {words} sea\nsize: 64x64\ncount: {count}\nmodel: {model}\n"


def until_idle(
    root: Path, over: dict[str, Any], *texts: str, environment: Any = os.environ
) -> tuple[int, DaemonProcess]:
    """Run once over some files."""
    one = DaemonProcess(root, "--until-idle", over=over, environment=environment)
    for number, text in enumerate(texts):
        one.drop(text, f"{number}.yaml")
    with one:
        return one.finish(), one


def outcomes(one: DaemonProcess) -> list[tuple[str, dict[str, int]]]:
    """Each file and what became of its pictures."""
    return [(row["source_name"], row["shots"]) for row in reversed(one.ledger().jobs.listed())]


# -- D3, D7 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["poison", pytest.param("segfault", marks=pytest.mark.torture)])
def test_a_picture_that_kills_its_process_each_time_is_given_up_and_the_others_are_made(
    tmp_path: Path, word: str
) -> None:
    code, one = until_idle(tmp_path, {"limits": {"starts": 2, "free_disk": "0B"}}, job(word), job("calm", 2))
    assert code == 1
    assert outcomes(one) == [("0.yaml", {"failed": 1}), ("1.yaml", {"done": 2})]
    (shot,) = one.ledger().query("SELECT starts, reason FROM shots WHERE state = 'failed'")
    assert shot["starts"] == 2
    assert len([line for line in one.lines if '"lane.died"' in line]) == 2
    assert broken_promises(one.ledger()) == {}
    assert litter(tmp_path) == []


# -- D4 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.torture
@pytest.mark.parametrize("word", ["slow", "hang"])
def test_a_stop_in_the_middle_of_a_long_picture_ends_in_time_and_counts_as_no_try(tmp_path: Path, word: str) -> None:
    with DaemonProcess(tmp_path) as one:
        one.drop(job(word))
        one.wait_for("shot.claimed")
        began = time.monotonic()
        one.send(SIGTERM)
        assert one.finish() == 0
        assert time.monotonic() - began < GRACE + 10.0
    assert one.ledger().query("SELECT state, starts FROM shots") == [{"state": "planned", "starts": 0}]
    assert broken_promises(one.ledger()) == {}


# -- G2 ----------------------------------------------------------------------------------------------------------------


def test_people_who_look_while_it_writes_are_always_answered(tmp_path: Path, cli: Cli) -> None:
    looks, asked = 0, (["status"], ["status", "--json"], ["jobs"], ["job", "last"], ["find", "sea"], ["report"])
    with DaemonProcess(tmp_path, over=IN_A_THREAD) as one:
        one.drop(job("calm", 30))
        one.wait_for("job.planned")
        while not list((tmp_path / "outbox").rglob("job.json")):
            for words in asked:
                code, told = cli(*words)
                assert code == 0, told
                assert "busy" not in told.lower() and "locked" not in told.lower(), told
                looks += 1
        one.wait_for("job.closed")
        one.send(SIGTERM)
        assert one.finish() == 0
    assert looks >= len(asked)
    assert outcomes(one) == [("job.yaml", {"done": 30})]


# -- G3 ----------------------------------------------------------------------------------------------------------------


def bought(url: str) -> dict[str, Any]:
    return {
        "providers": {**IN_A_THREAD["providers"], "openai": {"base_url": url, "per_minute": 0}},
        "chains": {"auto": ["scripted"], "shop first": ["openai", "scripted"]}, "money": {"per_month_usd": 5},
    }  # fmt: skip


def test_without_a_key_local_pictures_are_made_and_the_missing_key_is_named(tmp_path: Path) -> None:
    none = {name: value for name, value in os.environ.items() if not name.endswith("_KEY")}
    over = bought("http://127.0.0.1:9/v1")
    code, one = until_idle(tmp_path, over, job("calm", 2), job("wild", 1, "[openai, scripted]"), environment=none)
    assert code == 0
    assert outcomes(one) == [("0.yaml", {"done": 2}), ("1.yaml", {"done": 1})]
    (note,) = (tmp_path / "inbox" / "accepted").glob("*_1.yaml.note.txt")
    assert "stockgen secret set" in note.read_text(encoding="utf-8-sig")
    assert one.ledger().query("SELECT 1 FROM spend") == []


def test_a_key_that_has_expired_costs_nothing_and_local_pictures_go_on(tmp_path: Path) -> None:
    with Clouds() as clouds:
        clouds.script("openai", "invalid_api_key")
        environment = os.environ | {"OPENAI_API_KEY": clouds.openai_key}
        files = (job("wild", 2, "[openai, scripted]"), job("calm", 2))
        code, one = until_idle(tmp_path, bought(clouds.openai_url), *files, environment=environment)
        assert (clouds.images, clouds.micros) == (0, 0)
    assert code == 0
    assert outcomes(one) == [("0.yaml", {"done": 2}), ("1.yaml", {"done": 2})]
    closed = [json.loads(line) for line in one.lines if '"provider.closed"' in line]
    assert [line["provider"] for line in closed] == ["openai"]
