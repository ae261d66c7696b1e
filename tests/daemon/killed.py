"""Takes a picture and its job file, killed before the n-th call that opens, renames or removes something, for every n;
each time a new start must find one job, both files in accepted/, and the picture whole.

`python -m tests.daemon.killed FOLDER` prints how often it was killed. One process that forks, because starting one for
each n would take minutes.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.daemon.door import QUIET, RESCAN, Door, HandClock
from tests.house import House

JOB = "prompt: a village\nsize: 64x64\ncontrol: village.png\n"
CALLS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.utime", "os.link"})
KILLED = 9


def opened(root: Path) -> Door:
    """What a start of the daemon opens."""
    clock = HandClock()
    return Door(House(root, thread=True, clock=clock), clock)


def picture() -> bytes:
    """The picture that is dropped."""
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "red").save(out, "PNG")
    return out.getvalue()


def taking(root: Path, at: int) -> None:
    """Take both, and die at a call."""
    one = opened(root)
    (one.folder / "village.png").write_bytes(picture())
    one.drop(JOB)
    one.turn(RESCAN)
    left = [at]

    def hook(event: str, _: object) -> None:
        if event in CALLS:
            left[0] -= 1
            if left[0] == 0:
                os._exit(KILLED)

    sys.addaudithook(hook)
    one.turn(QUIET)


def starting_again(root: Path) -> None:
    """What is found afterwards. Raises AssertionError."""
    one = opened(root)
    one.settle()
    one.settle()
    (job,) = one.ids()
    assert one.lying() == [], one.lying()
    wanted = {f"{job}_job.yaml", f"{job}_job.yaml.note.txt", f"{job}_village.png"}
    assert set(one.lying("accepted")) == wanted, one.lying("accepted")
    (order,) = one.house.app.ledger.jobs.orders(job)
    assert order.control
    assert (one.house.app.places.references / order.control.image).read_bytes() == picture()


def _apart(work: Callable[[], None]) -> int:
    """The exit code of a process of its own that did it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told by the exit code, whatever it is
            _say(repr(error))
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(root: Path) -> int:
    """The exit code: 0 where every start after a kill found what it must."""
    at, ended = 0, KILLED
    while ended == KILLED:
        at += 1
        house = root / str(at)
        ended = _apart(lambda house=house, at=at: taking(house, at))  # type: ignore[misc]
        found = _apart(lambda house=house: starting_again(house))  # type: ignore[misc]
        if found != 0 or ended not in (0, KILLED):
            _say(f"killed at call {at}: {ended}, {found}")
            return 1
    _say(str(at - 1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
