"""Whom nobody asks now, and why: one door for each provider, with all that it has said of late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from stockgen.domain.errors import Busy
from stockgen.domain.protocols import Clock, Fit, Held, Outcome
from stockgen.domain.times import wall
from stockgen.domain.words import Place
from stockgen.ledger import Ledger
from stockgen.pipeline.chain import REFUSED, Barred
from stockgen.pipeline.closures import FAR, Closures
from stockgen.pipeline.rates import WINDOW, Rates
from stockgen.pipeline.wordings import Wordings

SHORT = 60.0  # seconds: a pause that is no longer than that is not worth a word


@dataclass(frozen=True, slots=True)
class Pause:
    """A provider that is left alone for a moment, `until` wall seconds. `code`: of the error that it last met with; ""
    = that was before this program started.
    """

    provider: str
    code: str
    until: float


@dataclass(frozen=True, slots=True)
class Doors:
    """What providers have said: that they are busy, closed, or won't have these words."""

    rates: Rates
    closures: Closures
    wordings: Wordings
    clock: Clock
    said: dict[str, str] = field(default_factory=dict)  # provider → code of why it was last busy

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        """A `Hold`: providers at `place` that are closed, or want to be left alone for long; `now` wall seconds."""
        here, closed = self.clock.monotonic(), self.closures(place, now)
        shut = {one.reason for one in closed}
        pauses = {name: self.rates.paused(name) - here for name in self.closures.at(place) if name not in shut}
        # Whole seconds: else the same moment would be told anew at each look.
        return [*closed, *(
            Held(hold="closed", reason=name, until=float(round(now + left)), providers=frozenset({name}))
            for name, left in pauses.items() if left > SHORT
        )]  # fmt: skip

    def pauses(self, place: Place) -> list[Pause]:
        """Who at `place` is left alone now though he is not closed, however short that is; nothing waits for it."""
        here, now, shut = self.clock.monotonic(), self.clock.wall(), self.closures.shut
        left = {name: self.rates.paused(name) - here for name in self.closures.at(place) if name not in shut}
        # Whole seconds: else the same moment would be told anew at each look.
        return [
            Pause(name, self.said.get(name, ""), float(round(now + each))) for name, each in left.items() if each > 0
        ]

    def bar(self, fit: Fit) -> Barred | None:
        """Why a provider is not asked for what it could do; None = it is asked."""
        closure = self.closures.of(fit.provider, fit.model)
        if self.wordings.refused(fit):
            return Barred(f"{REFUSED}: provider={fit.provider}", words=True)
        if closure is None:
            return None
        far = closure.until - self.clock.wall() > FAR
        reason = closure.why.code.removeprefix("error.")
        return Barred(f"{reason}: provider={fit.provider}", None if far else closure.until, held=not closure.model)

    def heard(self, fit: Fit, outcome: Outcome, began: float) -> None:
        """A provider has answered a request that `began` then (monotonic seconds). Safe to repeat. Raises StorageFull,
        StorageLost.
        """
        self.closures.note(fit, outcome.error)
        self.wordings.note(fit, outcome)
        if isinstance(outcome.error, Busy):
            self.said[fit.provider] = outcome.error.code
            told = outcome.error.retry_after if outcome.error.told else None
            self.rates.busy(fit.provider, told, began, self.clock.monotonic())
        elif outcome.error is None:
            self.rates.fine(fit.provider)


def recall(rates: Rates, ledger: Ledger, providers: Iterable[str], clock: Clock) -> None:
    """What was asked for within the last minute counts, also where a program did it that has ended since."""
    now, here = clock.wall(), clock.monotonic()
    for provider in providers:
        for row in ledger.closures.begun(provider, now - WINDOW):
            began = here - max(0.0, now - wall(row["started_at"]))  # a clock that was set back says it is still to come
            rates.begun(provider, 1, began)
            if row["error_class"] == Busy.__name__:
                rates.busy(provider, None, began, min(here, began + (row["seconds"] or 0.0)))
            elif row["outcome"] == "rendered":
                rates.fine(provider)
