"""The card and the text model: where both don't fit, the warm image model steps aside, all that waits is written in one
go, the text model leaves, and the image model is back at the next claim. Nothing of this where there is room for both,
or where the text model is elsewhere.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from stockgen.domain.errors import WriterAway
from stockgen.domain.protocols import Held, Writer
from stockgen.domain.words import Place, Remark
from stockgen.gpu.cards import Card
from stockgen.pipeline.slot import Slot

MARGIN = (
    1_000_000_000  # bytes that stay free beside a warm model: what pictures need while they are made comes and goes
)
ROOM = 16_000_000_000  # bytes that are left to image models of which none is warm yet, so that they still load whole
URGENT = 60.0  # seconds that the card may go on with its model while somebody waits who dropped a file
PATIENT = 900.0  # the same where only schedules wait
AGAIN = 300.0  # seconds that image models have the card at least, before they step aside once more
LOOK = 0.5  # seconds between two looks at the card's memory
SETTLE = 2.0  # seconds that memory which was given back takes to be free
# Seconds before each look at whether the text model, which was told to leave, has left; then we go on all the same.
WAITS = (0.0, 0.5, 1.5, 3.0, 5.0)
PROGRAMS = ("ollama", "llama")  # what the processes of a text model's server on this computer are called, or begin with


@dataclass(frozen=True, slots=True)
class Need:
    """What writing takes of this computer's cards. `bytes`: beyond what the text model has there already; `here`:
    whether it runs there at all.
    """

    bytes: int
    here: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """The text model was asked to leave. `left`: bytes that it still had after so many seconds."""

    left: int
    seconds: float


def need(writer: Writer) -> Iterator[Need]:
    """Ask what writing takes. For the writing lane: blocks. Raises WriterAway, WriterLacks."""
    wanted = writer.needs()
    yield Need(max(0, wanted - writer.on_card()) if wanted else 0, wanted > 0)


def leave(writer: Writer, dropped: threading.Event, waits: Sequence[float]) -> Iterator[Gone]:
    """Let the text model leave, and look until it has, but not for ever. For the writing lane: blocks. `waits`: seconds
    before each look.

    Raises WriterAway where nobody answers any more.
    """
    with suppress(WriterAway):  # it says that it stays: we shall see
        writer.release()
    left, waited = 0, 0.0
    for seconds in waits:
        dropped.wait(seconds)
        left, waited = writer.on_card(), waited + seconds
        if not left or dropped.is_set():
            break
    yield Gone(left, waited)


class Sharing:
    """A `Hold` at the card while the image models step aside. `cards` tells all cards of the computer with what is free
    now; `say`: a remark as a sentence; `waits`: as for `leave`.
    """

    def __init__(self, cards: Callable[[], Sequence[Card]], say: Callable[[Remark], str],
                 waits: Sequence[float] = WAITS) -> None:  # fmt: skip
        self.waits = waits
        self.slots: Callable[[], Sequence[Slot]] = tuple  # the places at our cards
        self._cards = cards
        self._say = say
        self._state: Literal["apart", "wished", "emptying", "beside", "alone"] = "apart"
        self._by = math.inf  # monotonic seconds by which the image models step aside
        self._rested = -math.inf  # until when they have the card at least
        self._stacks: dict[str, str | None] = {}  # place → what it worked with when the wish came
        self._due = -math.inf  # of the next look
        self._emptied: float | None = None

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        """Everything at the card, from stepping aside until the text model has left; the end is not known."""
        if place != "gpu" or self._state not in ("emptying", "alone"):
            return ()
        return (Held(hold="writer", reason=self._say(Remark("writing.card"))),)

    @property
    def lent(self) -> bool:
        """Whether the text model has the card, or a part of it."""
        return self._state in ("beside", "alone")

    def known(self, program: str) -> bool:
        """Whether a process on the card, by the name of its program, is the text model that writes for us."""
        return self.lent and program.startswith(PROGRAMS)

    def next_at(self) -> float:
        """When to be asked again though nothing happens: monotonic seconds."""
        return self._due if self._state in ("wished", "emptying") else math.inf

    def may_write(self, bytes_: int, urgent: bool, now: float) -> bool:
        """Somebody wishes to write now, and asks at each turn until it may. `bytes_`: what the model takes beyond what
        it has; `urgent`: a person waits; `now` monotonic seconds.
        """
        if self._state == "apart":
            self._state, self._by, self._due = "wished", math.inf, now
            self._stacks = {slot.place.name: slot.model for slot in self.slots()}
        if self._state == "wished":
            self._by = min(self._by, max(now + (URGENT if urgent else PATIENT), self._rested))
        if now >= self._due and not self.lent:
            self._due = now + LOOK
            self._look(bytes_, now)
        return self.lent

    def withdraw(self) -> None:
        """Nobody wishes to write any more."""
        self._state = "apart"

    def returned(self, now: float) -> None:
        """The text model has left. `now` monotonic seconds."""
        if self._state == "alone":
            self._rested = now + AGAIN
        self._state = "apart"

    def _look(self, wanted: int, now: float) -> None:
        slots, free = self.slots(), max((card.free for card in self._cards()), default=0)
        if self._state == "wished":
            warm = any(slot.lane and slot.lane.warm for slot in slots)
            if free >= wanted + (MARGIN if warm else ROOM) and not any(_loads(slot) for slot in slots):
                self._state = "beside"
            elif now >= self._by or self._through(slots, now):
                self._state, self._emptied = "emptying", None
        elif not any(slot.batch for slot in slots):
            self._empty(slots, free >= wanted, now)

    def _through(self, slots: Sequence[Slot], now: float) -> bool:
        """Whether the card has nothing in hand, or something else than when the wish came."""
        working = [slot for slot in slots if slot.batch]
        others = all(slot.model != self._stacks.get(slot.place.name) for slot in working)
        return not working or (others and now >= self._rested)

    def _empty(self, slots: Sequence[Slot], enough: bool, now: float) -> None:
        """Nothing is in hand any more: models go first, and only where that is too little their processes, too."""
        up = [slot for slot in slots if slot.lane]
        gone = all(slot.released and slot.lane and not slot.lane.warm for slot in up)
        if gone and enough:
            self._state = "alone"
            return
        self._emptied = now if self._emptied is None else self._emptied
        if now - self._emptied < SETTLE:
            return
        for slot in up:
            slot.worn = slot.worn or "writer"
        if not up:  # there is no more to give: a text model takes what there is, and the processor for the rest
            self._state = "alone"


def _loads(slot: Slot) -> bool:
    """Whether what is free will soon be less."""
    return bool(slot.batch and slot.lane and not slot.lane.warm)
