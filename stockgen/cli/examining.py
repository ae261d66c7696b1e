"""`stockgen doctor`: what works, and what helps where it does not. One function for each check."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockgen.cli.bought import services
from stockgen.cli.desk import Session
from stockgen.cli.secrets import open_ones
from stockgen.domain.errors import StockgenError, WriterAway, WriterError
from stockgen.domain.protocols import Writer
from stockgen.domain.words import Remark
from stockgen.lock import StateLock, holder
from stockgen.messages import explained

if TYPE_CHECKING:
    from stockgen.config import Config

Json = Annotated[bool, typer.Option("--json")]
Finding = tuple[bool | None, Remark]  # None: works, but is worth a look
Check = Callable[[Session], Iterator[Finding]]
MARKS: Mapping[bool | None, str] = {True: "✓", None: "!", False: "✗"}
LOW_DISK = 2 << 30  # bytes; a night of pictures is about one GiB
GIB = 1 << 30


def doctor(context: typer.Context, as_json: Json = False) -> int:
    """What works, and for each thing that doesn't the one command that helps."""
    session: Session = context.obj
    findings = [("config", ok, told) for ok, told in _found(_config, session)]
    usable = not any(ok is False for _, ok, _ in findings)
    findings += [
        (name, ok, told)
        for name, check in CHECKS.items()
        if usable or name in WITHOUT_CONFIG
        for ok, told in _found(check, session)
    ]
    if as_json:
        session.json([{"check": name, "ok": ok, "told": told} for name, ok, told in findings])
    else:
        for _, ok, told in findings:
            session.write(f"{MARKS[ok]} {told}\n")
    return 1 if any(ok is False for _, ok, _ in findings) else 0


def _found(check: Check, session: Session) -> list[tuple[bool | None, str]]:
    """What a check finds, in words. An error of ours ends it, and is its last finding."""
    found: list[tuple[bool | None, str]] = []
    try:
        for ok, told in check(session):
            found.append((ok, session.say.tell(told)))
    except StockgenError as error:
        found.append((False, explained(error, session.say).rstrip()))
    return found


def _config(session: Session) -> Iterator[Finding]:
    session.catalogue.check()
    _ = session.catalogue.say
    yield True, Remark("config.ok", facts={"path": str(session.path)})
    for told in session.catalogue.config.told:
        yield None, told


def _daemon(session: Session) -> Iterator[Finding]:
    pid = holder(session.state)
    yield True, Remark("doctor.running", facts={"pid": pid}) if pid is not None else Remark("doctor.stopped")


def _folders(session: Session) -> Iterator[Finding]:
    from stockgen.pipeline.places import Places

    config = session.catalogue.config
    if holder(config.state) is None:
        places = Places(config.state, config.outbox.staging, config.outbox.path)
        places.make()
        places.prove_link()
        StateLock(config.state).release()  # whoever works here must be able to take it
    yield True, Remark("doctor.folders", facts={"outbox": str(config.outbox.path)})


def _disk(session: Session) -> Iterator[Finding]:
    outbox = session.catalogue.config.outbox.path
    free = shutil.disk_usage(next(path for path in (outbox, *outbox.parents) if path.exists())).free
    told: dict[str, Any] = {"free": f"{free / GIB:.1f}", "path": str(outbox)}
    yield free >= LOW_DISK, Remark("doctor.disk" if free >= LOW_DISK else "doctor.disk_low", facts=told)


def _inotify(session: Session) -> Iterator[Finding]:
    """The kernel's limits of watches; two are needed, and other programs use them too."""
    limit = Path("/proc/sys/fs/inotify/max_user_instances")
    instances = int(limit.read_text()) if limit.exists() else 0
    fine = instances >= 128
    yield fine, Remark("doctor.inotify" if fine else "doctor.inotify_low", facts={"limit": instances})


def _markets(session: Session) -> Iterator[Finding]:
    """Whether the rules of the markets that are used here were looked up not too long ago."""
    catalogue = session.catalogue
    used = {*catalogue.config.defaults.markets, *catalogue.config.markets}
    for name, told in catalogue.stale_markets.items():
        if name in used:
            yield None, told


def _secrets(session: Session) -> Iterator[Finding]:
    """Files of keys that others may read: they are not used."""
    for told in open_ones(session):
        yield False, told


def _writers(session: Session) -> Iterator[Finding]:
    """Each text model: does it answer, and is all there that the config promises of it?"""
    for writer in session.catalogue.writers.values():
        ready, lacking = _state_of(writer)
        if ready:
            yield True, Remark("doctor.writer_ready", facts={"writer": writer.name})
        for one in lacking:
            yield False, Remark("doctor.writer_not_ready", facts={"writer": writer.name, "why": one.remark})


def _state_of(writer: Writer) -> tuple[bool, Sequence[WriterError]]:
    """Whether it can write, and what it lacks for that, or else for the rest."""
    try:
        lack = writer.missing()
        return lack is None, [lack] if lack else [*writer.also_missing()]
    except WriterAway as error:
        return False, [error]


# -- image models ----------------------------------------------------------------------------------------------


def _packages(session: Session) -> Iterator[Finding]:
    there = all(find_spec(name) is not None for name in ("torch", "diffusers"))
    yield True, Remark("doctor.local" if there else "doctor.no_local")


def _cards(session: Session) -> Iterator[Finding]:
    """Every card that is there, and why image models have none; that is a fault only where one is set up."""
    from stockgen.gpu.cards import absent, on_bus

    catalogue, wanted = session.catalogue, session.catalogue.config.gpu.devices
    for card in catalogue.cards:
        size = {"free": f"{card.free / GIB:.1f}", "total": f"{card.total / GIB:.1f}"}
        yield True, Remark("doctor.card", facts={"index": card.index, "name": card.name, "driver": card.driver} | size)
    for index in absent(wanted, catalogue.cards):
        known = ", ".join(str(card.index) for card in catalogue.cards) or "–"
        yield False, Remark("doctor.card_absent", facts={"index": index, "known": known})
    kinds = {one.device for one in catalogue.devices}
    if "mps" in kinds:
        yield True, Remark("doctor.apple")
    if "cpu" in kinds:
        yield True, Remark("doctor.processor")
    if not kinds and not catalogue.cards:
        # Without a card pictures are drawn by program, and that is fine; a card that can't be used is not.
        yield not on_bus(), Remark("doctor.no_card", facts={"why": _why_none(session)})


def _why_none(session: Session) -> Remark:
    driver = session.catalogue.driver
    whys = {
        "no_library": "doctor.why_no_library", "no_driver": "doctor.why_no_driver", "failed": "doctor.why_failed",
    }  # fmt: skip
    return Remark(whys.get(driver.why, "doctor.why_none"), facts={"detail": driver.detail})


def _providers(session: Session) -> Iterator[Finding]:
    """Each provider that needs a card: is it ready, or what is missing? Several are set up by default, and nobody needs
    the files of all: where one is ready, another whose files were never fetched is no fault.
    """
    names = _of_card(session) if session.catalogue.devices else ()
    lacks = {name: session.catalogue.providers[name].missing() for name in names}
    for name, why in lacks.items():
        if why is None:
            yield True, Remark("doctor.ready", facts={"provider": name})
        elif why.code == "weights_missing" and None in lacks.values():
            yield True, Remark("doctor.unused", facts={"provider": name, "why": why.remark})
        else:
            yield False, Remark("doctor.not_ready", facts={"provider": name, "why": why.remark})


def _plans(session: Session) -> Iterator[Finding]:
    """How each card would hold the model of each provider, by the catalogue's figures and what is free now."""
    from stockgen.gpu.forecast import forecast

    catalogue = session.catalogue
    for name in _of_card(session):
        options = catalogue.specs[name].options
        model, refiner = (catalogue.models.get(options.get(key, "")) for key in ("model", "refiner"))
        if model is None or model.memory is None:
            continue
        for card in catalogue.cards:
            plan = forecast(model, card.free, refiner)
            facts = {"model": model.name, "index": card.index, "free": f"{card.free / GIB:.1f}"}
            if plan is None:
                yield False, Remark("doctor.plan_none", facts=facts)
            else:
                told = {"how": Remark(f"plan_name.{plan.name}"), "batch": plan.batch}
                yield True, Remark("doctor.plan", facts=facts | told)


def _retouchers(session: Session) -> Iterator[Finding]:
    """The models that cut out and enlarge: are they here, where something wants them?"""
    catalogue = session.catalogue
    finish = catalogue.config.finish
    for name, wanted in ((finish.cutout, _cuts(catalogue.config)), (finish.upscale, finish.upscale != "lanczos")):
        why = catalogue.kit.missing(name)
        if why is None and name != "lanczos":
            yield True, Remark("doctor.retoucher", facts={"model": name})
        elif why is not None and wanted:
            yield False, Remark("doctor.no_retoucher", facts={"model": name, "why": why.remark})


def _cuts(config: Config) -> bool:
    """Whether the config itself orders pictures without a background, or names who cuts them out."""
    orders = [*config.presets.values(), *(one.job for one in config.schedules.values())]
    named = config.finish.cutout != type(config.finish)().cutout
    return named or any("transparent" in order or order.get("kind") == "element" for order in orders)


def _leavers(session: Session) -> Iterator[Finding]:
    """Models of the config that their service has switched off, or soon will."""
    for told in session.catalogue.departures:
        yield None, told


def _of_card(session: Session) -> list[str]:
    return sorted(name for name, one in session.catalogue.providers.items() if one.place == "gpu")


CHECKS: Mapping[str, Check] = {
    "daemon": _daemon,
    "folders": _folders,
    "disk": _disk,
    "inotify": _inotify,
    "markets": _markets,
    "secrets": _secrets,
    "writers": _writers,
    "local": _packages,
    "cards": _cards,
    "providers": _providers,
    "plans": _plans,
    "retouchers": _retouchers,
    "services": services,
    "models": _leavers,
}
WITHOUT_CONFIG = frozenset({"inotify", "local"})
