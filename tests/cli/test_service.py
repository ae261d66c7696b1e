"""`stockgen service` on a computer where it can't be installed: what it would do, and why it does not."""

from __future__ import annotations

import os
import pwd
import re
from pathlib import Path

import pytest

from stockgen.cli import service
from tests.house import write_config

ME = pwd.getpwuid(os.geteuid()).pw_name


def test_print_shows_all_that_would_be_written_and_run_and_does_nothing(desk, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    here = desk()
    said = here("service", "install", "--user", "--print")
    assert said.code == 0
    assert f'--config "{here.config}"' in said.out
    assert re.search(r"^# systemctl --user enable stockgen.service$", said.out, re.MULTILINE)
    assert f"# loginctl enable-linger {ME}" in said.out
    assert "@" not in re.sub(r"@\w+[.-]|between @ signs|@\n? ?signs|=~?@[a-z-]+|@resources", "", said.out)
    assert not (tmp_path / "settings").exists()


def test_the_system_unit_runs_as_whoever_owns_the_folder(desk):
    here = desk()
    text = here("service", "install", "--print").out
    assert f"\nUser={here.root.owner()}\n" in text
    assert f'\nReadWritePaths="{here.root}"\n' in text


@pytest.mark.parametrize("user", [[], ["--user"]])
@pytest.mark.parametrize("what", ["install", "uninstall"])
def test_without_systemd_it_says_so_and_writes_nothing(desk, monkeypatch, tmp_path, what, user):
    monkeypatch.setattr(service, "BOOTED", tmp_path / "none")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    said = desk()("service", what, *user)
    assert (said.code, said.out) == (2, "")
    assert "stockgen daemon" in said.err
    assert not (tmp_path / "settings").exists()


@pytest.fixture
def systemd(tmp_path, monkeypatch) -> Path:
    """A computer on which systemd runs and refuses everything: its program is a real one."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "systemctl").write_text('#!/bin/sh\necho "$@" >> "$0.asked"\nexit 1\n')
    (programs / "systemctl").chmod(0o755)
    monkeypatch.setattr(service, "BOOTED", tmp_path)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return programs


def test_without_a_session_of_ones_own_it_says_how_to_get_one(desk, systemd):
    said = desk()("service", "install", "--user")
    assert said.code == 2
    assert f"loginctl enable-linger {ME}" in said.err
    assert (systemd / "systemctl.asked").read_text() == "--user show-environment\n"


def test_folders_that_lie_apart_are_told_with_what_to_do(desk):
    here = desk()
    write_config(here.root, {"outbox": {"path": "/srv/elsewhere"}})
    said = here("service", "install", "--print")
    assert said.code == 2
    assert "outbox.path /srv/elsewhere" in said.err
    assert "side by side" in said.err


def test_a_daemon_that_runs_already_is_named_instead_of_failing_in_the_background(desk, systemd, monkeypatch):
    from stockgen.lock import StateLock

    monkeypatch.setattr(service, "TEMPORARY", ())
    here = desk()
    monkeypatch.setattr(service.Manager, "answers", lambda self, *words: words[0] == "show-environment")
    lock = StateLock(here.root / ".stockgen")
    said = here("service", "install", "--user")
    lock.release()
    assert said.code == 3
    assert str(os.getpid()) in said.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets so far")
def test_a_folder_of_roots_is_no_folder_for_a_service(desk, systemd):
    said = desk()("service", "install")
    assert said.code == 2
    assert "sudo chown -R NAME" in said.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may")
def test_without_root_the_whole_command_is_shown(desk, systemd):
    here = desk()
    said = here("service", "install")
    assert said.code == 2
    assert f"sudo {service.sys.executable} -m stockgen --config {here.config} service install" in said.err


def test_nothing_to_remove_is_told(desk, systemd, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(service.Manager, "answers", lambda self, *words: True)
    said = desk()("service", "uninstall", "--user")
    assert said.code == 2
    assert "Nothing was changed" in said.err


def test_status_tells_when_the_outbox_was_copied_last(desk):
    here = desk()
    here.write("a.yaml", "prompt: a calm sea\nsize: 96x64\n")
    assert here("run", here.root / "a.yaml").code == 0
    assert here("status", "--json").json["sync"] == {"last": None}
    assert "Copied" not in here("status").out
    stamp = here.root / ".stockgen" / "synced"
    stamp.touch()
    os.utime(stamp, (1_790_000_000, 1_790_000_000))
    assert here("status", "--json").json["sync"] == {"last": "2026-09-21T14:13:20.000Z"}
    assert "Copied to the cloud last: 09-2" in here("status").out
