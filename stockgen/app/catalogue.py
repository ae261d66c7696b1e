"""Everything that is read: config, shipped data, plugins. Nothing here is opened, started or written.

Each part is read, and what reads it imported, when it is first asked for: `stockgen status` needs few of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from stockgen.config import Config
from stockgen.data import Shelf
from stockgen.domain.errors import JobFileError, NotConfigured
from stockgen.domain.names import REFERENCES
from stockgen.domain.times import SystemClock
from stockgen.domain.words import JobRequest, Language, Remark
from stockgen.messages import Messages, language_of

if TYPE_CHECKING:
    from stockgen.app.retiring import Succession
    from stockgen.data.catalog import Model, Refusal
    from stockgen.data.lint import Lint
    from stockgen.data.market import ClosedMarket, Market, Quota
    from stockgen.data.occasions import Occasions
    from stockgen.data.palettes import Family, Palette
    from stockgen.data.prompting import Prompting
    from stockgen.data.prompts import Prompts
    from stockgen.data.seasons import Season
    from stockgen.data.templates import Wildcards
    from stockgen.data.vocabulary import Vocabulary
    from stockgen.domain.protocols import Clock, Mode, Provider, Retoucher, Writer
    from stockgen.gpu.cards import Card, LaneDevice
    from stockgen.gpu.lora_files import LoraFiles
    from stockgen.gpu.nvml import Nvml
    from stockgen.inference.kit import Kit
    from stockgen.jobfile import Known
    from stockgen.keyring import Keyring
    from stockgen.lanes.spec import ProviderSpec, Setup
    from stockgen.ledger import Ledger
    from stockgen.ledger.spend import Caps
    from stockgen.logs import Logger
    from stockgen.modes.material import Material
    from stockgen.pipeline.chain import Chains
    from stockgen.pipeline.errand import Pen
    from stockgen.pipeline.other_words import Thesaurus
    from stockgen.pipeline.written import Memory

PLUGINS = ("stockgen.providers",)
WRITERS = ("stockgen.writers",)


@dataclass(frozen=True)
class Catalogue:
    """What an installation knows: its config, the shipped data with `my` over it, the plugins of some packages."""

    config: Config
    my: Path
    plugins: Sequence[str] = PLUGINS
    clock: Clock = field(default_factory=SystemClock)

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
        """All markets that take generated pictures, each with the config's own tier."""
        own = {name: one.tier for name, one in self.config.markets.items() if one.tier}
        return {
            name: market.model_copy(update={"tier": own[name]}) if name in own else market
            for name, market in self._markets[0].items()
        }

    @property
    def closed_markets(self) -> Mapping[str, ClosedMarket]:
        """Markets that take no generated pictures."""
        return self._markets[1]

    @property
    def stale_markets(self) -> Mapping[str, Remark]:
        """Markets whose rules nobody has looked up for long, and what is told of each."""
        from stockgen.data.market import stale
        from stockgen.domain.times import local

        today = local(self.clock.wall(), self.config.timezone).date()
        told = {name: stale(market, today) for name, market in self.markets.items()}
        return {name: remark for name, remark in told.items() if remark is not None}

    @cached_property
    def _markets(self) -> tuple[Mapping[str, Market], Mapping[str, ClosedMarket]]:
        from stockgen.data.market import load_all

        return load_all(self.shelf)

    @cached_property
    def quotas(self) -> Mapping[str, Quota]:
        """What each market may get: the user's number, else the market's own."""
        from stockgen.config.model import MarketQuota

        own = {name: self.config.markets.get(name, MarketQuota()) for name in self.markets}
        return {name: market.quota(own[name].per_week, own[name].basket) for name, market in self.markets.items()}

    @cached_property
    def models(self) -> Mapping[str, Model]:
        """All models of the catalogue."""
        from stockgen.data.catalog import load_catalog

        return load_catalog(self.shelf)

    @cached_property
    def loras(self) -> LoraFiles:
        """What can be laid over models: entries of the catalogue, and files in `my/loras`."""
        from stockgen.gpu.lora_files import LoraFiles
        from stockgen.gpu.weights import WeightsIndex

        return LoraFiles(self.models, WeightsIndex(self.config.state / "models", self.my))

    @cached_property
    def refused(self) -> Mapping[str, Refusal]:
        """Models that are not to be used, and why."""
        from stockgen.data.catalog import load_refused

        return load_refused(self.shelf)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Subjects, styles, categories, phrases."""
        from stockgen.data.vocabulary_files import load_vocabulary

        return load_vocabulary(self.shelf)

    @cached_property
    def palettes(self) -> Mapping[str, Palette]:
        """Colours that go together."""
        from stockgen.data.palettes import palettes

        return palettes(self.shelf)

    @cached_property
    def families(self) -> Mapping[str, Family]:
        """What can be drawn without a model."""
        from stockgen.data.palettes import families

        return families(self.shelf)

    @cached_property
    def plugin_modules(self) -> Mapping[str, str]:
        """Every provider that there is, configured or not: file name → module."""
        from stockgen.app.plugins import modules_of

        return modules_of(self.plugins)

    @property
    def named_providers(self) -> frozenset[str]:
        """The names of the providers that are configured, without importing any."""
        from stockgen.pipeline.chain import ALWAYS_THERE

        return frozenset((ALWAYS_THERE, *self.config.providers)) & frozenset(self.plugin_modules)

    @cached_property
    def specs(self) -> Mapping[str, ProviderSpec]:
        """The providers that are configured, with checked options. Raises ConfigError with every fault."""
        from stockgen.app.plugins import configured

        wanted = {name: self.succession.options(options) for name, options in self.config.providers.items()}
        return configured(self.plugin_modules, wanted)

    @cached_property
    def providers(self) -> Mapping[str, Provider]:
        """One of each, for `fit`; lanes build their own."""
        from time import monotonic

        from stockgen.lanes.spec import build, furnished

        tools = furnished(self.setup, monotonic)
        return {name: build(spec, tools) for name, spec in self.specs.items()}

    @cached_property
    def writers(self) -> Mapping[str, Writer]:
        """The text models that are configured, the first choice first. Raises ConfigError with every fault."""
        return self._writers()

    def _writers(self) -> Mapping[str, Writer]:
        """The same, built anew: for a thread of its own."""
        from stockgen.app.plugins import modules_of, writers
        from stockgen.domain.protocols import Home

        home = Home(self.my, self.secrets)
        return writers(modules_of(WRITERS), self.config.writers, home) if self.config.writers else {}

    @cached_property
    def seasons(self) -> Mapping[str, Season]:
        """The seasons and holidays of `vocabulary/seasons.yaml`."""
        from stockgen.data.seasons import load_seasons

        return load_seasons(self.shelf)

    @cached_property
    def prompts(self) -> Prompts:
        """What text models are told, in the program's language. Raises ConfigError."""
        from stockgen.data.prompts import load_prompts

        return load_prompts(self.shelf, self.language)

    @cached_property
    def occasions(self) -> Occasions:
        """When they are."""
        from stockgen.data.occasions import Occasions

        return Occasions(self.seasons)

    @cached_property
    def setup(self) -> Setup:
        """What every process that renders gets; a lane of its own device replaces `device`, the first one, by it."""
        from stockgen.gpu.settings import GpuSettings
        from stockgen.lanes.spec import Setup

        gpu = self.config.gpu
        settings = GpuSettings(
            plan=gpu.plan, pinned=frozenset(gpu.pinned), unload_after=gpu.unload_after, compile=gpu.compile
        )
        device = self.devices[0].device if self.devices else ""
        return Setup(
            my=self.my, models=self.config.state / "models", device=device, gpu=settings, secrets=self.secrets,
            references=self.config.state / REFERENCES,
        )  # fmt: skip

    @property
    def caps(self) -> Caps:
        """What may be spent."""
        from stockgen.ledger.spend import Caps

        money = self.config.money
        return Caps.usd(money.per_month_usd, money.per_day_usd, money.per_job_usd)

    @property
    def secrets(self) -> Path:
        """The folder of keys."""
        return self.config.state / "secrets"

    @cached_property
    def keyring(self) -> Keyring:
        """All keys that are here, for whoever must not tell one."""
        from stockgen.keyring import Keyring

        return Keyring(os.environ, self.secrets)

    @cached_property
    def driver(self) -> Nvml:
        """The NVIDIA driver, asked when it is needed."""
        from stockgen.gpu.nvml import Nvml

        return Nvml()

    @cached_property
    def cards(self) -> Sequence[Card]:
        """The graphics cards that are there; nobody is asked where the config names none of them."""
        wanted = self.config.gpu.devices
        return self.driver.cards() if any(name == "auto" or name.isdecimal() for name in wanted) else ()

    @property
    def compiled(self) -> Path:
        """The folder that keeps compiled kernels."""
        return self.config.state / "compiled"

    @cached_property
    def devices(self) -> Sequence[LaneDevice]:
        """Where image models may run, one lane for each; looked up once."""
        from stockgen.gpu.cards import apple, lane_devices

        gpu = self.config.gpu
        return lane_devices(
            gpu.devices, self.cards, allow_cpu=gpu.allow_cpu, mps=apple(), compiled=self.compiled
        )  # fmt: skip

    @cached_property
    def chains(self) -> Chains:
        """How `model` resolves to providers."""
        from stockgen.pipeline.chain import Chains

        by_name = {name: one.provider for name, one in self.models.items() if one.role == "model"}
        own = {name: str(one.options.get("model") or "") for name, one in self.specs.items()
               if not one.options.get("base_url")}  # fmt: skip
        return Chains(
            self._chains, self.providers, by_name, own, self.succession.current, capped=not self.caps.nothing,
            cutout=self.cuts_out,
        )  # fmt: skip

    def cuts_out(self) -> NotConfigured | None:
        """What is missing to cut away a background; None = nothing."""
        return self.kit.missing(self.config.finish.cutout)

    def retoucher(self, clock: Clock, wake: Callable[[], None], lock: Path) -> Retoucher:
        """Who cuts out and enlarges: a process that starts with the first picture. `wake` and `lock` as lanes have."""
        from stockgen.inference.retoucher import OnnxRetoucher

        return OnnxRetoucher(self.kit, clock, wake, lock)

    @cached_property
    def kit(self) -> Kit:
        """The models that cut out and enlarge."""
        from stockgen.gpu.weights import WeightsIndex
        from stockgen.inference.kit import Kit

        return Kit(self.models, WeightsIndex(self.setup.models, self.my), self.config.state / "rembg")

    @property
    def _chains(self) -> Mapping[str, Sequence[str]]:
        """The config's chains; old names of models that are gone stand there by their names in the catalogue."""
        known, named = {*self.config.chains, *self.plugin_modules, *self.models}, self.succession.named
        return {chain: [one if one in known else named(one) or one for one in members]
                for chain, members in self.config.chains.items()}  # fmt: skip

    @cached_property
    def succession(self) -> Succession:
        """Which models their services switch off, and what takes their place."""
        from stockgen.app.retiring import Succession
        from stockgen.domain.times import local

        return Succession(self.models, lambda: local(self.clock.wall(), self.config.timezone).date())

    @property
    def departures(self) -> Sequence[Remark]:
        """What is told of models that the config names and that have left, or leave soon."""
        from stockgen.app.checking import named_models
        from stockgen.app.retiring import departures

        return departures(named_models(self.config), self.succession)

    @property
    def known(self) -> Known:
        """What a job file may speak of, at this moment."""
        from stockgen.app.wearing import lora_names

        return replace(self._known, now=self.clock.wall(), loras=lora_names(self))

    @cached_property
    def _known(self) -> Known:
        from stockgen.app.checking import known

        return known(self)

    @cached_property
    def modes(self) -> Mapping[str, Mode]:
        """The modes over the vocabulary and the config's styles, without ideas that no market takes."""
        from stockgen.modes import modes
        from stockgen.pipeline.lawful import lawful
        from stockgen.pipeline.sound import sound

        return {
            name: lawful(sound(mode, lambda: self.prompting), lambda: self.lint)
            for name, mode in modes(self.material, self.seasons).items()
        }

    @cached_property
    def pen(self) -> Pen | None:
        """What ideas are written with; None = the config has no text model. Raises ConfigError."""
        from stockgen.app.pens import pen

        return pen(self) if self.writers else None

    @cached_property
    def thesaurus(self) -> Thesaurus | None:
        """What refused words are put differently with; None = the config has no text model. Raises ConfigError."""
        from stockgen.app.pens import thesaurus

        return thesaurus(self, self._writers()) if self.config.writers else None

    def past(self, ledger: Ledger, log: Logger) -> Memory:
        """What was made before, for whoever writes."""
        from stockgen.pipeline.novelty import Novelty

        return Novelty(ledger, self.pen.writer if self.pen else None, log)

    @cached_property
    def prompting(self) -> Prompting:
        """How prompts are put to image models."""
        from stockgen.data.prompting import load_prompting

        return load_prompting(self.shelf)

    @cached_property
    def lint(self) -> Lint:
        """Finds the names and words that no market takes."""
        from stockgen.data.lint import load_lint

        return load_lint(self.shelf)

    @cached_property
    def material(self) -> Material:
        """What the modes work with."""
        from stockgen.modes import material

        styles = {name: style.prompt for name, style in self.config.styles.items()}
        return material(self.vocabulary, self.palettes, self.families, styles, self.wildcards)

    @cached_property
    def wildcards(self) -> Wildcards:
        """The lists for variants of subjects and prompts. Raises ConfigError."""
        from stockgen.data.templates import load_wildcards

        return load_wildcards(self.shelf)

    def check(self) -> None:
        """Whether config and data fit together. Raises ConfigError with every fault."""
        from stockgen.app.checking import check

        check(self)

    def with_config(self, config: Config) -> Catalogue:
        """The same with a reloaded config: what SIGHUP applies. Raises ConfigError where names don't fit."""
        fresh = Catalogue(config, self.my, self.plugins, self.clock)
        fresh.check()
        return fresh

    def read(self, data: bytes, name: str, preset: str = "", ledger: Ledger | None = None) -> JobRequest:
        """Understand a job file's bytes as this installation would make it; `preset`: that of the folder it lay in.

        `ledger`: what was made before, by which `season: auto` is settled. Raises JobFileError with every fault.
        """
        from stockgen.app.reading import understood

        return understood(self, data, name, preset, ledger)

    def mended(self, data: bytes, name: str, error: JobFileError, preset: str = "") -> tuple[str, bytes] | None:
        """Name and bytes of a file that `read` accepts, made of one that it refused with `error`; None = no guess."""
        from stockgen.jobfile import fixed

        return fixed(data, name, error, partial(self.read, preset=preset))
