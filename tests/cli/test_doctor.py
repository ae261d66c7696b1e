"""Each thing that keeps somebody from pictures is found, and told with the one command that helps."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from stockgen.cli.desk import Session
from stockgen.cli.examining import drawing, ground, helping, living, telling
from stockgen.config.secrets import keep
from stockgen.domain.installing import pip
from stockgen.gpu.cards import Card
from stockgen.gpu.installed import Torch, torch_here, torch_in, unsuited, wheel
from stockgen.messengers.others import Others
from tests.cli.rig import rig
from tests.house import write_config

GIB = 1 << 30
WHEEL = "whl/"


def card(generation=(8, 9), driver="580.95", cuda=13000):
    return Card(0, "RTX", 24 * GIB, 23 * GIB, driver, generation, cuda)


def systemctl(folder: Path, monkeypatch: pytest.MonkeyPatch, answers: str) -> None:
    """Programs of the system that answer as told: a case of the shell over their words."""
    for name in ("systemctl", "loginctl", "timedatectl"):
        file = folder / name
        file.write_text(f'#!/bin/sh\ncase "{name} $*" in\n{answers}\nesac\n', "utf-8")
        file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def told(session, found):
    return [(ok, session.say.tell(remark)) for ok, remark in found]


@pytest.mark.parametrize(
    ("torch", "here", "code", "wheels"),
    [
        (Torch("2.13.0+cpu", None), card(), "torch_cpu", "cu130"),
        (Torch("2.13.0+cpu", None), card(cuda=12040, driver="550.1"), "torch_cpu", "cu126"),
        (Torch("2.6.0+cu124", (12, 4)), card((12, 0)), "torch_old", "cu130"),  # an RTX 50 with a wheel of 2024
        (Torch("2.6.0+cu124", (12, 4)), card((12, 0), "570.1", 12080), "torch_old", "cu128"),
        (Torch("2.13.0+cu130", (13, 0)), card((6, 1)), "torch_dropped", "cu126"),  # a GTX 10
        (Torch("2.13.0+cu130", (13, 0)), card(cuda=12040, driver="550.1"), "driver_old", "cu126"),
        (Torch("2.13.0+cu130", (13, 0)), card(cuda=0, driver="550.1"), "driver_old", "cu126"),
        (Torch("2.13.0+cu126", (12, 6)), card((6, 1), "470.1", 11040), "driver_old", "cu126"),
    ],
)
def test_a_torch_that_can_not_use_the_card_is_found_before_the_night(torch, here, code, wheels, tmp_path):
    found = unsuited(torch, here)
    assert (found.code, found.facts["wheel"]) == (f"doctor.{code}", wheels)
    session = rig(write_config(tmp_path), here)
    ((ok, sentence),) = told(session, drawing.suited(torch, session))
    assert not ok
    assert f"{WHEEL}{wheels}" in sentence or "sudo ubuntu-drivers install" in sentence


@pytest.mark.parametrize(
    ("torch", "here"),
    [
        (Torch("2.13.0+cu130", (13, 0)), card()),
        (Torch("2.13.0+cu126", (12, 6)), card((6, 1), "535.1", 12020)),
        (Torch("2.9.0+cu128", (12, 8)), card((12, 0), "570.1", 12080)),
        (Torch("2.9.0+cu128", (12, 8)), card(None, "525.60.13", 0)),  # a driver that says little
    ],
)
def test_a_torch_that_suits_the_card_is_left_alone(torch, here):
    assert unsuited(torch, here) is None
    assert wheel(here) in ("cu126", "cu128", "cu130")


def test_torch_is_asked_without_importing_it(tmp_path):
    (tmp_path / "version.py").write_text(
        "from typing import Optional\n__version__ = '2.9.0+cu128'\ncuda: Optional[str] = '12.8'\n"
        "hip: Optional[str] = None\n"
    )
    assert torch_in(tmp_path) == Torch("2.9.0+cu128", (12, 8))
    assert torch_in(tmp_path / "nothing") is None
    here = torch_here()
    assert here is None or here.version


def test_kernel_limits_that_run_out_are_told_each_with_its_command(tmp_path):
    session = Session(write_config(tmp_path))
    for instances, watches, fine in ((128, 8192, True), (16, 8192, False), (128, 100, False)):
        (tmp_path / "max_user_instances").write_text(f"{instances}\n")
        (tmp_path / "max_user_watches").write_text(f"{watches}\n")
        ((ok, sentence),) = told(session, ground.inotify(session, tmp_path))
        assert ok is fine
        assert fine or "sudo sysctl --system" in sentence


def test_a_state_on_a_network_folder_is_told_before_the_ledger_breaks(tmp_path):
    session = Session(write_config(tmp_path))
    session.state.mkdir(mode=0o700)
    assert told(session, ground.state(session)) == []
    ((ok, sentence),) = told(session, ground.state(session, lambda path: "NFS" if path == session.state else ""))
    assert (ok, "(NFS)" in sentence) == (False, True)


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_state_of_somebody_else_is_told_with_the_command_that_gives_it_back(tmp_path):
    session = Session(write_config(tmp_path))
    session.state.mkdir(mode=0o700)
    os.chown(session.state, 12345, -1)
    ((ok, sentence),) = told(session, ground.state(session))
    assert (ok, f'sudo chown -R "$USER" {session.state}' in sentence) == (False, True)


def test_an_outbox_that_may_not_be_written_to_is_told(tmp_path):
    session = Session(write_config(tmp_path))
    session.catalogue.config.outbox.path.mkdir()
    found = told(session, ground.folders(session, lambda path, mode: path != session.catalogue.config.outbox.path))
    assert [ok for ok, _ in found] == [False]
    assert "You may not write to" in found[0][1]


def test_a_model_that_the_computers_own_memory_does_not_hold_is_told(tmp_path):
    (tmp_path / "weights").mkdir()
    (tmp_path / "my" / "catalog").mkdir(parents=True)
    draws = {"pipeline": "StableDiffusionXLPipeline", "steps": 30, "guidance": 5.0, "guided": True, "tokens": 77,
               "dtype": "float16"}  # fmt: skip
    memory = {"encoders": 2 * GIB, "denoiser": 5 * GIB, "decoder": GIB, "each": GIB, "working": GIB}
    mine = {"title": {"en": "a", "ko": "b"}, "provider": "sdxl", "licence": "MIT", "sellable": True, "source": "here",
            "look": "diffusion", "weights": {"source": "../weights"}, "drawing": draws, "memory": memory}  # fmt: skip
    (tmp_path / "my" / "catalog" / "mine.yaml").write_text(yaml.safe_dump({"mine": mine}), "utf-8")
    over = {"providers": {"sdxl": {"model": "mine"}}, "chains": {}, "gpu": {"devices": ["cpu"]}}
    session = Session(write_config(tmp_path, over))
    assert told(session, drawing.memory(session, 8 * GIB)) == []
    ((ok, sentence),) = told(session, drawing.memory(session, 8 * GIB - 1))
    assert ok is None
    assert "mine takes 8.0 GiB" in sentence


def test_a_key_that_is_here_is_told_with_its_place_and_one_that_others_can_read_as_a_fault(tmp_path):
    session = Session(write_config(tmp_path))
    file = keep("OPENAI_API_KEY", "sk-" + "k" * 30, session.catalogue.secrets)
    assert [ok for ok, sentence in told(session, helping.secrets(session)) if "openai" in sentence] == [True]
    file.chmod(0o644)
    ((ok, sentence),) = [one for one in told(session, helping.secrets(session)) if str(file) in one[1]]
    assert (ok, "chmod" in sentence) == (False, True)


def test_an_address_that_nothing_can_be_sent_to_is_told_before_the_morning(tmp_path):
    session = Session(write_config(tmp_path, {"notify": {"urls": ["secret:telegram", "secret:ntfy"]}}))
    keep("NOTIFY_NTFY", "ntfy://my-topic", session.catalogue.secrets)
    assert [ok for ok, _ in told(session, telling.notify(session))] == [False, True]
    keep("NOTIFY_TELEGRAM", "tgram://nothing", session.catalogue.secrets)
    assert "is none of Telegram" in told(session, telling.notify(session))[0][1]
    missing = Others("ntfy://my-topic", "ntfy", str, "no_such_library_anywhere").lacking()
    assert missing is not None
    assert f"{pip()} " in session.say.tell(missing.remark)
    assert "notify]" in session.say.tell(missing.remark)


def test_a_service_that_failed_is_off_or_ends_at_logout_is_told(tmp_path, monkeypatch):
    session = Session(write_config(tmp_path))
    installed = '"systemctl --user is-enabled stockgen.service") echo enabled;;\n'
    systemctl(tmp_path, monkeypatch, installed + "*Linger*) echo no;;\n*NTP*) echo no;;")
    assert [ok for ok, _ in told(session, living.service(session))] == [True, None]
    assert "timedatectl set-ntp true" in told(session, living.clock(session))[0][1]
    systemctl(tmp_path, monkeypatch, installed + "*is-failed*) echo failed;;")
    ((ok, sentence),) = told(session, living.service(session))
    assert (ok, "journalctl --user -u stockgen" in sentence) == (False, True)
    systemctl(tmp_path, monkeypatch, installed.replace("echo enabled", "echo disabled"))
    assert "systemctl --user enable --now stockgen" in told(session, living.service(session))[0][1]
    systemctl(tmp_path, monkeypatch, "*) echo not-found;;")
    assert [ok for ok, _ in living.service(session)] in ([], [True])  # not installed is no fault


def test_a_copy_in_the_cloud_that_grew_old_or_never_was_is_told_only_where_there_is_to_be_one(tmp_path, monkeypatch):
    session = Session(write_config(tmp_path))
    session.state.mkdir()
    systemctl(tmp_path, monkeypatch, "*) echo not-found;;")
    assert told(session, living.sync(session)) == []
    systemctl(tmp_path, monkeypatch, '"systemctl --user is-enabled stockgen-sync.timer") echo enabled;;')
    assert "Nothing was copied" in told(session, living.sync(session))[0][1]
    stamp, now = session.state / "synced", session.catalogue.clock.wall()
    stamp.touch()
    for age, fine in ((3600, True), (3 * 86400, False)):
        os.utime(stamp, (now - age, now - age))
        assert [ok for ok, _ in living.sync(session)] == [fine]
