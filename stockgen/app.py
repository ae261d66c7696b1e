"""The only file that puts real parts together."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, Literal

from pydantic import ValidationError

from stockgen.config import Config, faults
from stockgen.data import Shelf
from stockgen.data.catalog import Model, load_catalog
from stockgen.data.market import Market, load_markets
from stockgen.data.palettes import Family, Palette, families, palettes
from stockgen.data.vocabulary import Vocabulary, load_vocabulary
from stockgen.domain.errors import ConfigError, StateHeld
from stockgen.domain.protocols import Clock, Lane, Mode, Provider
from stockgen.domain.words import Language, Remark
from stockgen.jobfile import Defaults, Known
from stockgen.lanes.children import wait_for_old_children
from stockgen.lanes.process import ProcessLane
from stockgen.lanes.spec import ProviderSpec, build
from stockgen.lanes.thread import ThreadLane
from stockgen.ledger import Ledger
from stockgen.lock import StateLock
from stockgen.logs import Logger
from stockgen.messages import Messages, language_of
from stockgen.modes import modes
from stockgen.pipeline.basket import Baskets, Quota
from stockgen.pipeline.chain import ALWAYS_THERE, AUTO, Chains
from stockgen.pipeline.close import Closer
from stockgen.pipeline.commands import Desk
from stockgen.pipeline.describe import Rights
from stockgen.pipeline.dispatch import Dispatcher, Place, Rules
from stockgen.pipeline.engine import Engine, Parts
from stockgen.pipeline.finish import PixelPool
from stockgen.pipeline.finisher import Finisher, Settings
from stockgen.pipeline.places import Places, top_folder
from stockgen.pipeline.plan import Planner
from stockgen.pipeline.publish import Publisher

PLUGINS = ("stockgen.providers",)
PATIENCE = {"cpu": 60.0, "gpu": 300.0, "net": 300.0}  # seconds of silence after which a lane counts as stuck
OLD_CHILDREN = 10.0  # seconds that the children of a killed daemon may take to disappear


@dataclass(frozen=True)
class Catalogue:
    """Everything that is read from config and shipped data, and that nothing changes."""

    config: Config
    my: Path
    plugins: Sequence[str] = PLUGINS

    @cached_property
    def shelf(self) -> Shelf:
        """Shipped data with the user's laid over it."""
        return Shelf(self.my)

    @cached_property
    def language(self) -> Language:
        """The language that people are spoken to in."""
        return language_of(self.config.language)

    @cached_property
    def say(self) -> Messages:
        """Sentences in that language."""
        return Messages(self.language, self.my)

    @cached_property
    def markets(self) -> Mapping[str, Market]:
        """All markets."""
        return load_markets(self.shelf)

    @cached_property
    def models(self) -> Mapping[str, Model]:
        """All models of the catalogue."""
        return load_catalog(self.shelf)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Subjects, styles, categories, phrases."""
        return load_vocabulary(self.shelf)

    @cached_property
    def palettes(self) -> Mapping[str, Palette]:
        """Colours that go together."""
        return palettes(self.shelf)

    @cached_property
    def families(self) -> Mapping[str, Family]:
        """What can be drawn without a model."""
        return families(self.shelf)

    @cached_property
    def plugin_modules(self) -> Mapping[str, str]:
        """Every provider that there is, configured or not: file name → module."""
        return {name: f"{package}.{name}" for package in self.plugins for name in _names(package)}

    @cached_property
    def specs(self) -> Mapping[str, ProviderSpec]:
        """The providers that are configured, with checked options. Raises ConfigError with every fault."""
        modules = self.plugin_modules
        wanted: dict[str, dict[str, Any]] = {ALWAYS_THERE: {}} | self.config.providers
        found, wrong = {}, []
        for name, options in wanted.items():
            if name not in modules:
                known = ", ".join(sorted(modules))
                wrong.append(Remark("error.config_provider", facts={"found": name, "known": known}))
                continue
            try:
                checked = importlib.import_module(modules[name]).Options.model_validate(options)
            except ValidationError as error:
                options_model = importlib.import_module(modules[name]).Options
                wrong += faults(error, options_model, f"providers.{name}.")
                continue
            found[name] = ProviderSpec(name, modules[name], checked.model_dump())
        if wrong:
            raise ConfigError("config_faults", wrong, path="providers")
        return found

    @cached_property
    def providers(self) -> Mapping[str, Provider]:
        """One of each, for `fit`; lanes build their own."""
        return {name: build(spec) for name, spec in self.specs.items()}

    def with_config(self, config: Config) -> Catalogue:
        """The same with a reloaded config: what SIGHUP applies. Raises ConfigError where names don't fit."""
        fresh = Catalogue(config, self.my, self.plugins)
        fresh.check()
        return fresh

    def check(self) -> None:
        """Whether config and data fit together. Raises ConfigError with every fault."""
        names = {*self.specs, *self.plugin_modules, *self.config.chains, *self.models}
        wrong = [
            _unknown(f"chains.{chain}", one, names)
            for chain, members in self.config.chains.items()
            for one in members
            if one not in names
        ]
        wrong += [_unknown("markets", one, self.markets) for one in self.config.markets if one not in self.markets]
        wrong += [
            _unknown("defaults.markets", one, self.markets)
            for one in self.config.defaults.markets
            if one not in self.markets
        ]
        model = self.config.defaults.model
        if model not in names and model != AUTO:
            wrong.append(_unknown("defaults.model", model, names))
        if wrong:
            raise ConfigError("config_faults", wrong, path="config.yaml")

    @property
    def chains(self) -> Chains:
        """How `model` resolves to providers."""
        return Chains(self.config.chains, self.providers)

    @property
    def quotas(self) -> Mapping[str, Quota]:
        """What each market may get: the user's number, else the market's own."""
        return {name: _quota(market, self.config) for name, market in self.markets.items()}

    @cached_property
    def known(self) -> Known:
        """What a job file may speak of."""
        defaults = self.config.defaults
        return Known(
            models=self._model_names(),
            markets=_aliased({name: market.aliases for name, market in self.markets.items()}),
            closed={
                name: one.closed_reason.said(self.language) for name, one in self.markets.items() if one.closed_reason
            },
            styles=frozenset({*self.config.styles, *self.vocabulary.styles}),
            presets=self.config.presets,
            categories=_aliased({
                name: (one.en, one.ko, *one.words) for name, one in self.vocabulary.categories.items()
            }),
            defaults=Defaults(count=defaults.count, model=(defaults.model,), markets=defaults.markets),
            images_per_job=self.config.limits.images_per_job,
        )  # fmt: skip

    def _model_names(self) -> dict[str, str]:
        names = {name: (name,) for name in (AUTO, *self.config.chains, *self.specs)}
        by_model = {one.provider: one.aliases for one in self.models.values() if one.provider in self.specs}
        return _aliased(names) | _aliased(by_model)


@dataclass
class App:
    """A stockgen that holds the lock: ledger open, stages built, nothing started."""

    catalogue: Catalogue
    clock: Clock
    rng: Random
    log: Logger
    lock: StateLock
    places: Places
    ledger: Ledger
    engine: Engine
    baskets: Baskets

    @property
    def desk(self) -> Desk:
        """Where commands are applied."""
        now = self.catalogue
        return Desk(self.ledger, self.engine, self.baskets, now.markets, now.quotas, now.models, self.clock)

    def reload(self, config: Config) -> None:
        """Apply what SIGHUP may change. Raises ConfigError; then nothing has changed."""
        self.catalogue = self.catalogue.with_config(config)
        parts, chains = self.engine.parts, self.catalogue.chains
        parts.planner.chains = parts.dispatcher.chains = parts.finisher.chains = chains
        parts.dispatcher.rules = rules(config)
        parts.planner.modes = bound_modes(self.catalogue)

    def close(self, deadline: float) -> None:
        """End everything by `deadline` (monotonic seconds) and let go of the lock."""
        self.engine.close(deadline)
        self.ledger.close()
        self.lock.release()


def open_app(catalogue: Catalogue, clock: Clock, rng: Random, wake: Callable[[], None], log: Logger) -> App:
    """Take the lock, wait for a dead predecessor's children, open the ledger, build the stages and recover.

    `wake` is called from any thread when the engine should be turned. Raises StateHeld, ConfigError, LedgerRefused.
    """
    config = catalogue.config
    catalogue.check()
    places = Places(config.state, config.outbox.staging, config.outbox.path)
    lock = StateLock(config.state)
    try:
        if not wait_for_old_children(_children(config.state), OLD_CHILDREN, clock):
            raise StateHeld("old_children", state=str(config.state), seconds=OLD_CHILDREN)
        places.make()
        places.prove_link()
        ledger = Ledger.opened(config.state)
        app = _Builder(catalogue, clock, rng, wake, log, places, ledger).app(lock)
        app.engine.recover()
        app.baskets.recover()
    except BaseException:
        lock.release()
        raise
    return app


@dataclass(frozen=True)
class _Builder:
    """Builds an app's stages from its parts."""

    catalogue: Catalogue
    clock: Clock
    rng: Random
    wake: Callable[[], None]
    log: Logger
    places: Places
    ledger: Ledger

    def app(self, lock: StateLock) -> App:
        language = self.catalogue.language
        review = top_folder(self.ledger, language, "review")
        upload = top_folder(self.ledger, language, "upload")
        config = self.catalogue.config
        baskets = Baskets(
            self.ledger, self.places, upload, _rights(config), language, config.timezone, self.clock, self.log
        )
        return App(self.catalogue, self.clock, self.rng, self.log, lock, self.places, self.ledger,
                   self.engine(review), baskets)  # fmt: skip

    def engine(self, review: str) -> Engine:
        config, ledger, clock, log = self.catalogue.config, self.ledger, self.clock, self.log
        chains = self.catalogue.chains
        pool = PixelPool(self.wake)
        publisher = Publisher(ledger, self.places, review, clock, log)
        settings = Settings(
            quality=config.finish.quality, thresholds={"flat": config.checks.flat.spread}, rights=_rights(config)
        )
        parts = Parts(
            planner=Planner(ledger, bound_modes(self.catalogue), chains, self.catalogue.markets, clock, log),
            dispatcher=Dispatcher(
                ledger, self.lane_places(), chains, rules(config), self.places.spool, self.token, clock, log
            ),
            finisher=Finisher(
                ledger, self.places, publisher, pool, chains, self.catalogue.models, settings, clock, log
            ),
            closer=Closer(ledger, self.places, publisher, pool, clock, log),
            publisher=publisher,
            pool=pool,
        )
        return Engine(ledger, self.places, parts, config.limits.starts, clock, log)

    def token(self) -> str:
        """Names one claim; never used twice, because a late outcome of an old claim must not count."""
        return f"{self.rng.getrandbits(64):016x}"

    def lane_places(self) -> list[Place]:
        """One lane for each place that a configured provider needs: processes, and a thread for what only waits."""
        by_place: dict[str, dict[str, Provider]] = {}
        for name, provider in self.catalogue.providers.items():
            by_place.setdefault(provider.place, {})[name] = provider
        return [Place(f"{place}0", hosted, self.starter(place, tuple(hosted))) for place, hosted in by_place.items()]

    def starter(self, place: str, names: Sequence[str]) -> Callable[[], Lane]:
        specs = [self.catalogue.specs[name] for name in names]
        patience = PATIENCE[place]
        if place == "net":
            return lambda: ThreadLane("net0", "net", specs, self.clock, self.wake, patience)
        at: Literal["cpu", "gpu"] = "gpu" if place == "gpu" else "cpu"
        children = _children(self.catalogue.config.state)
        return lambda: ProcessLane(f"{at}0", at, specs, self.clock, self.wake, patience, children)


def bound_modes(catalogue: Catalogue) -> Mapping[str, Mode]:
    """The modes over the catalogue's vocabulary and the config's styles."""
    styles = {name: style.prompt for name, style in catalogue.config.styles.items()}
    return modes(catalogue.vocabulary, catalogue.palettes, catalogue.families, styles)


def rules(config: Config) -> Rules:
    """The limits that dispatching keeps."""
    limits = config.limits
    return Rules(starts=limits.starts, lookahead=limits.lookahead, starve_after=limits.starve_after)


def _rights(config: Config) -> Rights:
    rights = config.rights
    return Rights(creator=rights.creator, copyright=rights.copyright, prompt_in_file=rights.prompt_in_file)


def _quota(market: Market, config: Config) -> Quota:
    own = config.markets.get(market.name)
    per_week = own.per_week if own and own.per_week is not None else market.per_week
    return Quota(per_week=per_week, basket=own.basket if own and own.basket is not None else market.basket)


def _children(state: Path) -> Path:
    return state / "children"


def _names(package: str) -> list[str]:
    """The plugins of a package by file name, found without importing any of them."""
    path = importlib.import_module(package).__path__
    return [one.name for one in pkgutil.iter_modules(path) if not one.ispkg and not one.name.startswith("_")]


def _aliased(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """alias in lower case → name; each name is an alias of itself."""
    return {alias.lower(): name for name, aliases in names.items() for alias in (name, *aliases)}


def _unknown(where: str, found: str, known: Collection[str]) -> Remark:
    return Remark("error.config_name", facts={"where": where, "found": found, "known": ", ".join(sorted(known))})
