"""The shipped unit under a real systemd: what it may touch, how it dies, and what is left then.

Each test leaves the service as it found it; the order does not matter.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest

from tests.boot.conftest import PATIENCE, Service
from tests.boot.machine import UID
from tests.processes import children

pytestmark = [pytest.mark.boot, pytest.mark.process]

SOLD = "prompt: calm hills, seamless pattern\n"  # of the size that markets take
SLOW = pytest.mark.torture  # what the others nearly show; all of it together takes more than a minute
LONG = "prompt: calm hills, seamless pattern\nsize: 2048x2048\nmarkets: []\n"  # in hand for a second or so
SMALL = "prompt: calm hills, seamless pattern\nsize: 256x256\nmarkets: []\n"


def made(service: Service, name: str, text: str = SMALL) -> None:
    """Order pictures and wait until their job is closed."""
    closed = len(service.events("job.closed"))
    service.drop(text, name)
    service.machine.wait(lambda: len(service.events("job.closed")) > closed, "job closed")


def test_the_hardened_service_makes_a_picture_and_a_basket(service: Service) -> None:
    made(service, "봄꽃.yaml", SOLD)
    pictures = service.pictures()
    assert len(pictures) >= 1
    assert {path.stat().st_uid for path in pictures} == {UID}
    service.machine.stockgen(service.config, "basket", "adobe_stock")
    baskets = list((service.outside / "outbox").glob("올리기/adobe_stock*/*/1_pictures/*.jpg"))
    assert len(baskets) >= 1


@SLOW
def test_what_systemd_shows_is_said_in_the_users_language(service: Service) -> None:
    service.machine.wait(lambda: "일하는 중입니다" in service.machine.show("StatusText"), "status")
    service.machine.stockgen(service.config, "pause")
    try:
        service.machine.wait(lambda: "멈춰 있습니다" in service.machine.show("StatusText"), "status")
    finally:
        service.machine.stockgen(service.config, "resume")


def test_nothing_but_its_folder_can_be_written_and_what_is_private_not_even_read(service: Service) -> None:
    walls = f"/proc/{service.pid}/root"  # what it sees, with the rights of its mounts
    for path in ("/etc/x", "/usr/x", "/srv/x", "/home/kim/x", "/var/lib/x"):
        assert "Read-only file system" in service.machine.run("touch", f"{walls}{path}", check=False), path
    assert "private" not in service.machine.run("cat", f"{walls}/home/kim/.ssh/id", check=False)
    service.machine.run("touch", f"{walls}{service.inside}/x")


def test_a_file_that_its_writer_holds_open_is_not_taken_half(service: Service) -> None:
    """The lease works behind PrivateUsers=yes: quiet time alone (0.3 s) would have taken it."""
    taken = len(service.events("file.accepted"))
    target = service.inside / "inbox" / "slow.yaml"
    script = 'exec 3>"$0"; printf "prompt: a calm sea\\n" >&3; sleep 2; printf "count: 1\\n" >&3'
    writer = subprocess.Popen([*service.machine._inside(service.machine.leader, True), "sh", "-c", script, target])
    time.sleep(1.5)
    assert len(service.events("file.accepted")) == taken
    assert writer.wait() == 0
    service.machine.wait(lambda: len(service.events("file.accepted")) == taken + 1, "accepted")


def test_a_reload_applies_the_config_and_the_service_goes_on(service: Service) -> None:
    before, reloads = service.pid, len(service.events("config.reloaded"))
    service.configure(defaults={"count": 2, "markets": ["adobe_stock"]})
    try:
        service.machine.run("systemctl", "reload", "stockgen.service")
        service.machine.wait(lambda: len(service.events("config.reloaded")) == reloads + 1, "reloaded")
        service.machine.wait(service.up, "active after the reload")
        assert service.pid == before
    finally:
        service.configure()
        service.machine.run("systemctl", "reload", "stockgen.service")


def test_after_kill_9_it_comes_back_and_makes_what_it_had_begun(service: Service) -> None:
    before, claimed = service.pid, len(service.events("shot.claimed"))
    service.drop(LONG, "killed.yaml")
    service.machine.wait(lambda: len(service.events("shot.claimed")) > claimed, "claimed")
    service.kill("KILL", before)
    assert service.shots()[-1]["state"] not in ("done", "review")
    service.restarted(before)
    service.machine.wait(lambda: all(shot["state"] in ("done", "review") for shot in service.shots()), "all made")


def test_a_process_that_hangs_is_ended_by_the_watchdog_and_one_with_nothing_to_do_is_not(service: Service) -> None:
    before = service.pid
    time.sleep(PATIENCE + 1.0)
    assert service.pid == before
    service.kill("STOP", before)
    service.restarted(before)
    assert "Watchdog timeout" in service.machine.run("journalctl", "-u", "stockgen", "--no-pager")


def test_a_picture_in_hand_may_end_though_the_stop_takes_longer_than_systemd_waits(service: Service) -> None:
    """TimeoutStopSec=1s, and a lane asleep for 3: without EXTEND_TIMEOUT_USEC all would be killed."""
    made(service, "warm.yaml")
    service.machine.drop_in("stop", "TimeoutStopSec=1s")
    lane = children(_outside(service))[0]
    os.kill(lane, SIGSTOP)
    claimed = len(service.events("shot.claimed"))
    try:
        service.drop(SMALL, "stopped.yaml")
        service.machine.wait(lambda: len(service.events("shot.claimed")) > claimed, "claimed")
        service.machine.run("systemctl", "stop", "--no-block", "stockgen.service")
        time.sleep(3.0)
        assert service.machine.show("ActiveState") == "deactivating"
    finally:
        os.kill(lane, SIGCONT)
        service.machine.run("rm", "/etc/systemd/system/stockgen.service.d/stop.conf")
        service.machine.run("systemctl", "daemon-reload")
    service.machine.wait(lambda: service.machine.show("ActiveState") == "inactive", "stopped")
    assert service.machine.show("Result") == "success"
    assert service.shots()[-1]["state"] in ("done", "review")


@pytest.mark.parametrize(
    "folder", [pytest.param("absent", marks=SLOW), "empty", pytest.param("with a key", marks=SLOW)]
)
def test_keys_that_are_not_there_keep_nothing_from_starting(service: Service, folder: str) -> None:
    machine = service.machine
    machine.run("systemctl", "stop", "stockgen.service")
    machine.run("rm", "-rf", "/etc/stockgen")
    if folder != "absent":
        machine.run("mkdir", "-p", "-m", "700", "/etc/stockgen/keys")
    if folder == "with a key":
        machine.write("/etc/stockgen/keys/openai_api_key", "sk-test-0123456789\n")
    machine.run("systemctl", "start", "stockgen.service")
    assert service.up()
    assert machine.run("stat", "-c", "%a", "/etc/stockgen/keys").split() == ["700"]
    names = machine.run("ls", "/run/credentials/stockgen.service", check=False)
    assert ("stockgen_openai_api_key" in names) == (folder == "with a key")


def test_a_config_that_cannot_be_used_is_told_once_and_not_tried_again(service: Service) -> None:
    restarts = service.machine.show("NRestarts")
    service.configure(defaults={"cuont": 3})
    try:
        service.machine.run("systemctl", "restart", "stockgen.service", check=False)
        assert service.machine.show("ActiveState") == "failed"
        assert service.machine.show("ExecMainStatus") == "2"
        time.sleep(0.5)
        assert service.machine.show("NRestarts") in ("0", restarts)
    finally:
        service.configure()


def test_a_refused_file_does_not_make_a_stop_a_failure(service: Service) -> None:
    rejected = len(service.events("file.rejected"))
    service.drop("zebra: 3\n", "wrong.yaml")
    service.machine.wait(lambda: len(service.events("file.rejected")) > rejected, "rejected")
    service.machine.run("systemctl", "stop", "stockgen.service")
    assert service.machine.show("Result") == "success"


def test_the_copy_to_a_cloud_takes_what_people_need_and_leaves_a_stamp(service: Service) -> None:
    basket, master = "올리기/adobe_stock/2026-11-28-a/1_pictures/a.jpg", "2026-11/28_a_aaaaa/images/a.jpg"
    for path in (basket, master, "2026-11/28_a_aaaaa/sheet-1.jpg"):
        at = service.outside / "outbox" / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(b"picture")
    assert service.machine.show("ActiveState", "stockgen-sync.timer") == "active"
    service.machine.run("systemctl", "start", "stockgen-sync.service")
    assert (service.cloud / basket).exists()
    assert (service.cloud / "2026-11/28_a_aaaaa/sheet-1.jpg").exists()
    assert not (service.cloud / master).exists()
    assert service.status()["sync"]["last"] is not None


@SLOW
def test_uninstalling_takes_nothing_away_but_the_units(service: Service) -> None:
    before = {path for path in service.outside.rglob("*") if not path.match("*.stockgen/*")}
    try:
        told = service.machine.stockgen(service.config, "service", "uninstall", user=False)
        assert "systemctl disable --now stockgen.service" in told
        assert service.machine.show("LoadState") == "not-found"
        assert before <= set(service.outside.rglob("*"))
        assert (service.outside / ".stockgen" / "ledger.db").exists()
    finally:
        service.machine.stockgen(service.config, "service", "install", user=False)


@SLOW
def test_a_service_of_ones_own_needs_no_root(service: Service) -> None:
    machine, own = service.machine, Path("/srv/own")
    runtime = {"XDG_RUNTIME_DIR": f"/run/user/{UID}"}
    machine.run("systemctl", "start", f"user@{UID}.service")
    mine = Service(machine, own, machine.srv / "own")
    mine.outside.mkdir()
    os.chown(mine.outside, UID, UID)
    machine.stockgen(Path("config.yaml"), "init", str(own))
    mine.configure()
    machine.stockgen(mine.config, "service", "install", "--user", **runtime)
    state = machine.run("systemctl", "--user", "show", "-p", "StatusText,ActiveState", "stockgen", user=True, **runtime)
    assert "ActiveState=active" in state
    mine.drop(SMALL, "own.yaml")
    machine.wait(lambda: [one for one in mine.shots() if one["state"] in ("done", "review")], "a picture")
    machine.stockgen(mine.config, "service", "uninstall", "--user", **runtime)
    assert machine.run("systemctl", "--user", "is-active", "stockgen", user=True, check=False, **runtime) != "active\n"
    assert mine.shots()


def _outside(service: Service) -> int:
    """The main process by the host's number."""
    for pid in children(service.machine.leader):
        fields = Path(f"/proc/{pid}/status").read_text().split("NSpid:")[1].split("\n")[0].split()
        if fields[-1] == str(service.pid):
            return pid
    raise AssertionError("not found")
