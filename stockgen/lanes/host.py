"""The wall between plugins and us: whatever a provider does, each shot ends in exactly one Outcome."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from stockgen.domain.errors import BadPicture, Cancelled, PluginBroke
from stockgen.domain.protocols import Fit, Outcome, Provider, Reporter
from stockgen.keyring import Keyring
from stockgen.lanes.customs import checked, failure
from stockgen.lanes.spec import ProviderSpec, Setup, Tools, build, furnished

SHORTEST = 1.0  # seconds between two looks at what is idle


class BatchReporter(Reporter, Protocol):
    """A Reporter that also knows which shots nobody wants any more."""

    def unwanted(self, shot: int) -> bool:
        """Whether `shot` was cancelled."""
        ...


class Host:
    """Builds the providers of one lane on first use, keeps them, and renders with them.

    Used by the lane's own thread only.
    """

    def __init__(self, specs: Iterable[ProviderSpec], setup: Setup, monotonic: Callable[[], float]) -> None:
        self._specs = {spec.name: spec for spec in specs}
        self._setup = setup
        self._tools: Tools | None = None
        self._built: dict[str, Provider] = {}
        self._monotonic = monotonic
        self._ahead = 0
        self._hide = Keyring(os.environ, setup.secrets).hide

    def render(self, batch: Iterable[Fit], spool: Path, report: BatchReporter, ahead: int = 0) -> Iterator[Outcome]:
        """Render shots of one stack and provider; yield exactly one Outcome for each, as soon as it is there.

        Raises nothing but what ends the process (SystemExit). Where a provider gives up a whole batch because
        one shot was cancelled, the others are rendered again. `ahead`: how many more of that stack wait.
        """
        self._ahead = ahead
        left = {fit.shot.id: fit for fit in batch}
        yield from _cancelled(left, report)
        while left:
            began = self._monotonic()
            failed = yield from self._answers(left, spool, report)
            if isinstance(failed.error, Cancelled) and any(map(report.unwanted, left)):
                yield from _cancelled(left, report)
                continue
            seconds = (self._monotonic() - began) / max(1, len(left))
            for shot, fit in left.items():
                cost = failed.cost if fit.quote else 0  # None: settled at the quote
                yield replace(failed, shot=shot, seconds=seconds, cost=cost)
            return

    @property
    def warm(self) -> frozenset[str]:
        """The stacks whose models are loaded."""
        return frozenset(self._tools.host.warm) if self._tools else frozenset()

    def tend(self) -> float | None:
        """Let what is kept warm go where nobody has asked for it for long; seconds until the next look, None = never.

        Raises what the provider's libraries raise: then the lane must end, because that gives the device back.
        """
        if self._tools is None:
            return None
        now = self._monotonic()
        then = self._tools.host.step(now)
        return None if then is None else max(SHORTEST, then - now)

    def release(self) -> None:
        """Drop what was built; the next batch builds anew. Calls `release` of providers that have one.

        Raises what a provider's `release` raises: then the lane must end, because that gives the device back.
        """
        built, self._built = self._built, {}
        for provider in built.values():
            if callable(leave := getattr(provider, "release", None)):
                leave()
        if self._tools is not None:
            self._tools.host.release()

    def _answers(self, left: dict[int, Fit], spool: Path, report: BatchReporter) -> Generator[Outcome, None, Outcome]:
        """Yield the provider's answers, taking each out of `left`; return how those that stay ended."""
        try:
            provider = self._provider(left)
        except Exception as error:  # noqa: BLE001  the plugin wall; nothing was bought yet
            return failure(error, self._hide)
        strays = 0
        try:
            for outcome in provider.render(list(left.values()), spool, report):
                if outcome.shot not in left:
                    strays += 1
                    continue
                good = checked(outcome, spool, self._hide)
                del left[outcome.shot]
                yield good
        except Exception as error:  # noqa: BLE001  the plugin wall: a provider may raise anything
            return _perhaps_paid(failure(error, self._hide))
        missing = PluginBroke("plugin_broke", detail=f"answers to shots that it didn't have: {strays}")
        return Outcome(shot=0, seconds=0.0, error=missing if strays else BadPicture("no_picture"), cost=None)

    def _provider(self, left: dict[int, Fit]) -> Provider:
        name = next(iter(left.values())).provider
        if name not in self._built:
            self._tools = self._tools or furnished(self._setup, self._monotonic)
            self._built[name] = build(self._specs[name], self._tools)
        if self._tools is not None:
            self._tools.host.ahead = self._ahead
        return self._built[name]


def _cancelled(left: dict[int, Fit], report: BatchReporter) -> Iterator[Outcome]:
    for shot in [shot for shot in left if report.unwanted(shot)]:
        del left[shot]
        yield Outcome(shot=shot, seconds=0.0, error=Cancelled("cancelled", shot=shot))


def _perhaps_paid(failed: Outcome) -> Outcome:
    """A provider that broke can't say whether it had paid."""
    return replace(failed, cost=None) if isinstance(failed.error, PluginBroke) else failed
