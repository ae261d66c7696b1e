"""Whether an idea is new: compared with every idea that was ever planned here, by its title and, where a writer gives
vectors, by what it means.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from stockgen.domain.protocols import Writer
from stockgen.domain.words import Idea
from stockgen.gpu.device import collect
from stockgen.ledger import Ledger
from stockgen.logs import Logger
from stockgen.pipeline.novelty.embedding import Embedder
from stockgen.pipeline.novelty.run import Run


class Novelty:
    """Implements `Past`, for a run of writing. What it keeps in memory goes with `rest`, or with itself.

    `writer` gives vectors if it can; None = titles alone. `near` takes as long as the writer does, one thread after the
    other; nothing else waits for it.
    """

    def __init__(self, ledger: Ledger, writer: Writer | None, log: Logger) -> None:
        self._ledger, self._writer, self._log = ledger, writer, log
        self._asking = threading.Lock()
        self._run: Run | None = None
        self._alike: dict[str, tuple[str, ...]] = {}

    def recent(self, count: int) -> Sequence[str]:
        """English titles of the newest motifs, newest first."""
        return self._ledger.past.recent(count)

    def refused(self, count: int) -> Sequence[str]:
        """English titles of what markets refused or people dropped, newest first, each once."""
        rows = [*self._ledger.past.rejected(2 * count), *self._ledger.past.dropped(2 * count)]
        newest = sorted(rows, key=lambda row: str(row["at"]), reverse=True)
        return [*dict.fromkeys(str(row["title"]) for row in newest)][:count]

    def near(self, idea: Idea) -> str | None:
        """The English title of an earlier idea that this one is too much like; None = it is new, and counts from now
        on. Ideas of the ledger that have no vector get theirs meanwhile, a bounded number.
        """
        with self._asking:
            run = self._run = self._run or Run(self._ledger, Embedder(self._ledger, self._writer, self._log))
            title, alike = run.near(idea)
        self._alike[idea.prompt] = alike
        return title

    def alike(self, idea: Idea) -> tuple[str, ...]:
        """Prompts of earlier ideas that a reviewer would call the same picture, nearest first, for `motifs.place`; ()
        where no vector says so, or `near` was not asked.
        """
        return self._alike.get(idea.prompt, ())

    def rest(self) -> None:
        """Give the memory back, at once or when the question that is being asked has its answer; the next one reads
        everything anew. Does not wait.
        """
        self._run, self._alike = None, {}
        collect()
