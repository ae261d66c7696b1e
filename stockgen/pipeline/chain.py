"""A job's `model` → the providers that are tried, in order, and the first of them that can do a shot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stockgen.domain.errors import RenderError
from stockgen.domain.protocols import Fit, Next, Provider, Shot
from stockgen.domain.words import Look
from stockgen.pipeline.route import onward

AUTO = "auto"
ALWAYS_THERE = "procedural"  # needs nothing, so `auto` falls to it only where nothing else is configured


@dataclass(frozen=True, slots=True)
class Placed:
    """A shot with the provider that will do it. `fit` None: nobody can, and `reason` says why."""

    shot: Shot
    fit: Fit | None
    degraded: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Chains:
    """The config's chains and the providers that are configured; everything here is pure."""

    chains: Mapping[str, Sequence[str]]
    providers: Mapping[str, Provider]

    def resolve(self, wanted: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Given what a job asked for, return (providers in order, names left out because they aren't configured)."""
        names = [name for one in wanted for name in self._expand(one)]
        chain = tuple(dict.fromkeys(name for name in names if name in self.providers))
        left_out = tuple(dict.fromkeys(name for name in names if name not in self.providers))
        return chain, left_out

    def looks(self) -> dict[str, Look]:
        """Each provider's look."""
        return {name: provider.look for name, provider in self.providers.items()}

    def first_look(self, wanted: Sequence[str]) -> Look:
        """The look of the provider that pictures come from if nothing goes wrong; drawn where there is none."""
        chain, _ = self.resolve(wanted)
        return self.providers[chain[0]].look if chain else "drawn"

    def place(self, shot: Shot) -> Placed:
        """The first provider from `shot.chain_pos` on that can do it."""
        looks, degraded = self.looks(), False
        while True:
            reason = "not_configured"
            provider = self.providers.get(shot.chain[shot.chain_pos])
            if provider is not None:
                try:
                    return Placed(shot, provider.fit(shot), degraded)
                except RenderError as error:
                    reason = str(error)
            then = onward(shot, looks, reason)
            if then.action == "fail":
                return Placed(shot, None, degraded, reason)
            shot, degraded = replace(shot, chain_pos=then.chain_pos), then.degraded

    def follow(self, shot: Shot, then: Next) -> tuple[Next, str]:
        """Carry a requeue on to a provider that can do it; return it with what that provider would load."""
        if then.action != "requeue":
            return then, ""
        placed = self.place(replace(shot, chain_pos=then.chain_pos))
        if placed.fit is None:
            return replace(then, action="fail", reason=placed.reason or then.reason), ""
        skipped = placed.shot.chain_pos != then.chain_pos
        degraded = placed.degraded if skipped else then.degraded
        return replace(then, chain_pos=placed.shot.chain_pos, degraded=degraded), placed.fit.stack

    def _expand(self, name: str, within: frozenset[str] = frozenset()) -> list[str]:
        """Providers behind a name. Chains may name chains; within itself a chain's name means a provider."""
        if name in within or (name != AUTO and name not in self.chains):
            return [name]
        listed = [each for one in self.chains.get(name, ()) for each in self._expand(one, within | {name})]
        if name == AUTO and not any(one in self.providers for one in listed):
            return [*listed, ALWAYS_THERE]
        return listed
