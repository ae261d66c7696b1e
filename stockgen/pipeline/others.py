"""Somebody else wants the card: a game, another program. Then we leave it, and come back when it has been quiet."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from stockgen.domain.protocols import Held, Lane
from stockgen.domain.words import Place
from stockgen.gpu.cards import Card, Usage

EVERY = 2.0  # seconds between two looks
GROWTH = 500_000_000  # bytes that a process may take of a card beyond what it had when our lane came up
QUIET = 600.0  # seconds without another program until we come back


class Probe(Protocol):
    """Tells who uses the cards, and how much is left."""

    def usages(self, cards: Collection[int]) -> Sequence[Usage]:
        """Every process that holds memory of these cards, ours included."""
        ...

    def cards(self) -> Sequence[Card]:
        """All cards of the computer, with what is free now."""
        ...


class Guest(Protocol):
    """A text model that we asked onto the card: it is no stranger while it writes for us."""

    @property
    def lent(self) -> bool:
        """Whether it is there."""
        ...

    def known(self, program: str) -> bool:
        """Whether it is there, and this the name of its program."""
        ...


class Others:
    """A `Hold`, on while another program needs a card of ours and for ten quiet minutes after.

    `cards`: lane → index of its card. `guests`: who may be asked onto a card.
    """

    def __init__(self, probe: Probe, cards: Mapping[str, int], guests: Sequence[Guest] = ()) -> None:
        self._probe = probe
        self._cards = cards
        self._invited = guests
        self._before: dict[int, dict[int, int]] = {}  # card → pid → bytes when our lane came up there
        self._guests: set[int] = set()  # pids
        self._due = -math.inf
        self._seen = 0.0
        self._until: float | None = None  # wall seconds
        self._who = ""
        self._wanted = self._watching = False

    def step(self, now: float, wall: float, lanes: Sequence[Lane]) -> None:
        """Look, if it is time to. `now` monotonic seconds, `wall` wall seconds; `lanes`: all that are up."""
        ours = [lane for lane in lanes if lane.name in self._cards]
        self._watching = bool(ours or self._who or self._lent)
        if not self._watching:
            self._before = {}
        elif now >= self._due:
            self._due = now + EVERY
            self._look(now, wall, ours)

    def next_at(self) -> float:
        """When to step again though nothing happens: monotonic seconds."""
        return self._due if self._watching else math.inf

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        """Everything at the cards' place. The end is known once the other program has let go."""
        if place != "gpu" or not self._who:
            return ()
        return (Held(hold="gpu_busy", reason=self._who, until=None if self._wanted else self._until),)

    def _look(self, now: float, wall: float, ours: Sequence[Lane]) -> None:
        usages = self._probe.usages(frozenset(self._cards.values()))
        self._remember(usages, ours)
        mine = {lane.progress().pid for lane in ours}
        strangers = [one for one in usages if one.pid not in mine and not self._known(one.name)]
        taking = [one for one in strangers if self._grown(one) >= GROWTH]
        self._wanted = bool(taking)
        if taking:
            most = max(taking, key=self._grown)
            self._who = most.name or str(most.pid)
            self._seen, self._until = now, wall + QUIET
        elif self._who and now - self._seen >= QUIET:
            self._who = ""

    def _remember(self, usages: Sequence[Usage], ours: Sequence[Lane]) -> None:
        """What everybody has when our lane comes up is theirs: a desktop, a browser. While we are away from a card the
        measure stays, because by it we know that the other program has let go.
        """
        up = {self._cards[lane.name] for lane in ours if lane.progress().state not in ("starting", "dead")}
        up |= set(self._cards.values()) if self._lent else set()
        if not self._who:
            self._before = {card: before for card, before in self._before.items() if card in up}
        for card in up - self._before.keys():
            self._before[card] = {one.pid: one.bytes for one in usages if one.card == card}
        self._welcome(usages)

    def _welcome(self, usages: Sequence[Usage]) -> None:
        """What a guest takes is its own. What stays there when it should have left may stay for ever, so that is no
        reason for us to leave; only what it takes beyond that is.
        """
        self._guests |= {one.pid for one in usages if self._known(one.name)}
        held = {(one.card, one.pid): one.bytes for one in usages}
        for card, before in self._before.items():
            for pid in self._guests:
                now = held.get((card, pid), 0)
                before[pid] = now if self._lent else min(now, before.get(pid, 0))

    @property
    def _lent(self) -> bool:
        return any(guest.lent for guest in self._invited)

    def _known(self, program: str) -> bool:
        return any(guest.known(program) for guest in self._invited)

    def _grown(self, one: Usage) -> int:
        before = self._before.get(one.card)
        return 0 if before is None else one.bytes - before.get(one.pid, 0)
