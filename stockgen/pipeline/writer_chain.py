"""Several text models as one: the first that is ready writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from stockgen.domain.errors import WriterAway, WriterError, WriterLacks
from stockgen.domain.protocols import Brief, Writer

REST = 60.0  # seconds before one that was away is asked again: a call may wait as long for nothing


class WriterChain:
    """Asks `writers` in their order. `name` is that of the one that wrote last.

    Vectors come from the first that makes any and from no other: those of two models can't be compared.
    """

    def __init__(self, writers: Sequence[Writer], monotonic: Callable[[], float]) -> None:
        self._writers = tuple(writers)
        self._monotonic = monotonic
        self._away: dict[int, tuple[float, WriterAway]] = {}
        self.name = self._writers[0].name if self._writers else ""
        self.sees = any(one.sees for one in self._writers)
        self.embeds = any(one.embeds for one in self._writers)

    def missing(self) -> WriterLacks | None:
        """What the first of them lacks, where none is ready. Raises WriterAway where all are away."""
        lacks: list[WriterLacks] = []
        away: list[WriterAway] = []
        for number, writer in self._awake(away):
            try:
                lack = writer.missing()
            except WriterAway as error:
                away.append(self._rests(number, error))
                continue
            if lack is None:
                return None
            lacks.append(lack)
        if not lacks:
            raise away[0] if away else WriterLacks("no_writer")
        return lacks[0]

    def also_missing(self) -> Sequence[WriterLacks]:
        """What else they all lack. Raises the first one's WriterAway."""
        return [lack for writer in self._writers for lack in writer.also_missing()]

    def write(self, brief: Brief) -> str:
        """The answer of the first that gives one. Raises the first one's WriterAway or WriterLacks where none does."""
        failed: list[WriterError] = []
        for number, writer in self._awake(failed):
            if brief.images and not writer.sees:
                continue
            try:
                answer = writer.write(brief)
            except WriterAway as error:
                failed.append(self._rests(number, error))
            except WriterLacks as error:
                failed.append(error)
            else:
                self.name = writer.name
                return answer
        raise failed[0] if failed else WriterLacks("writer_blind" if self._writers else "no_writer", writer=self.name)

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Vectors of the first that makes any. Raises its WriterAway or WriterLacks."""
        one = next((writer for writer in self._writers if writer.embeds), None)
        if one is None:
            raise WriterLacks("no_embedding", writer=self.name, texts=len(texts))
        return one.embed(texts)

    def on_card(self) -> int:
        """What all of them hold; one that is away holds nothing that could be told."""
        return sum(self._told(lambda writer: writer.on_card()))

    def needs(self) -> int:
        """What the first takes that is not away and lacks nothing."""
        return next(self._told(lambda writer: writer.needs()), 0)

    def release(self) -> None:
        """Let all go, also where one of them fails. Raises the first one's WriterAway."""
        failed: list[WriterAway] = []
        for writer in self._writers:
            try:
                writer.release()
            except WriterAway as error:
                failed.append(error)
        if failed:
            raise failed[0]

    def _awake(self, resting: list[WriterAway] | list[WriterError]) -> Iterator[tuple[int, Writer]]:
        """Those that may be asked now; why the others rest is added to `resting`."""
        for number, writer in enumerate(self._writers):
            until, why = self._away.get(number, (0.0, None))
            if why is not None and self._monotonic() < until:
                resting.append(why)
            else:
                yield number, writer

    def _rests(self, number: int, error: WriterAway) -> WriterAway:
        self._away[number] = (self._monotonic() + REST, error)
        return error

    def _told(self, ask: Callable[[Writer], int]) -> Iterator[int]:
        for writer in self._writers:
            try:
                yield ask(writer)
            except (WriterAway, WriterLacks):
                continue
