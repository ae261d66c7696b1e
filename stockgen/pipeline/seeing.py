"""Rendered pictures are shown to a model that sees before they are finished: its marks are checks like others, and what
it sees becomes the description.

It may take seconds for each, so it has a thread of its own. A model that does not answer stops no picture: that one
is finished without its marks, and the log says so once.
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import Literal

from stockgen.answers import read
from stockgen.checks.findings import Finding
from stockgen.checks.vision import SIDE, Seen, brief, seen
from stockgen.data.lint import Lint
from stockgen.domain.errors import StockgenError, WriterError
from stockgen.domain.words import Idea
from stockgen.ledger import Row
from stockgen.pipeline.finish import PixelPool, drawn_size, raw_bytes
from stockgen.pipeline.places import Places
from stockgen.pipeline.sharing import Gone, Need, Sharing, leave, need
from stockgen.pipeline.workshop import Workshop
from stockgen.pipeline.writing import Ended, Stopwatch, Work, WritingLane

AHEAD = 32  # pictures that wait to be seen; as many as may wait to be finished, because then a card has nothing to do
RETRY = 30.0  # seconds in which a model that did not answer is not asked again
BAD_TRIES = 2  # answers without marks, after which a picture goes on without


@dataclass(frozen=True, slots=True)
class _Shown:
    shot: int
    picture: bytes
    meant: str


@dataclass(frozen=True, slots=True)
class Eye:
    """The model that sees, the marks that it must give at least, and who finds words that no market takes."""

    writer: Stopwatch
    least: float
    lint: Callable[[], Lint]


class Seer:
    """Asked by the finisher: `want` a picture seen, `known` once it was (or can't be), `findings` and `told` of it.

    `sharing`: None = no card of ours could be in the way.
    """

    def __init__(self, work: Workshop, pool: PixelPool, lane: WritingLane, eye: Eye,
                 sharing: Sharing | None = None) -> None:  # fmt: skip
        self._places, self._log = work.places, work.log
        self._pool = pool
        self._lane = lane
        self._eye = eye
        self.sharing = sharing
        self._getting: set[int] = set()
        self._previewing: set[int] = set()
        self._ready: list[_Shown] = []
        self._seen: dict[int, Seen | None] = {}
        self._doing: Literal["", "asking", "looking", "leaving"] = ""
        self._need: Need | None = None  # of our cards; None = ask
        self._away = False
        self._not_before = -math.inf  # monotonic seconds; a model that was away is not asked before

    def want(self, row: Row, attempt: Row) -> None:
        """Look at a rendered shot; `attempt`: the one that it came from."""
        shot = row["id"]
        if shot in self._getting or len(self._getting) >= AHEAD:
            return
        self._getting.add(shot)
        self._previewing.add(shot)
        work = partial(_preview, row, drawn_size(attempt), self._places)
        self._pool.run(work, partial(self._previewed, shot, row["prompt"]))

    def step(self, now: float) -> None:
        """Take what has come, and ask on. `now` monotonic seconds."""
        for one in self._lane.take():
            if isinstance(one, Ended):
                self._ended(one, now)
            elif isinstance(one, Need):
                self._need = one
            elif not isinstance(one, Gone):
                self._know(*one)
        if self._doing:
            return
        if now < self._not_before:
            self._pass_over()
        if not self._ready:
            self._rest()
        elif self.sharing and self._need is None:
            self._begin("asking", lambda _: need(self._eye.writer))
        elif self._may(now):
            shown, self._ready = self._ready, []
            self._begin("looking", partial(_looked, self._eye.writer, shown))

    def next_at(self) -> float:
        """When to step again though nothing happens: monotonic seconds."""
        return self.sharing.next_at() if self.sharing else math.inf

    def known(self, shot: int) -> bool:
        """Whether it was seen, or nobody can see it."""
        return shot in self._seen

    def findings(self, shot: int) -> Sequence[Finding]:
        """The marks of a picture; none where nobody has seen it."""
        judged = self._seen.get(shot)
        return judged.findings(self._eye.least) if judged else ()

    def told(self, shot: int, idea: Idea) -> Idea:
        """The idea with what is really seen as its description, where no market would mind the words."""
        judged = self._seen.get(shot)
        caption = judged.caption if judged else {}
        lawful = {language: text for language, text in caption.items() if not self._eye.lint().found(text, but=())}
        return replace(idea, description={**idea.description, **lawful}) if lawful else idea

    def forget(self, shot: int) -> None:
        """The picture was published, or is made again."""
        self._seen.pop(shot, None)
        self._getting.discard(shot)

    def close(self) -> None:
        """End without waiting for an answer."""
        self._lane.close()

    def _previewed(self, shot: int, meant: str, result: bytes | Exception) -> None:
        self._previewing.discard(shot)
        if isinstance(result, Exception):  # finishing meets the same, and judges it
            self._know(shot, None)
        else:
            self._ready.append(_Shown(shot, result, meant))

    def _know(self, shot: int, judged: Seen | None) -> None:
        if shot in self._getting:
            self._seen[shot] = judged

    def _may(self, now: float) -> bool:
        """Whether the card, if it is needed at all, is the model's now."""
        if not (self.sharing and self._need and self._need.here):
            return True
        return self.sharing.may_write(self._need.bytes, False, now)

    def _rest(self) -> None:
        """Nothing is to be seen now: what the model has of our cards goes back."""
        if self._need is None or self._getting - self._seen.keys():
            return
        self._need = None
        if self.sharing and self.sharing.lent:
            waits = self.sharing.waits
            self._begin("leaving", lambda dropped: leave(self._eye.writer, dropped, waits))
        elif self.sharing:
            self.sharing.withdraw()

    def _begin(self, doing: Literal["asking", "looking", "leaving"], work: Work) -> None:
        self._doing = doing
        self._lane.begin(work, self._eye.writer.seconds)

    def _ended(self, end: Ended, now: float) -> None:
        doing, self._doing = self._doing, ""
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
                self._log.warning("vision.away", reason=str(end.error))
            self._away = True
        if doing == "looking" or end.error is not None:
            self._pass_over()

    def _pass_over(self) -> None:
        """Whatever was shown and not seen goes on unseen; with no model to ask, so does what waits."""
        if self._away:
            self._ready.clear()
        waiting = {one.shot for one in self._ready} | self._previewing
        for shot in self._getting - waiting - self._seen.keys():
            self._seen[shot] = None


def _looked(writer: Stopwatch, shown: Sequence[_Shown], dropped: Event) -> Iterator[tuple[int, Seen | None]]:
    """(shot, what is said of it) for each; None where the answers had no marks. Raises WriterAway, WriterLacks."""
    for one in shown:
        if dropped.is_set():
            return
        yield one.shot, _judged(writer, one)


def _judged(writer: Stopwatch, one: _Shown) -> Seen | None:
    for seed in range(BAD_TRIES):
        answer = read(writer.write(replace(brief(one.picture, one.meant), seed=seed)))
        try:
            return seen(answer.items)
        except WriterError:
            continue
    return None


def _preview(row: Row, drawn: tuple[int, int], places: Places) -> bytes:
    """A JPEG that a model can look at. Raises BadPicture, StorageLost."""
    from stockgen.checks.sound import decoded
    from stockgen.finishes.encode import thumbnail

    picture = decoded(raw_bytes(row["raw_path"], row["raw_sha256"], places), *drawn)
    return thumbnail(picture, SIDE)
