"""Asking a writer for vectors, in bulk. It may go away at any time: then words alone decide, and nobody is troubled."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.domain.errors import WriterAway, WriterError
from stockgen.domain.protocols import Writer
from stockgen.ledger import Ledger
from stockgen.logs import Logger
from stockgen.pipeline.novelty.vectors import cosine, packed

PROBE = "An old lighthouse above a stormy sea, seen from a path between heather and rocks."
SAME_MODEL = 0.995  # cosine of two models' vectors of that sentence; another rounding of one model: above 0.999


class Embedder:
    """Vectors by one writer, as long as it gives any. `id`: its model's in the ledger, 0 = it gives none."""

    def __init__(self, ledger: Ledger, writer: Writer | None, log: Logger) -> None:
        self._ledger, self._log = ledger, log
        self._writer = writer if writer is not None and writer.embeds else None
        self.id = self.dims = 0

    def begin(self) -> None:
        """Find out which model it is: by what it makes of one sentence."""
        probe = next(iter(self.of([PROBE])), b"")
        if not probe or self._writer is None:
            return
        known = (row["id"] for row in self._ledger.past.embedders()
                 if len(row["probe"]) == len(probe) and cosine(row["probe"], probe) >= SAME_MODEL)  # fmt: skip
        self.id = next(known, 0) or self._ledger.past.new_embedder(self._writer.name, probe)
        self.dims = len(probe)

    def of(self, texts: Sequence[str]) -> list[bytes]:
        """A packed vector for each text; [] = there are none to be had, from now on."""
        if self._writer is None or not texts:
            return []
        try:
            return self._usable([packed(vector) for vector in self._writer.embed(texts)], len(texts))
        except WriterError as error:
            self._log.debug("novelty.words_alone", reason=str(error))
            self._writer = None
            return []

    def _usable(self, vectors: list[bytes], wanted: int) -> list[bytes]:
        """Raises WriterAway for what can't be compared: too few, of another length than before, without direction."""
        lengths = {len(vector) for vector in vectors} | ({self.dims} if self.dims else set())
        if len(vectors) != wanted or len(lengths) != 1 or lengths == {0}:
            raise WriterAway("embedding_unlike", writer=self._writer.name if self._writer else "")
        return vectors
