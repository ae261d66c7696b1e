"""One booted system for all tests of a worker, with stockgen installed in it as its users install it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from stockgen.app.units import quoted
from stockgen.ledger import Ledger, Row
from tests.boot.machine import PYTHON, UID, USER, Machine, covered, missing

# What a name of a folder may be, and systemd reads its own way.
FOLDER = """그림 100%h "$HOME's" \\n"""
PATIENCE = 5  # seconds of the watchdog
CONFIG: dict[str, Any] = {
    "language": "ko",
    "inbox": {"settle": "300ms", "rescan": "1s"},
    "defaults": {"count": 1, "markets": ["adobe_stock"]},
    "chains": {"auto": ["procedural"]},
    "providers": {"procedural": {}},
    "limits": {"free_disk": "0B"},
    "log": {"format": "json"},
}


@dataclass(frozen=True)
class Service:
    """stockgen as a service of `machine`, in a folder of its person."""

    machine: Machine
    inside: Path
    outside: Path  # the same folder, as the host sees it

    @property
    def cloud(self) -> Path:
        """Where rclone copies to, as the host sees it."""
        return self.outside / "cloud"

    @property
    def config(self) -> Path:
        return self.inside / "config.yaml"

    def drop(self, text: str, name: str) -> None:
        """Put a job file into the inbox as its person does: written elsewhere, then moved there."""
        at = self.outside / f".{name}"
        at.write_text(text, encoding="utf-8")
        shutil.chown(at, UID, UID)
        at.rename(self.outside / "inbox" / name)

    def configure(self, **over: Any) -> None:
        at = self.outside / "config.yaml"
        at.write_text(yaml.safe_dump(CONFIG | over, allow_unicode=True), encoding="utf-8")
        shutil.chown(at, UID, UID)

    @property
    def pid(self) -> int:
        """Its main process, by the number that it has in the machine; 0 = none."""
        return int(self.machine.show("MainPID"))

    def kill(self, number: str, pid: int) -> None:
        self.machine.run("kill", f"-{number}", str(pid))

    def events(self, name: str) -> list[dict[str, Any]]:
        """What was logged under a name since the installation."""
        lines = [json.loads(line) for line in self.machine.journal().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == name]

    def status(self) -> Any:
        return json.loads(self.machine.stockgen(self.config, "status", "--json"))

    def shots(self) -> list[Row]:
        return Ledger.reading(self.outside / ".stockgen").query("SELECT * FROM shots ORDER BY id")

    def pictures(self) -> list[Path]:
        return sorted((self.outside / "outbox").glob("*/*/images/*"))

    def up(self) -> bool:
        return self.machine.show("ActiveState") == "active" and self.pid > 0

    def restarted(self, before: int) -> None:
        """Wait until another process than `before` is ready."""
        self.machine.wait(lambda: self.up() and self.pid != before, "restarted")


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """Booted once a worker."""
    if why := missing():
        pytest.skip(why)
    place = Path(tempfile.mkdtemp(prefix="stockgen-boot-", dir="/var/tmp"))  # a disk, which /tmp may not be
    place.chmod(0o755)
    try:
        one = Machine(place)
        yield one
        one.close()
    finally:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def installed(machine: Machine) -> Service:
    """By the command: the unit hardened as it is shipped, only started again at once instead of in 5 s, and with a
    watchdog of seconds instead of a minute.
    """
    shown = [f'BindReadOnlyPaths="{path}"' for path in covered()]
    machine.drop_in("quick", "RestartSec=100ms", f"WatchdogSec={PATIENCE}s", *shown)
    machine.run("rm", "-rf", "/etc/stockgen")
    one = Service(machine, Path("/srv") / FOLDER, machine.srv / FOLDER)
    one.outside.mkdir()
    shutil.chown(one.outside, UID, UID)
    machine.stockgen(Path("config.yaml"), "init", str(one.inside))
    one.configure()
    one.cloud.mkdir()
    shutil.chown(one.cloud, UID, UID)
    remote = str(one.inside / one.cloud.name)
    machine.drop_in("cloud", f'ReadWritePaths="{quoted(remote, command=False)}"', unit="stockgen-sync.service")
    told = machine.stockgen(one.config, "service", "install", "--sync", remote, user=False)
    assert "systemctl restart stockgen.service" in told
    assert USER in told
    assert PYTHON in machine.run("systemctl", "cat", "stockgen.service")
    return one


@pytest.fixture
def service(installed: Service) -> Service:
    """Up, whatever the test before has done."""
    installed.machine.run("systemctl", "reset-failed", "stockgen.service", check=False)
    installed.machine.run("systemctl", "start", "stockgen.service")
    installed.machine.wait(installed.up, "up")  # a reload that the test before asked for may not have ended
    return installed
