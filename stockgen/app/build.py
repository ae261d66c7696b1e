"""Opens what a stockgen needs and wires the stages: lock, ledger, lanes, engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import time
from functools import partial
from pathlib import Path
from random import Random

from stockgen.app.catalogue import Catalogue
from stockgen.app.lanes import PATIENCE, LaneMaker, children
from stockgen.config import Config
from stockgen.domain.errors import LedgerRefused, StateHeld
from stockgen.domain.hours import Hours
from stockgen.domain.protocols import Clock, Hold
from stockgen.domain.words import JobRequest
from stockgen.files import closed_to_others
from stockgen.lanes.children import wait_for_old_children
from stockgen.ledger import FILE_NAME, Ledger
from stockgen.lock import StateLock
from stockgen.logs import Logger
from stockgen.pipeline.advice import advised, refuse_to_forget
from stockgen.pipeline.baskets.folder import Style
from stockgen.pipeline.baskets.making import Baskets
from stockgen.pipeline.chain import meant
from stockgen.pipeline.close import Closer
from stockgen.pipeline.closures import Closures
from stockgen.pipeline.commands import Desk
from stockgen.pipeline.describe import Rights
from stockgen.pipeline.disk import WAIT, Reserve
from stockgen.pipeline.dispatch import Dispatcher, Rules
from stockgen.pipeline.doors import Doors, recall
from stockgen.pipeline.engine import Engine, Parts
from stockgen.pipeline.finish import PixelPool
from stockgen.pipeline.finisher import Finisher, Helpers, Settings
from stockgen.pipeline.gpu_hours import GpuHours
from stockgen.pipeline.money import Purse
from stockgen.pipeline.not_before import NotBefore
from stockgen.pipeline.others import Guest, Others, Probe
from stockgen.pipeline.places import Places, top_folder
from stockgen.pipeline.plan import Planner
from stockgen.pipeline.publish import Publisher
from stockgen.pipeline.rates import Rates
from stockgen.pipeline.references import CONTROL, Beside, References, furnished
from stockgen.pipeline.rephrase import Rephraser
from stockgen.pipeline.reports.facts import Shelf
from stockgen.pipeline.reports.morning import Morning, Setup
from stockgen.pipeline.rest import Rests
from stockgen.pipeline.retouching import Means, Retouching
from stockgen.pipeline.schedules.firing import Firing
from stockgen.pipeline.schedules.rules import Rules as ScheduleRules
from stockgen.pipeline.seeing import Eye, Seer
from stockgen.pipeline.sharing import Sharing
from stockgen.pipeline.snapshots import Snapshots
from stockgen.pipeline.tries.spares import Spares
from stockgen.pipeline.wordings import Wordings
from stockgen.pipeline.workshop import Workshop
from stockgen.pipeline.writing import Stopwatch, WritingLane
from stockgen.pipeline.written import Scribe

OLD_CHILDREN = 10.0  # seconds that the children of a killed daemon may take to disappear


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
    lanes: LaneMaker
    hours: GpuHours
    reserve: Reserve
    purse: Purse

    @property
    def desk(self) -> Desk:
        """Where commands are applied."""
        now = self.catalogue
        return Desk(self.ledger, self.engine, self.baskets, now.markets, now.quotas, now.models, self.clock, self.rng,
                    now.config.timezone, self.firing, now.config.money.krw_per_usd, self.places)  # fmt: skip

    @property
    def firing(self) -> Firing:
        """Where schedules become jobs."""
        now = self.catalogue
        rules = ScheduleRules(self.ledger, now.markets, now.quotas)
        return Firing(
            self.ledger, now.config.schedules, rules, self._read_scheduled, self.clock, self.rng, now.config.timezone
        )

    def _read_scheduled(self, data: bytes, name: str) -> JobRequest:
        """The job of a schedule; `season: auto` is settled by what was made. Raises JobFileError, StorageFull,
        StorageLost.
        """
        request = self.catalogue.read(data, name, ledger=self.ledger)
        return furnished(request, Beside(self.catalogue.my / CONTROL), References(self.places.references))

    def reload(self, config: Config) -> None:
        """Apply what SIGHUP may change. Raises ConfigError; then nothing has changed."""
        fresh = self.catalogue.with_config(config)
        pen, thesaurus = fresh.pen, fresh.thesaurus  # they read files of the user's, too
        before, self.catalogue = self.catalogue, fresh
        parts = self.engine.parts
        now = parts.dispatcher.chains
        chains = replace(self.catalogue.chains, bar=now.bar, rewords=now.rewords)
        parts.dispatcher.closed.mended()
        parts.planner.chains = parts.dispatcher.chains = parts.finisher.chains = chains
        parts.dispatcher.rules = rules(config)
        parts.planner.modes = self.catalogue.modes
        if parts.planner.scribe and pen:
            parts.planner.scribe.pen = pen
        if parts.dispatcher.rephraser and thesaurus:
            parts.dispatcher.rephraser.thesaurus = thesaurus
            parts.dispatcher.rephraser.on = config.limits.rephrase
        self.hours.hours = _hours(config)
        self.ledger.spend.caps = fresh.caps
        self.purse.warn_at, self.purse.krw_per_usd = config.money.warn_at, config.money.krw_per_usd
        self.reserve.bytes = parts.planner.reserve = config.limits.free_disk
        parts.morning.shelf = shelf(self.catalogue)
        parts.snapshots.every = config.outbox.snapshot
        parts.rests.after = config.outbox.close_after
        parts.spares.after = config.retention.spare
        if config.gpu.pinned != before.config.gpu.pinned:
            parts.dispatcher.renew(self.lanes.places(self.catalogue))

    def close(self, deadline: float) -> None:
        """End everything by `deadline` (monotonic seconds) and let go of the lock."""
        self.engine.close(deadline)
        self.ledger.close()
        self.lock.release()


def open_app(
    catalogue: Catalogue, clock: Clock, rng: Random, wake: Callable[[], None], log: Logger,
    patience: Mapping[str, float] = PATIENCE, probe: Probe | None = None,
) -> App:  # fmt: skip
    """Take the lock, wait for a dead predecessor's children, open the ledger, build the stages and recover.

    `wake` is called from any thread when the engine should be turned; `patience`: place → seconds of silence after
    which a lane there is killed, and `disk` → seconds until a full or lost one is tried again; `probe` tells who uses
    the cards, None = the driver. Raises StateHeld, ConfigError, LedgerRefused, StorageFull, StorageLost.
    """
    config = catalogue.config
    catalogue.check()
    places = Places(config.state, config.outbox.staging, config.outbox.path)
    with ExitStack() as undone:
        lock = StateLock(config.state)
        undone.callback(lock.release)
        wait_for_children(config.state, clock)
        places.make()
        new = not (config.state / FILE_NAME).exists()
        if not _shares(config) and closed_to_others(config.state) and not new:
            log.warning("state.closed", path=str(config.state))
        places.prove_link()
        ledger = opened_ledger(config)
        undone.callback(ledger.close)
        lanes, wait = LaneMaker(clock, wake, patience), patience.get("disk", WAIT)
        app = _Builder(catalogue, clock, rng, wake, log, places, ledger, lanes, probe or catalogue.driver,
                       wait).app(lock)  # fmt: skip
        app.engine.recover()
        app.baskets.recover()
        undone.pop_all()
    return app


def _shares(config: Config) -> bool:
    """Whether the state's folder holds what other people put files into, or take them from."""
    return any(path.is_relative_to(config.state) for path in (config.inbox.path, config.outbox.path))


def opened_ledger(config: Config) -> Ledger:
    """The ledger, for whoever holds the lock. Raises LedgerRefused with what helps; StorageFull, StorageLost."""
    try:
        refuse_to_forget(config.state, config.outbox.path)
        return Ledger.opened(config.state)
    except LedgerRefused as error:
        raise advised(error, config.state, config.outbox.path, config.timezone) from error


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
    lanes: LaneMaker
    probe: Probe
    wait: float

    def app(self, lock: StateLock) -> App:
        language = self.catalogue.language
        review = top_folder(self.ledger, language, "review")
        upload = top_folder(self.ledger, language, "upload")
        config = self.catalogue.config
        style = Style(upload=upload, rights=_rights(config), language=language, timezone=config.timezone)
        baskets = Baskets(self.work, review, style)
        hours = GpuHours(_hours(config), config.timezone)
        reserve = Reserve((config.state, config.outbox.path), config.limits.free_disk)
        reports = top_folder(self.ledger, language, "reports")
        self.ledger.spend.caps, self.ledger.spend.timezone = self.catalogue.caps, config.timezone
        purse = Purse(self.work, self.catalogue.say.tell, config.money.warn_at, config.money.krw_per_usd)
        engine = self.engine(review, reports, purse, (hours, reserve, NotBefore(self.ledger), purse))
        return App(self.catalogue, self.clock, self.rng, self.log, lock, self.places, self.ledger, engine, baskets,
                   self.lanes, hours, reserve, purse)  # fmt: skip

    def engine(self, review: str, reports: str, purse: Purse, holds: Sequence[Hold]) -> Engine:
        config, work, doors = self.catalogue.config, self.work, self.doors()
        rephraser = self.rephraser()
        chains = replace(self.catalogue.chains, bar=doors.bar, rewords=rephraser.may if rephraser else meant)
        pool, scribe = PixelPool(self.wake), self.scribe()
        seer = self.seer(pool)
        bought = frozenset(name for name, model in self.catalogue.models.items() if model.cloud)
        publisher, spares = Publisher(work, review, bought), Spares(work, config.retention.spare)
        settings = Settings(
            quality=config.finish.quality, thresholds=_thresholds(config), distance=config.checks.duplicate.distance,
            rights=_rights(config), markets=self.catalogue.markets,
        )  # fmt: skip
        parts = Parts(
            planner=Planner(
                work, self.catalogue.modes, chains, self.catalogue.markets, config.limits.free_disk, scribe
            ),
            dispatcher=Dispatcher(
                work, self.lanes.places(self.catalogue), chains, rules(config), self.token, doors, purse
            ),
            finisher=Finisher(
                work, publisher, pool, chains, self.catalogue.models, settings, Helpers(seer, self.retouching(), spares)
            ),
            closer=Closer(work, publisher, pool),
            publisher=publisher,
            pool=pool,
            snapshots=Snapshots(work, pool, config.outbox.snapshot),
            morning=self.morning(pool, reports),
            rests=Rests(work, config.outbox.close_after, self.rng, config.timezone),
            spares=spares,
            holds=holds,
            others=self.others([one.sharing for one in (scribe, seer, rephraser) if one and one.sharing]),
        )
        parts.dispatcher.rephraser = rephraser
        return Engine(work, parts, config.limits.starts)

    def doors(self) -> Doors:
        """What providers have said of late, as far as the ledger knows; whoever was not set up is asked again."""
        providers = self.catalogue.providers
        rates = Rates({name: one.terms for name, one in providers.items()}, self.rng)
        recall(rates, self.ledger, providers, self.clock)
        closures = Closures(self.ledger, self.clock, self.log, providers, self.catalogue.secrets)
        closures.mended()
        return Doors(rates, closures, Wordings(self.ledger.closures.refused()), self.clock)

    def seer(self, pool: PixelPool) -> Seer | None:
        """Who shows pictures to the first writer that sees; None where nobody wants that."""
        vision = self.catalogue.config.checks.vision
        writer = next((one for one in self.catalogue.writers.values() if one.sees), None) if vision else None
        if vision is None or writer is None:
            return None
        eye = Eye(Stopwatch(writer, self.clock.monotonic), vision.least, lambda: self.catalogue.lint)
        return Seer(self.work, pool, WritingLane(self.wake), eye, self.sharing())

    def retouching(self) -> Retouching:
        """Who has pictures cut out and enlarged; the process starts with the first of them."""
        config, lock = self.catalogue.config, children(self.catalogue.config.state)
        means = Means(config.finish.cutout, config.finish.upscale, config.limits.starts)
        return Retouching(self.work, self.catalogue.retoucher(self.clock, self.wake, lock), means)

    def rephraser(self) -> Rephraser | None:
        """Who puts words differently that were refused; None = the config has no text model."""
        thesaurus, on = self.catalogue.thesaurus, self.catalogue.config.limits.rephrase
        return Rephraser(self.work, thesaurus, WritingLane(self.wake), on, self.sharing()) if thesaurus else None

    def sharing(self) -> Sharing | None:
        """How image models and a text model share the card; None where there is no card."""
        return Sharing(self.probe.cards, self.catalogue.say.tell) if self._cards else None

    def morning(self, pool: PixelPool, folder: str) -> Morning:
        """Who writes the report."""
        config = self.catalogue.config
        setup = Setup(say=self.catalogue.say, folder=folder, rejected=config.inbox.path / "rejected",
                      timezone=config.timezone)  # fmt: skip
        at = time.fromisoformat(config.report.at) if config.report.at else None
        return Morning(self.work, pool, setup, shelf(self.catalogue), at)

    @property
    def work(self) -> Workshop:
        """What every stage works with."""
        hide = self.catalogue.keyring.hide
        return Workshop(self.ledger, self.places, self.clock, self.log, self.wait, hide)

    def token(self) -> str:
        """Names one claim; never used twice, because a late outcome of an old claim must not count."""
        return f"{self.rng.getrandbits(64):016x}"

    @property
    def _cards(self) -> dict[str, int]:
        """Lane → index of its card."""
        return {one.lane: one.card for one in self.catalogue.devices if one.card is not None}

    def others(self, guests: Sequence[Guest]) -> Others | None:
        """Whom the card is shared with; nobody is looked for where there is no card."""
        cards = self._cards
        return Others(self.probe, cards, guests) if cards and self.catalogue.config.gpu.yield_to_others else None

    def scribe(self) -> Scribe | None:
        """Who has ideas written by a text model; None = the config has none. Its thread starts with the first wish."""
        pen = self.catalogue.pen
        if pen is None:
            return None
        past = partial(self.catalogue.past, self.ledger, self.log)
        return Scribe(pen, past, WritingLane(self.wake), self.log, self.catalogue.say.tell, self.sharing())


def shelf(catalogue: Catalogue) -> Shelf:
    """What a report is told of beside the ledger, asked when one is written."""
    money = catalogue.config.money
    return Shelf(
        catalogue.markets, catalogue.quotas, lambda: catalogue.departures, money.warn_at, money.krw_per_usd
    )  # fmt: skip


def rules(config: Config) -> Rules:
    """The limits that dispatching keeps."""
    limits = config.limits
    return Rules(starts=limits.starts, lookahead=limits.lookahead, starve_after=limits.starve_after,
                 recycle_after=config.gpu.recycle_after)  # fmt: skip


def _hours(config: Config) -> Hours | None:
    return Hours.parsed(config.gpu.hours) if config.gpu.hours else None


def _rights(config: Config) -> Rights:
    rights = config.rights
    return Rights(creator=rights.creator, copyright=rights.copyright, prompt_in_file=rights.prompt_in_file)


def _thresholds(config: Config) -> dict[str, float]:
    """Name of a check → what it is measured against."""
    checks = config.checks
    return {
        "flat": checks.flat.spread, "clipped": checks.clipped.share, "framed": checks.border.width,
        "blurred": checks.blur.width, "noisy": checks.noise.level, "banded": checks.banding.share,
        "artefacts": checks.artefacts.excess,
    }  # fmt: skip


def wait_for_children(state: Path, clock: Clock) -> None:
    """Whoever has taken the lock waits until no child of a dead holder works here. Raises StateHeld."""
    if not wait_for_old_children(children(state), OLD_CHILDREN, clock):
        raise StateHeld("old_children", state=str(state), seconds=OLD_CHILDREN)
