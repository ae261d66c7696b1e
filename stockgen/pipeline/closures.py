"""Providers that nobody asks for a while, because the next picture would fail as the last one did."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stockgen.domain.errors import Busy, NotConfigured, RenderError, Retired
from stockgen.domain.protocols import Clock, Fit, Held, Provider
from stockgen.domain.times import iso, wall
from stockgen.domain.words import Place, Remark
from stockgen.ledger import Ledger, Row
from stockgen.logs import Logger

PATIENT = 60.0  # seconds: who is busy for longer than that is closed; until then its shots simply wait
FAR = 7 * 86400.0  # seconds: nothing waits for who is closed for longer than that
Key = tuple[str, str]  # provider, model; model "" = all of them


@dataclass(frozen=True, slots=True)
class Closure:
    """Closed `until` (wall seconds). `error`: the name of the error's class; `why`: the error in words."""

    provider: str
    model: str
    error: str
    why: Remark
    until: float

    @classmethod
    def of(cls, row: Row) -> Closure:
        """A row of the ledger."""
        why = Remark.from_json(json.loads(row["reason"]))
        return cls(row["provider"], row["model"], row["error_class"], why, wall(row["until"]))


class Closures:
    """What is closed, kept in the ledger. As a `Hold` it keeps shots that wait for a provider which reopens.

    `secrets`: the folder of keys. A missing or refused key is looked for again once one was written there.
    """

    def __init__(
        self, ledger: Ledger, clock: Clock, log: Logger, providers: Mapping[str, Provider], secrets: Path | None
    ) -> None:
        self._ledger, self._clock, self._log = ledger, clock, log
        self._providers, self._secrets = providers, secrets
        self._closed: dict[Key, Closure] = {(one.provider, one.model): one for one in map(Closure.of, self._rows())}
        self._keys = self._stamp()
        self.changes = 0  # how often something was closed or opened

    def note(self, fit: Fit, error: Exception | None) -> None:
        """Close whatever an error says is closed. Raises StorageFull, StorageLost."""
        seconds = closed_for(error)
        if seconds is None or not isinstance(error, RenderError):
            return
        now, model = self._clock.wall(), fit.model if "model" in error.facts else ""
        closure = Closure(fit.provider, model, type(error).__name__, error.remark, now + seconds)
        known = self._closed.get((fit.provider, model))
        reason = json.dumps(error.remark.to_json(), ensure_ascii=False, default=str)
        self._ledger.closures.close(fit.provider, model, closure.error, reason, now, closure.until)
        self._closed[fit.provider, model] = closure
        if known is None:  # the others that were out meanwhile tell the same
            self._keys = self._stamp()
            self.changes += 1
            self._log.warning(
                "provider.closed", provider=fit.provider, model=model, reason=str(error), until=iso(closure.until)
            )

    def step(self) -> None:
        """Open what has been closed long enough, and what waits for a key where one was written."""
        now = self._clock.wall()
        for closure in [one for one in self._closed.values() if one.until <= now]:
            self._open(closure)
        if self._waiting_for_keys and self._stamp() != self._keys:
            self.mended()

    def mended(self) -> None:
        """Somebody has changed something: whoever was not set up is asked again."""
        self._keys = self._stamp()
        for closure in self._waiting_for_keys:
            self._open(closure)

    def reopen(self) -> list[str]:
        """Somebody wants all to be asked again now, but for models that are no more; return whom."""
        gone = [one for one in self._closed.values() if one.error != Retired.__name__]
        for closure in gone:
            self._open(closure)
        return sorted({one.provider for one in gone})

    def of(self, provider: str, model: str) -> Closure | None:
        """The closure that keeps a provider from drawing with a model, the longer one of two."""
        found = [one for key in ((provider, ""), (provider, model)) if (one := self._closed.get(key))]
        return max(found, key=lambda one: one.until, default=None)

    def __iter__(self) -> Iterator[Closure]:
        return iter(self._closed.values())

    @property
    def shut(self) -> frozenset[str]:
        """The providers of which nothing is open."""
        return frozenset(provider for provider, model in self._closed if not model)

    def __call__(self, place: Place, now: float) -> Sequence[Held]:
        """One for each provider at `place` that is closed; `now` wall seconds."""
        return [
            Held(hold="closed", reason=name, until=self._closed[name, ""].until, providers=frozenset({name}))
            for name in self.at(place)
            if (name, "") in self._closed
        ]

    def at(self, place: Place) -> list[str]:
        """The providers there."""
        return sorted(name for name, one in self._providers.items() if one.place == place)

    @property
    def _waiting_for_keys(self) -> list[Closure]:
        return [one for one in self._closed.values() if one.error == NotConfigured.__name__]

    def _rows(self) -> list[Row]:
        return self._ledger.closures.listed()

    def _open(self, closure: Closure) -> None:
        self._ledger.closures.open(closure.provider, closure.model)
        del self._closed[closure.provider, closure.model]
        self.changes += 1
        self._log.info("provider.opened", provider=closure.provider, model=closure.model)

    def _stamp(self) -> tuple[int, ...]:
        """Changes with every key that is written."""
        if self._secrets is None or not self._secrets.is_dir():
            return ()
        return tuple(file.stat().st_mtime_ns for file in (self._secrets, *sorted(self._secrets.iterdir())))


def closed_for(error: Exception | None) -> float | None:
    """Seconds for which nobody need ask again; None = the next picture may well come."""
    if isinstance(error, Busy) and error.told and error.retry_after > PATIENT:
        return error.retry_after
    return error.closed_for if isinstance(error, RenderError) else None
