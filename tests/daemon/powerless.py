"""Root is stopped by no mode and no owner. Within a block it is, as people's own daemons are."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

# capabilities(7): read, write and list anything; act as any file's owner; lease anybody's file.
_POWERS = sum(1 << number for number in (1, 2, 3, 28))
_VERSION = 0x20080522  # capset(2): two words of capabilities


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Words(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


@contextmanager
def powerless() -> Iterator[None]:
    """Modes and owners hold for this thread, whoever runs it."""
    libc, header, words = ctypes.CDLL(None, use_errno=True), _Header(_VERSION, 0), (_Words * 2)()
    assert libc.capget(ctypes.byref(header), words) == 0, os.strerror(ctypes.get_errno())
    before = words[0].effective
    words[0].effective = before & ~_POWERS
    assert libc.capset(ctypes.byref(header), words) == 0, os.strerror(ctypes.get_errno())
    try:
        yield
    finally:
        words[0].effective = before
        assert libc.capset(ctypes.byref(header), words) == 0
