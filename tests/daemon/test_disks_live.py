"""A real daemon on a real small disk that fills up, becomes read-only or goes away while it works: it waits, says so,
loses nothing, and goes on by itself. (Faults of single calls, EIO of fsync(2) among them: tests/torture/test_calls.py.)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from signal import SIGTERM
from typing import Any

import pytest

from tests.daemon.mounts import mounted
from tests.house import ROOT, DaemonProcess, broken_promises, litter

pytestmark = pytest.mark.process

TORTURE = pytest.mark.torture
JOB = "prompt: a calm sea\nsize: 64x64\ncount: 3\n"
AGAIN = "0.2"  # seconds until a disk is tried again
STATUS = (
    "import sys; from stockgen.cli import main; raise SystemExit(main(sys.argv[1:], ('tests.providers_for_tests',)))"
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system."""
    place = tmp_path / "disk"
    place.mkdir()
    with mounted(place, "-t", "tmpfs", "-o", "size=3m,nr_inodes=400", "stockgen-test"):
        yield place


def working(root: Path, **over: Any) -> DaemonProcess:
    """A daemon whose pictures take long enough for something to happen to their disk meanwhile."""
    providers = {"scripted": {"place": "net", "seconds": 0.2}, "second": {}}
    patience = {"STOCKGEN_TESTS_DISK": AGAIN}
    return DaemonProcess(root, over={"providers": providers, **over}, environment=os.environ | patience)


def on(place: Path) -> dict[str, Any]:
    """A config whose outbox lies there."""
    return {"outbox": {"path": str(place / "outbox"), "staging": str(place / "staging")}}


def status(root: Path) -> dict[str, Any]:
    """What `stockgen status` says meanwhile."""
    command = [sys.executable, "-c", STATUS, "--config", str(root / "config.yaml"), "status", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@contextmanager
def full(place: Path) -> Iterator[None]:
    """No byte is left."""
    ballast = place / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    yield
    ballast.unlink()


@contextmanager
def nameless(place: Path) -> Iterator[None]:
    """No name is left for a new file."""
    folder = place / "many"
    folder.mkdir()
    with suppress(OSError):
        for number in range(10_000):
            (folder / str(number)).touch()
    yield
    subprocess.run(["rm", "-r", str(folder)], check=True)


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """As the kernel leaves a disk with a fault."""
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)


@contextmanager
def away(place: Path) -> Iterator[None]:
    """Pulled out; the empty folder below shows, and later the disk is back."""
    with ExitStack() as held:
        kept = place.with_name("kept")
        kept.mkdir()
        held.enter_context(mounted(kept, "--bind", str(place)))
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        yield
        subprocess.run(["mount", "--bind", str(kept), str(place)], check=True)


TROUBLES: dict[str, Callable[[Path], Any]] = {"full": full, "no names": nameless, "read-only": read_only, "away": away}


def ended_well(one: DaemonProcess, outbox: Path) -> None:
    """It stops when it is asked; everything was made once and is there, and nothing beside it."""
    one.send(SIGTERM)
    assert one.finish() == 0
    ledger = one.ledger()
    assert broken_promises(ledger) == {}
    assert ledger.shots.counts() == {"done": 3}
    tries = ledger.query("SELECT outcome, error_class FROM attempts ORDER BY outcome DESC")
    assert tries[:3] == [{"outcome": "rendered", "error_class": None}] * 3
    assert {one["error_class"] for one in tries[3:]} <= {"StorageFull"}  # the spool's, which blames nobody
    assert len(list(outbox.glob("2*/*/images/*.jpg"))) == 3
    assert litter(one.root) == []


OFTEN = ("full", "away")  # the others by `make torture`


@pytest.mark.parametrize("kind", [kind if kind in OFTEN else pytest.param(kind, marks=TORTURE) for kind in TROUBLES])
def test_an_outbox_in_trouble_while_we_work_is_waited_for(tmp_path: Path, disk: Path, kind: str) -> None:
    with working(tmp_path, **on(disk)) as one:
        one.drop(JOB)
        one.wait_for("shot.published")
        with TROUBLES[kind](disk):
            one.wait_for("hold.on")
            holds = status(tmp_path)["holds"]
            assert {held["hold"] for held in holds} == {"disk"}, holds
            assert all(str(disk) in held["reason"] for held in holds), holds
        one.wait_for("job.closed")
        ended_well(one, disk / "outbox")
    assert len([line for line in one.lines if '"hold.on"' in line]) <= 2  # told, and not at each try
    assert list((disk / "staging").iterdir()) == []


@TORTURE
@pytest.mark.parametrize("kind", ["full", "no names"])
def test_a_full_disk_under_the_ledger_while_we_work_is_waited_for(tmp_path: Path, disk: Path, kind: str) -> None:
    state = disk / "state"
    with working(tmp_path, state=str(state)) as one:
        one.drop(JOB)
        one.wait_for("shot.published")
        with TROUBLES[kind](disk):
            one.wait_for("hold.on")
        one.wait_for("job.closed")
        (tmp_path / ".stockgen").symlink_to(state)  # where the ledger is looked for
        ended_well(one, tmp_path / "outbox")
