"""Two Syncthings of our own on loopback, a server's and a phone's, which share folders with each other alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import pytest
import requests

from tests.daemon.samba import free_port
from tests.house import SOON

OPTIONS = {
    "globalAnnounceEnabled": "false", "localAnnounceEnabled": "false", "relaysEnabled": "false", "natEnabled": "false",
    "startBrowser": "false", "urAccepted": "-1", "crashReportingEnabled": "false", "autoUpgradeIntervalH": "0",
    "reconnectionIntervalS": "1", "progressUpdateIntervalS": "-1",
}  # fmt: skip
FOLDER = (
    '<folder id="{id}" path="{path}" type="{type}" rescanIntervalS="60" fsWatcherEnabled="true" fsWatcherDelayS="1">'
    '<device id="{us}"></device><device id="{them}"></device></folder>'
)


class Syncthing:
    """One of them. `folders`: what is shared → where it lies and how (`sendreceive`, `sendonly`, `receiveonly`)."""

    def __init__(self, home: Path, folders: Mapping[str, tuple[Path, str]]) -> None:
        if shutil.which("syncthing") is None:
            pytest.skip("needs the program syncthing")
        self._home, self._folders = home, folders
        self.port, self._web = free_port(), free_port()
        made = subprocess.run(
            ["syncthing", "generate", f"--home={home}", "--no-default-folder"],
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.search(r"Device ID: (\S+)", made.stdout + made.stderr)
        assert found
        self.id = found.group(1)
        self._session = requests.Session()
        self._session.trust_env = False

    def start(self, other: Syncthing) -> Self:
        """Know the other one, and nobody else."""
        config = self._home / "config.xml"
        text = config.read_text()
        for name, value in OPTIONS.items():
            text = re.sub(rf"<{name}>.*?</{name}>", f"<{name}>{value}</{name}>", text)
        text = text.replace("127.0.0.1:8384", f"127.0.0.1:{self._web}")
        text = text.replace("<listenAddress>default<", f"<listenAddress>tcp://127.0.0.1:{self.port}<")
        found = re.search(r"<apikey>(.*?)</apikey>", text)
        assert found
        self._session.headers["X-API-Key"] = found.group(1)
        shared = "".join(FOLDER.format(id=name, path=path, type=how, us=self.id, them=other.id)
                         for name, (path, how) in self._folders.items())  # fmt: skip
        peer = f'<device id="{other.id}" name="other"><address>tcp://127.0.0.1:{other.port}</address></device>'
        config.write_text(re.sub(r"(<configuration[^>]*>)", rf"\1{shared}{peer}", text, count=1))
        command = ["syncthing", "serve", f"--home={self._home}", "--no-browser", "--no-restart", "--no-upgrade"]
        with (self._home / "out").open("w") as out:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        return self

    def connected(self) -> bool:
        """Whether the other one is there."""
        try:
            told = self._session.get(f"http://127.0.0.1:{self._web}/rest/system/connections", timeout=SOON).json()
        except requests.ConnectionError:
            return False
        return any(one["connected"] for one in told["connections"].values())

    def scan(self, folder: str) -> None:
        """Look for what has changed now, and not when it next would."""
        self._session.post(f"http://127.0.0.1:{self._web}/rest/db/scan", params={"folder": folder}, timeout=SOON)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(SOON)
        self._session.close()


def until(holds: Callable[[], object], told: str) -> None:
    """Wait until something holds that another program does."""
    end = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < end, told
        time.sleep(0.05)  # nobody tells us when it does
