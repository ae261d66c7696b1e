"""Faults at chosen system calls of a real daemon, injected by strace(1)."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.house import ROOT, write_config
from tests.torture.nest import GO
from tests.torture.whole import faults, notes

# All that changes files on the way from a dropped file to a finished picture, and its name.
CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat",
         "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "ftruncate")  # fmt: skip
# strace counts the calls of each thread for itself, and the first thread that has made so many is hit: by beginning to
# count at different moments other threads are reached, too.
PHASES = ("start", "daemon.ready", "file.accepted", "job.planned", "shot.claimed", "shot.rendered", "shot.published")
PICTURES = 2
JOB = f"prompt: a calm sea\nsize: 64x64\ncount: {PICTURES}\n"
CONFIG: dict[str, Any] = {
    "providers": {"scripted": {"place": "net"}, "second": {"place": "net"}},
    "limits": {"starts": 20, "free_disk": "0B"},
    "inbox": {"settle": "20ms", "rescan": "1s"},
}
PATIENCE = 60.0  # seconds for one life


@dataclass(frozen=True)
class Point:
    """The `when`-th call of a kind by a thread, counted from `phase`; `fault` as strace spells it."""

    phase: str
    call: str
    when: int
    fault: str

    @property
    def inject(self) -> str:
        return f"inject={self.call}:{self.fault}:when={self.when}"


class Nest:
    """Lives of a daemon, one after the other; ends with the `with` block. `environment`: variables beside our own."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._nest = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.nest"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            bufsize=0, env=os.environ | {"OMP_NUM_THREADS": "1"} | dict(environment or {}),
        )  # fmt: skip
        self._child = 0

    def __enter__(self) -> Nest:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child:
            with suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGKILL)
        assert self._nest.stdin
        assert self._nest.stdout
        self._nest.stdin.close()
        self._nest.kill()
        self._nest.wait()
        self._nest.stdout.close()

    def life(
        self,
        root: Path,
        point: Point | None = None,
        trace: Path | None = None,
        log: Path | None = None,
        spoil: str = "",
    ) -> int:
        """Let a daemon live until it is idle or hit; return its wait status. `spoil`: a bug of `spoilt.py`."""
        hold = point.phase if point else ""
        asked = {"config": str(root / "config.yaml"), "log": str(log or root / "log"), "hold": hold, "spoil": spoil}
        self._say(asked)
        self._child = int(self._heard())
        told = self._heard()
        if told != "holding":
            return self._ended(told)
        assert point
        tracer = _traced(self._child, point, trace or root / "trace")
        self._say(GO)
        try:
            return self._ended(self._heard())
        finally:
            tracer.wait(PATIENCE)
            if tracer.stderr:
                tracer.stderr.close()

    def _ended(self, told: str) -> int:
        self._child = 0
        return int(told.removeprefix("ended "))

    def _say(self, what: object) -> None:
        assert self._nest.stdin
        self._nest.stdin.write(f"{json.dumps(what)}\n".encode())

    def _heard(self) -> str:
        assert self._nest.stdout
        fd, end, text = self._nest.stdout.fileno(), time.monotonic() + PATIENCE, b""
        while not text.endswith(b"\n"):
            ready = select.select([fd], [], [], max(0.0, end - time.monotonic()))[0]
            sign = os.read(fd, 1) if ready else b""
            if not sign:
                raise AssertionError("a life hangs")
            text += sign
        return text.decode().strip()


def _traced(pid: int, point: Point, trace: Path) -> subprocess.Popen[bytes]:
    """strace on a process; it has been attached when this returns."""
    command = ["strace", "-f", "-y", "-s", "400", "-o", str(trace), "-p", str(pid),
               "-e", f"trace={','.join(f'?{one}' for one in CALLS)}"]  # fmt: skip
    if point.when:
        command += ["-e", point.inject]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert tracer.stderr
    said = b""
    while b"attached" not in said:
        if not (more := tracer.stderr.readline()):
            raise NotTraced(said.decode(errors="replace"))
        said += more
    return tracer


class NotTraced(Exception):
    """strace is not allowed to look into processes here."""


def prepared(root: Path) -> Path:
    """A folder with a job that waits to be made."""
    write_config(root, CONFIG)
    (root / "inbox").mkdir()
    (root / "inbox" / "sea.yaml").write_text(JOB)
    return root


def strike(nest: Nest, root: Path, point: Point) -> tuple[bool, list[str]]:
    """Begin, be hit at `point`, start again cleanly; return whether it was hit, and all that is not as it must be."""
    status = nest.life(prepared(root), point)
    trace = root / "trace"
    hit = os.WIFSIGNALED(status) or (trace.exists() and "(INJECTED)" in trace.read_text(errors="replace"))
    if not hit:
        return False, []
    after = nest.life(root)
    found = [] if after == 0 else [f"the next start ends with status {after}"]
    found += faults(root)
    if "KILL" in point.fault:  # a note is a courtesy: a disk that refuses it gets no second one
        found += notes(root)
    pictures = len(list((root / "outbox").glob("*/*/images/*.jpg")))
    if pictures != PICTURES:
        found.append(f"{pictures} pictures instead of {PICTURES}")
    return True, found


# -- which calls there are -------------------------------------------------------------------------------------

_LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")


def counted(nest: Nest, root: Path, phase: str) -> dict[str, list[int]]:
    """What a life that nobody hits does from `phase` on: call → the numbers at which a thread changes something."""
    nest.life(prepared(root), Point(phase, "", 0, ""), root / "calls")
    return numbers(root / "calls")


def numbers(trace: Path, within: str = "") -> dict[str, list[int]]:
    """What a trace tells: call → the numbers at which a thread changes something, there where paths begin with
    `within`.
    """
    seen: Counter[tuple[str, str]] = Counter()
    kept: dict[str, set[int]] = {}
    for each in trace.read_text(errors="replace").splitlines():
        found = _LINE.match(each)
        if not found:
            continue
        thread, call, rest = found.groups()
        seen[thread, call] += 1
        if within in rest and (call != "openat" or "O_CREAT" in rest):
            kept.setdefault(call, set()).add(seen[thread, call])
    return {call: sorted(found) for call, found in kept.items()}


def points(calls: dict[str, list[int]], phase: str, fault: str) -> Iterator[Point]:
    """Every point of a phase."""
    for call, numbers in sorted(calls.items()):
        for number in numbers:
            yield Point(phase, call, number, fault)
