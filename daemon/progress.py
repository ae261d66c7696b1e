"""A bar for people who wait for `--until-idle`; nothing where nobody looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stockgen.domain.protocols import Lane
from stockgen.domain.protocols import Progress as Doing
from stockgen.domain.words import SHOT_ENDED
from stockgen.ledger import Ledger
from stockgen.messages import Messages
from stockgen.pipeline.eta import described
from stockgen.pipeline.status import seconds_per_picture

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

EVERY = 0.2  # seconds


class Progress:
    """Shows how many pictures of how many are made, how far the one in hand is, and about how long it will take."""

    def __init__(self, say: Messages, wanted: bool) -> None:
        self._say = say
        self._bar: RichProgress | None = _bar() if wanted else None
        self._task = self._bar.add_task(say("progress.pictures"), total=None) if self._bar else None
        self._before: int | None = None
        self._not_before = 0.0
        if self._bar:
            self._bar.start()

    @property
    def shown(self) -> bool:
        """Whether somebody looks at a bar."""
        return self._bar is not None

    def show(self, ledger: Ledger, lanes: Sequence[Lane], now: float) -> None:
        """Move the bar. `now` monotonic seconds."""
        if self._bar and now >= self._not_before:
            self._not_before = now + EVERY
            self._update(ledger, [lane.progress() for lane in lanes])

    def close(self, ledger: Ledger) -> None:
        """Show the end and give the terminal back."""
        if self._bar:
            self._update(ledger, ())
            self._bar.stop()

    def _update(self, ledger: Ledger, doing: Sequence[Doing]) -> None:
        counts = ledger.shots.counts()
        ended = sum(count for state, count in counts.items() if state in SHOT_ENDED)
        if self._before is None:
            self._before = ended  # what earlier runs made is not this run's work
        total = sum(counts.values()) - self._before
        if self._bar and self._task is not None:
            ended -= self._before
            each, unmade = seconds_per_picture(ledger), ledger.shots.unrendered()
            told = self._say.tell(described(doing, ended, total, each, unmade))
            self._bar.update(self._task, completed=ended, total=total or None, description=told)


def _bar() -> RichProgress:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
