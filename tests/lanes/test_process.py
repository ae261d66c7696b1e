"""What only a lane with its own process promises: crashes stay in it, and it never outlives its daemon."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stockgen.domain.errors import LaneDied
from stockgen.lanes.children import wait_for_old_children
from stockgen.threads import LIMIT, OTHERS, one_thread
from tests.lanes.harness import SOON, Bench, HandClock, alive, descriptors, until

ROOT = Path(__file__).parents[2]
# A daemon in small: makes a lane, gives it a shot, tells the child's pid, then waits for its stdin.
PARENT = """
import sys
from pathlib import Path
from tests.lanes.harness import Bench
bench = Bench("process", Path(sys.argv[1]))
bench.offer("fine", *sys.argv[2:])
bench.collect(1)  # so the child is past all imports and at the second shot
try:
    print(bench.lane.progress().pid, flush=True)
    sys.stdin.readline()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.stdin.readline()
bench.lane.cancel(frozenset({2}))
print(type(bench.collect(1)[0].error).__name__, flush=True)
bench.close()
"""


class Parent:
    """A small daemon with one lane, in a process group of its own."""

    def __init__(self, spool: Path, prompt: str) -> None:
        command = [sys.executable, "-c", PARENT, str(spool), prompt]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
        self.child = int(self.line())

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        for pid in (self.process.pid, self.child):
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def deaf_parent(spool: Path) -> Iterator[Parent]:
    parent = Parent(spool, "deaf")
    yield parent
    parent.end()


def died(bench: Bench, *prompts: str) -> LaneDied:
    error = bench.render(*prompts)[len(prompts)].error
    assert isinstance(error, LaneDied)
    return error


def test_a_poison_shot_kills_its_child_and_not_us(process: Bench) -> None:
    assert died(process, "poison").facts["signal"] == "SIGKILL"
    assert process.lane.health(process.clock.now)[0] == "dead"


def test_a_crash_in_native_code_is_named(process: Bench) -> None:
    assert died(process, "segfault").facts["signal"] == "SIGSEGV"


def test_a_provider_can_say_why_its_process_must_end(process: Bench) -> None:
    error = died(process, "quit")
    assert (error.code, error.facts["exitcode"]) == ("card_broke", 70)  # a CUDA context that only a restart mends


def test_pictures_that_were_streamed_before_a_crash_are_kept(process: Bench) -> None:
    outcomes = process.render("a", "b", "poison", "d")
    assert [outcomes[shot].error for shot in (1, 2)] == [None, None]
    assert all(isinstance(outcomes[shot].error, LaneDied) for shot in (3, 4))
    file = outcomes[2].file
    assert file is not None
    assert file.is_file()


def test_a_dead_child_is_no_zombie(process: Bench) -> None:
    pid = process.lane.progress().pid
    died(process, "poison")
    assert until(lambda: not Path(f"/proc/{pid}").exists())


def test_a_child_that_hears_nothing_dies_with_its_daemon(deaf_parent: Parent) -> None:
    assert alive(deaf_parent.child)
    deaf_parent.process.kill()
    assert until(lambda: not alive(deaf_parent.child), seconds=2.0)


def test_an_idle_child_dies_with_its_daemon(spool: Path) -> None:
    parent = Parent(spool, "fine")
    parent.process.kill()
    assert until(lambda: not alive(parent.child), seconds=2.0)
    parent.end()


def test_a_new_daemon_waits_until_an_old_child_is_gone(deaf_parent: Parent, tmp_path: Path) -> None:
    lock, clock = tmp_path / "children.lock", HandClock()
    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        clock.now += seconds

    assert not wait_for_old_children(lock, 1.0, clock, pause)
    assert max(waits) <= 0.05
    os.kill(deaf_parent.child, signal.SIGKILL)
    assert until(lambda: wait_for_old_children(lock, 0.0, clock))


def test_a_first_daemon_need_not_wait(tmp_path: Path) -> None:
    assert wait_for_old_children(tmp_path / "children.lock", 0.0, HandClock())


def test_ctrl_c_ends_no_child_by_itself(spool: Path) -> None:
    parent = Parent(spool, "slow")
    for pid in (parent.process.pid, parent.child):
        os.killpg(pid, signal.SIGINT)
    os.kill(parent.child, signal.SIGTERM)
    assert parent.line() == "interrupted"
    assert parent.process.communicate("go on\n", timeout=SOON)[0].strip() == "Cancelled"


def test_a_child_holds_nothing_of_the_daemons_open(spool: Path, tmp_path: Path) -> None:
    inbox = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(inbox, True)
    bench = Bench("process", spool)
    bench.render("a")
    theirs = descriptors(bench.lane.progress().pid)
    os.close(inbox)
    bench.close()
    assert str(tmp_path) not in theirs.values()
    others = [each for number, each in theirs.items() if number > 2]
    assert len(others) == 2, "the socket and the lock"
    assert str(bench.lock) in others


def test_a_child_starts_without_heavy_libraries() -> None:
    listing = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import stockgen.lanes.child"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    loaded = set(re.findall(r"\|\s+([a-z_]\w*)", listing))
    assert not loaded & {"torch", "numpy", "PIL", "pydantic", "yaml", "structlog", "sqlite3", "daemon"}


def test_a_child_has_all_threads_though_its_daemon_has_one(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {name: value for name, value in os.environ.items() if name not in (LIMIT, *OTHERS)}
    one_thread(ours)
    monkeypatch.setattr(os, "environ", ours)
    bench = Bench("process", spool)
    bench.render("a")
    theirs = Path(f"/proc/{bench.lane.progress().pid}/environ").read_bytes()
    bench.close()
    assert ours[LIMIT] == "1"
    assert b"PATH=" in theirs
    assert LIMIT.encode() not in theirs


def test_people_see_the_steps_of_a_child(process: Bench) -> None:
    process.offer("slow")
    assert until(lambda: process.lane.progress().step > 0)
    assert (process.lane.progress().shot, process.lane.progress().steps) == (1, 600)
    process.lane.cancel(frozenset({1}))
    process.collect(1)


def test_people_hear_when_a_picture_will_be_done(process: Bench) -> None:
    process.offer("slow")
    assert until(lambda: process.lane.progress().step > 0)
    process.clock.now += 10.0
    before = process.lane.progress().step
    assert until(lambda: process.lane.progress().step > before)
    left = process.lane.progress().left
    assert left is not None
    assert 0 < left <= 10.0 * 600
    process.lane.cancel(frozenset({1}))
    process.collect(1)
