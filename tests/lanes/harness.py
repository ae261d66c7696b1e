"""A lane with a clock that is turned by hand and a wake that tests can wait for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from stockgen.domain.protocols import Fit, Lane, Outcome, Shot
from stockgen.lanes.process import ProcessLane
from stockgen.lanes.spec import LaneSpec, ProviderSpec, Setup, build, furnished
from stockgen.lanes.thread import ThreadLane

SCRIPTED = ProviderSpec("scripted", "tests.providers_for_tests.scripted", {"batch": 8})
SECOND = ProviderSpec("second", "tests.providers_for_tests.second", {})
PATIENCE = 30.0  # seconds of the hand-turned clock
SOON = 20.0  # real seconds that a test waits at most


class HandClock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def fits(spec: ProviderSpec, *prompts: str) -> list[Fit]:
    """A fit for each prompt, its shots numbered from 1."""
    provider = build(spec, furnished(Setup(), time.monotonic))
    shots = [
        Shot(id=number, job="k7m2q", idea=1, prompt=prompt, seed=number, width=32, height=24)
        for number, prompt in enumerate(prompts, 1)
    ]
    return [provider.fit(shot) for shot in shots]


class Bench:
    """One lane under test."""

    def __init__(self, kind: str, spool: Path, specs: Sequence[ProviderSpec] = (SCRIPTED, SECOND)) -> None:
        self.clock = HandClock()
        self.woken = threading.Semaphore(0)
        self.spool = spool
        self.lock = spool.parent / "children.lock"
        self.lane = self._lane(kind, specs)

    def _lane(self, kind: str, specs: Sequence[ProviderSpec]) -> Lane:
        spec = LaneSpec(self.spool.parent.name, "cpu", tuple(specs), PATIENCE)
        if kind == "thread":
            return ThreadLane(spec, self.clock, self.woken.release)
        return ProcessLane(spec, self.clock, self.woken.release, self.lock)

    def offer(self, *prompts: str) -> None:
        """Hand over a batch; waits until the lane is up."""
        batch = fits(SCRIPTED, *prompts)
        self.wait(lambda: self.lane.offer(batch, self.spool))

    def collect(self, count: int) -> list[Outcome]:
        """The next outcomes, `count` of them or more."""
        come: list[Outcome] = []

        def enough() -> bool:
            come.extend(self.lane.take())
            return len(come) >= count

        self.wait(enough)
        return come

    def render(self, *prompts: str) -> dict[int, Outcome]:
        """Offer and collect."""
        self.offer(*prompts)
        return {outcome.shot: outcome for outcome in self.collect(len(prompts))}

    def wait(self, done: Callable[[], object]) -> None:
        """Look again each time that the lane wakes us."""
        while not done():
            assert self.woken.acquire(timeout=SOON), "the lane did not wake us"

    def close(self) -> None:
        """End the lane, at once if it hangs."""
        self.lane.close(self.clock.monotonic() + (0 if self.hangs() else SOON))

    def hangs(self) -> bool:
        return self.lane.progress().state in ("stuck", "dead")


def until(done: Callable[[], bool], seconds: float = SOON) -> bool:
    """For what wakes nobody, like the end of a foreign process: look every 5 ms."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not done():
        if time.monotonic() > end:
            return False
        pause.wait(0.005)
    return True


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody reaps (an init of containers may not) is dead."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def descriptors(pid: int | str = "self") -> dict[int, str]:
    """What a process has open."""
    found = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that lists them
            found[int(entry.name)] = str(entry.readlink())
    return found


def sockets() -> list[str]:
    """Our own sockets."""
    return [each for each in descriptors().values() if each.startswith("socket:")]


def threads(bench: Bench) -> list[threading.Thread]:
    """What still runs of a lane in this process."""
    return [thread for thread in threading.enumerate() if thread.name == f"lane-{bench.lane.name}"]
