"""What waits to be written by the text model, whose turn it is, and what came of it: the planner's side of the lane."""

from __future__ import annotations

import math
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Literal, Protocol

from stockgen.domain.errors import BadAnswer, JobFileError, StockgenError, WriterAway, WriterLacks
from stockgen.domain.protocols import Held, Past
from stockgen.domain.words import Idea, Look, Order, Remark
from stockgen.logs import Logger
from stockgen.pipeline.errand import Errand, Needs, Pen, Reworded
from stockgen.pipeline.lawful import spared
from stockgen.pipeline.planning import Planning
from stockgen.pipeline.sharing import Gone, Need, Sharing, leave, need
from stockgen.pipeline.writing import Ended, Work, WritingLane

RETRY = 30.0  # seconds until a model that did not answer is asked again
CARD = frozenset({"pause", "gpu_busy"})  # holds under which nobody of ours may be on a card


class Memory(Past, Protocol):
    """What was made before, while ideas are written."""

    def alike(self, idea: Idea) -> Sequence[str]:
        """Prompts of earlier ideas that a reviewer would call the same picture, nearest first."""
        ...

    def rest(self) -> None:
        """Nothing more is asked: give the memory back. Never blocks."""
        ...


Arrival = tuple[Errand, Idea | Remark | Reworded | None]  # None: it has ended


class Scribe:
    """Turned by the planner. Nothing here waits: whatever may block runs in the lane.

    `past` makes what is asked while all that waits is written, and is let go then: it may keep much in memory. `say`: a
    remark as a sentence. `sharing`: None = no card of ours could be in the way.
    """

    def __init__(self, pen: Pen, past: Callable[[], Memory], lane: WritingLane, log: Logger,
                 say: Callable[[Remark], str], sharing: Sharing | None = None) -> None:  # fmt: skip
        self.pen = pen
        self.sharing = sharing
        self.card_holds: Callable[[], Sequence[Held]] = tuple  # that people and programs cause
        self._new_past = past
        self._past: Memory | None = None
        self._lane = lane
        self._log = log
        self._say = say
        self._queue: list[Errand] = []
        self._hand: Errand | None = None  # the one that the lane works for; None = nobody wants what it does any more
        self._begun: Errand | None = None  # the one that it began to work for
        self._doing: Literal["", "asking", "writing", "leaving"] = ""
        self._need: Need | None = None  # of our cards; None = ask
        self._local = False  # whether it was here when it was asked last
        self._steps = Counter[str]()  # of the pen, when the task in hand was begun
        self._came = 0

    # -- what the planner says and asks --------------------------------------------------------------------------

    def errand(self, planning: Planning, index: int, look: Look, done: int) -> Errand | None:
        """What there is to write for an order; None = nothing."""
        if self._needs(planning.orders[index], look) == "no":
            return None
        self._came += 1
        return Errand(planning, index, look, done, self._came)

    def add(self, errand: Errand) -> None:
        """It waits for its turn from now on."""
        self._queue.append(errand)

    def forget(self, job: str) -> None:
        """A job was cancelled."""
        self._queue = [one for one in self._queue if one.job != job]
        if self._hand and self._hand.job == job:
            self._put_down()

    def start_over(self) -> None:
        """All that waits will be added anew."""
        self._queue = []
        self._put_down()

    def close(self) -> None:
        """End, without waiting for the model."""
        self._lane.close()

    def alike(self, idea: Idea) -> Sequence[str]:
        """Of an idea that has just been taken: prompts of earlier ones that a reviewer would call the same picture."""
        return self._past.alike(idea) if self._past else ()

    @property
    def jobs(self) -> list[str]:
        """Those that have something here."""
        return [one.job for one in self._all]

    @property
    def busy(self) -> bool:
        """Whether something is being done that somebody wants, or is about to be."""
        return bool(self._hand) or self._doing == "leaving" or any(one.held is None for one in self._queue)

    def waiting(self) -> list[tuple[Held, int]]:
        """Why work waits, and how many ideas of each job are missing."""
        return [(one.held, one.missing) for one in self._all if one.held]

    def next_at(self) -> float:
        """When to step again though nothing happens: monotonic seconds."""
        moments = [one.not_before for one in self._queue if one.not_before]
        return min([*moments, self.sharing.next_at() if self.sharing else math.inf], default=math.inf)

    # -- one turn ------------------------------------------------------------------------------------------------

    def take(self, now: float) -> list[Arrival]:
        """What has been written since the last call. `now` monotonic seconds."""
        arrived: list[Arrival] = []
        for one in self._lane.take():
            if isinstance(one, Ended):
                arrived += self._ended(one, now)
            elif isinstance(one, Need):
                self._need, self._local = one, one.here
            elif isinstance(one, Gone):
                self._told_left(one)
            elif self._hand:
                self._hand.held = None
                self._hand.written += isinstance(one, Idea)
                self._hand.thought |= not isinstance(one, Reworded)
                if isinstance(one, Reworded):
                    self._hand.planning.orders[self._hand.index] = one.order
                arrived.append((self._hand, one))
        return arrived

    def step(self, now: float, more: bool) -> None:
        """Give the lane what comes next. `now` monotonic seconds; `more`: more may be added very soon."""
        due = self._due(now)
        if self._doing:
            self._reconsider(due)
        elif not due:
            if not more:
                self._rest()
        elif self._need is None and self.sharing:
            self._hold(due[0])
            self._begin("asking", lambda _: need(self.pen.writer))
        elif self._may(due, now):
            self._hold(due[0])
            self._begin("writing", self._written(due[0]))

    def _may(self, due: Sequence[Errand], now: float) -> bool:
        """Whether the card, if it is needed at all, is the model's now."""
        if not (self.sharing and self._need and self._need.here):
            return True
        return self.sharing.may_write(self._need.bytes, any(one.planning.rank[1] == 0 for one in due), now)

    def _due(self, now: float) -> list[Errand]:
        """Errands that may be begun now, in order of their turn."""
        holds = self.card_holds() if self._local and self._queue else ()
        due = []
        for one in self._queue:
            if one.not_before > now:
                continue
            one.not_before = 0.0
            forbidden = _forbidding(holds, one)
            if forbidden or (one.held and one.held.hold != "writer"):
                one.held = forbidden
            if not forbidden:  # what waits for an answer does so until one has come
                due.append(one)
        return sorted(due, key=lambda one: one.turn)

    def _reconsider(self, due: Sequence[Errand]) -> None:
        """Somebody's wish is more urgent than what is written now, or the card is not ours any more."""
        hand = self._hand
        if not hand or self._doing != "writing":
            return
        held = _forbidding(self.card_holds(), hand) if self._local else None
        if held or (due and due[0].planning.rank < hand.planning.rank):
            self._put_down()
            hand.held = held
            self._queue.append(hand)

    def _rest(self) -> None:
        """Nothing is to be written now: what the model has of our cards goes back."""
        if self._past:
            self._past.rest()
        self._past = None
        if self._need is None:
            return
        self._need = None
        if self.sharing and self.sharing.lent:
            waits = self.sharing.waits
            self._begin("leaving", lambda dropped: leave(self.pen.writer, dropped, waits))
        elif self.sharing:
            self.sharing.withdraw()

    def _hold(self, errand: Errand) -> None:
        self._queue.remove(errand)
        self._hand = self._begun = errand

    def _put_down(self) -> None:
        if self._doing in ("asking", "writing"):
            self._lane.drop()
        self._hand = None

    def _written(self, errand: Errand) -> Work:
        """What the lane does for an errand, as it is now."""
        self._log.debug("writing.begun", job=errand.job, order=errand.index, ideas=errand.missing)
        pen, order, look, count = self.pen, errand.order, errand.look, errand.missing
        self._steps = Counter(pen.steps)
        past = self._past = self._past or self._new_past()
        rng = Random(f"{errand.job}/{errand.index}/{errand.done}")  # another one after each interruption

        def work(_: threading.Event) -> Iterator[Idea | Remark | Reworded]:
            english, told = pen.translate(order)
            if told or english != order:
                yield Reworded(english, tuple(replace(one, line=one.line or order.line) for one in told))
            mode = pen.modes.get(english.mode)
            if mode is not None and pen.needs(english, look) != "no":
                yield from spared(mode, pen.clear, english, look, count, rng, past)

        return work

    def _begin(self, doing: Literal["asking", "writing", "leaving"], work: Work) -> None:
        self._doing = doing
        self._lane.begin(work, self.pen.writer.seconds)

    # -- ends ----------------------------------------------------------------------------------------------------

    def _ended(self, end: Ended, now: float) -> list[Arrival]:
        """A task of the lane is over; the errand that it was for goes on, waits, or is over too."""
        doing, hand = self._doing, self._hand
        self._doing, self._hand = "", None
        if doing == "leaving":
            if self.sharing:
                self.sharing.returned(now)
            return []
        if self._begun and doing == "writing":
            self._begun.seconds += end.seconds
            self._begun.steps += self.pen.steps - self._steps
        if hand is None:
            return []
        if end.error is None and doing == "asking":
            self._queue.append(hand)
            return []
        hand.error = self._judged(end.error, hand)
        if isinstance(hand.error, WriterAway | WriterLacks) and self._needs(hand.order, hand.look) == "must":
            self._log.debug("writing.waits", job=hand.job, reason=str(hand.error))
            why = self._say(Remark("writing.away", facts={"why": hand.error.remark}))
            hand.held = Held(hold="writer", reason=why, jobs=frozenset({hand.job}))
            hand.not_before = now + RETRY
            self._queue.append(hand)
            return []
        self._log.info("job.written", job=hand.job, order=hand.index, ideas=hand.written, of=hand.order.count,
                       seconds=round(hand.seconds, 3), steps=dict(hand.steps), writer=self.pen.writer.name,
                       reason=str(hand.error) if hand.error else None)  # fmt: skip
        return [(hand, None)]

    def _judged(self, error: Exception | None, hand: Errand) -> StockgenError | None:
        """A plugin may raise anything; then what it wrote is kept, and the rest made without it."""
        if error is None or isinstance(error, StockgenError):
            return error
        self._log.error("bug", job=hand.job, traceback="".join(traceback.format_exception(error)))
        return BadAnswer("writer_broke", writer=self.pen.writer.name, detail=f"{type(error).__name__}: {error}")

    def _needs(self, order: Order, look: Look) -> Needs:
        """Whoever makes it without a text model tells why it can't be understood."""
        try:
            return self.pen.needs(order, look)
        except JobFileError:
            return "no"

    def _told_left(self, gone: Gone) -> None:
        if gone.left:
            self._log.warning("writer.stays", bytes=gone.left, seconds=gone.seconds)

    @property
    def _all(self) -> list[Errand]:
        return [*self._queue, *([self._hand] if self._hand else [])]


def _forbidding(holds: Sequence[Held], errand: Errand) -> Held | None:
    """The first of these holds of the card under which a model on it must not write for a job."""
    kind = errand.planning.job["kind"]
    for one in holds:
        if (one.everything and one.hold in CARD) or kind in one.kinds:
            return one
    return None
