"""The socket of a service manager (sd_notify(3)): one datagram of `NAME=value` lines at a time; nobody there = silence.

Our own thirty lines, because the library of that name drops what is not Latin-1, a Korean STATUS= for one.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

PATIENCE = 1.0  # seconds that a manager gets to read what came before
_LONGEST = 107  # bytes of a path that fit into an address of the kernel's (unix(7))


class NotifySocket:
    """Sends to `address`, systemd's $NOTIFY_SOCKET: a path, `@NAME` in Linux's abstract space, "" = there is none."""

    def __init__(self, address: str) -> None:
        self.there = address.startswith(("/", "@"))
        self._address = os.fsencode(address)

    def send(self, **told: str | int) -> None:
        """Tell it, for example `send(READY=1, STATUS="한가함")`. What can't be delivered is lost: nobody's picture
        depends on it, and a watchdog that hears nothing does what it is for.
        """
        if not self.there:
            return
        lines = (f"{name}={str(value).replace(chr(10), ' ')}" for name, value in told.items())
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as one:
            one.settimeout(PATIENCE)
            self._deliver(one, "\n".join(lines).encode("utf-8", "replace"))

    def _deliver(self, one: socket.socket, data: bytes) -> None:
        if self._address.startswith(b"@"):
            one.sendto(data, b"\0" + self._address[1:])
        elif len(self._address) <= _LONGEST:
            one.sendto(data, self._address)
        else:  # through its folder, whose number is short
            folder, name = os.path.split(self._address)
            at = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                one.sendto(data, bytes(Path(f"/proc/self/fd/{at}")) + b"/" + name)
            finally:
                os.close(at)
