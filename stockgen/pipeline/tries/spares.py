"""Spares: tries that were not the best of their picture. They lie in the state, `spare/`, as their provider drew them
and with all their words, for a while.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from stockgen.checks.findings import Finding, score
from stockgen.files import discard
from stockgen.ledger import Ledger, Row
from stockgen.ledger.assets import NewAsset
from stockgen.ledger.tries import AT_ONCE
from stockgen.pipeline.describe import Described
from stockgen.pipeline.measuring import recalled
from stockgen.pipeline.workshop import Workshop

LOOK = 3600.0  # seconds between two looks for old ones
LETTERS = "abcdefgh"  # behind the name of their picture: which try it was
ENDINGS = ("jpg", "png")


class Spares:
    """Turned by the engine. `after`: seconds for which they are kept, None = for ever, 0 = none is made; a reload
    replaces it.
    """

    def __init__(self, work: Workshop, after: float | None) -> None:
        self._ledger, self._folder, self._clock, self._log = work.ledger, work.places.spare, work.clock, work.log
        self.after = after
        self._due = -math.inf  # monotonic seconds

    @property
    def wanted(self) -> bool:
        """Whether any is kept at all."""
        return self.after is None or self.after > 0

    def step(self, now: float) -> None:
        """Remove old ones, if it is time to look. `now` monotonic seconds. Raises StorageFull, StorageLost."""
        if self.after is None or now < self._due:
            return
        rows = self._ledger.tries.older(self._clock.wall() - self.after)
        self._due = now + (LOOK if len(rows) < AT_ONCE else 0.0)
        if rows:
            size = sum(self._removed(row["stem"]) for row in rows)
            self._ledger.tries.cleaned([row["id"] for row in rows])
            self._log.info("spare.cleaned", pictures=len(rows), bytes=size)

    def sweep(self) -> None:
        """After a start: remove what no row knows; whoever was being written is written again."""
        lying = self._ledger.tries.lying()
        for path in self._folder.iterdir():
            if path.stem not in lying and path.is_file():
                discard(path)

    def _removed(self, stem: str) -> int:
        """Remove one; return how many bytes that freed."""
        return sum(_discarded(self._folder / f"{stem}.{ending}") for ending in ENDINGS)


def name_of(ledger: Ledger, shot: Row) -> str:
    """What the spare of a shot is called, without its ending: as its picture, and a letter. Raises LookupError."""
    return ledger.tries.stem(shot["idea_id"]) + LETTERS[shot["try"]]


def spare_of(ledger: Ledger, this: Described, marks: Sequence[Finding], size: tuple[int, int]) -> NewAsset:
    """What the ledger keeps of a spare. `marks`: of a model that has seen it; `size`: width and height in pixels."""
    row = this.shot
    found = next(recalled(one) for one in ledger.tries.rendered(row["idea_id"]) if one["id"] == row["id"])
    findings = [*found.checks, *marks]
    return NewAsset(
        shot=row["id"], job=row["job_id"], number=-row["id"], stem=name_of(ledger, row), kind=this.order.kind,
        look=this.look, review=None, checks=[one.to_json() for one in findings], sellable=this.sellable,
        width=size[0], height=size[1], score=score(findings), phash=found.likeness.phash,
    )  # fmt: skip


def _discarded(path: Path) -> int:
    try:
        size = path.stat().st_size
    except OSError:  # its owner has taken it
        return 0
    discard(path)
    return size
