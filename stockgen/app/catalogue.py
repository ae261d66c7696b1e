"""Everything that is read: config, shipped data, plugins. Nothing here is opened, started or written."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stockgen.config import Config, faults
from stockgen.data import Shelf
from stockgen.data.catalog import Model, load_catalog
from stockgen.data.market import Market, load_markets
from stockgen.data.palettes import Family, Palette, families, palettes
from stockgen.data.vocabulary import Vocabulary, load_vocabulary
from stockgen.domain.errors import ConfigError
from stockgen.domain.protocols import Mode, Provider
from stockgen.domain.words import JobRequest, Language, Remark
from stockgen.jobfile import Defaults, Known, read
from stockgen.lanes.spec import ProviderSpec, build
from stockgen.messages import Messages, language_of
from stockgen.modes import modes, unknown_words
from stockgen.pipeline.basket import Quota
from stockgen.pipeline.chain import ALWAYS_THERE, AUTO, Chains
from stockgen.pipeline.plan import final_size

PLUGINS = ("stockgen.providers",)


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
            plugin = importlib.import_module(modules[name])
            try:
                checked = plugin.Options.model_validate(options)
            except ValidationError as error:
                wrong += faults(error, plugin.Options, f"providers.{name}.")
                continue
            found[name] = ProviderSpec(name, modules[name], checked.model_dump(), self.my)
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

    @cached_property
    def modes(self) -> Mapping[str, Mode]:
        """The modes over the vocabulary and the config's styles."""
        return modes(self.vocabulary, self.palettes, self.families, self._styles)

    def read(self, data: bytes, name: str) -> JobRequest:
        """Understand a job file's bytes as this installation would make it. Raises JobFileError with every fault."""
        request = read(data, name, self.known)
        for order in request.orders:
            final_size(order, self.markets)  # markets that exclude each other are told while somebody can mend it
        words = [
            word
            for order in request.orders
            for word in unknown_words(order, self.vocabulary, self.palettes, self.families, self._styles)
        ]
        told = [Remark("plan.unknown_words", facts={"words": list(dict.fromkeys(words))})] if words else []
        return replace(request, remarks=(*request.remarks, *told))

    @property
    def _styles(self) -> dict[str, str]:
        return {name: style.prompt for name, style in self.config.styles.items()}

    def _model_names(self) -> dict[str, str]:
        names = {name: (name,) for name in (AUTO, *self.config.chains, *self.specs)}
        by_model = {one.provider: one.aliases for one in self.models.values() if one.provider in self.specs}
        return _aliased(names) | _aliased(by_model)


def _quota(market: Market, config: Config) -> Quota:
    own = config.markets.get(market.name)
    per_week = own.per_week if own and own.per_week is not None else market.per_week
    return Quota(per_week=per_week, basket=own.basket if own and own.basket is not None else market.basket)


def _names(package: str) -> list[str]:
    """The plugins of a package by file name, found without importing any of them."""
    path = importlib.import_module(package).__path__
    return [one.name for one in pkgutil.iter_modules(path) if not one.ispkg and not one.name.startswith("_")]


def _aliased(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """alias in lower case → name; each name is an alias of itself."""
    return {alias.lower(): name for name, aliases in names.items() for alias in (name, *aliases)}


def _unknown(where: str, found: str, known: Collection[str]) -> Remark:
    return Remark("error.config_name", facts={"where": where, "found": found, "known": ", ".join(sorted(known))})
