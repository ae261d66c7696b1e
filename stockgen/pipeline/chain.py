"""A job's `model` → the providers that are tried, in order, and the first of them that can do a shot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stockgen.domain.errors import NotConfigured, RenderError
from stockgen.domain.protocols import Fit, Next, Provider, Shot
from stockgen.domain.words import Look, Remark
from stockgen.ledger.reworded import unsaid, worded
from stockgen.pipeline.route import onward

AUTO = "auto"
LOCAL = "local"  # `auto` without whoever sends words away, unless the config has a chain of that name
BOTH = "no_key_no_cap"  # of a provider that costs money, before anybody has set it up
REFUSED = "refused_before"  # why a provider is not told words again
TOLD = frozenset({REFUSED, "no_cutout", "no_objects"})  # more than that a picture's kind is none of its own
OPEN = ""  # the end of `auto`: where nobody whom a job names is ready, whoever is always there follows
ALWAYS_THERE = "procedural"  # needs nothing, so `auto` falls to it only where nothing else is configured


@dataclass(frozen=True, slots=True)
class Placed:
    """A shot with the provider that will do it. `fit` None: nobody can, and `reason` says why.

    `waits`: whoever is left of its chain is closed; this is the first of them that reopens some day. `not_before`: when
    (wall seconds), where no hold keeps it until then, else 0. `passed`: whom it was passed over to there, and why.
    `refused`: why it won't be told these words again, where it may be told others; "" = it may be told them.
    """

    shot: Shot
    fit: Fit | None
    degraded: bool = False
    reason: str | None = None
    waits: bool = False
    not_before: float = 0.0
    passed: dict[str, str | None] = field(default_factory=dict)
    refused: str = ""

    @property
    def why_not(self) -> dict[str, Remark]:
        """Provider → what keeps it from making this one, where that is more than the picture's kind."""
        codes = {name: (why or "").partition(": ")[0] for name, why in self.passed.items()}
        told = {name: code for name, code in codes.items() if code in TOLD or code.startswith("cloud_")}
        return {name: Remark(f"reason.{code}") for name, code in told.items()}


@dataclass(frozen=True, slots=True)
class Barred:
    """Why a provider is not asked for what it could do. `until` wall seconds, None = it never will be; `held`: a hold
    keeps what waits for it; `words`: it has refused the words, and might take others.
    """

    reason: str
    until: float | None = None
    held: bool = False
    words: bool = False


def unbarred(fit: Fit) -> None:
    """Everybody is asked."""


def all_can() -> NotConfigured | None:
    """Nothing is missing to cut out what was drawn with a ground."""
    return None


def meant(shot: Shot) -> bool:
    """Nobody puts words differently."""
    del shot
    return False


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a job's `model` comes to.

    `chain`: providers in order. `models`: provider → the catalogue's model that was named, where one was. `left_out`:
    name → why it can't draw now; None = nothing of that name is in the config.
    """

    chain: tuple[str, ...]
    models: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, NotConfigured | None] = field(default_factory=dict)

    def reasons(self) -> list[tuple[Remark, list[str]]]:
        """Why names were left out, each reason once with all of them."""
        told: dict[str, tuple[Remark, list[str]]] = {}
        for name, why in self.left_out.items():
            remark = why.remark if why else Remark("plan.not_set_up")
            told.setdefault(str(remark), (remark, []))[1].append(name)
        return list(told.values())


def _itself(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True)
class Chains:
    """The config's chains, the providers that are configured, and which of them runs a model of the catalogue.

    `own`: provider → the model that the config gives it. `current`: a model → the one that is used in its place today,
    because its service has switched it off. Pure but for `current`, for `resolve`, which asks each provider whether
    anything is missing, for `bar`: whom nobody asks now, and `rewords`: whether a shot may get other words. `capped`:
    whether a cap is written, without which nothing is bought. `cutout`: what is missing to cut out the picture of
    somebody who can't draw without a ground.
    """

    chains: Mapping[str, Sequence[str]]
    providers: Mapping[str, Provider]
    models: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    current: Callable[[str], str] = _itself
    bar: Callable[[Fit], Barred | None] = unbarred
    capped: bool = True
    rewords: Callable[[Shot], bool] = meant
    cutout: Callable[[], NotConfigured | None] = all_can

    def resolve(self, wanted: Sequence[str]) -> Resolved:
        """What a job asked for, as providers; those that can't draw now are left out and named."""
        found: dict[str, str] = {}
        left_out: dict[str, NotConfigured | None] = {}
        names = [name for one in wanted for name in self._expand(one)]
        if OPEN in names and not any(self._ready(name) for name in names):
            names.append(ALWAYS_THERE)
        for name in names:
            if name == OPEN:
                continue
            provider, model = self._named(name)
            if provider not in self.providers:
                left_out[name] = None
            elif provider not in found:
                why = self.missing(provider, model)
                if why is None:
                    found[provider] = model
                else:
                    left_out[name] = why
        models = {provider: model for provider, model in found.items() if model}
        return Resolved(tuple(found), models, left_out)

    def used(self, wanted: Sequence[str]) -> dict[str, str]:
        """Provider → the model that it would draw with for a job, where one is known by name."""
        resolved = self.resolve(wanted)
        named = {name: resolved.models.get(name, self.own.get(name, "")) for name in resolved.chain}
        return {provider: model for provider, model in named.items() if model}

    def missing(self, provider: str, model: str = "") -> NotConfigured | None:
        """What a person must add before a provider draws: what it lacks itself and, where it costs money, a cap."""
        lack = self.providers[provider].missing(model)
        if self.capped or not self.providers[provider].terms.paid:
            return lack
        cap = NotConfigured("no_cap", provider=provider)
        return NotConfigured(BOTH, first=lack.remark, second=cap.remark) if lack else cap

    def named(self) -> frozenset[str]:
        """Every provider that a chain comes to, configured or not."""
        found = {name for chain in self.chains.values() for name in chain if name not in self.chains}
        return frozenset(self._named(name)[0] for name in found) - {AUTO, LOCAL}

    def looks(self) -> dict[str, Look]:
        """Each provider's look."""
        return {name: provider.look for name, provider in self.providers.items()}

    def first_look(self, wanted: Sequence[str]) -> Look:
        """The look of the provider that pictures come from if nothing goes wrong; drawn where there is none."""
        chain = self.resolve(wanted).chain
        return self.providers[chain[0]].look if chain else "drawn"

    def place(self, shot: Shot) -> Placed:
        """The first from `shot.chain_pos` on that can do it and may be asked, else the first that may be some day."""
        looks, degraded, passed = self.looks(), False, dict[str, str | None]()
        waiting: list[tuple[Placed, Barred]] = []
        while True:
            shot = worded(shot)
            name, refused = shot.chain[shot.chain_pos], unsaid(shot)
            reason = refused or "not_configured"
            try:
                if not refused and name in self.providers:
                    fit = self._fit(shot)
                    barred = self.bar(fit)
                    here = Placed(shot, fit, degraded, passed=dict(passed))
                    if barred is None:
                        return here
                    if barred.words and self.rewords(shot):
                        return replace(here, refused=barred.reason)
                    reason = barred.reason
                    if barred.until is not None:
                        waiting.append((here, barred))
            except RenderError as error:
                reason = str(error)
            passed[name] = reason
            then = onward(shot, looks, reason)
            if then.action == "fail":
                return _first(waiting) or Placed(shot, None, degraded, reason, passed=passed)
            shot, degraded = replace(shot, chain_pos=then.chain_pos), then.degraded

    def asked(self, shot: Shot) -> Mapping[str, RenderError | None]:
        """Each provider of a shot's chain, in turn → why it can't make it; None = it can. Nobody is barred here."""
        here = ((at, name) for at, name in enumerate(shot.chain) if name in self.providers)
        return {name: self._refusal(replace(shot, chain_pos=at)) for at, name in here}

    def _refusal(self, shot: Shot) -> RenderError | None:
        try:
            self._fit(shot)
        except RenderError as error:
            return error
        return None

    def _fit(self, shot: Shot) -> Fit:
        """What the provider whose turn it is would do. Raises as `Provider.fit`; NotConfigured where it would draw a
        background that nobody here can cut away.
        """
        name = shot.chain[shot.chain_pos]
        fit = self.providers[name].fit(self._today(shot))
        if shot.wish.get("transparent") and not fit.request.get("alpha") and (lack := self.cutout()):
            raise NotConfigured("no_cutout", provider=name, why=lack.remark)
        return fit

    def follow(self, shot: Shot, then: Next) -> tuple[Next, str]:
        """Carry a requeue on to a provider that can do it; return it with what that provider would load."""
        if then.action != "requeue":
            return then, ""
        placed = self.place(replace(shot, chain_pos=then.chain_pos))
        if placed.fit is None:
            return replace(then, action="fail", reason=placed.reason or then.reason, passed=placed.passed), ""
        skipped = placed.shot.chain_pos != then.chain_pos
        degraded = placed.degraded if skipped else then.degraded
        not_before = max(then.not_before, placed.not_before)
        return (
            replace(then, chain_pos=placed.shot.chain_pos, degraded=degraded, not_before=not_before,
                    passed=placed.passed),
            placed.fit.stack,
        )  # fmt: skip

    def again(self, shot: Shot, passed: Collection[str]) -> tuple[Next, str]:
        """Where a planned shot belongs after something has closed or opened, and what is loaded there.

        `passed`: the providers that it was passed over by; they have another chance, whoever failed at it has none.
        """
        before = [at for at, name in enumerate(shot.chain[: shot.chain_pos]) if name in passed]
        back = [self.place(replace(shot, chain=shot.chain[: at + 1], chain_pos=at)) for at in before]  # each alone
        placed = next((one for one in back if one.fit and not one.waits), None) or self.place(shot)
        if placed.waits or placed.fit is None:
            placed = next((one for one in back if one.waits), placed)
        pos = placed.shot.chain_pos
        then = Next(
            "requeue" if placed.fit else "fail", pos, placed.not_before, self._degraded(placed.shot), False,
            placed.reason or "", dict.fromkeys(name for name in passed if name in shot.chain[pos:]) | placed.passed,
        )  # fmt: skip
        return then, placed.fit.stack if placed.fit else ""

    def _degraded(self, shot: Shot) -> bool:
        looks = self.looks()
        first = looks.get(shot.chain[0])
        return first is not None and looks.get(shot.chain[shot.chain_pos]) != first

    def _expand(self, name: str, within: frozenset[str] = frozenset()) -> list[str]:
        """Providers behind a name, OPEN where `auto` ends. Chains may name chains; within itself a chain's name means a
        provider.
        """
        if name == LOCAL and name not in self.chains:
            return [one for one in self._expand(AUTO) if not self._away(one)]
        if name in within or (name != AUTO and name not in self.chains):
            return [name]
        listed = [each for one in self.chains.get(name, ()) for each in self._expand(one, within | {name})]
        if name != AUTO:
            return listed
        return [*(one for one in listed if not self._unwanted(one)), OPEN]

    def _named(self, name: str) -> tuple[str, str]:
        """(provider, model) of a name; a provider's own name means the model that the config gives it."""
        if name in self.providers:
            own = self.own.get(name, "")
            return name, self._instead(own)
        model = self.current(name)
        return (self.models[model], model) if model in self.models else (name, "")

    def _instead(self, own: str) -> str:
        """What a provider's own model has become since the provider was built; "" = it is still there."""
        model = self.current(own)
        return model if model != own else ""

    def _today(self, shot: Shot) -> Shot:
        """A shot whose model was switched off after it was planned, with the one that took its place."""
        provider, models = shot.chain[shot.chain_pos], shot.wish.get("models", {})
        asked = models.get(provider, self.own.get(provider, ""))
        model = self.current(asked)
        if model == asked:
            return shot
        return replace(shot, wish={**shot.wish, "models": {**models, provider: model}})

    def _away(self, name: str) -> bool:
        provider = self.providers.get(self._named(name)[0])
        return provider is not None and provider.place == "net"

    def _ready(self, name: str) -> bool:
        provider, model = self._named(name)
        return provider in self.providers and self.missing(provider, model) is None

    def _unwanted(self, name: str) -> bool:
        """Whether it costs money and nobody has done anything for it: then nobody needs to hear of it either."""
        provider, model = self._named(name)
        lack = self.missing(provider, model) if provider in self.providers else None
        return lack is not None and lack.code == BOTH


def _first(waiting: Sequence[tuple[Placed, Barred]]) -> Placed | None:
    """The first of the chain that reopens: where one behind it opens before, the shot goes on to that one then. Where
    no hold keeps it, it is looked at again when the first of all reopens.
    """
    if not waiting:
        return None
    placed, barred = waiting[0]
    soonest = min(one.until for _, one in waiting if one.until is not None)
    return replace(placed, reason=barred.reason, waits=True, not_before=0.0 if barred.held else soonest)
