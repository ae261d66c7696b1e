"""A process that looks at pictures speaks to nobody: whoever would fetch something in it gets an error instead."""

from __future__ import annotations

import sys

SPOKEN = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind"})


class Offline(RuntimeError):
    """Something in this process wanted to use the network. No OSError: libraries try those again."""


def stay_offline() -> None:
    """For the rest of this process's life (audit hooks can't be removed). What is connected already stays so."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in SPOKEN:
        raise Offline(f"{event} {arguments[1:]}")
