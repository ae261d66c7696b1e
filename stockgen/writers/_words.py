"""What is the same for every writer that has words and nothing else: no eye, no vectors, no place on a card."""

from __future__ import annotations

from collections.abc import Sequence

from stockgen.domain.errors import WriterLacks


class WordsOnly:
    """The rest of a `Writer` for whoever has a `name`, `missing` and `write`."""

    name: str
    sees = False
    embeds = False

    def also_missing(self) -> Sequence[WriterLacks]:
        """It promises nothing else."""
        return ()

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """It has no vectors. Raises WriterLacks."""
        raise WriterLacks("no_embedding", writer=self.name, texts=len(texts))

    def on_card(self) -> int:
        """It needs no card."""
        return 0

    def needs(self) -> int:
        """It needs no card."""
        return 0

    def release(self) -> None:
        """There is nothing to let go."""
