"""A real daemon: what it answers, in which order it works, and with which code it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

import pytest

from stockgen.cli.tree import run
from tests.house import ROOT, DaemonProcess, litter, write_config

pytestmark = pytest.mark.process

START = 5.0  # seconds that a start may take on a busy test machine; the aim of 1 s is the benchmark's
MORE = ("tests.providers_for_tests",)
Cli = Callable[..., tuple[int, str]]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Runs a command and returns its exit code and what it printed."""

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["--config", str(tmp_path / "config.yaml"), *arguments], MORE)
        return code, capsys.readouterr().out

    return call


def job(words: str = "a calm sea", count: int = 1) -> str:
    return f"prompt: {words}\nsize: 64x64\ncount: {count}\n"


def told(one: DaemonProcess, event: str) -> list[dict[str, Any]]:
    """All lines of an event so far."""
    lines = [json.loads(line) for line in one.lines if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def until_idle(root: Path, **files: str) -> tuple[int, DaemonProcess]:
    """Drop files, run once; keyword `a_yaml` is the file `a.yaml`."""
    one = DaemonProcess(root, "--until-idle")
    for name, text in files.items():
        one.drop(text, name.replace("_", "."))
    with one:
        return one.finish(), one


def shown(cli: Cli, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What `status` says, asked again until it is what is wanted: it is written at most twice a second."""
    end = time.monotonic() + START
    while True:
        status: dict[str, Any] = json.loads(cli("status", "--json")[1])
        if wanted(status):
            return status
        assert time.monotonic() < end, status


# -- how a run ends ---------------------------------------------------------------------------------------------


def test_all_done_is_0_and_leaves_nothing_behind(tmp_path: Path) -> None:
    code, one = until_idle(tmp_path, a_yaml=job(count=2), b_txt="봄꽃 | 2\n")
    assert code == 0
    assert one.ledger().shots.counts() == {"done": 4}
    assert litter(tmp_path) == []
    assert not (tmp_path / ".stockgen" / "live.json").exists()


def test_nothing_to_do_is_0(tmp_path: Path) -> None:
    assert until_idle(tmp_path)[0] == 0


def test_a_refused_file_is_1_and_the_others_are_made(tmp_path: Path) -> None:
    code, one = until_idle(tmp_path, a_yaml="promt: a sea\n", b_yaml=job())
    assert code == 1
    assert one.ledger().shots.counts() == {"done": 1}


def test_a_picture_that_nobody_could_make_is_1(tmp_path: Path) -> None:
    code, one = until_idle(tmp_path, a_yaml=job("refuse"), b_yaml=job())
    assert code == 1
    assert one.ledger().shots.counts() == {"done": 1, "failed": 1}


@pytest.mark.parametrize("text", ["inbox: {settel: 2s}\n", "inbox: [\n", "providers: {nobody: {}}\n"])
def test_a_config_that_cannot_be_used_is_2(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.yaml").write_text(text)
    ended = launched(tmp_path)
    assert ended.returncode == 2
    assert "config.yaml" in ended.stderr or "providers" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_second_daemon_on_the_same_state_is_3_and_names_the_first(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path) as first:
        first.wait_for("daemon.ready")
        second = launched(tmp_path, "--until-idle")  # without, it waits for the first (test_opening)
        assert second.returncode == 3
        assert first.process
        assert str(first.process.pid) in second.stderr


def test_a_file_where_the_inbox_should_be_is_told_without_a_traceback(tmp_path: Path) -> None:
    write_config(tmp_path)
    (tmp_path / "inbox").write_text("no folder")
    ended = launched(tmp_path)
    assert ended.returncode == 1
    assert "inbox can't be written" in ended.stderr
    assert "Traceback" not in ended.stderr


def launched(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A daemon that is expected to end by itself at once."""
    command = [sys.executable, "-m", "tests.launch_daemon", "--config", str(root / "config.yaml"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_what_a_hold_keeps_for_long_is_listed_and_is_no_failure(tmp_path: Path, cli: Cli) -> None:
    write_config(tmp_path)
    assert cli("pause")[0] == 0
    DaemonProcess(tmp_path).drop(job(count=2), "a.yaml")
    command = [sys.executable, "-m", "tests.launch_daemon", "--config", str(tmp_path / "config.yaml"), "--until-idle"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0
    assert "Waiting: paused; go on with stockgen resume (pictures that wait: 2)." in ended.stderr


def test_a_file_that_pauses_is_named_by_whoever_is_asked_why_nothing_happens(tmp_path: Path, cli: Cli) -> None:
    write_config(tmp_path)
    one = DaemonProcess(tmp_path)
    pause = one.drop("", "PAUSE.txt")
    one.drop(job())
    with one:
        one.wait_for("job.planned")
        status = shown(cli, lambda status: bool(status["holds"] and status["holds"][0]["shots"]))
        assert status["daemon"]["state"] == "paused"
        assert {(held["hold"], held["reason"]) for held in status["holds"]} == {("pause", "PAUSE.txt")}
        assert "Paused by PAUSE.txt in the inbox" in cli("status")[1]
        assert "Waiting: paused by PAUSE.txt in the inbox; delete it to go on" in cli("status")[1]
        assert "still pauses" in cli("resume")[1]
        pause.unlink()
        one.wait_for("job.closed")
        assert shown(cli, lambda status: not status["holds"])["daemon"]["state"] == "running"


def test_an_inbox_that_is_gone_is_told_by_status_in_plain_words(tmp_path: Path, cli: Cli) -> None:
    with DaemonProcess(tmp_path) as one:
        one.wait_for("daemon.ready")
        gone = (tmp_path / "inbox").rename(tmp_path / "gone")
        one.wait_for("inbox.watch_lost")
        status = shown(cli, lambda status: not status["inbox"]["ok"])
        assert status["inbox"]["problem"] in cli("status")[1]
        assert "it does not exist" in status["inbox"]["problem"]
        gone.rename(tmp_path / "inbox")
        one.drop(job())
        one.wait_for("job.closed")
        assert shown(cli, lambda status: status["inbox"]["ok"])["inbox"]["problem"] is None


def test_two_devices_work_at_once_and_the_killed_one_is_replaced(tmp_path: Path, cli: Cli) -> None:
    over = {
        "providers": {"scripted": {"place": "gpu", "seconds": 0.5, "steps": 10}},
        "gpu": {"devices": ["cpu", "cpu"]},
    }
    with DaemonProcess(tmp_path, "--until-idle", over=over) as one:
        one.drop(job(count=8))
        one.wait_for("shot.claimed")
        status = shown(cli, lambda told: [lane["state"] for lane in told["lanes"]] == ["rendering"] * 2)
        assert [lane["name"] for lane in status["lanes"]] == ["gpu0", "gpu1"]
        os.kill(status["lanes"][0]["pid"], SIGKILL)
        assert one.finish() == 0
    assert len(told(one, "lane.died")) == 1
    assert one.ledger().shots.counts() == {"done": 8}


def test_a_pause_is_no_reason_to_wait_for_ever(tmp_path: Path, cli: Cli) -> None:
    write_config(tmp_path)
    assert cli("pause")[0] == 0
    code, one = until_idle(tmp_path, a_yaml=job())
    assert code == 0
    assert one.ledger().shots.counts() == {"planned": 1}


# -- at work ----------------------------------------------------------------------------------------------------


def test_it_is_ready_soon(tmp_path: Path) -> None:
    began = time.monotonic()
    with DaemonProcess(tmp_path) as one:
        one.wait_for("daemon.ready")
        seconds = time.monotonic() - began
    sys.stdout.write(f"ready after {seconds:.2f} s\n")
    assert seconds <= START


def test_a_file_dropped_while_another_job_renders_is_taken_at_once_and_their_pictures_take_turns(
    tmp_path: Path,
) -> None:
    with DaemonProcess(tmp_path, over={"providers": {"scripted": {"seconds": 0.3}}}) as one:
        one.drop(job("first", 6), "first.yaml")
        first = one.wait_for("shot.claimed")["job"]
        one.drop(job("second", 2), "second.yaml")
        second = one.wait_for("file.accepted")["job"]
        assert not told(one, "job.closed")
        one.wait_for("job.closed", 2)
    claimed = "".join("1" if line["job"] == first else "2" for line in told(one, "shot.claimed"))
    assert sorted(claimed) == sorted("11111122")
    assert not claimed.endswith("2")
    assert first != second


def test_a_file_whose_writer_stays_silent_is_not_taken_though_others_are(tmp_path: Path) -> None:
    with DaemonProcess(tmp_path) as one:
        one.wait_for("daemon.ready")
        with one.drop("prompt: ha", "slow.yaml").open("a") as writer:
            for number in range(5):
                one.drop(job(f"sea {number}"), f"{number}.yaml")
                assert one.wait_for("file.accepted")["file"] == f"{number}.yaml"
            writer.write("rbour\nsize: 64x64\n")
        assert one.wait_for("file.accepted")["file"] == "slow.yaml"
        assert one.ledger().query("SELECT source FROM jobs WHERE source_name = 'slow.yaml'") == [
            {"source": b"prompt: harbour\nsize: 64x64\n"}
        ]


def test_the_command_line_and_the_daemon_understand_each_other(tmp_path: Path, cli: Cli) -> None:
    with DaemonProcess(tmp_path) as one:
        one.wait_for("daemon.ready")
        assert cli("pause")[0] == 0
        one.drop(job())
        one.wait_for("job.planned")
        status = shown(cli, lambda status: status["daemon"]["state"] == "paused")
        assert [held["hold"] for held in status["holds"]] == ["pause"]
        assert cli("resume")[0] == 0
        one.wait_for("job.closed")
        assert cli("basket", "adobe_stock")[0] == 0
        assert cli("cancel", "zzzzz")[0] == 1
        one.send(SIGTERM)
        assert one.finish() == 0
    assert not told(one, "bug")
    assert litter(tmp_path) == []


def test_cancelling_over_the_command_line_ends_what_renders(tmp_path: Path, cli: Cli) -> None:
    with DaemonProcess(tmp_path) as one:
        one.drop(job("a slow sea", 3))
        one.wait_for("shot.claimed")
        assert cli("cancel", "last")[0] == 0
        assert one.wait_for("job.closed")["result"] == "cancelled"


def test_the_status_shows_lanes_while_it_runs_and_none_after(tmp_path: Path, cli: Cli) -> None:
    with DaemonProcess(tmp_path, over={"language": "ko"}) as one:
        one.drop(job("a slow sea"))
        claimed = one.wait_for("shot.claimed")
        status = shown(cli, lambda status: [lane["job"] for lane in status["lanes"]] == [claimed["job"]])
        assert one.process
        assert status["daemon"]["pid"] == one.process.pid
        assert status["inbox"]["watch"] == "inotify"
        assert status["shots"]["rendering"] == 1
        assert status["lanes"][0]["state"] in ("loading", "rendering")
        one.send(SIGTERM)
        one.wait_for("daemon.stopping")
        one.send(SIGTERM)
        one.finish()
    after = json.loads(cli("status", "--json")[1])
    assert after["daemon"]["state"] == "stopped"
    assert after["lanes"] == after["holds"] == []
    assert not (tmp_path / ".stockgen" / "live.json").exists()
