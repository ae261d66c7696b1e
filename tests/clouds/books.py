"""What the server knows and counts; every change under one lock, so that it adds up at any instant."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from tests.clouds.billing import Usage
from tests.clouds.faults import BOTH, OK, Fault, fault, of
from tests.clouds.settings import Settings, Storm
from tests.clouds.wish import Wish, identity


@dataclass
class Arrival:
    """A request for pictures, from its last byte on; seconds. `monotonic` is CLOCK_MONOTONIC, which all processes of
    the computer share. `nth`: how often that service was asked for that prompt before. `parallel`: with itself.
    """

    number: int
    service: str
    monotonic: float
    wall: float
    parallel: int
    retries: int
    prompt: str = ""
    id: str = ""
    model: str = ""
    size: str = ""
    asked: int = 0
    nth: int = 0
    fault: str = ""
    status: int = 0
    images: int = 0
    micros: int = 0
    made: float | None = None
    delivered: float | None = None
    ended: float | None = None


@dataclass
class Books:
    """See tests/clouds/__init__.py for what each fact means exactly."""

    settings: Settings = field(default_factory=Settings)
    arrivals: list[Arrival] = field(default_factory=list)
    parallel: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    open: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._scripts: dict[str, deque[str]] = {service: deque() for service in BOTH}
        self._storm: Storm | None = None
        self._times: Counter[tuple[str, str]] = Counter()
        self._admitted: dict[str, deque[float]] = {service: deque() for service in BOTH}

    # -- orders ------------------------------------------------------------------------------------------------

    def configure(self, **to: Any) -> None:
        """From the next request on."""
        for text in to.get("by_prompt", {}).values():
            fault(text)
        with self._changed:
            self.settings = self.settings.changed(**to)

    def script(self, service: str, faults: Sequence[str]) -> None:
        """The next valid requests to `service`, in order of arrival."""
        told = [str(fault(text, service)) for text in faults]
        with self._changed:
            self._scripts[service].extend(told)

    def storm(self, storm: Storm | None) -> None:
        """From the next request on; None = calm."""
        for text in storm.kinds if storm else ():
            fault(text)
        with self._changed:
            self._storm = storm

    # -- what happens to a request -----------------------------------------------------------------------------

    def arrive(self, service: str, retries: int) -> Arrival:
        """Its last byte was read."""
        with self._changed:
            self.parallel[service] += 1
            self.most[service] = max(self.most[service], self.parallel[service])
            self.open += 1
            number = len(self.arrivals)
            one = Arrival(number, service, time.monotonic(), time.time(), self.parallel[service], retries)
            self.arrivals.append(one)
            self._changed.notify_all()
            return one

    def understood(self, one: Arrival, wish: Wish) -> None:
        """What it asks for."""
        with self._changed:
            one.prompt, one.id, one.model = wish.prompt, identity(wish.prompt), wish.model
            one.size, one.asked = f"{wish.size[0]}x{wish.size[1]}", wish.count

    def too_many(self, one: Arrival) -> tuple[int, float] | None:
        """Admit it, or tell the limit and the seconds until there is room for it."""
        with self._changed:
            limit, past = self.settings.per_minute.get(one.service), self._admitted[one.service]
            while past and past[0] <= one.monotonic - self.settings.window:
                past.popleft()
            if limit is not None and len(past) + one.asked > limit:
                oldest = past[0] if past else one.monotonic
                return limit, max(0.0, oldest + self.settings.window - one.monotonic)
            past.extend([one.monotonic] * one.asked)
            return None

    def decide(self, one: Arrival) -> Fault:
        """What shall go wrong with it: what its prompt asks for, else the script, else the storm."""
        with self._changed:
            one.nth = self._times[one.service, one.prompt]
            self._times[one.service, one.prompt] += 1
            told = [text for part, text in self.settings.by_prompt.items() if part in one.prompt]
            told = [text for text in told if text.partition(":")[0] in of(one.service)]
            script = self._scripts[one.service]
            if told:
                found = fault(told[0], one.service)
            elif script:
                found = fault(script.popleft(), one.service)
            else:
                found = self._drawn(one)
            one.fault = str(found)
            return found

    def _drawn(self, one: Arrival) -> Fault:
        storm = self._storm
        if storm is None or one.service not in storm.services:
            return OK
        rng = Random(seed(storm.seed, one.service, one.prompt, one.nth))
        kinds = [text for text in storm.kinds if text.partition(":")[0] in of(one.service)]
        return fault(rng.choice(kinds)) if kinds and rng.random() < storm.share else OK

    def latency(self, one: Arrival) -> float:
        """Seconds from its arrival until it is made."""
        rng = Random(seed("latency", one.prompt, one.nth))
        return max(0.0, self.settings.latency + rng.uniform(-1, 1) * self.settings.jitter)

    def until(self, due: float) -> None:
        """Wait until then, or until the server closes; monotonic seconds."""
        self.closing.wait(max(0.0, due - time.monotonic()))

    def made(self, one: Arrival, images: int, usage: Usage) -> None:
        """Money is owed from now on, whatever becomes of the answer."""
        with self._changed:
            one.images, one.micros, one.made = images, usage.micros(one.model), time.monotonic()
            self._changed.notify_all()

    def answering(self, one: Arrival) -> None:
        """All but the last byte of its answer is written, or no answer will come; call it once."""
        with self._changed:
            self.parallel[one.service] -= 1

    def delivered(self, one: Arrival) -> None:
        """The client's kernel has acknowledged the last byte."""
        with self._changed:
            one.delivered = time.monotonic()

    def ended(self, one: Arrival) -> None:
        """Nothing more will happen to it."""
        with self._changed:
            one.ended = time.monotonic()
            self.open -= 1
            self._changed.notify_all()

    # -- facts -------------------------------------------------------------------------------------------------

    def facts(self) -> dict[str, Any]:
        """Everything, of one instant."""
        with self._changed:
            return {
                "arrivals": [asdict(one) for one in self.arrivals],
                "images": sum(one.images for one in self.arrivals),
                "micros": sum(one.micros for one in self.arrivals),
                "delivered": sum(one.images for one in self.arrivals if one.delivered is not None),
                "most_parallel": dict(self.most),
                "open": self.open,
            }

    def wait(self, seconds: float, arrivals: int = 0, images: int = 0, quiet: bool = False) -> bool:
        """Until at least so many requests have come and pictures were made, and, if `quiet`, none is open."""

        def so() -> bool:
            made = sum(one.images for one in self.arrivals)
            return len(self.arrivals) >= arrivals and made >= images and not (quiet and self.open)

        with self._changed:
            return self._changed.wait_for(so, seconds)


def seed(*parts: object) -> int:
    """The same number for the same parts, in every process."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:8], "big")
