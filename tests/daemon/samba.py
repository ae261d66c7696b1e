"""A real Samba server of our own: on loopback, a port and a folder of its own, with the shares of docs/recipes.md."""

from __future__ import annotations

import getpass
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest

from tests.house import ROOT, SOON

PASSWORD = "not-a-secret"  # noqa: S105 - of a server that only this test can reach
GLOBAL = """[global]
server role = standalone server
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = {port}
disable netbios = yes
load printers = no
disable spoolss = yes
private dir = {own}
lock directory = {own}
state directory = {own}
cache directory = {own}
pid directory = {own}
ncalrpc dir = {own}/rpc
log file = {own}/log
"""


def recipe(root: Path, user: str) -> str:
    """The shares as people copy them, with our folders and our name."""
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    found = re.search(r"```ini\n(\[stockgen-inbox\].*?)```", text, re.DOTALL)
    assert found
    return found.group(1).replace("/srv/stockgen", str(root)).replace("hong", user)


class Samba:
    """Serves `root`/inbox and `root`/outbox within the `with` block. `over`: more lines for the first."""

    def __init__(self, root: Path, own: Path, over: str = "") -> None:
        for program in ("smbd", "smbclient"):
            if shutil.which(program) is None:
                pytest.skip(f"needs the program {program}")
        self.user, self._own = getpass.getuser(), own
        self.port = free_port()
        (own / "rpc").mkdir(parents=True)
        shares = recipe(root, self.user).replace("[stockgen-inbox]\n", f"[stockgen-inbox]\n{over}\n")
        self._config = own / "smb.conf"
        self._config.write_text(GLOBAL.format(port=self.port, own=own) + shares)

    def __enter__(self) -> Self:
        asked = ["smbpasswd", "-c", str(self._config), "-s", "-a", self.user]
        subprocess.run(asked, input=f"{PASSWORD}\n" * 2, text=True, check=True, capture_output=True)
        command = ["smbd", "--foreground", "--no-process-group", "-s", str(self._config)]
        with (self._own / "out").open("w") as out:
            # In a session of its own: at its end it ends its whole process group.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        end = time.monotonic() + SOON
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            assert time.monotonic() < end
            if self._process.poll() is not None:
                pytest.skip(f"smbd may not run here: {(self._own / 'out').read_text()[-300:]}")
            time.sleep(0.02)  # another program's port is all there is to wait for
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(SOON)

    def client(self, what: str, share: str = "stockgen-inbox") -> list[str]:
        """The command that does `what` as a client."""
        return ["smbclient", f"//127.0.0.1/{share}", "-p", str(self.port), "-s", str(self._config),
                "-U", f"{self.user}%{PASSWORD}", "-c", what]  # fmt: skip


def free_port() -> int:
    """One that nobody listened on a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
