"""Rendered pictures are shown to a model that sees before they are finished: its marks are checks like others, and what
it sees becomes the description.

It may take seconds for each, so it has a thread of its own. A model that does not answer stops no picture: that one
is finished without its marks, and the log says so once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

from stockgen.answers import read
from stockgen.checks.findings import Finding
from stockgen.checks.vision import SIDE, Seen, brief, seen
from stockgen.data.lint import Lint
from stockgen.domain.errors import StockgenError, WriterError
from stockgen.domain.protocols import Writer
from stockgen.domain.words import Idea
from stockgen.finishes.encode import thumbnail
from stockgen.ledger import Row
from stockgen.pipeline.finish import PixelPool, drawn_size, raw_bytes
from stockgen.pipeline.places import Places
from stockgen.pipeline.workshop import Workshop
from stockgen.pipeline.writing import Ended, WritingLane

AHEAD = 8  # pictures that are shown one after the other before the thread is asked for again
BAD_TRIES = 2  # answers without marks, after which a picture goes on without


@dataclass(frozen=True, slots=True)
class _Shown:
    shot: int
    picture: bytes
    meant: str


class Seer:
    """Asked by the finisher: `want` a picture seen, `known` once it was (or can't be), `seen` what was said of it."""

    def __init__(self, work: Workshop, pool: PixelPool, lane: WritingLane, writer: Writer, least: float,
                 lint: Callable[[], Lint]) -> None:  # fmt: skip
        self._places, self._log = work.places, work.log
        self._pool = pool
        self._lane = lane
        self._writer = writer
        self._least = least
        self._lint = lint
        self._getting: set[int] = set()
        self._ready: list[_Shown] = []
        self._seen: dict[int, Seen | None] = {}
        self._away = False

    def want(self, row: Row, request: str) -> None:
        """Look at a rendered shot; `request`: what its provider was asked for."""
        shot = row["id"]
        if shot in self._getting or len(self._getting) >= AHEAD:
            return
        self._getting.add(shot)
        work = partial(_preview, row, drawn_size(request), self._places)
        self._pool.run(work, partial(self._previewed, shot, row["prompt"]))

    def step(self) -> None:
        """Take what has come, and ask on."""
        for one in self._lane.take():
            if isinstance(one, Ended):
                self._ended(one)
            else:
                self._know(*one)
        if self._ready and not self._lane.busy:
            shown, self._ready = self._ready, []
            self._lane.begin(partial(_looked, self._writer, shown))

    def known(self, shot: int) -> bool:
        """Whether it was seen, or nobody can see it."""
        return shot in self._seen

    def findings(self, shot: int) -> Sequence[Finding]:
        """The marks of a picture; none where nobody has seen it."""
        judged = self._seen.get(shot)
        return judged.findings(self._least) if judged else ()

    def told(self, shot: int, idea: Idea) -> Idea:
        """The idea with what is really seen as its description, where no market would mind the words."""
        judged = self._seen.get(shot)
        caption = judged.caption if judged else {}
        lawful = {language: text for language, text in caption.items() if not self._lint().found(text, but=())}
        return replace(idea, description={**idea.description, **lawful}) if lawful else idea

    def forget(self, shot: int) -> None:
        """The picture was published, or is made again."""
        self._seen.pop(shot, None)
        self._getting.discard(shot)

    def close(self) -> None:
        """End without waiting for an answer."""
        self._lane.close()

    def _previewed(self, shot: int, meant: str, result: bytes | Exception) -> None:
        if isinstance(result, Exception):  # finishing meets the same, and judges it
            self._know(shot, None)
        else:
            self._ready.append(_Shown(shot, result, meant))

    def _know(self, shot: int, judged: Seen | None) -> None:
        if shot in self._getting:
            self._seen[shot] = judged

    def _ended(self, end: Ended) -> None:
        if end.error is None:
            self._away = False
        elif isinstance(end.error, StockgenError):
            if not self._away:
                self._log.warning("vision.away", reason=str(end.error))
            self._away = True
        else:
            raise end.error
        waiting = {one.shot for one in self._ready}
        for shot in self._getting - waiting - self._seen.keys():
            if end.error is not None:
                self._seen[shot] = None


def _looked(writer: Writer, shown: Sequence[_Shown], dropped: Event) -> Iterator[tuple[int, Seen | None]]:
    """(shot, what is said of it) for each; None where the answers had no marks. Raises WriterAway, WriterLacks."""
    for one in shown:
        if dropped.is_set():
            return
        yield one.shot, _judged(writer, one)


def _judged(writer: Writer, one: _Shown) -> Seen | None:
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

    picture = decoded(raw_bytes(row["raw_path"], row["raw_sha256"], places), *drawn)
    return thumbnail(picture, SIDE)
