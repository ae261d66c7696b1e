"""Where a server runs: on this computer, so that its models lie on our graphics cards, or at least nearby."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit


def is_here(url: str) -> bool:
    """Whether the host of `url` is an address of this computer: one that a socket can be bound to."""
    host = urlsplit(url).hostname or ""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return False
    return any(_bindable(family, address[0]) for family, _, _, _, address in found)


def _bindable(family: int, address: str | int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as one:
            one.bind((address, 0))
    except OSError:
        return False
    return True


def is_near(url: str) -> bool:
    """Whether a server is in our own network, behind no proxy: its name has no dot, or its address is private."""
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal", ".localhost"))
    return address.is_private or address.is_loopback
