"""Living with it: the service that starts by itself, the clock, and the copy that goes to a cloud."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from stockgen.cli.called import again
from stockgen.cli.desk import Session
from stockgen.cli.examining.findings import Finding
from stockgen.domain.words import Remark

PATIENCE = 5.0  # seconds for a program of the system to answer
DAY = 86400.0
SYNCED = "synced"  # in the state: touched each time that the copy to a cloud went well
LATE = 2 * DAY  # a copy that is older is worth a look: its timer comes every day or more often
SCOPES = ("--user", "--system")
ABSENT = frozenset({"", "not-found"})


def clock(session: Session) -> Iterator[Finding]:
    """Whether the computer's clock is set by the network; schedules and folders' dates follow it."""
    if asked("timedatectl", "show", "--property=NTPSynchronized", "--value") == "no":
        yield None, Remark("doctor.clock")


def service(session: Session) -> Iterator[Finding]:
    """Whether it starts by itself, where the system could start it."""
    there = [scope for scope in SCOPES if unit_state(scope, "stockgen.service") not in ABSENT]
    for scope in there:
        yield from _one(scope)
    if not there and find_spec("stockgen.cli.service") and shutil.which("systemctl"):
        yield True, Remark("doctor.service_none", facts={"stockgen": again(session)})


def sync(session: Session) -> Iterator[Finding]:
    """How old the copy in a cloud is; only where there is to be one."""
    stamp = session.state / SYNCED
    timers = [scope for scope in SCOPES if unit_state(scope, "stockgen-sync.timer") not in ABSENT]
    if not (timers or stamp.exists()):
        return
    facts: dict[str, object] = {"scope": (timers or ["--user"])[0]}
    if not stamp.exists():
        yield None, Remark("doctor.never_synced", facts=facts)
        return
    facts["days"] = int((session.catalogue.clock.wall() - stamp.stat().st_mtime) / DAY)
    late = session.catalogue.clock.wall() - stamp.stat().st_mtime > LATE
    yield not late, Remark("doctor.sync_late" if late else "doctor.synced", facts=facts)


def _one(scope: str) -> Iterator[Finding]:
    facts = {"scope": scope}
    if asked("systemctl", scope, "is-failed", "stockgen.service") == "failed":
        yield False, Remark("doctor.service_failed", facts=facts)
    elif unit_state(scope, "stockgen.service") == "disabled":
        yield None, Remark("doctor.service_disabled", facts=facts)
    else:
        yield True, Remark("doctor.service")
    if scope == "--user" and asked("loginctl", "show-user", str(os.getuid()), "--property=Linger", "--value") == "no":
        yield None, Remark("doctor.linger")


def unit_state(scope: str, unit: str) -> str:
    """`enabled`, `disabled` and so on; one of ABSENT where it is not installed or there is no systemd."""
    return asked("systemctl", scope, "is-enabled", unit)


def asked(*command: str) -> str:
    """The first line that a program of the system answers; "" where it is not there, or says nothing in time."""
    return _first(command) if shutil.which(command[0]) else ""


def _first(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout.strip().splitlines() or [""])[0]
