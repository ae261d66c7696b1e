"""Words that a provider's moderation has refused are put in other words by a text model, once, and the same provider is
told those, once. Where there are none, the shot goes on along its chain.

It may take seconds for each, so it has a thread of its own, like seeing and thinking. What waits is known from the
ledger alone: after a kill it is asked for again.
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Literal

from stockgen.domain.errors import Refused, StockgenError
from stockgen.domain.protocols import Held, Next, Shot
from stockgen.ledger import Row
from stockgen.ledger.reworded import KEY, Reworded, worded
from stockgen.ledger.shots import shot_of
from stockgen.pipeline.chain import Chains
from stockgen.pipeline.other_words import Asked, Thesaurus, Wording, found
from stockgen.pipeline.sharing import Gone, Need, Sharing, leave, need
from stockgen.pipeline.workshop import Workshop
from stockgen.pipeline.writing import Ended, Work, WritingLane

PATIENCE = 86_400.0  # seconds that a shot waits for words at most, should nobody ever say that there are none
RETRY = 30.0  # seconds in which a model that did not answer is not asked again: what is refused meanwhile goes on
KNOWN = 500  # wordings that are remembered for shots whose refusal comes a little later than their siblings'
CARD = frozenset({"pause", "gpu_busy"})  # holds under which nobody of ours may be on a card


class Rephraser:
    """Asked by the dispatcher about each refusal, and turned by it. `on`: whether words are put differently at all; a
    reload replaces it, and `thesaurus`. `sharing`: None = no card of ours could be in the way.
    """

    def __init__(self, work: Workshop, thesaurus: Thesaurus, lane: WritingLane, on: bool,
                 sharing: Sharing | None = None) -> None:  # fmt: skip
        self._ledger, self._clock, self._log = work.ledger, work.clock, work.log
        self.thesaurus = thesaurus
        self.on = on
        self.sharing = sharing
        self.card_holds: Callable[[], Sequence[Held]] = tuple  # that people and programs cause
        self._lane = lane
        self._waiting: dict[Wording, list[int]] = {}  # shots
        self._asked: list[Asked] = []  # of those, what the lane works for
        self._known: dict[Wording, Reworded] = {}
        self._changed = True  # whether the ledger has to be asked who waits
        self._urgent = False
        self._doing: Literal["", "asking", "writing", "leaving"] = ""
        self._need: Need | None = None  # of our cards; None = ask
        self._away = False
        self._not_before = -math.inf  # monotonic seconds; a model that was away is not asked before

    # -- what the dispatcher says and asks -----------------------------------------------------------------------

    def instead(self, shot: Shot, error: Exception, then: Next, wall: float) -> Next | None:
        """What becomes of a shot that was just refused, if it is to get other words; None = what would have."""
        if not isinstance(error, Refused) or then.action == "cancel" or not self.may(shot):
            return None
        return Next("requeue", shot.chain_pos, wall + PATIENCE, False, False, str(error))

    def may(self, shot: Shot) -> bool:
        """Whether a shot whose words are refused, now or by an earlier answer, gets others: nobody has looked for any
        yet, and somebody can.
        """
        return self.on and KEY not in shot.wish and self._clock.monotonic() >= self._not_before

    def want(self, shot: Shot, why: str) -> None:
        """It waits for words from now on. Where it was refused just now: within the transaction that says so."""
        told = Reworded(by=shot.chain[shot.chain_pos], before=shot.prompt, why=why)
        wall = self._clock.wall()
        self._ledger.rewordings.want(shot.id, told, wall + PATIENCE, wall)
        self._changed = True

    @property
    def busy(self) -> bool:
        """Whether words are being found, or are about to be."""
        return bool(self._doing or ((self._waiting or self._changed) and not self._forbidden))

    def next_at(self) -> float:
        """When to step again though nothing happens: monotonic seconds."""
        return self.sharing.next_at() if self.sharing else math.inf

    def close(self) -> None:
        """End without waiting for an answer."""
        self._lane.close()

    # -- one turn ------------------------------------------------------------------------------------------------

    def step(self, now: float, chains: Chains) -> list[Shot]:
        """Take what has come, and ask on. Return the shots that get no other words: they are to be placed anew. `now`
        monotonic seconds. Raises StorageFull, StorageLost.
        """
        if self._changed:
            self._look()
        for one in self._lane.take():
            if isinstance(one, Ended):
                self._ended(one, now)
            elif isinstance(one, Need):
                self._need = one
            elif not isinstance(one, Gone):
                self._know(one)
        on = self._give(chains)
        if not self._doing:
            self._ask(now)
        return on

    def _look(self) -> None:
        """Ask the ledger who waits."""
        rows = self._ledger.rewordings.waiting()
        self._changed = False
        self._urgent = any(row["rank"] == 0 for row in rows)
        self._waiting = {}
        for row in rows:
            told = _told(row)
            self._waiting.setdefault((told.by, told.before), []).append(row["id"])

    def _ask(self, now: float) -> None:
        if not self._waiting:
            self._rest()
        elif self._forbidden:
            return
        elif self.sharing and self._need is None:
            self._begin("asking", lambda _: need(self.thesaurus.writer))
        elif self._may(now):
            self._asked = [self._question(shots[0]) for shots in self._waiting.values()]
            self._begin("writing", partial(found, self.thesaurus, self._asked))

    def _question(self, shot: int) -> Asked:
        row = self._ledger.shots.get(shot)
        return Asked(_told(row), self._ledger.jobs.idea(row["idea_id"])[0])

    @property
    def _forbidden(self) -> bool:
        """Whether somebody wants nothing begun, or the card that the model runs on."""
        holds = {one.hold for one in self.card_holds() if one.everything} & CARD
        return "pause" in holds or bool(holds and self._need and self._need.here)

    def _may(self, now: float) -> bool:
        """Whether the card, if it is needed at all, is the model's now."""
        if not (self.sharing and self._need and self._need.here):
            return True
        return self.sharing.may_write(self._need.bytes, self._urgent, now)

    def _rest(self) -> None:
        """No words are to be found now: what the model has of our cards goes back."""
        if self._need is None:
            return
        self._need = None
        if self.sharing and self.sharing.lent:
            waits, writer = self.sharing.waits, self.thesaurus.writer
            self._begin("leaving", lambda dropped: leave(writer, dropped, waits))
        elif self.sharing:
            self.sharing.withdraw()

    def _begin(self, doing: Literal["asking", "writing", "leaving"], work: Work) -> None:
        self._doing = doing
        self._lane.begin(work, self.thesaurus.writer.seconds)

    # -- what comes of it ----------------------------------------------------------------------------------------

    def _know(self, told: Reworded) -> None:
        if len(self._known) >= KNOWN:
            self._known.pop(next(iter(self._known)))
        self._known[told.by, told.before] = told

    def _give(self, chains: Chains) -> list[Shot]:
        """Hand out the words that there are; return the shots for which there are none."""
        on: list[Shot] = []
        given = [wording for wording in self._waiting if wording in self._known or not self.on]
        for wording in given:
            shots = self._waiting[wording]
            told = self._known.get(wording) if self.on else None
            told = told or _told(self._ledger.shots.get(shots[0]))
            on += [each for shot in shots if (each := self._put(shot, told, chains))]
            del self._waiting[wording]
            if not told.words:  # a model that was away will be back for others
                self._known.pop(wording, None)
        return on

    def _put(self, number: int, told: Reworded, chains: Chains) -> Shot | None:
        """Write down a shot's words; return it where its provider won't make it with them either."""
        shot = _with(self._ledger.shots.get(number), told)
        placed = chains.place(shot)
        self._ledger.rewordings.put(number, told, placed.fit.stack if placed.fit else "", self._clock.wall())
        self._log.info("shot.reworded", shot=number, job=shot.job, provider=told.by, writer=told.writer or None,
                       reason=None if told.words else "no_words")  # fmt: skip
        return None if placed.fit and placed.shot.chain_pos == shot.chain_pos else shot

    def _ended(self, end: Ended, now: float) -> None:
        doing, self._doing = self._doing, ""
        asked, self._asked = self._asked, []
        if doing == "leaving":
            if self.sharing:
                self.sharing.returned(now)
            return
        if end.error is None:
            self._away = self._away and doing == "asking"
        elif not isinstance(end.error, StockgenError):
            self._log.error("bug", traceback="".join(traceback.format_exception(end.error)))
        else:
            self._not_before = now + RETRY
            if not self._away:
                self._log.warning("rephrase.away", reason=str(end.error))
            self._away = True
        for one in asked if doing == "writing" else self._all() if end.error else ():
            if one.wording not in self._known:
                self._know(one.told)

    def _all(self) -> list[Asked]:
        return [self._question(shots[0]) for shots in self._waiting.values()]


def _told(row: Row) -> Reworded:
    told = Reworded.of(shot_of(row).wish)
    assert told is not None  # it is what they were found by
    return told


def _with(row: Row, told: Reworded) -> Shot:
    shot = shot_of(row)
    return worded(replace(shot, wish={**shot.wish, KEY: asdict(told)}))
