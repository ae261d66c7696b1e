"""How a real daemon ends, and how it reads its config again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM
from typing import Any

import pytest

from tests.house import DaemonProcess, write_config
from tests.processes import children, gone, noted

pytestmark = pytest.mark.process


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[DaemonProcess]:
    """A daemon that has been started and is ready; pictures take most of a second."""
    one = DaemonProcess(tmp_path, over={"providers": {"scripted": {"seconds": 0.8}}})
    with one:
        one.wait_for("daemon.ready")
        yield one


def job(words: str = "a calm sea", **options: object) -> str:
    return f"prompt: {words}\nsize: 64x64\n" + "".join(f"{key}: {value}\n" for key, value in options.items())


def shots(one: DaemonProcess) -> list[dict[str, Any]]:
    return one.ledger().query("SELECT state, starts FROM shots ORDER BY id")


@pytest.mark.parametrize("number", [SIGTERM, SIGINT])
def test_a_stop_lets_the_picture_that_is_rendering_end_and_starts_no_other(daemon: DaemonProcess, number: Any) -> None:
    daemon.drop(job(count=3))
    daemon.wait_for("shot.claimed")
    daemon.send(number)
    assert daemon.finish() == 0
    assert shots(daemon) == [{"state": "done", "starts": 1}] + [{"state": "planned", "starts": 0}] * 2
    assert "daemon.stopped" in daemon.lines[-1]


@pytest.mark.parametrize("word", ["slow", "hang", "deaf"])
def test_a_second_stop_ends_at_once_and_takes_the_claim_back(daemon: DaemonProcess, word: str) -> None:
    daemon.drop(job(f"a {word} sea", count=2))
    daemon.wait_for("shot.claimed")
    daemon.send(SIGTERM)
    daemon.wait_for("daemon.stopping")
    assert daemon.process
    with noted(children(daemon.process.pid)) as lanes:
        daemon.send(SIGTERM)
        began = time.monotonic()
        assert daemon.finish() == 0
        assert time.monotonic() - began <= 2.0
        assert gone(lanes, 2.0)
    assert shots(daemon) == [{"state": "planned", "starts": 0}] * 2


def test_what_a_stop_interrupted_is_made_at_the_next_start(daemon: DaemonProcess) -> None:
    daemon.drop(job(count=2))
    daemon.wait_for("shot.claimed")
    daemon.send(SIGTERM)
    daemon.wait_for("daemon.stopping")
    daemon.send(SIGTERM)
    daemon.finish()
    with DaemonProcess(daemon.root, "--until-idle") as again:
        assert again.finish() == 0
    assert shots(daemon) == [{"state": "done", "starts": 1}] * 2


def test_a_stop_while_nothing_is_to_do_is_quick(daemon: DaemonProcess) -> None:
    daemon.send(SIGTERM)
    began = time.monotonic()
    assert daemon.finish() == 0
    assert time.monotonic() - began <= 3.0
    assert not (daemon.root / ".stockgen" / "live.json").exists()


def test_a_daemon_that_is_killed_takes_its_busy_child_along(daemon: DaemonProcess) -> None:
    daemon.drop(job("a deaf sea"))
    daemon.wait_for("shot.claimed")
    assert daemon.process
    with noted(children(daemon.process.pid)) as lanes:
        assert lanes
        daemon.process.kill()
        assert gone(lanes, 2.0)


# -- the config, again ------------------------------------------------------------------------------------------


def test_a_reload_applies_what_it_can_and_names_what_needs_a_restart(daemon: DaemonProcess) -> None:
    write_config(daemon.root, {"defaults": {"count": 3, "markets": []}, "inbox": {"settle": "200ms"}})
    daemon.send(SIGHUP)
    assert daemon.wait_for("config.restart_needed")["keys"] == ["inbox", "providers"]
    daemon.drop(job())
    assert daemon.wait_for("file.accepted")["pictures"] == 3


@pytest.mark.parametrize("text", ["defaults: {cuont: 3}\n", "defaults: [", "chains: {auto: [nobody]}\n", None])
def test_a_broken_config_is_refused_and_the_old_one_kept(daemon: DaemonProcess, text: str | None) -> None:
    daemon.config.unlink() if text is None else daemon.config.write_text(text)
    daemon.send(SIGHUP)
    assert daemon.wait_for("config.refused")["level"] == "error"
    daemon.drop(job())
    assert daemon.wait_for("file.accepted")["pictures"] == 1


def test_a_reload_makes_the_log_quieter_and_louder(daemon: DaemonProcess) -> None:
    write_config(daemon.root, {"log": {"level": "error", "format": "json"}})
    daemon.send(SIGHUP)
    daemon.drop(job(), "quiet.yaml")
    while not list((daemon.root / "outbox").rglob("job.json")):
        time.sleep(0.02)  # nothing is said that could be waited for: that is the promise
    write_config(daemon.root, {"log": {"level": "info", "format": "json"}})
    daemon.send(SIGHUP)
    daemon.wait_for("config.reloaded")
    daemon.drop(job(), "loud.yaml")
    assert daemon.wait_for("file.accepted")["file"] == "loud.yaml"
    assert not [line for line in daemon.lines if "quiet.yaml" in line]


def test_a_storm_of_reloads_loses_nothing(daemon: DaemonProcess) -> None:
    daemon.drop(job())
    for _ in range(50):
        daemon.send(SIGHUP)
    daemon.wait_for("job.closed")
    daemon.send(SIGTERM)
    assert daemon.finish() == 0
    assert shots(daemon) == [{"state": "done", "starts": 1}]
